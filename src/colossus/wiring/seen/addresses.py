"""MAC tables of switches: which addresses were learned behind which port.

Cumulus (`bridge fdb show`, `bridge -j fdb show`, `nv show bridge domain br_default mac-table`),
SONiC (`show mac`), Dell OS10 (`show mac address-table`). A switch's own addresses are left out.
"""

import re
from collections.abc import Iterator, Mapping

from colossus.wiring.observed import Heard, Parsed, fault, plain
from colossus.wiring.seen.text import Part, cells, ruler_spans
from colossus.wiring.seen.words import is_address, plain_address

_FDB = re.compile(r"(\S+) dev (\S+)(.*)$")
_OS10_ROW = re.compile(r"\s*\S+\s+(\S+)\s+(\S+)\s+(\S+)\s*$")
_OS10_HEAD = re.compile(r"\s*VlanId\s+Mac Address\s+Type\s+Interface", re.IGNORECASE)
_ADDRESS = frozenset({"macaddress", "mac address", "mac"})
_PORT = frozenset({"port", "interface"})
_KIND = frozenset({"type", "entry-type"})
_OWN = frozenset({"permanent", "static", "self", "local"})
_ASIDE = re.compile(r"$|Total |Codes:|\s*[-*]")


def is_address_json(value: object) -> bool:
    """Whether it is `bridge -j fdb show` or NVUE's mac-table."""
    entries = list(_entries(value))
    return bool(entries) and all(
        isinstance(each, dict) and "mac" in each and ("ifname" in each or "interface" in each)
        for _, each in entries[:1]
    )


def parse_address_json(value: object, device: str, file: str) -> Parsed:
    """Read one entry per address."""
    parsed, heard = Parsed([], []), []
    for place, entry in _entries(value):
        address, port, kind = "", "", ""
        if isinstance(entry, dict):
            told = entry.get("mac"), entry.get("ifname", entry.get("interface")), _kind(entry)
            address, port, kind = (each if isinstance(each, str) else "" for each in told)
        if not (is_address(address) and plain(port)):
            parsed.findings.append(fault(file, place, "an entry needs mac and interface"))
        elif _learned(address, kind):
            heard.append(Heard(device, port, plain_address(address)))
    return Parsed([], parsed.findings, tuple(heard))


def _entries(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, list):
        yield from ((f"[{index}]", entry) for index, entry in enumerate(value))
    elif isinstance(value, dict):
        yield from ((str(key)[:40], entry) for key, entry in value.items())


def _kind(entry: Mapping[str, object]) -> object:
    return entry.get("state", entry.get("entry-type", ""))


def _learned(address: str, kind: str) -> bool:
    """Leave out a switch's own addresses and those of groups."""
    group = int(plain_address(address)[:2], 16) & 1
    return kind.lower() not in _OWN and not group


def is_address_table(part: Part) -> bool:
    """Whether it is a MAC table in text."""
    fdb = any(_fdb(line) for line in part.lines)
    return fdb or part.has(_OS10_HEAD) or any(_heads(part, row) for row in range(len(part.lines)))


def parse_address_table(part: Part, device: str, file: str) -> Parsed:
    """Read each row; one that is none is a fault."""
    parsed, heard = Parsed([], []), []
    spans: list[tuple[int, int]] = []
    columns: tuple[int, int, int] | None = None
    for index, (number, line) in enumerate(part.numbered()):
        heads = _heads(part, index)
        if heads:
            columns, spans = heads, ruler_spans(part.lines[index + 1])
            continue
        if _OS10_HEAD.match(line) or _ASIDE.match(line):
            continue
        address, port, kind = _row(line, columns, spans)
        if not (is_address(address) and plain(port)):
            parsed.findings.append(fault(file, "", "a row needs an address and a port", number))
        elif _learned(address, kind):
            heard.append(Heard(device, port, plain_address(address)))
    return Parsed([], parsed.findings, tuple(heard))


def _row(
    line: str, columns: tuple[int, int, int] | None, spans: list[tuple[int, int]]
) -> tuple[str, str, str]:
    """Give address, port and kind of a row."""
    fdb = _fdb(line)
    if fdb:
        return fdb
    if columns:
        row = [*cells(line, spans), ""]
        return row[columns[0]], row[columns[1]], row[columns[2]]
    found = _OS10_ROW.match(line)
    return (found[1], found[3], found[2]) if found else ("", "", "")


def _fdb(line: str) -> tuple[str, str, str] | None:
    found = _FDB.match(line)
    if not found or not is_address(found[1]):
        return None
    return found[1], found[2], "permanent" if "permanent" in found[3].split() else ""


def _heads(part: Part, row: int) -> tuple[int, int, int] | None:
    """Give the columns of address, port and kind (-1: none), where headings with a ruler are."""
    spans = ruler_spans(part.lines[row + 1]) if row + 1 < len(part.lines) else []
    headings = [heading.lower() for heading in cells(part.lines[row], spans)]
    places = [
        next((at for at, heading in enumerate(headings) if heading in words), -1)
        for words in (_ADDRESS, _PORT, _KIND)
    ]
    return (places[0], places[1], places[2]) if min(places[:2]) >= 0 else None
