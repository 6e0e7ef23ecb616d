"""Neighbours in tables with a ruler below their headings: SONiC `show lldp table`, NVUE.

`nv show interface` says also which ports are down; those are seen without a link.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from colossus.diagnostics import Diagnostic
from colossus.wiring.observed import Parsed, Sighting, fault, plain
from colossus.wiring.seen.lldpd import port_of
from colossus.wiring.seen.text import Part, cells, gathered, ruler_spans

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "port": ("localport", "interface"),
    "neighbour": ("remotedevice", "remote host"),
    "neighbour_port": ("remoteportid", "remote port"),
    "description": ("remoteportdescr",),
    "state": ("oper status", "oper-status", "state"),
    "kind": ("type",),
}
_ASIDE = re.compile(r"$|Capability codes|Total |-+$")
"""What stands around a table and says nothing of a port."""
_PHYSICAL = frozenset({"swp", "eth", ""})
_NOT_SHOWN = frozenset({"", "-", "N/A"})
Columns = Mapping[str, int]


def is_neighbour_table(part: Part) -> bool:
    """Whether a table of neighbours is in it."""
    return any(_columns(part.lines, row) for row in range(len(part.lines)))


def parse_neighbour_table(part: Part, device: str, file: str) -> Parsed:
    """Read every table of one device; a line that is none of a table's is a fault."""
    aside: list[Diagnostic] = []
    rows = ((line, _sighting(device, row)) for line, row in _rows(part, file, aside) if _says(row))
    parsed = gathered(rows, file, "a row needs port, device and port")
    return Parsed(parsed.sightings, [*aside, *parsed.findings])


def _columns(lines: Sequence[str], row: int) -> Columns:
    """Give the wanted columns of headings above a ruler; none where it is no such table."""
    spans = ruler_spans(lines[row + 1]) if row + 1 < len(lines) else []
    headings = [heading.lower() for heading in cells(lines[row], spans)]
    found = {
        name: headings.index(word)
        for name, words in _COLUMNS.items()
        for word in words
        if word in headings
    }
    return found if {"port", "neighbour", "neighbour_port"} <= set(found) else {}


def _rows(part: Part, file: str, aside: list[Diagnostic]) -> Iterator[tuple[int, dict[str, str]]]:
    """Give the rows of all tables by column, with their line."""
    columns: Columns = {}
    spans: list[tuple[int, int]] = []
    for index, (number, line) in enumerate(part.numbered()):
        heads = _columns(part.lines, index)
        if heads:
            columns, spans = heads, ruler_spans(part.lines[index + 1])
        elif ruler_spans(line) and columns:
            continue
        elif _ASIDE.match(line):
            columns = columns if line.startswith("-") else {}
        elif columns:
            row = cells(line, spans)
            yield number, {name: row[column] for name, column in columns.items()}
        else:
            aside.append(fault(file, "", "this line is in no table of neighbours", number))


def _is_down(row: Mapping[str, str]) -> bool:
    return row.get("state", "") == "down" and row.get("kind", "") in _PHYSICAL


def _says(row: Mapping[str, str]) -> bool:
    """Whether a row is about a plug at all."""
    return _is_down(row) or not {row["neighbour"], row["neighbour_port"]} <= _NOT_SHOWN


def _sighting(device: str, row: Mapping[str, str]) -> Sighting | None:
    port, neighbour = row["port"], row["neighbour"]
    if _is_down(row):
        return Sighting(device, port) if plain(port) else None
    name, other, address = port_of("ifname", row["neighbour_port"], row.get("description", ""))
    # A neighbour that tells no name, such as an adapter before its host has booted, has an address.
    neighbour = address if neighbour in _NOT_SHOWN else neighbour
    if not (plain(port) and plain(neighbour) and plain(name)):
        return None
    return Sighting(device, port, neighbour, name, other, address)
