"""Cable runs: stable ids, media and lengths of what is bought and pulled.

A cable id is a pure function of its two ends (contract): eight Crockford base-32 characters of a
hash. A splitter is one cable, known by the cage it splits; from twin-port optics each half leaves
as a fibre of its own, so there a splitter is copper only (facts: wiring.md 4.5). A dragonfly's
cable carries all links between two cages. What came with its rack or tray is one bought object.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.identity import identify
from colossus.fabric.layout import Layout
from colossus.fabric.media import next_length
from colossus.fabric.model import interface_name
from colossus.fabric.routes import Ends, routes, slacks
from colossus.fabric.tables import MEDIA, CableTable, Index, joint_status
from colossus.inventory.catalog import CatalogItem, Mounted, Pdu, PortGroup
from colossus.inventory.site import Site

COPPER_METRES = 5.0
REACH: tuple[tuple[float, str], ...] = (
    (2.0, "DAC"),
    (5.0, "ACC"),
    (50.0, "MMF"),
    (100.0, "SMF-DR"),
    (2000.0, "SMF-FR"),
)
"""Longest run of each medium (facts: systems.md 4, selection rule)."""
FIBRE = tuple(each for each in REACH if each[0] > COPPER_METRES)
PLUGS = {"RJ45": 1, "TILE-EDGE": 2}
BUILT_IN_PLUG = 3
ONLY_MEDIUM = {1: "CAT6A", 2: "TILE", 3: "BUILT-IN"}
"""Plugs into which only one medium goes."""
APART_PLUG = 4
"""Halves at both ends: copper has two cages there, so each half leaves its optic as a fibre."""


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
    kinds = _PortKinds(layout, ends, catalog)
    metres, slack = routes(site, layout, ends, catalog), slacks(site, layout, ends)
    shared = _shared(site, layout, ends, kinds, metres + slack)
    cable_of, firsts = _bundle(shared)
    count = len(firsts)
    keys = _keys(ends, kinds, firsts, shared)
    known = np.zeros(count, dtype=np.bool_)
    if len(installed.links):
        np.logical_or.at(known, cable_of, installed.links)
    settled = {keys[row] for row in np.flatnonzero(known)}
    ids, salts = identify(keys, installed.salted, settled)
    route, needed = np.zeros(count), np.zeros(count)
    np.maximum.at(route, cable_of, metres)
    np.maximum.at(needed, cable_of, metres + slack)
    built_in = shared.built_in[firsts]
    route[built_in] = 0
    plug = np.where(built_in, BUILT_IN_PLUG, kinds.plug[ends.z[firsts]])
    plug[shared.apart[firsts]] = APART_PLUG
    medium, order = _chosen(needed, plug)
    table = CableTable(
        ids=ids,
        fabric=ends.fabric[firsts],
        medium=medium,
        legs=np.bincount(cable_of, minlength=count).astype(np.int32),
        status=_statuses(site, layout, ends, firsts),
        route_m=np.round(route, 2).astype(np.float32),
        order_m=order,
    )
    return table, cable_of, salts


def _statuses(site: Site, layout: Layout, ends: Ends, firsts: NDArray[np.int64]) -> Index:
    """Give how far each cable is: as its ends are, but as its switch where a fabric prewires."""
    devices, near, far = layout.devices, ends.ports.device[ends.a], ends.ports.device[ends.z]
    one, other = devices.status[near[firsts]], devices.status[far[firsts]]
    prewired = [
        code
        for code, intent in enumerate(site.fabrics.values())
        if intent.clos and intent.clos.prewire
    ]
    hosts = [n for n, role in enumerate(layout.roles) if _kind(site, role) == "compute"]
    early = np.isin(ends.fabric[firsts], prewired) & np.isin(devices.role[near[firsts]], hosts)
    return joint_status(np.where(early, other, one), other)


def _kind(site: Site, role: str) -> str:
    return site.roles[role].kind if role in site.roles else ""


class _PortKinds:
    """What ports are, once per (model, group, cage, half): names, plugs."""

    def __init__(self, layout: Layout, ends: Ends, catalog: dict[str, CatalogItem]) -> None:
        ports, self.layout = ends.ports, layout
        model = layout.devices.model[ports.device].astype(np.int64)
        code = ((model << 8 | ports.group) << 16 | ports.cage) << 4 | (ports.lane + 1)
        _, firsts, self._kind = np.unique(code, return_index=True, return_inverse=True)
        groups = [self._group(int(model[row]), int(ports.group[row]), catalog) for row in firsts]
        pairs = list(zip(firsts, groups, strict=True))
        self._device = ports.device
        self._names = [interface_name(g, int(ports.cage[r]), int(ports.lane[r])) for r, g in pairs]
        self._cages = [interface_name(g, int(ports.cage[r]), -1) for r, g in pairs]
        plugs = [PLUGS.get(g.connector, 0) for g in groups]
        self.plug = np.asarray(plugs, dtype=np.int64)[self._kind]
        backplane = [g.connector == "BACKPLANE" for g in groups]
        self.backplane = np.asarray(backplane, dtype=np.bool_)[self._kind]
        twin = [g.connector.startswith("OSFP") for g in groups]
        self.twin_port = np.asarray(twin, dtype=np.bool_)[self._kind]

    def _group(self, model: int, group: int, catalog: dict[str, CatalogItem]) -> PortGroup:
        item = catalog[self.layout.models[model]]
        assert isinstance(item, Mounted | Pdu)  # noqa: S101 — only these have ports
        return item.ports[group]

    def end(self, port: int) -> str:
        """Name a port `device:interface`."""
        return f"{self.layout.devices.names[self._device[port]]}:{self._names[self._kind[port]]}"

    def cage(self, port: int) -> str:
        """Name the cage that a port is a half of."""
        return f"{self.layout.devices.names[self._device[port]]}:{self._cages[self._kind[port]]}"


@dataclass(frozen=True, slots=True)
class _Shared:
    """Which links share one bought object: equal numbers do; below 0, a link has its own.

    apart: half of a cage at both ends, whose other halves go elsewhere.
    """

    number: NDArray[np.int64]
    split: NDArray[np.bool_]
    twin: NDArray[np.bool_]
    built_in: NDArray[np.bool_]
    apart: NDArray[np.bool_]


def _shared(
    site: Site,
    layout: Layout,
    ends: Ends,
    kinds: _PortKinds,
    needed: NDArray[np.float64],
) -> _Shared:
    """Find the splitters, the cables of several links, and what is no cable at all."""
    ports = ends.ports
    near, far = _cages(ends, ends.a), _cages(ends, ends.z)
    device_a, device_z = ports.device[ends.a], ports.device[ends.z]
    inside = device_a == device_z
    built_in = inside | (kinds.backplane[ends.a] & kinds.backplane[ends.z])
    split = _splitters(ends, kinds, far, needed) & ~built_in
    dragonfly = np.asarray([intent.dragonfly is not None for intent in site.fabrics.values()])
    lanes = (ports.lane[ends.a] >= 0) & (ports.lane[ends.z] >= 0)
    twin = lanes & dragonfly[ends.fabric] & ~split
    number = -1 - np.arange(len(ends.z), dtype=np.int64)
    number[split] = far[split]
    _, pair = np.unique(near[twin], return_inverse=True)
    _, other = np.unique(far[twin], return_inverse=True)
    number[twin] = 1 << 60 | pair.astype(np.int64) << 28 | other
    holder = np.where(inside, len(layout.racks.names) + device_a, layout.devices.rack[device_a])
    own = holder.astype(np.int64) << 16 | ends.fabric
    number[built_in] = 1 << 61 | own[built_in]
    return _Shared(number, split, twin, built_in, lanes & ~twin & ~built_in)


def _cages(ends: Ends, side: Index) -> NDArray[np.int64]:
    """Number the cage at which each link ends."""
    ports = ends.ports
    device = ports.device[side].astype(np.int64)
    return (device << 8 | ports.group[side]) << 16 | ports.cage[side]


def _splitters(
    ends: Ends,
    kinds: _PortKinds,
    trunks: NDArray[np.int64],
    needed: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Whether each link is a leg of a splitter."""
    ports = ends.ports
    halves = (ports.lane[ends.z] >= 0) & (ports.lane[ends.a] < 0)
    _, trunk = np.unique(trunks, return_inverse=True)
    longest = np.zeros(int(trunk.max(initial=-1)) + 1)
    np.maximum.at(longest, trunk, needed)
    copper = longest[trunk] <= COPPER_METRES
    return np.asarray(halves & (copper | ~kinds.twin_port[ends.z]), dtype=np.bool_)


