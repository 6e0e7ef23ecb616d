"""The cabling plan in the formats of other tools: written, and read back to the same cables."""
