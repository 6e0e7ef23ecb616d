"""InfiniBand subnets as seen: `ibnetdiscover`, and the topology that `ibdiagnet -w` writes.

Both list every port of a switch that has a link, so the others are known to have none. Ports are
named as `ibdiagnet` does (`P14`, halves counted through; `mlx5_3/P1`): see `dialects.ibdm`.
"""

import re
from collections import defaultdict

from colossus.diagnostics import Diagnostic, Severity, Where
from colossus.wiring.observed import Parsed, Sighting, fault, plain
from colossus.wiring.seen.text import Part
from colossus.wiring.seen.words import director, node_name, plain_address

_SWITCH = re.compile(r'Switch\t?\s*([0-9]{1,5}) +"S-([0-9a-f]+)"\s+# "([^"]*)"')
_ADAPTER = re.compile(r'(?:Ca|Rt)\t?\s*[0-9]{1,5} +"[HR]-[0-9a-f]+"\s+# "([^"]*)"')
_LINK = re.compile(
    r'\[([0-9]{1,5})\](?:\([0-9a-f]+\))?\s+"([SHR])-[0-9a-f]+"\[([0-9]{1,5})\](?:\(([0-9a-f]+)\))?'
    r'\s+#(?: lid [0-9]+ lmc [0-9]+)? "([^"]*)"'
)
_OTHER = re.compile(r"$|#|(?:vendid|devid|sysimgguid|switchguid|caguid|rtguid)=|Chassis |DR path ")
_TOPO_LINK = re.compile(r"\s+(P[0-9]{1,5}) -\S+-> (\S+) (\S+) (\S+)$")
_TOPO_SYSTEM = re.compile(r"(\S+) (\S+)$")
_MOST_PORTS = 4096
"""Ports of the largest switch system that is believed; directors have 2,048."""


def is_ibnetdiscover(part: Part) -> bool:
    """Whether it is what ibnetdiscover prints."""
    return part.has(re.compile(r'(?:Switch|Ca)\t?\s*[0-9]+ +"[SH]-'))


def is_topo(part: Part) -> bool:
    """Whether it is an ibdiagnet topology."""
    return part.has(_TOPO_LINK)


def parse_ibnetdiscover(part: Part, _device: str, file: str) -> Parsed:
    """Read the blocks of switches; those of adapters say the same from the other end.

    An adapter that has not booted yet is known by its GUID alone. The ports of a director are
    numbered board by board there, which says nothing of its front panel: told, and left out.
    """
    parsed = Parsed([], [])
    directors: set[str] = set()
    switch, ports = "", 0
    linked: dict[str, set[int]] = defaultdict(set)
    sizes: dict[str, int] = {}
    for number, line in part.numbered():
        begins = _SWITCH.match(line)
        if begins or _ADAPTER.match(line):
            inside = director(begins[3]) if begins else ""
            directors |= {inside} - {""}
            switch = node_name(begins[3])[0] if begins and not inside else ""
            ports = min(int(begins[1]), _MOST_PORTS) if begins else 0
            sizes |= {switch: ports} if plain(switch) else {}
            continue
        found = _LINK.match(line)
        if found and switch:
            linked[switch].add(int(found[1]))
            if not director(found[5]):
                parsed.sightings.append(_sighting(switch, found))
        elif not (found or _OTHER.match(line)):
            words = "neither a switch, an adapter nor a link"
            parsed.findings.append(fault(file, "", words, number))
    parsed.findings.extend(_left_out(name, file) for name in sorted(directors))
    parsed.sightings.extend(
        Sighting(name, f"P{port}")
        for name, size in sizes.items()
        for port in range(1, size + 1)
        if port not in linked[name]
    )
    return parsed


def _left_out(name: str, file: str) -> Diagnostic:
    return Diagnostic(
        Severity.WARNING,
        "observation-director",
        Where("", file),
        f"the links of director {name} were not compared: ports are numbered board by board here",
        "`ibdiagnet -w FILE` names them as its front panel does.",
    )


def _sighting(switch: str, found: re.Match[str]) -> Sighting:
    port, kind, far, guid, description = found.groups()
    device, adapter = node_name(description)
    if kind == "S":
        return Sighting(switch, f"P{port}", device or "(no name)", f"P{far}")
    address = plain_address(guid or "")
    if not adapter or " " in adapter:
        # A factory description ("MT4129 ConnectX7 Mellanox Technologies") names no host.
        device, adapter = address or device or "(no name)", address or "?"
        return Sighting(switch, f"P{port}", device, adapter, "", address)
    return Sighting(switch, f"P{port}", device, f"{adapter}/P{far}", "", address)


def parse_topo(part: Part, _device: str, file: str) -> Parsed:
    """Read blocks of a system and its links."""
    parsed = Parsed([], [])
    system = ""
    for number, line in part.numbered():
        found, begins = _TOPO_LINK.match(line), _TOPO_SYSTEM.match(line)
        if found and system:
            parsed.sightings.append(Sighting(system, found[1], found[3], found[4]))
        elif begins and not line.startswith((" ", "#")):
            system = begins[2]
        elif line.strip() and not line.startswith("#"):
            parsed.findings.append(fault(file, "", "neither a system nor a link", number))
    return parsed
