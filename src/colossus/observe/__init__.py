"""What the targets are now: a command and a pure parser per fact."""
