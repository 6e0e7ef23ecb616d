"""NetBox device-type YAML → a model of our catalogue, with every doubt as a finding.

What the record says is marked `public`, what follows from it `inferred`, what it leaves open
`assumed`; a fact that cannot even be assumed (processors, memory) is written as 0 and reported.
A server's NIC groups get `rail_order: none`: only the operator knows the order of the rails.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal

from pydantic import TypeAdapter

from colossus.diagnostics import Diagnostic, Diagnostics, Places, error, warning
from colossus.inventory.catalog import CatalogItem, Server, Switch
from colossus.load import netbox_lint as lint
from colossus.load.netbox_groups import Value, group_names, port_groups
from colossus.load.netbox_lint import Reference
from colossus.load.netbox_ports import Listed, Row, rows_of, taken_apart
from colossus.load.netbox_text import catalog_text
from colossus.load.netbox_types import INLETS, INTERFACE_TYPES, NetboxRecord
from colossus.load.schema import validated
from colossus.load.yaml import Document, read_yaml

Kind = Literal["server", "switch"]
_RECORD: TypeAdapter[NetboxRecord] = TypeAdapter(NetboxRecord)
_ITEM: TypeAdapter[CatalogItem] = TypeAdapter(CatalogItem)
_VENDORS = {"mellanox": "nvidia", "dell-emc": "dell", "hewlett-packard-enterprise": "hpe"}
# By type, or by name where a record takes the type of the Ethernet sibling.
_INFINIBAND = re.compile(r"infiniband|IB[0-9]")
_MANY_PORTS = 12
_SHORTEST_NAME = 5
# Assumed depths in mm (facts: systems.md 5.13), by kind and height; others as the tallest.
_DEPTHS = {"server": {1: 750, 4: 950}, "switch": {1: 600, 2: 720}}
_DEEPEST = 900
_HALF_DEPTH = 440


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a record: our reference and file, and the findings; no text if impossible."""

    name: str
    text: str
    findings: Diagnostics


def import_record(
    document: Document,
    catalog: Mapping[str, CatalogItem],
    kind: Kind | None = None,
) -> Imported:
    """Convert one record; catalog: our models, to compare with and to know what it is."""
    record, faults = validated(_RECORD, document)
    findings = [*document.findings, *faults]
    if record is None or any(fault.severity == "error" for fault in findings):
        return _located(document, "", "", findings)
    reference = known_model(record, catalog)
    rows = rows_of(_listed(record))
    chosen = kind or _kind(rows, reference)
    findings += _lint(record, rows, reference, chosen)
    if not rows:
        findings.append(_portless(record))
    name = f"{_vendor(record)}/{_slug(record.model)}"
    if any(finding.severity == "error" for finding in findings):
        return _located(document, name, "", findings)
    findings += _unsaid(record, chosen, guessed=not (kind or reference))
    text = catalog_text(_converted(record, rows, chosen, reference))
    findings += _faults_of(text, name)
    return _located(document, name, text, findings)


def known_model(record: NetboxRecord, catalog: Mapping[str, CatalogItem]) -> Reference | None:
    """Find the same model in our catalogue: its name, or a part number that contains it."""
    vendor, wanted = _vendor(record), _bare(record.model)
    found = [
        Reference(name, item)
        for name, item in catalog.items()
        if isinstance(item, Server | Switch)
        and item.vendor == vendor
        and len(_bare(item.model)) >= _SHORTEST_NAME
        and _bare(item.model) in wanted
    ]
    exact = [each for each in found if _bare(each.item.model) == wanted]
    return max(exact or found, key=lambda each: len(each.item.model), default=None)


def _listed(record: NetboxRecord) -> list[Listed]:
    """Take every interface that carries traffic, once."""
    first = {each.name: place for place, each in reversed(list(enumerate(record.interfaces)))}
    return [
        taken_apart(place, each.name, INTERFACE_TYPES[each.type])
        for place, each in enumerate(record.interfaces)
        if not each.mgmt_only and each.type in INTERFACE_TYPES and first[each.name] == place
    ]


def _kind(rows: Sequence[Row], reference: Reference | None) -> Kind:
    if reference:
        return reference.item.kind
    many = sum(row.listed for row in rows) >= _MANY_PORTS
    # card/port is how switches number; a server's operating system allows no slash.
    return "switch" if many or any("/" in row.pattern for row in rows) else "server"


def _lint(
    record: NetboxRecord,
    rows: Sequence[Row],
    reference: Reference | None,
    kind: Kind,
) -> list[Diagnostic]:
    # In the order of the record, what makes the rest meaningless first.
    return [
        *lint.foreign_ports(rows, kind),
        *lint.unknown_types(record),
        *lint.named_twice(record),
        *lint.gaps(rows),
        *lint.logical_ports(rows),
        *lint.changed_names(rows),
        *lint.port_count(rows, reference),
        *lint.overloaded_inlets(record),
        *lint.module_bays(record),
        *lint.differences(record, reference),
    ]


def _portless(record: NetboxRecord) -> Diagnostic:
    what = "outlets and no ports: a PDU" if record.power_outlets else "no port that cables end at"
    return error(
        "import-impossible",
        "",
        f"the record of {record.model!r} has {what}",
        "servers and switches are converted; write other models by hand",
    )


