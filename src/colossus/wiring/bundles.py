"""Bundles in the order of the pull: which cables lie together, which way, which first."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from itertools import groupby

from colossus.fabric.model import Fabric
from colossus.wiring.rows import cable_rows

COLUMNS = ("pull_seq", "bundle_id", "fabric", "path", "cables", "longest_m", "medium")
CABLES = (
    *("pull_seq", "bundle_id", "bundle_seq", "cable_id", "medium", "length_order_m", "colour"),
    *("a_rack", "z_rack", "path", "label_a", "label_z"),
)


def pull_list(fabric: Fabric, racks: AbstractSet[str] | None = None) -> list[tuple[str, ...]]:
    """List every cable in pull order, a splitter once; racks: only what touches one of them."""
    return [
        tuple(row[name] for name in CABLES)
        for row in _cables(fabric)
        if racks is None or row["a_rack"] in racks or row["z_rack"] in racks
    ]


def bundle_list(fabric: Fabric, racks: AbstractSet[str] | None = None) -> list[tuple[str, ...]]:
    """List bundles in pull order; pull_seq is that of the first cable."""
    found: list[tuple[str, ...]] = []
    for name, members in groupby(_cables(fabric), key=lambda row: row["bundle_id"]):
        cables = list(members)
        first = cables[0]
        if racks is not None and not racks & {first["a_rack"], first["z_rack"]}:
            continue
        longest = max((row["length_order_m"] for row in cables), key=lambda m: float(m or 0))
        media = "+".join(sorted({row["medium"] for row in cables}))
        kind = (first["fabric"], first["path"], str(len(cables)), longest, media)
        found.append((first["pull_seq"], name, *kind))
    return found


def _cables(fabric: Fabric) -> Iterator[dict[str, str]]:
    """Give cables in pull order by their first leg."""
    columns = cable_rows(fabric).columns
    wanted = (*CABLES, "fabric")
    rows = zip(*(columns[name].tolist() for name in wanted), strict=True)
    first: dict[str, tuple[str, ...]] = {}
    for row in rows:
        first.setdefault(row[CABLES.index("cable_id")], row)
    for row in sorted(first.values(), key=lambda row: int(row[0])):
        yield dict(zip(wanted, row, strict=True))
