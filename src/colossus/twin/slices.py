"""Choosing the part of a site that a twin stands for: whole, smallest, or what the operator names.

The smallest slice shows every role, vendor, tier, rail, plane and playbook at least once, and each
rail has a way between its hosts through every tier. Nothing is rendered for it: the choice rests
on the cables and on which roles have a playbook.
"""

from dataclasses import dataclass
from functools import cached_property
from sys import maxsize

import numpy as np
from numpy.typing import NDArray

from colossus.errors import RehearsalFailed
from colossus.fabric.model import Fabric
from colossus.fabric.paths import Mask, Neighbours, Rows, distances, neighbours, way
from colossus.inventory.catalog import BMC_PORTS
from colossus.twin.slice_words import Named, largest_fabric, read_words

SMALLEST = "auto"
CONTROLLERS_AT_MOST = 2
"""A primary and a standby; more stand by in vain in a rehearsal."""


@dataclass(frozen=True, slots=True)
class Room:
    """What a tier carries: machines, and cables between them."""

    machines: int
    cables: int


NAMESPACES = Room(300, 1305)
"""What two cores carried when measured: nodes (facts: twin-namespaces.md 3 to 5), and the cables of
128 hosts of eight rails (docs/rehearsal.md)."""
PAPER = Room(maxsize, maxsize)
"""A plan that nothing is built for has room for everything."""


@dataclass(frozen=True, slots=True)
class Slice:
    """The part of the site that a twin stands for.

    links are rows of the fabric's link table that become cables; left_out counts the links that
    exist in the site but not here (BMCs, PDUs, hosts outside the slice), open_ports are the ports
    at which such links end here. outside counts the devices with a playbook that are not here.
    """

    nodes: tuple[str, ...]
    links: tuple[int, ...]
    open_ports: tuple[int, ...]
    left_out: int
    outside: int = 0

    @property
    def share_of_links(self) -> float:
        """Share of the site's links that are cabled here."""
        total = len(self.links) + self.left_out
        return round(len(self.links) / total, 4) if total else 1.0


def slice_of(
    fabric: Fabric,
    expression: str = "",
    room: Room = NAMESPACES,
    changed: frozenset[str] = frozenset(),
) -> Slice:
    """Choose the nodes: the whole site where it fits, else its smallest slice.

    expression: `auto` for the smallest slice all the same, or a node set of devices, racks and
    words like `pod=2` (see slice_words), which gets the switches and controllers that matter for
    it. changed: devices that must be in, with all that is cabled to them.

    Raises:
        RehearsalFailed: the expression names nothing, or the slice has no room.
    """
    choice = Choice(fabric)
    if expression not in ("", SMALLEST):
        choice.take_named(read_words(fabric, choice.configured, expression))
        return _fitting(choice.cut(), room, f"--slice {expression}")
    if not expression:
        choice.take(np.flatnonzero(choice.configured))
        whole = choice.cut()
        if not _excess(whole, room):
            return whole
        choice = Choice(fabric)
    choice.take_smallest(choice.rows_of(changed))
    what = "the smallest slice that shows every role, tier, rail and plane"
    return _fitting(choice.cut(), room, f"{what}, with every changed device," if changed else what)


def _excess(part: Slice, room: Room) -> bool:
    return len(part.nodes) > room.machines or len(part.links) > room.cables


def _fitting(part: Slice, room: Room, what: str) -> Slice:
    if not _excess(part, room):
        return part
    raise RehearsalFailed(
        f"{what} has {len(part.nodes)} nodes and {len(part.links)} cables, more than this tier"
        f" carries ({room.machines} and {room.cables})",
        "name less with --slice: `auto`, a rack, `unit=1`, or `pod=1,thin=2` for two hosts a unit",
    )


