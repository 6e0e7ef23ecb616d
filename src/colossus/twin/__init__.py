"""The virtual cluster on which a plan is rehearsed."""
