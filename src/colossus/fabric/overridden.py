"""Cable overrides: what is plugged otherwise than the rules say, applied to the links as wired.

The port that an override names keeps its end of the cable; the far end goes to the port that it
meets. A port that loses its cable and gets no other is left free; one that gets a second cable is
there twice, where a check finds it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from colossus.diagnostics import Diagnostic, error
from colossus.fabric.layout import Layout
from colossus.fabric.model import Equipment, Fabric, interface_name, port_word
from colossus.fabric.tables import Index, PortTable
from colossus.inventory.references import unknown
from colossus.inventory.site import Site
from colossus.inventory.sockets import cord_end
from colossus.inventory.words import SPEEDS_MBPS


@dataclass(frozen=True, slots=True)
class Links:
    """Links before they are cables: port rows of both ends, and the ports."""

    ports: PortTable
    a: Index
    z: Index


@dataclass(frozen=True, slots=True)
class _Plug:
    """A port that a device has, in use or not. speed in Mb/s."""

    device: int
    group: int
    cage: int
    lane: int
    speed: int


@dataclass(frozen=True, slots=True)
class _Move:
    """One end of a link that goes to another port; side 0 = a, 1 = z."""

    link: int
    side: int
    to: _Plug


def plug_otherwise(
    site: Site,
    layout: Layout,
    equipment: dict[str, Equipment],
    links: Links,
) -> tuple[Links, tuple[Diagnostic, ...]]:
    """Give the links as the overrides of the site have them; unknown ports are findings."""
    if not site.cable_overrides:
        return links, ()
    search = _Search(layout, equipment, links)
    moves: list[_Move] = []
    findings: list[Diagnostic] = []
    for place, override in enumerate(site.cable_overrides):
        path = f"cable_overrides[{place}]"
        if cord_end(override.port):
            continue  # a cord, see fabric.supply
        kept, to = search.plug(override.port), search.plug(override.meets)
        wrong = [word for word, found in ((override.port, kept), (override.meets, to)) if not found]
        if not kept or not to:
            findings += search.unknown_ports(path, wrong)
        elif (end := search.end(kept)) is None:
            findings.append(_without_cable(path, override.port))
        else:
            moves.append(_Move(end[0], 1 - end[1], to))
    return _moved(links, moves), tuple(findings)


def override_of(fabric: Fabric, link: int) -> int | None:
    """Give the first override of the site that names an end of a link."""
    view = fabric.link(link)
    words = {
        f"{end.device}:{word}" for end in (view.a, view.z) for word in (end.port, end.interface)
    }
    overrides = enumerate(fabric.site.cable_overrides)
    return next((n for n, each in overrides if words & {each.port, each.meets}), None)


def _without_cable(path: str, port: str) -> Diagnostic:
    return error(
        "cable-override-unused",
        f"{path}.port",
        f"no cable of the plan ends at {port}, so nothing can be plugged otherwise there",
        "name the port whose cable stays, and under `meets` the port that its far end went to",
    )


class _Search:
    """Ports by name, and the link ends at them."""

    def __init__(self, layout: Layout, equipment: dict[str, Equipment], links: Links) -> None:
        self._layout, self._equipment, self._links = layout, equipment, links
        self._rows = {name: row for row, name in enumerate(layout.devices.names)}

    def plug(self, word: str) -> _Plug | None:
        """Find `device:interface` or `device:cage/half`; one in use comes before others."""
        device, _, port = word.partition(":")
        found = [plug for name, plug in self._plugs(device) if name == port]
        used = (plug for plug in found if len(_rows(self._links.ports, plug)))
        return next(used, next(iter(found), None))

    def _plugs(self, name: str) -> Iterator[tuple[str, _Plug]]:
        """Give every port of a device, whole and split, under both of its names."""
        if name not in self._rows:
            return
        row = self._rows[name]
        item = self._equipment[self._layout.models[self._layout.devices.model[row]]]
        for index, group in enumerate(item.ports):
            shared = group.ports_per_cage
            lanes = list(range(shared)) if shared > 1 else [-1]
            splits = [(lane, group.speed) for lane in lanes]
            splits += [(lane, cut.speed) for cut in group.breakouts for lane in range(cut.lanes)]
            for cage in range(group.cages):
                for lane, speed in splits:
                    plug = _Plug(row, index, cage, lane, SPEEDS_MBPS[speed])
                    yield port_word(group, cage, lane), plug
                    yield interface_name(group, cage, lane, plug.speed), plug

    def end(self, plug: _Plug) -> tuple[int, int] | None:
        """Give the link that ends at a port, and at which side."""
        rows = _rows(self._links.ports, plug)
        for side, column in enumerate((self._links.a, self._links.z)):
            hits = np.flatnonzero(np.isin(column, rows))
            if len(hits):
                return int(hits[0]), side
        return None

    def unknown_ports(self, path: str, words: list[str]) -> Iterator[Diagnostic]:
        """Make the findings for names that lead to no port."""
        for word in words:
            device, _, port = word.partition(":")
            if device not in self._rows:
                yield unknown(path, "device", device, self._rows)
            else:
                known = [name for name, _ in self._plugs(device)]
                yield unknown(path, "port", port, known, f" of {device}")


def _moved(links: Links, moves: list[_Move]) -> Links:
    """Move the ends; ports are used again where an end left them, else they are appended."""
    ports, ends = links.ports, (links.a.copy(), links.z.copy())
    left = {int(ends[move.side][move.link]) for move in moves}
    added: list[tuple[int, ...]] = []
    for move in moves:
        to = move.to
        known = _rows(ports, to).tolist()
        again = next((row for row in known if row in left), None)
        if again is not None:
            left.discard(again)
            ends[move.side][move.link] = again
            continue
        # A port that was in use is as before; a free one is of the rail of what moves there.
        like = known[0] if known else int((links.a, links.z)[move.side][move.link])
        speed = int(ports.speed[like]) if known else to.speed
        ends[move.side][move.link] = len(ports.device) + len(added)
        added.append((to.device, to.group, to.cage, to.lane, speed, int(ports.rail[like])))
    new = np.asarray(added, dtype=np.int32).reshape(-1, len(_columns(ports))).T
    both = zip(_columns(ports), new, strict=True)
    table = PortTable(*(np.concatenate(pair) for pair in both))
    return _without(Links(table, *ends), left)


def _without(links: Links, gone: set[int]) -> Links:
    """Drop the ports at which no cable ends any more."""
    kept = np.ones(len(links.ports.device), dtype=np.bool_)
    kept[list(gone)] = False
    place = np.cumsum(kept, dtype=np.int32) - 1
    table = PortTable(*(column[kept] for column in _columns(links.ports)))
    return Links(table, place[links.a], place[links.z])


def _columns(ports: PortTable) -> tuple[Index, ...]:
    return (ports.device, ports.group, ports.cage, ports.lane, ports.speed, ports.rail)


def _rows(ports: PortTable, plug: _Plug) -> Index:
    """Give the rows of a port in use."""
    mine = (ports.device == plug.device) & (ports.group == plug.group)
    mine &= (ports.cage == plug.cage) & (ports.lane == plug.lane)
    return np.flatnonzero(mine).astype(np.int32)
