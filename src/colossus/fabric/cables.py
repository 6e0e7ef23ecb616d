"""Cable runs: stable ids, media and lengths of what is bought and pulled.

A cable id is a pure function of its two ends (contract): eight Crockford base-32 characters of a
hash. A splitter is one cable, known by the cage it splits. Lengths follow the floor: up to the
tray, along the row, across at the nearer row end, down again (facts: systems.md 5.13).
"""

import hashlib
from collections.abc import Container
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.layout import Layout
from colossus.fabric.model import interface_name
from colossus.fabric.tables import MEDIA, STATUSES, CableTable, Index, PortTable, index_array
from colossus.inventory.catalog import CatalogItem, Mounted, Pdu, PortGroup, Rack
from colossus.inventory.site import Site

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
U_METRES = 0.04445
PLINTH_METRES = 0.1
LATERAL_METRES = 0.4
PDU_HEIGHT_METRES = 1.0
LADDERS: dict[str, tuple[float, ...]] = {
    "CAT6A": (0.5, 1, 1.5, 2, 3, 5, 7.5, 10, 15, 20, 25, 30, 40, 50, 75, 100),
    "DAC": (0.5, 1, 1.5, 2),
    "ACC": (2.5, 3, 4, 5),
    "MMF": (3, 5, 7.5, 10, 15, 20, 25, 30, 40, 50),
    "SMF-DR": (3, 5, 7.5, 10, 15, 20, 25, 30, 40, 50, 75, 100),
    "SMF-FR": (100, 150, 200, 300, 500, 1000, 2000),
}
"""Lengths on sale, in metres (facts: wiring.md 4.4)."""
REACH: tuple[tuple[float, str], ...] = (
    (2.0, "DAC"),
    (5.0, "ACC"),
    (50.0, "MMF"),
    (100.0, "SMF-DR"),
    (2000.0, "SMF-FR"),
)
"""Longest run of each medium (facts: systems.md 4, selection rule)."""


@dataclass(frozen=True, slots=True)
class Ends:
    """Links before they have cables: port rows of both ends and the fabric of each."""

    ports: PortTable
    a: Index
    z: Index
    fabric: Index


@dataclass(frozen=True, slots=True)
class Installed:
    """What the lock knows: salted cable keys, and per link whether it was there already."""

    salted: dict[str, int] = field(default_factory=dict)
    links: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))


def run_cables(
    site: Site,
    layout: Layout,
    ends: Ends,
    catalog: dict[str, CatalogItem],
    installed: Installed,
) -> tuple[CableTable, Index, dict[str, int]]:
    """Bundle links into cables; gives the cables, each link's cable, and the salted ids."""
    groups = _bundle(ends)
    cable_of = np.zeros(len(ends.a), dtype=np.int32)
    for cable, links in enumerate(groups):
        cable_of[links] = cable
    keys = [_key(layout, ends, links, catalog) for links in groups]
    settled = {
        key
        for key, links in zip(keys, groups, strict=True)
        if len(installed.links) and installed.links[links].any()
    }
    ids, salts = identify(keys, installed.salted, settled)
    metres = _routes(site, layout, ends, catalog)
    route = np.asarray([metres[links].max() for links in groups], dtype=np.float64)
    copper = [_is_base_t(layout, ends, links[0], catalog) for links in groups]
    slack = [_slack(site, layout, ends, links[0]) for links in groups]
    # To the millimetre, so that no rounding of sums decides which cable is bought.
    chosen = [_choose(round(r + s, 3), c) for r, s, c in zip(route, slack, copper, strict=True)]
    table = CableTable(
        ids=ids,
        fabric=index_array([int(ends.fabric[links[0]]) for links in groups]),
        medium=index_array([MEDIA.index(medium) for medium, _ in chosen]),
        legs=index_array([len(links) for links in groups]),
        status=index_array([_status(layout, ends, links[0]) for links in groups]),
        route_m=np.round(route, 2).astype(np.float32),
        order_m=np.asarray([length for _, length in chosen], dtype=np.float32),
    )
    return table, cable_of, salts


def identify(
    keys: list[str],
    salted: dict[str, int],
    settled: Container[str] = (),
) -> tuple[tuple[str, ...], dict[str, int]]:
    """Hash each cable's ends; a collision is told apart by a salt that the lock keeps.

    settled holds the cables that are installed: their ids are given first, so that a new cable
    gets the salt.
    """
    taken: dict[str, str] = {}
    salts = dict(salted)
    order = sorted(
        range(len(keys)),
        key=lambda row: (keys[row] not in settled, keys[row] not in salted, keys[row]),
    )
    ids = [""] * len(keys)
    for row in order:
        key, salt = keys[row], salted.get(keys[row], 0)
        while taken.setdefault(cable_id(key, salt), key) != key:
            salt += 1
        ids[row] = cable_id(key, salt)
        if salt:
            salts[key] = salt
    return tuple(ids), salts


def cable_id(key: str, salt: int = 0) -> str:
    """Forty bits of BLAKE2b as `K7M2-9QXD`."""
    text = f"{key}#{salt}" if salt else key
    number = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=5).digest(), "big")
    letters = "".join(CROCKFORD[number >> shift & 31] for shift in range(35, -5, -5))
    return f"{letters[:4]}-{letters[4:]}"


