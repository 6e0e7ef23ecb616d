"""Cable rows, their difference, and verdicts on what was built; pure."""
