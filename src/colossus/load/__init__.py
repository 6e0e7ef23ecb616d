"""YAML files, locks and asset lists into models, every finding with its line."""
