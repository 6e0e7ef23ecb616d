"""What is wrong, or left unsaid, in a NetBox device-type record: findings with their lines.

Public device libraries contain errors: 62 ports listed for a switch of 64, a server's record with
a switch's interfaces, a 6.6 kW supply on a C20 inlet. They are imported through these rules.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from colossus.diagnostics import Diagnostic, Severity, Where, counted, warning
from colossus.inventory.catalog import PortGroup, Server, Switch
from colossus.load.netbox_ports import Row
from colossus.load.netbox_types import INLETS, INTERFACE_TYPES, NOT_PORTS, Inlet, NetboxRecord

_OF_SWITCHES = re.compile(r"(swp|ethernet|etp|ib\d|sw\d)", re.IGNORECASE)
_MANY_PORTS = 16
_PORTS_COME_IN = 4
_OF_POWER_AND_AIR = re.compile(r"psu|ps\d|power|pem|fan", re.IGNORECASE)
_WITHOUT_PORTS = re.compile(r"sxm|gpu|cpu|dimm|disk|drive|hdd|ssd|nvme|m\.2", re.IGNORECASE)
_MOST_NAMED = 6


@dataclass(frozen=True, slots=True)
class Reference:
    """The same model as our own catalogue has it, and its reference."""

    name: str
    item: Server | Switch

    def counterpart(self, row: Row) -> PortGroup | None:
        """Give its largest group of the row's kind: copper ports, or cages."""
        groups = [
            group
            for group in self.item.ports
            if not group.management
            and (group.connector == "RJ45") == (row.plug.connector == "RJ45")
        ]
        return max(groups, key=lambda group: group.count, default=None)


def named_twice(record: NetboxRecord) -> Iterator[Diagnostic]:
    """An interface or a power port is listed twice."""
    interfaces = [each.name for each in record.interfaces]
    power_ports = [each.name for each in record.power_ports]
    for key, names in (("interfaces", interfaces), ("power-ports", power_ports)):
        seen: dict[str, int] = {}
        for place, name in enumerate(names):
            first = seen.setdefault(name, place)
            if first != place:
                yield warning(
                    "import-duplicate",
                    f"{key}[{place}]",
                    f"{name!r} is listed twice; the second is left out",
                    f"the first is entry {first + 1} of {key}",
                )


def unknown_types(record: NetboxRecord) -> Iterator[Diagnostic]:
    """A type of interface or power port has no meaning here."""
    for place, interface in enumerate(record.interfaces):
        if interface.type not in INTERFACE_TYPES and interface.type not in NOT_PORTS:
            yield warning(
                "import-type-unknown",
                f"interfaces[{place}].type",
                f"interface {interface.name!r} is of type {interface.type!r}; it is left out",
                "add the port to the written file by hand if cables end there",
            )
    for place, port in enumerate(record.power_ports):
        if port.type not in INLETS:
            yield warning(
                "import-type-unknown",
                f"power-ports[{place}]",
                f"power port {port.name!r} is of type {port.type or 'unknown'!r}; it is left out",
                f"known inlets: {', '.join(INLETS)}",
            )


def gaps(rows: Sequence[Row]) -> Iterator[Diagnostic]:
    """Numbers are missing in a row of ports."""
    for row in rows:
        if row.missing:
            yield warning(
                "import-port-gap",
                f"interfaces[{row.members[0].place}]",
                f"{counted(row.listed, 'port')} of {row.plug.connector} {row.plug.speed} listed,"
                f" {counted(len(row.missing), 'name')} missing: {_some(row.missing)}",
                "the written file has them; remove them there if they do not exist",
            )


def logical_ports(rows: Sequence[Row]) -> Iterator[Diagnostic]:
    """The record lists logical ports, not cages."""
    for row in rows:
        if row.halves:
            yield Diagnostic(
                Severity.NOTE,
                "import-port-logical",
                Where(f"interfaces[{row.members[0].place}]"),
                f"{counted(row.listed, 'logical port')} listed; written as"
                f" {counted(row.cages, 'cage')} split {len(row.halves)} ways",
                "a cable plugs into a cage; wiring sheets print cage and half",
            )


