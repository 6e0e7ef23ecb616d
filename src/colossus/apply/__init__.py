"""Carries a plan out, wave by wave, with every intent in the journal before the act."""
