"""What lldpd prints as JSON: `lldpcli -f json0` and `-f json`, also in SONiC's lldp container.

json0 uses lists everywhere. json writes the names of interfaces and chassis as keys, and a list
only where there are several; it is put into the other form first.
"""

import re
from collections.abc import Iterator

from colossus.wiring.observed import Parsed, Sighting, fault, plain, several
from colossus.wiring.seen.words import is_address, plain_address

_AGE = re.compile(r"([0-9]{1,6}) days?, ([0-9]{2}):([0-9]{2}):([0-9]{2})")
COMPLAINT = "an interface needs its name, a chassis name and a port id"


def is_lldpd(value: object) -> bool:
    """Whether a JSON document is what `lldpcli show neighbors` prints."""
    return isinstance(value, dict) and isinstance(value.get("lldp"), list | dict)


def parse_lldpd(value: object, device: str, file: str) -> Parsed:
    """Read the output of `lldpcli -f json0 show neighbors` (or `-f json`) on one device.

    Only interfaces with a neighbour are listed, so a port that is missing was not seen, unless the
    caller knows better.
    """
    parsed = Parsed([], [])
    if not is_lldpd(value):
        parsed.findings.append(fault(file, "", "output of `lldpcli -f json0` is expected here"))
        return parsed
    seen: dict[str, tuple[float, Sighting]] = {}
    for place, interface in _interfaces(value):
        sighting = _sighting(interface, device)
        if sighting is None:
            parsed.findings.append(fault(file, place, COMPLAINT))
            continue
        age = _age(interface)
        former = seen.get(sighting.port)
        if former and former[1] != sighting:
            parsed.findings.append(several(file, place, sighting, former[1]))
        if former is None or age < former[0]:
            seen[sighting.port] = age, sighting
    parsed.sightings.extend(sighting for _, sighting in seen.values())
    return parsed


def port_of(kind: str, identity: str, description: str) -> tuple[str, str, str]:
    """Give the name of a neighbour's port, another name, and its address, from a port id TLV.

    A MAC address or a local number names no plug; the description then usually does.
    """
    address = plain_address(identity) if kind == "mac" or is_address(identity) else ""
    first, second = identity, description
    if kind not in ("ifname", "ifalias") or address:
        first, second = description, identity
    other = second if first and second not in (first, identity if address else first) else ""
    return first or second, other, address


def _age(interface: object) -> float:
    """Give how long a neighbour is known, in seconds; infinite when it is not said.

    After a plug moved, the former neighbour stays listed until its time to live is over; the
    younger one is the one that is there (seen with lldpd 1.0.16).
    """
    text = interface.get("age") if isinstance(interface, dict) else None
    words = _AGE.fullmatch(text) if isinstance(text, str) else None
    if words is None:
        return float("inf")
    days, hours, minutes, seconds = (int(word) for word in words.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def _interfaces(value: object) -> Iterator[tuple[str, object]]:
    """Give every interface entry with its place, in the form of json0."""
    blocks = value.get("lldp") if isinstance(value, dict) else None
    if isinstance(blocks, dict):
        for number, (name, entry) in enumerate(_named(blocks.get("interface"))):
            yield f"lldp.interface[{number}]", _as_json0(name, entry)
        return
    for number, block in enumerate(blocks if isinstance(blocks, list) else []):
        entries = block.get("interface", []) if isinstance(block, dict) else []
        for index, entry in enumerate(entries if isinstance(entries, list) else [entries]):
            yield f"lldp[{number}].interface[{index}]", entry


def _named(value: object) -> Iterator[tuple[str, object]]:
    """Give name and entry of `{"eth0": …}` or `[{"eth0": …}, …]`."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            yield from each.items()


def _as_json0(name: str, entry: object) -> object:
    """Put an interface of `-f json` into the form of `-f json0`."""
    if not isinstance(entry, dict):
        return None
    chassis, port = entry.get("chassis"), entry.get("port")
    if isinstance(chassis, dict) and "id" not in chassis:
        chassis = next(({"name": {"value": each}} for each in chassis), None)
    elif isinstance(chassis, dict):
        chassis = {"id": chassis["id"]}
    descr = port.get("descr") if isinstance(port, dict) else None
    identity = port.get("id") if isinstance(port, dict) else None
    told = {"id": identity, "descr": {"value": descr}}
    return {"name": name, "age": entry.get("age"), "chassis": chassis, "port": told}


def _sighting(interface: object, device: str) -> Sighting | None:
    """Give what one interface entry says; None when a needed field is missing or hostile."""
    name = interface.get("name") if isinstance(interface, dict) else None
    chassis, port = _first(interface, "chassis"), _first(interface, "port")
    neighbour = _text(_first(chassis, "name")) or _text(_first(chassis, "id"))
    identity, description = _first(port, "id"), _text(_first(port, "descr"))
    kind = identity.get("type") if isinstance(identity, dict) else None
    called = port_of(kind if isinstance(kind, str) else "", _text(identity), description)
    if not (isinstance(name, str) and plain(name) and neighbour and called[0]):
        return None
    return Sighting(device, name, neighbour, *called)


def _first(value: object, key: str) -> object:
    """Give the member below a key; json0 wraps everything into lists."""
    below = value.get(key) if isinstance(value, dict) else None
    if isinstance(below, list):
        return below[0] if below else None
    return below


def _text(value: object) -> str:
    """Give the text of a `{"value": …}`; empty when there is none worth keeping."""
    text = value.get("value") if isinstance(value, dict) else None
    return text if isinstance(text, str) and plain(text) else ""
