"""The views: the one place that prints. stdout is data, stderr is messages."""
