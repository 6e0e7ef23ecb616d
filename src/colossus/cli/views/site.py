"""What follows from a site, as tables: racks, addresses, one host, one port."""

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import Any

from colossus.cli.views.table import show_facts, show_table
from colossus.diagnostics import counted
from colossus.inventory.nodeset import expand, fold_short

_LEVEL = {
    "level": "level",
    "count": "count",
    "racks": "racks each",
    "hosts": "hosts each",
    "places": "places",
}
_RACK = {
    "rack": "rack",
    "place": "place",
    "row": "row",
    "position": "position",
    "kind": "kind",
    "status": "status",
    "count": "devices",
    "nominal_watts": "nominal W",
    "max_watts": "max W",
    "weight_kg": "kg",
}
_SEAT = ("slot", "switch-slot", "board")
_IN_RACK = ("u", "chassis", *_SEAT)
_RACK_DEVICE = {
    "rack": "rack",
    "units": "U",
    "device": "device",
    "role": "role",
    "model": "model",
    "status": "status",
}
_ADDRESS = {
    "fabric": "fabric",
    "cidr": "address",
    "device": "device",
    "interface": "interface",
}
_HOST = {
    "device": "device",
    "fqdn": "name",
    "role": "role",
    "playbook": "playbook",
    "model": "model",
    "place": "place",
    "status": "status",
    "stage": "stage",
    "nominal_watts": "nominal W",
    "max_watts": "max W",
    "weight_kg": "kg",
}
_PORT = {
    "interface": "interface",
    "port": "port",
    "slot": "slot",
    "connector": "connector",
    "speed": "speed",
    "rail": "rail",
    "fabric": "fabric",
    "cable_id": "cable",
    "far_end": "far end",
}
_ONE_PORT = {"device": "device", **_PORT, "addresses": "addresses"}


_FABRIC = {
    "fabric": "fabric",
    "topology": "topology",
    "tier": "tier",
    "role": "role",
    "model": "model",
    "switches": "switches",
    "spread": "spread",
    "ports_used": "ports used",
    "ports_used_most": "most",
    "ports_used_least": "least",
    "oversubscription": "down/up",
}
_POWER = {
    "hall": "hall",
    "racks": "racks",
    "count": "count",
    "nominal_watts": "nominal W each",
    "max_watts": "max W each",
    "capacity": "feeds",
    "nominal_watts_all": "nominal W",
    "max_watts_all": "max W",
    "provenance": "facts",
}
_COOLING = {
    "hall": "hall",
    "racks": "racks",
    "count": "count",
    "liquid_watts": "liquid W each",
    "air_watts": "air W each",
    "cdu_capacity_watts": "CDU W each",
    "provenance": "facts",
}
_NUMBERED = ("cable", "cord", "hose", "optic")
_BOM = {
    "kind": "kind",
    "item": "item",
    "fabric": "fabric",
    "part_number": "part number",
    "count": "count",
    "spares": "spares",
}


_WIDTH = 110
"""Characters of a line of words below a table."""


def show_fabric(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print the fabrics tier by tier."""
    show_table(rows, _FABRIC, "Fabrics")


def show_power(shown: Mapping[str, Any]) -> None:
    """Print what racks draw, equal ones together, and the least sure facts of all."""
    told = [
        {**row, "capacity": ", ".join(f"{k} {v:,} W" for k, v in row["feeds"].items())}
        for row in shown["power"]
    ]
    show_table(told, _POWER, "Power")
    _show_basis(shown["verdicts"]["power"])


def show_cooling(shown: Mapping[str, Any]) -> None:
    """Print where the heat of the racks goes, equal ones together, and the least sure facts."""
    show_table(shown["cooling"], _COOLING, "Cooling")
    _show_basis(shown["verdicts"]["cooling"])


def _show_basis(verdict: Mapping[str, Any]) -> None:
    """Print the least sure facts: those of one model on a line."""
    owners: dict[str, list[str]] = {}
    for fact, _, owner in (words.partition(" of ") for words in verdict["facts"]):
        owners.setdefault(owner, []).append(fact)
    if owners:
        print(f"\nleast sure facts, {verdict['provenance']}:")
    for owner, facts in owners.items():
        words = f"{owner}: {', '.join(facts)}"
        print(fill(words, _WIDTH, initial_indent="  ", subsequent_indent="    "))


def show_bom(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print what is to be bought, and how much of it is known by its form only."""
    show_table(rows, _BOM, "Bill of material")
    bare = [row for row in rows if row["kind"] in _NUMBERED and not row["part_number"]]
    if bare:
        print(
            f"\n{counted(len(bare), 'line')} without a part number: the parts list has none for"
            " this form and length, buy by type (a site's own parts.yaml may name it)"
        )


def show_racks(shown: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Print levels and racks, then what stands in each from the top down."""
    folded = [{**row, "places": fold_short(expand(row["places"]), 80)} for row in shown["levels"]]
    show_table(folded, _LEVEL, "Levels")
    print()
    racks = [
        {**rack, "count": len(rack["devices"]), "place": list(rack["location"].values())[-1]}
        for rack in shown["racks"]
    ]
    show_table(racks, _RACK, "Racks")
    print()
    show_table(
        [
            {**device, "rack": rack["rack"], "units": _units(device)}
            for rack in racks
            for device in rack["devices"]
        ],
        _RACK_DEVICE,
        "Elevations",
    )


def _units(device: Mapping[str, Any]) -> str:
    if not device["u"]:
        return "0U"
    if "chassis" in device["location"]:
        return _seat(device["location"])
    top = device["u"] + device["height_u"] - 1
    return f"U{device['u']}" if top <= device["u"] else f"U{device['u']}-U{top}"


def _around(location: Mapping[str, str]) -> dict[str, str]:
    """Leave what says where in its rack a device is."""
    return {level: name for level, name in location.items() if level not in _IN_RACK}


def _seat(location: Mapping[str, str]) -> str:
    """Say where in its chassis a blade sits: `chassis-003, slot 5, board 2`."""
    inner = [f"{level} {location[level]}" for level in _SEAT if level in location]
    return ", ".join([location["chassis"], *inner])


def show_addresses(addresses: Sequence[Mapping[str, Any]]) -> None:
    """Print every address."""
    show_table([_with_cidr(row) for row in addresses], _ADDRESS, "Addresses")


def _with_cidr(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "cidr": f"{row['address']}/{row['prefix_length']}"}


def show_host(host: Mapping[str, Any]) -> None:
    """Print one device, its addresses and its ports with what they are cabled to."""
    around = ", ".join(f"{level} {name}" for level, name in _around(host["location"]).items())
    place = f"{around}, {_units(host)} (row {host['row']})"
    show_facts({**host, "place": place}, _HOST)
    if host["addresses"]:
        print()
        columns = {key: title for key, title in _ADDRESS.items() if key != "device"}
        show_table([_with_cidr(row) for row in host["addresses"]], columns, "Addresses")
    if host["ports"]:
        print()
        show_table([_with_far_end(port) for port in host["ports"]], _PORT, "Ports")


def show_port(port: Mapping[str, Any]) -> None:
    """Print one port."""
    show_facts(_with_far_end(port), _ONE_PORT)


def _with_far_end(port: Mapping[str, Any]) -> dict[str, Any]:
    far = ""
    if port["neighbour"]:
        far = f"{port['neighbour']}:{port['neighbour_port']} ({port['neighbour_interface']})"
    return {**port, "far_end": far}
