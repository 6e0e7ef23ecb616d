"""The same plan as a Pulumi program."""
