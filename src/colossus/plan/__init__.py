"""Steps, plans, their difference and their order; a plan leaves nothing to decide; pure."""
