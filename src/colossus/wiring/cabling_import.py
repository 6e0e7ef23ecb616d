"""A customer's cabling against the plan: names repaired, faults collected, cables compared.

Rows come as cells with their places. A name is looked up as it stands, then as people slip: case,
blanks, dashes for underscores, `j3` or `port 3` for 3, missing leading zeros. What was repaired is
reported; what cannot be is a fault with the nearest name, and every fault is told in one pass.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from colossus.diagnostics import Diagnostic, Severity, Where
from colossus.fabric.model import Fabric
from colossus.fabric.tables import MEDIA
from colossus.wiring import dialects
from colossus.wiring.ports import Texts, port_texts

FIELDS = ("device", "port", "rack", "u")
_SLIPS = re.compile(r"^(?:port|p|j|s|ge|eth|#)[ _-]?([0-9].*)$")
_RANGE = re.compile(r"^(.*?)([0-9]+) ?(?:-|\.\.|–) ?([0-9]+)$")
_MOST = 1024
"""Ports of the longest range."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as written, and where."""

    text: str
    where: Where


@dataclass(frozen=True, slots=True)
class Line:
    """One cable of a customer's table: `a_device`, `z_port`, … → cell."""

    cells: Mapping[str, Cell]


@dataclass
class Imported:
    """What a customer's cabling says. repairs: cell place → corrected text."""

    findings: list[Diagnostic] = field(default_factory=list)
    repairs: dict[Where, str] = field(default_factory=dict)
    links: dict[tuple[int, int], Where] = field(default_factory=dict)
    same: int = 0
    only_there: list[str] = field(default_factory=list)
    only_planned: list[str] = field(default_factory=list)

    @property
    def as_planned(self) -> bool:
        """Whether the table holds exactly the planned cables of the devices that it names."""
        return not (self.only_there or self.only_planned)