def _bundle(ends: Ends) -> list[list[int]]:
    """Collect the links of each cable: all lanes of a split cage are one splitter."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for link, z in enumerate(ends.z):
        table = ends.ports
        if table.lane[z] < 0:
            groups[(link,)] = [link]
        else:
            key = (-1, int(table.device[z]), int(table.group[z]), int(table.cage[z]))
            groups.setdefault(key, []).append(link)
    return list(groups.values())


def _group(layout: Layout, ends: Ends, port: int, catalog: dict[str, CatalogItem]) -> PortGroup:
    device = ends.ports.device[port]
    item = catalog[layout.models[layout.devices.model[device]]]
    assert isinstance(item, Mounted | Pdu)  # noqa: S101 — only these have ports
    return item.ports[int(ends.ports.group[port])]


def _end(
    layout: Layout,
    ends: Ends,
    port: int,
    catalog: dict[str, CatalogItem],
    *,
    lane: bool,
) -> str:
    group = _group(layout, ends, port, catalog)
    name = interface_name(
        group, int(ends.ports.cage[port]), int(ends.ports.lane[port]) if lane else -1
    )
    return f"{layout.devices.names[ends.ports.device[port]]}:{name}"


def _key(layout: Layout, ends: Ends, links: list[int], catalog: dict[str, CatalogItem]) -> str:
    z = int(ends.z[links[0]])
    if ends.ports.lane[z] >= 0:
        return f"splitter|{_end(layout, ends, z, catalog, lane=False)}"
    a = _end(layout, ends, int(ends.a[links[0]]), catalog, lane=True)
    return "|".join(sorted([a, _end(layout, ends, z, catalog, lane=True)]))


def _is_base_t(layout: Layout, ends: Ends, link: int, catalog: dict[str, CatalogItem]) -> bool:
    return _group(layout, ends, int(ends.z[link]), catalog).connector == "RJ45"


def _status(layout: Layout, ends: Ends, link: int) -> int:
    """A cable is as far as the less advanced of its two devices; active needs both."""
    order = ("failed", "offline", "decommissioning", "active", "staged", "planned")
    words = [
        STATUSES[layout.devices.status[ends.ports.device[port]]]
        for port in (ends.a[link], ends.z[link])
    ]
    worst = max(words, key=order.index)
    return STATUSES.index("active" if worst in order[:3] else worst)


def _slack(site: Site, layout: Layout, ends: Ends, link: int) -> float:
    racks = [int(layout.devices.rack[ends.ports.device[p]]) for p in (ends.a[link], ends.z[link])]
    if racks[0] == racks[1]:
        return 0.3
    return float(site.halls[int(layout.racks.hall[racks[0]])].service_slack_m)


def _routes(
    site: Site,
    layout: Layout,
    ends: Ends,
    catalog: dict[str, CatalogItem],
) -> NDArray[np.float64]:
    """Route length of every link in metres, all at once."""
    racks, halls = layout.racks, site.halls
    width = np.asarray([_rack_width(site, int(group), catalog) for group in racks.group])
    x = (racks.position - 0.5) * width
    hall_row = np.asarray(
        [
            halls[hall].rows.index(layout.rows[row])
            for hall, row in zip(racks.hall, racks.row, strict=True)
        ],
    )

    def column(values: list[float]) -> NDArray[np.float64]:
        return np.asarray(values)[racks.hall[rack_a]]

    device_a, device_z = ends.ports.device[ends.a], ends.ports.device[ends.z]
    rack_a, rack_z = layout.devices.rack[device_a], layout.devices.rack[device_z]
    height_a, height_z = _heights(layout, device_a), _heights(layout, device_z)
    tray = column([hall.tray_height_m for hall in halls])
    climb = (tray - height_a) + (tray - height_z) + 2 * column([hall.exit_rise_m for hall in halls])
    rows_apart = np.abs(hall_row[rack_a] - hall_row[rack_z])
    same_row = np.abs(x[rack_a] - x[rack_z])
    far_end = column([hall.racks_per_row for hall in halls]) * np.maximum(
        width[rack_a], width[rack_z]
    )
    around = np.minimum(x[rack_a] + x[rack_z], 2 * far_end - x[rack_a] - x[rack_z])
    pitch = column([hall.row_pitch_m for hall in halls])
    along = np.where(rows_apart == 0, same_row, around + rows_apart * pitch)
    inside = np.abs(height_a - height_z)
    return 2 * LATERAL_METRES + np.where(rack_a == rack_z, inside, climb + along)


def _heights(layout: Layout, device: Index) -> NDArray[np.float64]:
    u = layout.devices.u[device]
    return np.where(u > 0, PLINTH_METRES + u * U_METRES, PDU_HEIGHT_METRES)


def _rack_width(site: Site, group: int, catalog: dict[str, CatalogItem]) -> float:
    item = catalog[site.racks[group].model]
    assert isinstance(item, Rack)  # noqa: S101 — references were resolved before the design
    return float(item.width_mm) / 1000


def _choose(metres: float, base_t: bool) -> tuple[str, float]:  # noqa: FBT001 — a property of the port
    """Choose the medium that reaches, and the next length on sale."""
    medium = "CAT6A" if base_t else next((m for reach, m in REACH if metres <= reach), "SMF-FR")
    ladder = LADDERS[medium]
    return medium, next((length for length in ladder if length >= metres), ladder[-1])
