"""What the built machine says about its cables: one neighbour per port; the neutral form of it.

Everything read here and in `seen` comes from switches, hosts or other people's tools, so each field
is checked and bounded, and a fault is reported with its place instead of stopping the rest.
"""

from typing import NamedTuple

from colossus.diagnostics import Diagnostic, Severity, Where

MAX_TEXT = 255
"""Longest name taken over, in characters (an LLDP value has at most 255 bytes)."""


FORMATS = "Formats: docs/wiring.md, section Observations."


class Sighting(NamedTuple):
    """One port and the port it sees; neighbour None = reported without a link.

    port and neighbour_port are interface names or printed numbers (`7/2`). aka is another name of
    the neighbour's port; address its MAC address or GUID, for the asset list.
    """

    device: str
    port: str
    neighbour: str | None = None
    neighbour_port: str | None = None
    aka: str = ""
    address: str = ""


class Heard(NamedTuple):
    """An address that a switch has learned behind one of its ports."""

    device: str
    port: str
    address: str


class Parsed(NamedTuple):
    """What one file said, and what was wrong with it; heard: what only an asset list explains."""

    sightings: list[Sighting]
    findings: list[Diagnostic]
    heard: tuple[Heard, ...] = ()


def parse_neutral(value: object, file: str) -> Parsed:
    """Read `[{"device","port","neighbour","neighbour_port"}]`; `neighbour: null` = no link."""
    parsed = Parsed([], [])
    if not isinstance(value, list):
        parsed.findings.append(fault(file, "", "a list of ports is expected here"))
        return parsed
    for index, entry in enumerate(value):
        problem = _neutral_problem(entry)
        if problem:
            parsed.findings.append(fault(file, f"[{index}]{problem[0]}", problem[1]))
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
        if not plain(entry.get(name)):
            return f".{name}", f"{name} must be a printable name of 1 to {MAX_TEXT} characters"
    return None


def plain(text: object) -> bool:
    """Whether a value is a name that can be taken over."""
    return isinstance(text, str) and 0 < len(text) <= MAX_TEXT and text.isprintable()


def fault(file: str, place: str, words: str, line: int = 0) -> Diagnostic:
    """Make a finding about a place in a file: a path inside a document, or a line."""
    said = f"{place}: {words}" if place else (words if line else f"the file: {words}")
    where = Where(place, file, line)
    return Diagnostic(Severity.ERROR, "observation-format", where, said, FORMATS)


def several(file: str, place: str, second: Sighting, first: Sighting, line: int = 0) -> Diagnostic:
    """Make a finding about a port that hears two neighbours."""
    at = f"{place}: " if place else ""
    return Diagnostic(
        Severity.WARNING,
        "observation-several-neighbours",
        Where(place, file, line),
        f"{at}{second.device} {second.port} hears {second.neighbour} as well as"
        f" {first.neighbour}; the one heard last is used",
        "Ask again in two minutes; if both stay, look for a hub between them.",
    )
