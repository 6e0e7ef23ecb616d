"""What the floor reported: which plugs are done, serials, and what deviates from the plan.

A plug is `cable id, device, interface` (of a shared plug: its first leg). Recording the same sheet
twice changes nothing. A deviation ("used port 33, 31 is dead") is kept as a proposal: it is shown,
and never applied.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from typing import Any

from colossus.diagnostics import Diagnostic, Severity, Where
from colossus.fabric.model import Fabric
from colossus.fabric.tables import COOLANT, POWER
from colossus.inventory.fabrics import RESERVED_PORT
from colossus.inventory.sockets import OUTLET, names_socket
from colossus.wiring.ends import end_rows

Plug = tuple[str, str, str]
"""Cable id, device, interface."""
_USED_PORT = re.compile(r"\bused (?:port )?([A-Za-z0-9/._-]*[0-9][A-Za-z0-9/._-]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a completed sheet. done: whether the plug is said to be in."""

    cable_id: str
    device: str
    interface: str
    done: bool
    by: str
    date: str
    serial: str
    used_port: str
    remark: str
    where: Where

    @property
    def deviates_to(self) -> str:
        """The port that was used instead, from its column or from the remark; else empty."""
        if self.used_port:
            return self.used_port
        found = _USED_PORT.search(self.remark)
        return found[1] if found else ""


@dataclass(frozen=True, slots=True)
class Done:
    """A plug that is in."""

    by: str = ""
    date: str = ""
    serial: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plug in another port than planned: what the plan would have to say."""

    cable_id: str
    device: str
    interface: str
    used_port: str
    remark: str


@dataclass(frozen=True)
class Record:
    """Everything reported so far."""

    plugs: Mapping[Plug, Done] = field(default_factory=dict)
    proposals: Mapping[Plug, Proposal] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Give it for JSON, sorted."""
        keys = ("cable_id", "device", "interface")
        done = [
            {**dict(zip(keys, plug, strict=True)), **asdict(self.plugs[plug])}
            for plug in sorted(self.plugs)
        ]
        proposals = [asdict(self.proposals[plug]) for plug in sorted(self.proposals)]
        return {"plugs": done, "proposals": proposals}


def from_document(document: Mapping[str, Any]) -> Record:
    """Read back what `Record.document` gave; raises KeyError or TypeError where it is not that."""
    plugs = {
        (each["cable_id"], each["device"], each["interface"]): Done(
            each["by"], each["date"], each["serial"]
        )
        for each in document["plugs"]
    }
    proposals = [Proposal(**each) for each in document["proposals"]]
    return Record(plugs, {(p.cable_id, p.device, p.interface): p for p in proposals})


@dataclass(frozen=True)
class PlannedPlugs:
    """Every plug of the plan: leg → plug, plug → rack and printed port."""

    legs: Mapping[Plug, Plug]
    racks: Mapping[Plug, str]
    ports: Mapping[Plug, str]


def planned_plugs(fabric: Fabric) -> PlannedPlugs:
    """List the plugs of a plan, in floor order."""
    rows = end_rows(fabric)
    wanted = ("cable_id", "device", "interface", "port")
    columns = zip(*(rows.column(name) for name in wanted), strict=True)
    names = [
        name
        for rack, name in enumerate(fabric.racks.names)
        for _ in range(int(rows.starts[rack + 1] - rows.starts[rack]))
    ]
    legs: dict[Plug, Plug] = {}
    racks: dict[Plug, str] = {}
    ports: dict[Plug, str] = {}
    shared: dict[tuple[str, str, str], Plug] = {}
    for (cable, device, interface, port), half, rack in zip(
        columns, rows.half.tolist(), names, strict=True
    ):
        leg = (cable, device, interface)
        cage = port.partition("/")[0]
        plug = shared.setdefault((cable, device, cage), leg) if half else leg
        legs[leg] = plug
        racks.setdefault(plug, rack)
        ports.setdefault(plug, cage if half else port)
    return PlannedPlugs(legs, racks, ports)


@dataclass(frozen=True)
class Merged:
    """A record with new entries in it, what is new, and what could not be taken."""

    record: Record
    done: int
    changed: int
    proposed: tuple[Proposal, ...]
    findings: tuple[Diagnostic, ...]


def merge(planned: PlannedPlugs, record: Record, entries: Iterable[Entry]) -> Merged:
    """Add completed lines to a record; an empty line takes nothing back."""
    plugs, proposals = dict(record.plugs), dict(record.proposals)
    findings, fresh, changed = [], 0, 0
    for entry in entries:
        plug = planned.legs.get((entry.cable_id, entry.device, entry.interface))
        if plug is None:
            findings.append(_unknown(planned, entry))
            continue
        if entry.done:
            former, now = plugs.get(plug), Done(entry.by, entry.date, entry.serial)
            fresh += former is None
            changed += former not in (None, now)
            plugs[plug] = now
        used = entry.deviates_to
        if used and used not in _names_of(plug[2], planned.ports[plug]):
            proposals[plug] = Proposal(*plug, used, entry.remark)
    new = tuple(proposals[p] for p in sorted(proposals) if proposals[p] != record.proposals.get(p))
    return Merged(Record(plugs, proposals), fresh, changed, new, tuple(findings))


