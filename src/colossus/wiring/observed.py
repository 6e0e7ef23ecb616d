"""What the built machine says about its cables: one neighbour per port, from several formats.

Pure parsers: JSON values in, sightings and findings out. Everything read here comes from switches,
hosts or other people's tools, so each field is checked and bounded, and a fault is reported with
its place (`[12].port`) instead of stopping the rest.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from colossus.diagnostics import Diagnostic, Severity, Where

MAX_TEXT = 255
"""Longest name taken over, in characters (an LLDP value has at most 255 bytes)."""


_AGE = re.compile(r"([0-9]{1,6}) days?, ([0-9]{2}):([0-9]{2}):([0-9]{2})")


class Sighting(NamedTuple):
    """One port and the port it sees; neighbour None = reported without a link.

    port and neighbour_port are interface names or printed numbers (`7/2`).
    """

    device: str
    port: str
    neighbour: str | None = None
    neighbour_port: str | None = None


class Parsed(NamedTuple):
    """What one file said, and what was wrong with it."""

    sightings: list[Sighting]
    findings: list[Diagnostic]


def parse_neutral(value: object, file: str) -> Parsed:
    """Read `[{"device","port","neighbour","neighbour_port"}]`; `neighbour: null` = no link."""
    parsed = Parsed([], [])
    if not isinstance(value, list):
        parsed.findings.append(_fault(file, "", "a list of ports is expected here"))
        return parsed
    for index, entry in enumerate(value):
        problem = _neutral_problem(entry)
        if problem:
            parsed.findings.append(_fault(file, f"[{index}]{problem[0]}", problem[1]))
        else:
            fields = (entry["device"], entry["port"], entry["neighbour"])
            parsed.sightings.append(Sighting(*fields, entry.get("neighbour_port")))
    return parsed


def _neutral_problem(entry: object) -> tuple[str, str] | None:
    """Give place and words of the first fault of an entry."""
    if not isinstance(entry, dict):
        return "", "an object with device, port, neighbour and neighbour_port is expected"
    if "neighbour" not in entry:
        return ".neighbour", "neighbour is missing; null says that the port has no link"
    wanted = ["device", "port"]
    if entry["neighbour"] is not None:
        wanted += ["neighbour", "neighbour_port"]
    for name in wanted:
        if not _plain(entry.get(name)):
            return f".{name}", f"{name} must be a printable name of 1 to {MAX_TEXT} characters"
    return None


def _plain(text: object) -> bool:
    return isinstance(text, str) and 0 < len(text) <= MAX_TEXT and text.isprintable()


def is_lldpcli(value: object) -> bool:
    """Whether a JSON document is what `lldpcli -f json0 show neighbors` prints."""
    return isinstance(value, dict) and isinstance(value.get("lldp"), list)


def parse_lldpcli(value: object, device: str, file: str) -> Parsed:
    """Read the output of `lldpcli -f json0 show neighbors` on one device.

    json0 and not json: it always uses lists. Only interfaces with a neighbour are listed, so a
    port that is missing was not seen, unless the caller knows better.
    """
    parsed = Parsed([], [])
    if not is_lldpcli(value):
        parsed.findings.append(_fault(file, "", "output of `lldpcli -f json0` is expected here"))
        return parsed
    seen: dict[str, tuple[float, Sighting]] = {}
    for place, interface in _interfaces(value):
        sighting = _lldp_sighting(interface, device)
        if sighting is None:
            parsed.findings.append(
                _fault(file, place, "an interface needs its name, a chassis name and a port id")
            )
            continue
        age = _age(interface)
        former = seen.get(sighting.port)
        if former and former[1] != sighting:
            parsed.findings.append(_several(file, place, sighting, former[1]))
        if former is None or age < former[0]:
            seen[sighting.port] = age, sighting
    parsed.sightings.extend(sighting for _, sighting in seen.values())
    return parsed


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
    """Give every interface entry with its place; json0 puts all of them into lists."""
    blocks = value.get("lldp") if isinstance(value, dict) else None
    for number, block in enumerate(blocks if isinstance(blocks, list) else []):
        entries = block.get("interface", []) if isinstance(block, dict) else []
        for index, entry in enumerate(entries if isinstance(entries, list) else [entries]):
            yield f"lldp[{number}].interface[{index}]", entry


def _lldp_sighting(interface: object, device: str) -> Sighting | None:
    """Give what one interface entry says; None when a needed field is missing or hostile."""
    name = interface.get("name") if isinstance(interface, dict) else None
    chassis, port = _first(interface, "chassis"), _first(interface, "port")
    neighbour = _text(_first(chassis, "name")) or _text(_first(chassis, "id"))
    identity, description = _first(port, "id"), _text(_first(port, "descr"))
    kind = identity.get("type") if isinstance(identity, dict) else None
    # A MAC address or a local number names no plug; the description then usually does.
    words = (_text(identity), description) if kind == "ifname" else (description, _text(identity))
    neighbour_port = words[0] or words[1]
    if not (isinstance(name, str) and _plain(name) and neighbour and neighbour_port):
        return None
    return Sighting(device, name, neighbour, neighbour_port)


def _first(value: object, key: str) -> object:
    """Give the first member of a list below a key; json0 wraps everything into lists."""
    below = value.get(key) if isinstance(value, dict) else None
    if isinstance(below, list):
        return below[0] if below else None
    return below


def _text(value: object) -> str:
    """Give the text of a `{"value": …}`; empty when there is none worth keeping."""
    text = value.get("value") if isinstance(value, dict) else None
    return text if isinstance(text, str) and _plain(text) else ""


def _fault(file: str, place: str, words: str) -> Diagnostic:
    return Diagnostic(
        Severity.ERROR,
        "observation-format",
        Where(place, file),
        f"{place or 'the file'}: {words}",
        "Formats: docs/wiring.md, section Observations.",
    )


def _several(file: str, place: str, second: Sighting, first: Sighting) -> Diagnostic:
    return Diagnostic(
        Severity.WARNING,
        "observation-several-neighbours",
        Where(place, file),
        f"{place}: {second.device} {second.port} hears {second.neighbour} as well as"
        f" {first.neighbour}; the one heard last is used",
        "Ask again in two minutes; if both stay, look for a hub between them.",
    )