class Importer:
    """Reads lines against one plan."""

    def __init__(self, fabric: Fabric) -> None:
        self.fabric = fabric
        self.texts = port_texts(fabric)
        self.done = Imported()
        self._used: dict[int, tuple[Where, int]] = {}
        self._ports: dict[str, dict[str, list[int]]] = {}
        self._placed: set[tuple[str, str]] = set()

    def read(self, lines: Iterable[Line]) -> Imported:
        """Read every line, then compare with the plan."""
        for line in lines:
            self._line(line)
        self._compare()
        return self.done

    @cached_property
    def devices(self) -> dict[str, str]:
        """Plain name → device."""
        return {_plain(name): name for name in self.fabric.devices.names}

    @cached_property
    def planned(self) -> NDArray[np.int32]:
        """Give the planned port at the other end of each, of what people cable; -1: none."""
        fabric, links = self.fabric, self.fabric.links
        kept = fabric.cables.medium[links.cable] != MEDIA.index("BUILT-IN")
        partner = np.full(len(fabric.ports.device), -1, dtype=np.int32)
        partner[links.a[kept]], partner[links.z[kept]] = links.z[kept], links.a[kept]
        return partner

    def ports(self, device: str) -> dict[str, list[int]]:
        """Give the ports of a device by every name they have, in small letters.

        Made when a device is first named: a table seldom names all of a site.
        """
        if device not in self._ports:
            order, starts = self._by_device
            row = self.fabric.device_index[device]
            mine = order[starts[row] : starts[row + 1]]
            known = self._ports.setdefault(device, {})
            for column in self._columns:
                for port, name in zip(mine.tolist(), column[mine].tolist(), strict=True):
                    rows = known.setdefault(name.lower(), [])
                    if port not in rows:
                        rows.append(port)
        return self._ports[device]

    @cached_property
    def _columns(self) -> list[Texts]:
        fabric, known = self.fabric, self.texts
        foreign = [dialects.cvt_ethernet(fabric), dialects.cvt_infiniband(fabric)]
        return [known.interface, *foreign, known.port]

    @cached_property
    def _by_device(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Give port rows sorted by device, and where those of each device begin."""
        device = self.fabric.ports.device
        order = np.argsort(device, kind="stable")
        numbers = np.arange(len(self.fabric.devices.names) + 1)
        return order, np.searchsorted(device[order], numbers)

    def _line(self, line: Line) -> None:
        devices = [self._device(line.cells[f"{end}_device"]) for end in ("a", "z")]
        ends: list[tuple[str, Cell]] = []
        for end, device in zip(("a", "z"), devices, strict=True):
            if device is not None:
                self._unit(line, end, device)
                ends.append((device, line.cells[f"{end}_port"]))
        if len(ends) < len(devices):
            for device, cell in ends:
                self._port(device, cell, self._spread(device, cell)[0])
            return
        spread = [self._spread(*end) for end in ends]
        if len(spread[0]) != len(spread[1]):
            near, far = ends[0][1], ends[1][1]
            words = f"{near.text!r} is {len(spread[0])} ports, {far.text!r} is {len(spread[1])}"
            self._fault(
                "cabling-range", near.where, f"{words} ({far.where.path})", "give equal ranges"
            )
            return
        for one, other in zip(*spread, strict=True):
            self._cable(ends, one, other)

    def _cable(self, ends: list[tuple[str, Cell]], one: str, other: str) -> None:
        near, far = self._choose(ends, one, other)
        if near is None or far is None:
            return
        where = ends[0][1].where
        if near == far:
            words = f"{self._name(near)} is cabled to itself"
            self._fault("cabling-itself", where, words, "correct one of the two ends")
            return
        pair = (min(near, far), max(near, far))
        if pair in self.done.links:
            former = self.done.links[pair]
            words = f"{self._name(near)} – {self._name(far)} stands in {former.path} already"
            self._fault("cabling-twice", where, words, "leave out one of the two rows")
            return
        places = {near: where, far: ends[1][1].where}
        taken = [port for port in places if port in self._used]
        for port in taken:
            former, other_end = self._used[port]
            words = f"{self._name(port)} goes to {self._name(other_end)} in {former.path} already"
            hint = "a port has one cable: correct one of the two rows"
            self._fault("cabling-port-taken", places[port], words, hint)
        if not taken:
            self._used[near], self._used[far] = (where, far), (places[far], near)
            self.done.links[pair] = where

    def _device(self, cell: Cell) -> str | None:
        if not cell.text.strip():
            words = "the cell is blank"
            self._fault("cabling-blank", cell.where, words, "every cable has two ends")
            return None
        if cell.text in self.fabric.device_index:
            return cell.text
        found = self.devices.get(_plain(cell.text))
        if found is None:
            hint = self._nearest(_plain(cell.text), self.devices)
            words = f"the plan has no device {cell.text!r}"
            self._fault("cabling-unknown-device", cell.where, words, hint)
            return None
        self._repaired(cell, found)
        return found

    def _unit(self, line: Line, end: str, device: str) -> None:
        """Compare rack and U with the plan, each device once."""
        view = self.fabric.device(self.fabric.device_index[device])
        planned = {"rack": view.rack, "u": str(view.u) if view.u > 0 else ""}
        for what, known in planned.items():
            cell = line.cells.get(f"{end}_{what}")
            if cell is None or not cell.text.strip() or not known:
                continue
            said = cell.text.strip().lower().removeprefix("u" if what == "u" else "")
            if _plain(said) == _plain(known) or (device, what) in self._placed:
                continue
            self._placed.add((device, what))
            words = f"{device} is in {what} {known}, not {cell.text.strip()}"
            self._fault("cabling-place", cell.where, words, "correct the table, or the site")

    def _spread(self, device: str, cell: Cell) -> list[str]:
        """Give the ports of a cell: one, or those of a range that is no port's own name."""
        text = cell.text.strip()
        found = _RANGE.match(text)
        if not found or text.lower() in self.ports(device):
            return [cell.text]
        start, end = int(found[2]), int(found[3])
        if not start <= end < start + _MOST:
            return [cell.text]
        return [f"{found[1]}{number}" for number in range(start, end + 1)]

    def _choose(
        self, ends: list[tuple[str, Cell]], one: str, other: str
    ) -> tuple[int | None, int | None]:
        """Give the two ports; where a number means several, the planned pair is meant."""
        near, far = self._port(*ends[0], one), self._port(*ends[1], other)
        for port in near:
            if int(self.planned[port]) in far:
                return port, int(self.planned[port])
        return (near[0] if near else None), (far[0] if far else None)

    def _port(self, device: str, cell: Cell, text: str) -> list[int]:
        if not text.strip():
            self._fault("cabling-blank", cell.where, "the cell is blank", "name the port")
            return []
        known = self.ports(device)
        if text.lower() in known:
            return known[text.lower()]
        slip = _SLIPS.match(text.strip().lower())
        tries = [text.strip().lower(), slip[1] if slip else "", text.strip().lower().lstrip("0")]
        tries.append(tries[0].replace(" ", "").replace(".", "/"))
        for name in tries:
            if name in known:
                if text == cell.text:
                    self._repaired(cell, name)
                return known[name]
        words = f"{device} has no planned port {text.strip()!r}"
        self._fault("cabling-unknown-port", cell.where, words, self._nearest(tries[0], known))
        return []

    def _repaired(self, cell: Cell, text: str) -> None:
        words = f"{cell.text!r} is taken for {text}"
        self.done.repairs[cell.where] = text
        finding = Diagnostic(
            Severity.NOTE, "cabling-repaired", cell.where, f"{cell.where.path}: {words}"
        )
        self.done.findings.append(finding)

    def _nearest(self, name: str, known: Iterable[str]) -> str:
        near = get_close_matches(name, known, n=1, cutoff=0.6)
        if not near:
            return "nothing in the plan is like it"
        return f"did you mean {self.devices.get(near[0], near[0])}?"

    def _fault(self, code: str, where: Where, words: str, hint: str) -> None:
        summary = f"{where.path}: {words}"
        self.done.findings.append(Diagnostic(Severity.ERROR, code, where, summary, hint))

    def _name(self, port: int) -> str:
        return f"{self.texts.device[port]}:{self.texts.interface[port]}"

    def _compare(self) -> None:
        """Compare cables with the plan, for the devices that the table names."""
        named = {self.texts.device[port] for pair in self.done.links for port in pair}
        for near, far in self.done.links:
            if int(self.planned[near]) == far:
                self.done.same += 1
            else:
                self.done.only_there.append(f"{self._name(near)} – {self._name(far)}")
        for near, far in self._plan_of(named):
            if (min(near, far), max(near, far)) not in self.done.links:
                self.done.only_planned.append(f"{self._name(near)} – {self._name(far)}")

    def _plan_of(self, named: set[str]) -> Iterator[tuple[int, int]]:
        """Give the planned links between two devices that the table names."""
        rows = [self.fabric.device_index[name] for name in named]
        inside = np.zeros(len(self.fabric.devices.names), dtype=np.bool_)
        inside[rows] = True
        links, owner = self.fabric.links, inside[self.fabric.ports.device]
        chosen = np.flatnonzero(owner[links.a] & owner[links.z])
        for near, far in zip(links.a[chosen].tolist(), links.z[chosen].tolist(), strict=True):
            if self.planned[near] >= 0:
                yield near, far


def _plain(name: str) -> str:
    """Write a name without what people get wrong: case, blanks, separators, leading zeros."""
    bare = re.sub(r"[\s_.-]+", "-", name.strip().lower())
    return re.sub(r"(?<![0-9])0+(?=[0-9])", "", bare)