def _names_of(interface: str, port: str) -> set[str]:
    """Give what people call a port; an outlet by its number alone, too."""
    number = {interface.rpartition("-")[2]} if names_socket(interface) else set()
    return {interface, port} | number


def _unknown(planned: PlannedPlugs, entry: Entry) -> Diagnostic:
    words = f"the plan has no cable {entry.cable_id} at {entry.device} {entry.interface}"
    same = [leg for leg in planned.legs if leg[0] == entry.cable_id]
    here = [leg[0] for leg in planned.legs if leg[1:] == (entry.device, entry.interface)]
    if same:
        hint = f"its ends are {' and '.join(f'{leg[1]} {leg[2]}' for leg in same)}"
    elif here:
        hint = f"there the plan has {here[0]}"
    else:
        devices = sorted({leg[1] for leg in planned.legs})
        near = get_close_matches(entry.device, devices, n=1)
        hint = f"did you mean {near[0]}?" if near else "is it the sheet of this site and revision?"
    place = entry.where.path
    return Diagnostic(Severity.ERROR, "record-unknown-plug", entry.where, f"{place}: {words}", hint)


@dataclass(frozen=True, slots=True)
class RackProgress:
    """How far a rack is."""

    rack: str
    plugs: int
    done: int
    proposals: int

    @property
    def percent(self) -> float:
        """Share of plugs that are in, rounded down, so that 100 means all."""
        return self.done * 1000 // self.plugs / 10


def progress_by_rack(planned: PlannedPlugs, record: Record) -> list[RackProgress]:
    """Count done plugs per rack, in floor order; what the plan no longer has is not counted."""
    every = Counter(planned.racks.values())
    done = Counter(planned.racks[plug] for plug in record.plugs if plug in planned.racks)
    open_ = Counter(planned.racks[plug] for plug in record.proposals if plug in planned.racks)
    return [RackProgress(rack, count, done[rack], open_[rack]) for rack, count in every.items()]


def _as_authored(fabric: Fabric, row: int, proposal: Proposal) -> list[str]:
    """Say what the site would have to say; nothing where no key can.

    The port in use is reserved where that is possible, so that no new device gets it.
    """
    link = fabric.link(row)
    if link.fabric not in (POWER, COOLANT):
        meets = f"{proposal.device}:{proposal.used_port}"
        other = link.z if proposal.device == link.a.device else link.a
        lines = [_override(str(other), meets, proposal)]
        if proposal.device == link.z.device and _reservable(fabric, link.fabric, meets):
            lines.append(f'  cluster.yaml, fabrics.{link.fabric}.reserved: + "{meets}"')
        return lines
    number = proposal.used_port.rpartition("-")[2]
    if link.fabric == COOLANT or proposal.device != link.z.device:
        return []
    meets = f"{proposal.device}:{OUTLET}-{number}"
    return [_override(str(link.a), meets, proposal)]


def _override(port: str, meets: str, proposal: Proposal) -> str:
    # JSON's quotes are YAML's, whatever a remark holds.
    reason = json.dumps(proposal.remark or "as the floor cabled it", ensure_ascii=False)
    entry = f'{{port: "{port}", meets: "{meets}", reason: {reason}}}'
    return f"  cluster.yaml, cable_overrides: + {entry}"


def _reservable(fabric: Fabric, name: str, word: str) -> bool:
    """Whether a fabric can keep a port free, and the port is written as it wants it."""
    return fabric.site.fabrics[name].reserves and RESERVED_PORT.fullmatch(word) is not None


def as_difference(fabric: Fabric, planned: PlannedPlugs, proposal: Proposal) -> list[str]:
    """Show a proposal as a difference: the plan's line, the floor's line, how the site says it."""
    plug = (proposal.cable_id, proposal.device, proposal.interface)
    port = planned.ports.get(plug, "?")
    link = next(
        (
            row
            for row, cable in enumerate(fabric.links.cable.tolist())
            if fabric.cables.ids[cable] == proposal.cable_id
        ),
        None,
    )
    lines = [
        f"- {proposal.cable_id}: {proposal.device} port {port} ({proposal.interface})",
        f"+ {proposal.cable_id}: {proposal.device} port {proposal.used_port}",
    ]
    if link is not None:
        lines += _as_authored(fabric, link, proposal)
    if proposal.remark:
        lines.append(f"  remark: {proposal.remark}")
    return lines