class Choice:
    """A slice while it grows; `chosen` says for each device whether it is in."""

    def __init__(self, fabric: Fabric) -> None:
        self.fabric = fabric
        playbooks = [_has_playbook(fabric, role) for role in fabric.roles]
        self.configured: Mask = fabric.devices.present & np.asarray(playbooks)[fabric.devices.role]
        kinds = [_kind(fabric, role) for role in fabric.roles]
        self.switches: Mask = np.asarray([k == "switch" for k in kinds])[fabric.devices.role]
        self.chosen: Mask = np.zeros(len(fabric.devices.names), dtype=np.bool_)
        links, device = fabric.links, fabric.ports.device
        self._managed = _not_bmc(fabric)
        self._a, self._z = device[links.a], device[links.z]
        self._usable = self._managed[links.a] & self._managed[links.z]
        both = self.configured[self._a] & self.configured[self._z]
        self.rows: Rows = np.flatnonzero(self._usable & both)

    @cached_property
    def _everything(self) -> Neighbours:
        """All cables between configured devices, of whatever fabric."""
        return neighbours(self.fabric, self.rows)

    def rows_of(self, names: frozenset[str]) -> Rows:
        """Give the rows of devices that are configured and have these names."""
        known = self.fabric.device_index
        rows = sorted(known[name] for name in names if name in known)
        found = np.asarray(rows, dtype=np.int64)
        return found[self.configured[found]]

    def take(self, rows: Rows) -> None:
        """Put devices in."""
        self.chosen[rows] = True

    def take_named(self, named: Named) -> None:
        """Put in what was named, the controllers, and the switches on the way between them."""
        self.take(named.hosts)
        self.take(named.switches)
        self._take_controllers()
        self._connect_fabrics()
        for role in self._management_roles():
            self._reach(self._with_role(role))

    def take_smallest(self, must: Rows) -> None:
        """Put in as few devices as show everything once; must: what has to be in anyway."""
        self.take(must)
        if len(must):
            near, _ = self._everything.of(must)
            self.take(near)
        self._take_hosts()
        self._take_controllers()
        self._connect_fabrics()
        for role in range(len(self.fabric.roles)):
            self._reach(self._with_role(role))
        self._show_every_link_kind()

    def cut(self) -> Slice:
        """Give the slice with its cables and its loose ends."""
        fabric, chosen = self.fabric, self.chosen
        here = self._usable & chosen[self._a] & chosen[self._z]
        gone = ~here
        loose = [
            side[gone & chosen[device] & self._managed[side]]
            for side, device in ((fabric.links.a, self._a), (fabric.links.z, self._z))
        ]
        names = fabric.devices.names
        return Slice(
            nodes=tuple(names[row] for row in np.flatnonzero(chosen)),
            links=tuple(np.flatnonzero(here).tolist()),
            open_ports=tuple(np.sort(np.concatenate(loose)).tolist()),
            left_out=int(gone.sum()),
            outside=int((self.configured & ~chosen).sum()),
        )

    def _with_role(self, role: int) -> Mask:
        return np.asarray(self.configured & (self.fabric.devices.role == role), dtype=np.bool_)

    def _management_roles(self) -> list[int]:
        intent = self.fabric.site.fabrics[self.fabric.site.access.fabric]
        return [self.fabric.roles.index(r) for r in intent.switch_roles if r in self.fabric.roles]

    def _take_hosts(self) -> None:
        """Take a host of each role, as many tiers from the first as can be; two at least."""
        roles = [
            role
            for role, name in enumerate(self.fabric.roles)
            if _kind(self.fabric, name) == "compute" and self._with_role(role).any()
        ]
        if not roles:
            return
        first = int(np.flatnonzero(self._with_role(roles[0]))[0])
        away = self._distances(first)
        self.chosen[first] = True
        for role in roles[1:] or roles:
            others = self._with_role(role)
            others[first] = False
            if others.any():
                self.chosen[int(np.argmax(np.where(others, away, -2)))] = True

    def _distances(self, first: int) -> Rows:
        """Give how far every host is from one, in steps of its largest fabric; -1 for no way."""
        links = self._largest_fabric()
        net = neighbours(self.fabric, links)
        steps = distances(net, np.asarray([first]), self.switches & self.configured)
        a, z = self._a[links], self._z[links]
        found = np.full(len(steps), -1, dtype=np.int64)
        np.maximum.at(found, a, steps[z])
        return found

    def _largest_fabric(self) -> Rows:
        of = self.fabric.links.fabric[self.rows]
        return np.asarray(self.rows[of == largest_fabric(self.fabric, self.rows)], dtype=np.int64)

    def _management(self) -> int:
        return self.fabric.fabrics.index(self.fabric.site.access.fabric)

    def _take_controllers(self) -> None:
        """Take the primary and the standby of each role of controllers, one of other services."""
        for role, name in enumerate(self.fabric.roles):
            kind = _kind(self.fabric, name)
            if kind in ("controller", "service"):
                rows = np.flatnonzero(self._with_role(role))
                rows = rows[np.argsort(self.fabric.devices.ordinal[rows], kind="stable")]
                self.take(rows[: CONTROLLERS_AT_MOST if kind == "controller" else 1])

    def _connect_fabrics(self) -> None:
        """Join the hosts on each rail of each fabric; the management network joins itself."""
        for code in range(len(self.fabric.fabrics)):
            if code != self._management():
                links = self.rows[self.fabric.links.fabric[self.rows] == code]
                self._connect(links)

    def _connect(self, links: Rows) -> None:
        table = self.fabric.links
        between = links[self.switches[self._a[links]] & self.switches[self._z[links]]]
        net = neighbours(self.fabric, between)
        ends = links[self.chosen[self._a[links]] & ~self.switches[self._a[links]]]
        lanes = np.stack([table.rail[ends], table.plane[ends]])
        for lane in np.unique(lanes, axis=1).T:
            mine = ends[(lane == lanes.T).all(axis=1)]
            self._join(net, np.unique(self._z[mine]))
        fabric_switches = np.unique(np.concatenate([self._z[links], self._a[between]]))
        chosen = fabric_switches[self.chosen[fabric_switches]]
        if len(chosen):
            self._join(net, chosen)

    def _join(self, net: Neighbours, terminals: Rows) -> None:
        """Take these switches, and the cheapest ways that join them to one network if any do."""
        self.take(terminals)
        passable = self.switches & self.configured
        tree = terminals[:1].astype(np.int64)
        for terminal in terminals[1:]:
            goal = np.zeros_like(self.chosen)
            goal[terminal] = True
            found = way(net, tree, goal, passable, self.chosen)
            if found is not None:
                self.take(found)
                tree = np.union1d(tree, found)

    def _reach(self, goal: Mask) -> None:
        """Take the nearest of these devices, unless one is in already."""
        if not goal.any() or (goal & self.chosen).any():
            return
        passable = self.switches & self.configured
        found = way(self._everything, np.flatnonzero(self.chosen), goal, passable, self.chosen)
        self.take(np.flatnonzero(goal)[:1] if found is None else found)

    def _show_every_link_kind(self) -> None:
        """Take what is missing until each tier, rail and plane of a fabric has a cable here."""
        table = self.fabric.links
        for column in (table.tier, table.rail, table.plane):
            kinds = column[self.rows].astype(np.int64) * len(self.fabric.fabrics)
            kinds += table.fabric[self.rows]
            for kind in np.unique(kinds):
                self._show(self.rows[kinds == kind])

    def _show(self, links: NDArray[np.int64]) -> None:
        """Take the ends of one of these links: that of which most is in already."""
        a, z = self._a[links], self._z[links]
        here = self.chosen[a].astype(np.int64) + self.chosen[z]
        if not here.any():
            ends = np.zeros_like(self.chosen)
            ends[a] = ends[z] = True
            self._reach(ends)
            here = self.chosen[a].astype(np.int64) + self.chosen[z]
        best = int(np.argmax(here))
        self.take(np.asarray([a[best], z[best]], dtype=np.int64))


def _kind(fabric: Fabric, role: str) -> str:
    known = fabric.site.roles.get(role)
    return known.kind if known else ""


def _has_playbook(fabric: Fabric, role: str) -> bool:
    known = fabric.site.roles.get(role)
    return known is not None and known.playbook is not None


def _not_bmc(fabric: Fabric) -> Mask:
    """Say of each port whether a system drives it; a twin has no BMCs."""
    names = [[g.name for g in getattr(fabric.catalog[m], "ports", ())] for m in fabric.models]
    bmc = np.asarray([each.index(BMC_PORTS) if BMC_PORTS in each else -1 for each in names])
    model = fabric.devices.model[fabric.ports.device]
    return np.asarray(fabric.ports.group != bmc[model], dtype=np.bool_)
