"""What a book needs on whatever it is printed: cover, pick list, the sheets of its racks."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.model import Fabric
from colossus.fabric.tables import rows_by
from colossus.sheets.rack import REVISION_LENGTH, RackSheet
from colossus.wiring.books import Book
from colossus.wiring.changes import Changes
from colossus.wiring.ends import EndRow, EndRows, end_rows
from colossus.wiring.picks import Pick, Store

PICK_HEADINGS = (
    *("fabric", "type", "length", "plug at z", "plug at a", "colour", "part number"),
    *("planned", "spares", "to take"),
)
REMOVE = "REMOVE"


class Chosen(Protocol):
    """Which cables are printed, where not all are."""

    @property
    def marks(self) -> Mapping[str, str]:
        """Cable id → what is printed beside it."""
        ...

    @property
    def gone(self) -> Mapping[str, list[EndRow]]:
        """Rack name → ends of cables that the plan no longer has."""
        ...

    @property
    def words(self) -> str:
        """What the book says it replaces."""
        ...


@dataclass(frozen=True)
class Marked:
    """Some cables, each with a word beside it."""

    marks: Mapping[str, str]
    gone: Mapping[str, list[EndRow]] = field(default_factory=dict)
    words: str = "nothing; only the cables at fault are printed"


@dataclass(frozen=True)
class Since:
    """An earlier plan: only what changed since is printed."""

    old: Fabric
    changes: Changes

    @property
    def marks(self) -> Mapping[str, str]:
        """Give the cables that need work, and what kind of."""
        return self.changes.marks

    @property
    def words(self) -> str:
        """Say which revision is replaced."""
        return f"revision {self.old.digest[:REVISION_LENGTH]}; only what changed is printed"

    @cached_property
    def gone(self) -> Mapping[str, list[EndRow]]:
        """Rack name → ends that come out there."""
        rows, found = end_rows(self.old), defaultdict(list)
        for rack, name in enumerate(self.old.racks.names):
            for row in rows.rack(rack):
                if row["cable_id"] in self.changes.gone:
                    found[name].append(_noted(row, REMOVE))
        return found


@dataclass(frozen=True)
class Floor:
    """A plan made ready for printing; shared by every book, so it is made once."""

    fabric: Fabric
    rows: EndRows
    store: Store
    starting: Mapping[int, NDArray[np.integer[Any]]]
    spare_percent: float = 0.0
    chosen: Chosen | None = field(default=None)

    @property
    def revision(self) -> str:
        """The beginning of the digest of the inventory."""
        return self.fabric.digest[:REVISION_LENGTH] or "unsaved"

    @property
    def which(self) -> str:
        """Cluster, revision and stage, for the head of each page."""
        stage = f", stage {self.fabric.stage}" if self.fabric.stage else ""
        return f"{self.fabric.site.cluster} · revision {self.revision}{stage}"

    @property
    def supersedes(self) -> str:
        """What the book replaces."""
        return "every earlier sheet of these racks" if self.chosen is None else self.chosen.words

    def sheets(self, racks: Sequence[int]) -> Iterator[RackSheet]:
        """Give the sheet of each rack that has something to do."""
        for rack in racks:
            rows = self._rows(rack)
            if rows:
                bring = self.store.picks(self._starting([rack]))
                yield RackSheet(self.fabric, rack, rows, bring)

    def picks(self, racks: Sequence[int]) -> list[Pick]:
        """List what to take from the store for the cables that start in these racks."""
        return self.store.picks(self._starting(racks), self.spare_percent)

    def _starting(self, racks: Sequence[int]) -> NDArray[np.integer[Any]]:
        found = [self.starting[rack] for rack in racks if rack in self.starting]
        cables = np.concatenate(found) if found else np.empty(0, dtype=np.intp)
        if self.chosen is None:
            return cables
        wanted = {"NEW", "REPLACE"}
        marks, ids = self.chosen.marks, self.fabric.cables.ids
        return np.asarray([c for c in cables.tolist() if marks.get(ids[c]) in wanted], np.intp)

    def _rows(self, rack: int) -> list[EndRow]:
        rows = self.rows.rack(rack)
        if self.chosen is None:
            return rows
        marks = self.chosen.marks
        changed = [_noted(row, marks[row["cable_id"]]) for row in rows if row["cable_id"] in marks]
        gone = self.chosen.gone.get(self.fabric.racks.names[rack], [])
        return [*gone, *changed]


def floor(fabric: Fabric, spare_percent: float = 0.0, chosen: Chosen | None = None) -> Floor:
    """Make a plan ready for printing."""
    return Floor(fabric, end_rows(fabric), Store(fabric), starting(fabric), spare_percent, chosen)


def starting(fabric: Fabric) -> dict[int, NDArray[np.integer[Any]]]:
    """Give the cables that start in each rack: the rack of the `a` end of their first link."""
    links = fabric.links
    _, first = np.unique(links.cable, return_index=True)
    rack = fabric.devices.rack[fabric.ports.device[links.a[first]]]
    return rows_by(rack, links.cable[first])


def cover_facts(ready: Floor, book: Book, sheets: int, plugs: int) -> list[tuple[str, str]]:
    """Say what the cover says: counts, revision, digest, what the book supersedes."""
    cables = sum(pick.count for pick in ready.picks(book.racks))
    facts = [
        ("cluster", ready.fabric.site.cluster),
        ("book", book.title),
        ("racks", f"{sheets:,}"),
        ("plugs", f"{plugs:,}"),
        ("cables to bring", f"{cables:,}"),
        ("revision", ready.revision),
        ("digest", ready.fabric.digest),
        ("stage", ready.fabric.stage),
        ("supersedes", ready.supersedes),
    ]
    return [(what, words) for what, words in facts if words]


def pick_row(pick: Pick) -> tuple[str, ...]:
    """Write what to take, in the order of PICK_HEADINGS."""
    return (
        pick.fabric,
        pick.what,
        f"{pick.length_m} m",
        pick.plug_z,
        pick.plug_a,
        pick.colour,
        pick.part_number,
        f"{pick.count:,}",
        f"{pick.spares:,}",
        f"{pick.count + pick.spares:,}",
    )


def _noted(row: EndRow, words: str) -> EndRow:
    return replace(row, values={**row.values, "note": words})