def port_count(rows: Sequence[Row], reference: Reference | None) -> Iterator[Diagnostic]:
    """The number of ports does not fit the radix."""
    row = max(rows, key=lambda each: each.listed, default=None)
    if row is None:
        return
    place = f"interfaces[{row.members[0].place}]"
    group = reference.counterpart(row) if reference else None
    if reference and group:
        counts = {group.count, group.cages, *(group.count * cut.lanes for cut in group.breakouts)}
        if row.listed not in counts:
            yield warning(
                "import-port-count",
                place,
                f"{counted(row.listed, 'port')} of {row.plug.connector} {row.plug.speed} listed;"
                f" {reference.name} has {group.cages} {group.connector} cages,"
                f" {group.radix} ports when split",
                f"it may list {_either(sorted(counts))}",
            )
    elif row.listed >= _MANY_PORTS and row.listed % _PORTS_COME_IN:
        yield warning(
            "import-port-count",
            place,
            f"{counted(row.listed, 'port')} of {row.plug.connector} {row.plug.speed} listed;"
            f" switches have them by the {_PORTS_COME_IN}",
            "compare with the data sheet; correct count in the written file",
        )


def foreign_ports(rows: Sequence[Row], kind: str) -> Iterator[Diagnostic]:
    """A server's record carries a switch's interfaces."""
    for row in rows:
        if kind == "server" and row.listed >= _MANY_PORTS and _OF_SWITCHES.match(row.pattern):
            yield Diagnostic(
                Severity.ERROR,
                "import-port-foreign",
                Where(f"interfaces[{row.members[0].place}]"),
                f"a server with {row.listed} ports named as a switch names them:"
                f" {row.members[0].name} to {row.members[-1].name}",
                "the record mixes two devices; correct it, or say --kind switch",
            )


def overloaded_inlets(record: NetboxRecord) -> Iterator[Diagnostic]:
    """A supply gives more than its inlet passes."""
    alike: dict[tuple[str, float], list[int]] = {}
    for place, port in enumerate(record.power_ports):
        alike.setdefault((port.type or "", port.maximum_draw or 0), []).append(place)
    for (kind, draw), places in alike.items():
        inlet: Inlet | None = INLETS.get(kind)
        if inlet and draw > inlet.most_watts:
            names = _some([record.power_ports[place].name for place in places])
            yield warning(
                "import-supply-inlet",
                f"power-ports[{places[0]}]",
                f"{draw:,.0f} W through a {inlet.word} inlet ({names}), which passes"
                f" {inlet.most_watts:,.0f} W at most ({inlet.most_amps:g} A at 240 V)",
                "the watts or the inlet are wrong; checks refuse the written file until corrected",
            )


def changed_names(rows: Sequence[Row]) -> Iterator[Diagnostic]:
    """Names hold characters that no interface name here may hold."""
    for row in rows:
        if names := row.renamed:
            yield Diagnostic(
                Severity.NOTE,
                "import-name-changed",
                Where(f"interfaces[{row.members[0].place}]"),
                f"{counted(len(names), 'name')} written as {row.plain_pattern!r}: {_some(names)}",
                "names are letters, digits and ._/- without leading zeros; write the system's own",
            )


def module_bays(record: NetboxRecord) -> Iterator[Diagnostic]:
    """Bays may hold ports or supplies that the record does not list."""
    bays = list(enumerate(record.module_bays))
    supplies = [place for place, bay in bays if _OF_POWER_AND_AIR.search(bay.name)]
    others = {
        place: bay.name
        for place, bay in bays
        if place not in supplies and not _WITHOUT_PORTS.search(bay.name)
    }
    if others:
        yield warning(
            "import-module-bays",
            f"module-bays[{min(others)}]",
            f"{counted(len(others), 'module bay')} ({_some(list(others.values()))}) may hold ports"
            " that are not listed",
            "add the ports of the modules that you buy",
        )
    if supplies and not record.power_ports:
        yield warning(
            "import-module-bays",
            f"module-bays[{supplies[0]}]",
            "the supplies are modules, so neither their watts nor their inlets are listed",
            "add power.supplies to the written file",
        )


def differences(record: NetboxRecord, reference: Reference | None) -> Iterator[Diagnostic]:
    """The record contradicts the model of our own catalogue."""
    if reference is None:
        return
    item = reference.item
    supplies = item.power.supplies
    facts = (
        ("u_height", "U", record.u_height, float(item.height_u)),
        ("weight", "kg", record.weight_kg, item.weight_kg),
        ("power-ports", "supplies", len(record.power_ports), supplies.count if supplies else 0),
    )
    for key, unit, theirs, ours in facts:
        if theirs and theirs != ours:
            yield warning(
                "import-differs",
                key,
                f"the record says {theirs:g} {unit}, {reference.name} says {ours:g} {unit}",
                "find out which is right; keep one of the two models",
            )


def _some(names: Sequence[str]) -> str:
    more = ", …" if len(names) > _MOST_NAMED else ""
    return f"{', '.join(names[:_MOST_NAMED])}{more}"


def _either(counts: Sequence[int]) -> str:
    *others, last = map(str, counts)
    return f"{', '.join(others)} or {last}" if others else last
