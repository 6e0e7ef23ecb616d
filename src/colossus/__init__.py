"""GPU clusters from one model: plan, check, rehearse, apply, compare."""

__version__ = "0.1.0.dev0"
