"""What was found when the built cables were compared with the planned ones."""

from collections import Counter
from dataclasses import dataclass
from typing import Literal

SCHEMA_VERSION = 1

Kind = Literal[
    "swapped",
    "cycle",
    "shifted",
    "reversed_trunk",
    "wrong_rail",
    "wrong_plane",
    "wrong_switch",
    "dead",
    "extra",
    "unknown_neighbour",
]
Json = None | bool | int | str | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True)
class Move:
    """Take one plug out of one port and put it into another; ports are `device:interface`.

    cable_id is empty for a cable the plan does not have; `to` is empty when the plug only comes
    out. end is `a` or `z` of the cable; empty for a cable the plan does not have. The legs of a
    splitter are listed one by one, also where they share a plug.
    """

    cable_id: str
    end: str
    origin: str
    to: str

    def document(self) -> dict[str, Json]:
        """Give the move as the contract prints it; null stands for none."""
        return {
            "cable_id": self.cable_id or None,
            "end": self.end or None,
            "from": self.origin,
            "to": self.to or None,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """One cause in as few words as it takes.

    ports are `device:interface`, the plugs to be moved first; a splitter's id stands once.
    """

    kind: Kind
    ports: tuple[str, ...]
    devices: tuple[str, ...]
    racks: tuple[str, ...]
    cables: tuple[str, ...]
    summary: str

    def document(self) -> dict[str, Json]:
        """Give the verdict as the contract prints it."""
        return {
            "kind": self.kind,
            "ports": list(self.ports),
            "devices": list(self.devices),
            "racks": list(self.racks),
            "cables": list(self.cables),
            "summary": self.summary,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """The comparison of a whole site.

    expected: planned links whose two devices are there; seen: those of them with at least one end
    in the observation; awaiting: planned links to a device that a later stage brings.
    moves: the least that restores the plan, in the order in which it can be done; plugs that go
    round in a circle come out together. A dead cable needs eyes, not a move.
    unclear: reports that could not be used, because a printed number may mean several ports.
    contradicted: ports that were said to see different neighbours, and which; they are not judged.
    """

    seen: int
    expected: int
    awaiting: int
    verdicts: tuple[Verdict, ...]
    moves: tuple[Move, ...]
    unclear: tuple[str, ...] = ()
    contradicted: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def as_planned(self) -> bool:
        """Whether nothing that was seen differs from the plan."""
        return not self.verdicts

    @property
    def counts(self) -> dict[str, int]:
        """Number of verdicts by kind, the most frequent first."""
        return dict(Counter(verdict.kind for verdict in self.verdicts).most_common())

    def document(self) -> dict[str, Json]:
        """Give the report as the contract prints it."""
        return {
            "schema_version": SCHEMA_VERSION,
            "seen": self.seen,
            "expected": self.expected,
            "awaiting": self.awaiting,
            "unclear": list(self.unclear),
            "verdicts": [verdict.document() for verdict in self.verdicts],
            "moves": [move.document() for move in self.moves],
        }
