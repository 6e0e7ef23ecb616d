"""Lengths on sale per medium."""

LADDERS: dict[str, tuple[float, ...]] = {
    "CAT6A": (0.5, 1, 1.5, 2, 3, 5, 7.5, 10, 15, 20, 25, 30, 40, 50, 75, 100),
    "DAC": (0.5, 1, 1.5, 2),
    "ACC": (2.5, 3, 4, 5),
    "MMF": (3, 5, 7.5, 10, 15, 20, 25, 30, 40, 50),
    "SMF-DR": (3, 5, 7.5, 10, 15, 20, 25, 30, 40, 50, 75, 100),
    "SMF-FR": (100, 150, 200, 300, 500, 1000, 2000),
    "TILE": (0.5, 1, 2, 3, 5, 7.5, 10),
    "BUILT-IN": (0,),
    "CORD": (0.5, 1, 1.5, 2, 2.5, 3, 4, 5),
    "HOSE": (0.5, 1, 1.5, 2, 3, 5),
}
"""Lengths on sale, in metres (facts: wiring.md 4.4)."""


def next_length(medium: str, metres: float) -> float:
    """Give the next length on sale, the longest where none reaches."""
    ladder = LADDERS[medium]
    return next((length for length in ladder if length >= metres), ladder[-1])
