"""What the operator sees: the only place that prints."""
