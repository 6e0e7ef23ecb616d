"""Every format of an observation, recognised by its content; a file may hold several."""

from collections.abc import Callable
from dataclasses import dataclass

from colossus.wiring.observed import Heard, Parsed, fault, parse_neutral
from colossus.wiring.seen import (
    addresses,
    blocks,
    infiniband,
    lldpd,
    reports,
    switch_json,
    tables,
)
from colossus.wiring.seen.text import Part, parts


@dataclass(frozen=True, slots=True)
class Document:
    """A format in JSON. owned: whether it says of one device without naming it."""

    name: str
    recognise: Callable[[object], bool]
    parse: Callable[[object, str, str], Parsed]
    owned: bool = True


@dataclass(frozen=True, slots=True)
class Print:
    """A format in text. owned: whether it says of one device without naming it."""

    name: str
    recognise: Callable[[Part], bool]
    parse: Callable[[Part, str, str], Parsed]
    owned: bool = True


DOCUMENTS = (
    Document("lldpcli -f json", lldpd.is_lldpd, lldpd.parse_lldpd),
    Document(
        "a report of the Cable Validation Tool",
        reports.is_report,
        reports.parse_report,
        owned=False,
    ),
    Document("a dump of SONiC's databases", switch_json.is_sonic, switch_json.parse_sonic),
    Document("nv show interface -o json", switch_json.is_nvue, switch_json.parse_nvue),
    Document("a MAC table", addresses.is_address_json, addresses.parse_address_json),
)
"""Tried in turn; what none recognises is read as the neutral form."""

PRINTS = (
    Print(
        "ibnetdiscover", infiniband.is_ibnetdiscover, infiniband.parse_ibnetdiscover, owned=False
    ),
    Print("an ibdiagnet topology", infiniband.is_topo, infiniband.parse_topo, owned=False),
    Print("show lldp table", tables.is_neighbour_table, tables.parse_neighbour_table),
    Print("show lldp neighbors detail", blocks.is_os10, blocks.parse_os10),
    Print("lldpcli show neighbors", blocks.is_lldpcli_text, blocks.parse_lldpcli_text),
    Print("a MAC table", addresses.is_address_table, addresses.parse_address_table),
)
"""Tried in turn, the most telling first."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a file said. named: whether its name had to say whose it is. known: by a format here."""

    parsed: Parsed
    named: bool
    known: bool = True


def read_document(value: object, device: str, file: str) -> Read:
    """Read a JSON document; device: what the file's name says."""
    for form in DOCUMENTS:
        if form.recognise(value):
            return Read(form.parse(value, device, file), form.owned)
    return Read(parse_neutral(value, file), named=False)


def read_text(text: str, device: str, file: str) -> Read:
    """Read a text: each part by its own format; a part of none is a fault."""
    whole, named, known = Parsed([], []), False, False
    heard: list[Heard] = []
    for part in parts(text):
        form = next((form for form in PRINTS if form.recognise(part)), None)
        if form is None:
            words = f"the output of `{part.command}`" if part.command else "this"
            said = f"{words} is in no format that is read here"
            whole.findings.append(fault(file, "", said, part.first))
            continue
        known = True
        parsed = form.parse(part, part.device or device, file)
        whole.sightings.extend(parsed.sightings)
        whole.findings.extend(parsed.findings)
        heard += parsed.heard
        named |= form.owned and not part.device
    return Read(Parsed(whole.sightings, whole.findings, tuple(heard)), named, known)
