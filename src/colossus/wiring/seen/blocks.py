"""Neighbours as blocks of `key: value`: Dell OS10 `show lldp neighbors detail`, lldpcli as text.

lldpcli's text is also what SONiC's `show lldp neighbors` and NVUE's `lldp-detail` print.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from colossus.wiring.observed import Parsed, Sighting, plain
from colossus.wiring.seen.lldpd import COMPLAINT, port_of
from colossus.wiring.seen.text import Part, gathered

_KEY = re.compile(r"^\s*([A-Za-z][\w ()/-]*?):(?:\s+(.*))?$")
_LLDPCLI_BEGIN = re.compile(r"\s*Interface:\s+(\S+?)(?:,|\s*$)")
_OS10_KEYS = {
    "Local Port ID": "port",
    "Remote System Name": "name",
    "Remote Chassis ID": "chassis",
    "Remote Port Subtype": "kind",
    "Remote Port ID": "identity",
    "Remote Port Description": "description",
}
_LLDPCLI_KEYS = {
    "SysName": "name",
    "ChassisID": "chassis",
    "PortID": "identity",
    "PortDescr": "description",
}
_OS10_KINDS = {"interface name": "ifname", "interface alias": "ifalias"}
_NONE = frozenset({"", "not advertised"})


@dataclass(frozen=True, slots=True)
class Block:
    """One neighbour: what was said of it, and the line on which it begins."""

    line: int
    said: Mapping[str, str]


def is_os10(part: Part) -> bool:
    """Whether it is what Dell OS10 prints in detail."""
    return part.has(re.compile(r"\s*Remote Chassis ID")) or part.has(re.compile("Local Port ID:"))


def is_lldpcli_text(part: Part) -> bool:
    """Whether it is what lldpcli prints for people."""
    return part.has(_LLDPCLI_BEGIN) and part.has(re.compile(r"\s*(?:ChassisID|PortID):"))


def parse_os10(part: Part, device: str, file: str) -> Parsed:
    """Read the blocks between rulers; keys that say nothing of the cable are passed over."""
    return _parsed(_os10_blocks(part), device, file)


def parse_lldpcli_text(part: Part, device: str, file: str) -> Parsed:
    """Read one block per `Interface:`."""
    return _parsed(_lldpcli_blocks(part), device, file)


def _os10_blocks(part: Part) -> Iterator[Block]:
    line, said = part.first, dict[str, str]()
    for number, text in part.numbered():
        if re.fullmatch(r"-{8,}", text):
            if said:
                yield Block(line, said)
            line, said = number + 1, {}
            continue
        found = _KEY.match(text)
        if found and found[1] in _OS10_KEYS:
            said.setdefault(_OS10_KEYS[found[1]], (found[2] or "").strip())
    if said:
        yield Block(line, {**said})


def _lldpcli_blocks(part: Part) -> Iterator[Block]:
    line, said = part.first, dict[str, str]()
    for number, text in part.numbered():
        begins = _LLDPCLI_BEGIN.match(text)
        if begins:
            if said:
                yield Block(line, said)
            line, said = number, {"port": begins[1]}
            continue
        found = _KEY.match(text)
        if found and found[1] in _LLDPCLI_KEYS and said:
            said.setdefault(_LLDPCLI_KEYS[found[1]], (found[2] or "").strip())
    if said:
        yield Block(line, said)


def _parsed(blocks: Iterator[Block], device: str, file: str) -> Parsed:
    told = ((block.line, _sighting(device, block.said)) for block in blocks)
    return gathered(told, file, COMPLAINT)


def _sighting(device: str, said: Mapping[str, str]) -> Sighting | None:
    """Give what a block says; lldpcli writes the kind before the value: `PortID: ifname swp1`."""
    kind = _OS10_KINDS.get(said.get("kind", "").partition("(")[0].strip().lower(), "")
    identity, chassis = said.get("identity", ""), said.get("chassis", "")
    if "kind" not in said:
        kind, _, value = identity.partition(" ")
        kind, identity = (kind, value) if value else ("ifname", identity)
        chassis = chassis.rpartition(" ")[2]
    description = said.get("description", "")
    description = "" if description.lower() in _NONE else description
    name, other, address = port_of(kind, identity, description)
    system = said.get("name", "")
    neighbour = chassis if system.lower() in _NONE else system
    port = said.get("port", "")
    if not (plain(port) and plain(neighbour) and plain(name)):
        return None
    return Sighting(device, port, neighbour, name, other, address)