def _bundle(shared: _Shared) -> tuple[Index, NDArray[np.int64]]:
    """Give each link's cable and each cable's first link; cables in the order of their links."""
    _, firsts, inverse = np.unique(shared.number, return_index=True, return_inverse=True)
    order = np.argsort(firsts)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return place[inverse].astype(np.int32), firsts[order]


def _keys(
    ends: Ends,
    kinds: _PortKinds,
    firsts: NDArray[np.int64],
    shared: _Shared,
) -> list[str]:
    """Name each cable by its ends, a splitter by its cage, a cartridge by its first end."""
    keys = []
    for link in firsts.tolist():
        a, z = int(ends.a[link]), int(ends.z[link])
        if shared.split[link]:
            keys.append(f"splitter|{kinds.cage(z)}")
        elif shared.built_in[link]:
            keys.append(f"built-in|{kinds.end(a)}")
        else:
            end = kinds.cage if shared.twin[link] else kinds.end
            one, other = end(a), end(z)
            keys.append(f"{one}|{other}" if one < other else f"{other}|{one}")
    return keys


def _chosen(
    needed: NDArray[np.float64],
    plug: NDArray[np.int64],
) -> tuple[Index, NDArray[np.float32]]:
    """Choose medium and length, once per different need."""
    kinds = np.round(needed, 3) * 2 + plug * 1e9
    _, firsts, inverse = np.unique(kinds, return_index=True, return_inverse=True)
    found = [_choose(float(needed[row]), int(plug[row])) for row in firsts]
    medium = np.asarray([MEDIA.index(word) for word, _ in found], dtype=np.int32)
    order = np.asarray([length for _, length in found], dtype=np.float32)
    return medium[inverse], order[inverse]


def _choose(metres: float, plug: int) -> tuple[str, float]:
    """Choose the medium that reaches, and the next length on sale."""
    reach = FIBRE if plug == APART_PLUG else REACH
    medium = ONLY_MEDIUM.get(plug) or next((m for most, m in reach if metres <= most), "SMF-FR")
    return medium, next_length(medium, metres)