def _unsaid(record: NetboxRecord, kind: Kind, *, guessed: bool) -> list[Diagnostic]:
    """List what the record leaves open and the written file assumes."""
    open_facts = [f"kind (taken for a {kind})"] if guessed else []
    open_facts.append("depth_mm")
    if record.weight is None:
        open_facts.append("weight_kg")
    if not any(port.maximum_draw for port in record.power_ports):
        open_facts.append("power")
    if record.u_height != int(record.u_height):
        open_facts.append("height_u (rounded up)")
    if kind == "server":
        open_facts += ["processors", "memory_gib", "accelerators", "rail_order of the NICs"]
    return [
        warning(
            "import-incomplete",
            "",
            f"the record does not say: {', '.join(open_facts)}",
            "correct them in the written file; they are marked as assumed",
        )
    ]


def _converted(
    record: NetboxRecord,
    rows: Sequence[Row],
    kind: Kind,
    reference: Reference | None,
) -> dict[str, Value]:
    power, supplied = _power(record)
    height = ceil(record.u_height)
    depth = _DEPTHS[kind].get(height, _DEEPEST) if record.is_full_depth else _HALF_DEPTH
    facts: dict[str, Value] = {"height_u": "public" if height == record.u_height else "inferred"}
    if record.weight is not None:
        facts["weight_kg"] = "public"
    if supplied:
        facts["power.supplies.count"] = "public"
    facts["ports"] = "public"
    for name, row in zip(group_names(rows, kind), rows, strict=True):
        if row.halves or row.missing:
            facts[f"ports.{name}.count"] = "inferred"
        if kind == "server" and row.cages > 1:
            facts[f"ports.{name}.rail_order"] = "assumed"
    item: dict[str, Value] = {
        "kind": kind,
        "vendor": _vendor(record),
        "model": _slug(record.model),
        "description": f"{record.manufacturer} {record.model}, imported from a NetBox device type",
        "provenance": "assumed",
        "facts": facts,
        "sources": ["NetBox device-type record"],
        "weight_kg": record.weight_kg or 0,
        "height_u": height,
        "depth_mm": depth,
        "power": power,
    }
    if kind == "server":
        item["processors"] = {"sockets": 0, "cores_per_socket": 0}
        item["memory_gib"] = 0
    elif protocol := _protocol(record, reference):
        item["protocol"] = protocol
    item["ports"] = port_groups(record, rows, kind)
    return item


def _protocol(record: NetboxRecord, reference: Reference | None) -> str:
    """Give the protocol of a switch where it is not Ethernet."""
    if reference and isinstance(reference.item, Switch):
        return reference.item.protocol if reference.item.protocol != "ethernet" else ""
    words = (word for each in record.interfaces for word in (each.type, each.name))
    return "infiniband" if any(_INFINIBAND.match(word) for word in words) else ""


def _power(record: NetboxRecord) -> tuple[dict[str, Value], bool]:
    """Give the power block, and whether supplies are known.

    Draws are listed per supply: their sum is what breakers must carry at worst; what is left when
    half of them are spare is taken as nominal where nothing is allocated.
    """
    ports = list({port.name: port for port in reversed(record.power_ports)}.values())
    most = sum(port.maximum_draw or 0 for port in ports)
    allocated = sum(port.allocated_draw or 0 for port in ports)
    spare = len(ports) // 2
    carried = most * (len(ports) - spare) / len(ports) if ports else 0
    power: dict[str, Value] = {
        "nominal_watts": int(min(allocated or carried, most)),
        "max_watts": int(most),
    }
    inlets = [INLETS[port.type] for port in ports if port.type in INLETS]
    if not inlets:
        return power, False
    inlet = inlets[0]
    watts = max(port.maximum_draw or 0 for port in ports) or inlet.iec_watts
    power["supplies"] = {
        "count": len(inlets),
        "watts": int(watts),
        "redundant": len(inlets) // 2,
        "inlet": inlet.word,
        "inlet_amps": inlet.amps if watts <= inlet.iec_watts else inlet.most_amps,
    }
    return power, True


def _faults_of(text: str, name: str) -> list[Diagnostic]:
    """Read the written file back as the catalogue would; what it refuses is our own limit."""
    item, faults = validated(_ITEM, read_yaml(text.encode(), name))
    return [
        error(
            "import-impossible",
            "",
            f"the converted model would be refused: {fault.summary} (at {fault.where.path})",
            "write this model by hand, or shorten the names in the record",
        )
        for fault in faults
        if item is None
    ]


def _located(
    document: Document,
    name: str,
    text: str,
    findings: Sequence[Diagnostic],
) -> Imported:
    placed = Diagnostics(findings).located(Places(document.places))
    return Imported(name, "" if placed.failed else text, placed)


def _vendor(record: NetboxRecord) -> str:
    slug = _slug(record.manufacturer)
    return _VENDORS.get(slug, slug)


def _slug(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-") or "unnamed"


def _bare(words: str) -> str:
    return re.sub(r"[^a-z0-9]", "", words.lower())
