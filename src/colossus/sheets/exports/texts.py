"""Text exports: NetBox CSV, ibdiagnet topology, DOT, containerlab, SONiC, all read back."""

import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import yaml

from colossus.sheets.exports.cabling import Cabling, Files, Pair
from colossus.sheets.tables import as_csv

NETBOX = (
    *("side_a_device", "side_a_type", "side_a_name"),
    *("side_b_device", "side_b_type", "side_b_name"),
    *("type", "status", "label", "color", "length", "length_unit"),
)
_NETBOX_TYPES = {
    "CAT6A": "cat6a",
    "DAC": "dac-passive",
    "ACC": "dac-active",
    "MMF": "mmf-om4",
    "SMF-DR": "smf",
    "SMF-FR": "smf",
}
_NETBOX_STATUS = {"planned": "planned", "staged": "planned", "decommissioning": "decommissioning"}
# NetBox wants six hexadecimal digits; these are the names of its own palette where it has one.
_NETBOX_COLOURS = {
    "aqua": "00ffff",
    "black": "111111",
    "blue": "2196f3",
    "brown": "795548",
    "green": "4caf50",
    "grey": "9e9e9e",
    "magenta": "ff00ff",
    "orange": "ff9800",
    "pink": "ff66ff",
    "purple": "9c27b0",
    "red": "f44336",
    "slate": "607d8b",
    "violet": "9c27b0",
    "white": "ffffff",
    "yellow": "ffeb3b",
}
_DOT_LINE = re.compile(r'^\s*"([^"]+)":"([^"]+)" -- "([^"]+)":"([^"]+)"')
_IBDM_LINK = re.compile(r"^\s+(\S+) -4x-\S+-> (\S+) (\S+) (\S+)$")


def write_netbox(cabling: Cabling) -> dict[str, bytes]:
    """Write NetBox's cable import; a splitter is a row per leg with one label."""
    pairs, count = cabling.pairs, len(cabling.pairs)
    interface = ["dcim.interface"] * count
    lengths = cabling.column("length_order_m")
    columns = [
        *([p[0] for p in pairs], interface, [p[1] for p in pairs]),
        *([p[2] for p in pairs], interface, [p[3] for p in pairs]),
        [_NETBOX_TYPES.get(medium, "") for medium in cabling.column("medium")],
        [_NETBOX_STATUS.get(status, "connected") for status in cabling.column("status")],
        cabling.column("cable_id"),
        [_NETBOX_COLOURS.get(colour, "") for colour in cabling.column("colour")],
        *(lengths, ["m" if length else "" for length in lengths]),
    ]
    return {"": as_csv(NETBOX, zip(*columns, strict=True)).encode()}


def read_netbox(files: Files) -> Iterator[Pair]:
    """Read the two sides of each row."""
    for row in csv.DictReader(io.StringIO(files[""].decode())):
        yield row["side_a_device"], row["side_a_name"], row["side_b_device"], row["side_b_name"]


def write_ibdm(cabling: Cabling) -> dict[str, bytes]:
    """Write the topology that `ibdiagnet -t` compares with: every system with its links."""
    below: dict[str, list[str]] = defaultdict(list)
    models = {name: _system(cabling, name) for pair in cabling.pairs for name in (pair[0], pair[2])}
    for (a, port_a, z, port_z), speed in zip(cabling.pairs, cabling.column("speed"), strict=True):
        lane = f"-4x-{_lane_speed(speed)}->"
        for near, port, far, peer in ((a, port_a, z, port_z), (z, port_z, a, port_a)):
            if near in cabling.switches:
                below[near].append(f"    {port} {lane} {models[far]} {far} {peer}")
    lines = []
    for switch in sorted(below):
        lines += [f"{models[switch]} {switch}", *below[switch], ""]
    return {"": "\n".join(lines).encode()}


def read_ibdm(files: Files) -> Iterator[Pair]:
    """Read blocks of a system and its links."""
    system = ""
    for line in files[""].decode().splitlines():
        found = _IBDM_LINK.match(line)
        if found:
            yield system, found[1], found[3], found[4]
        elif line.strip():
            system = line.split()[1]


def write_dot(cabling: Cabling) -> dict[str, bytes]:
    """Write the graph that PTM and the Cable Validation Tool read."""
    lines = [f'    "{a}":"{b}" -- "{c}":"{d}"' for a, b, c, d in cabling.pairs]
    return {"": "\n".join(["graph cabling {", *lines, "}", ""]).encode()}


def read_dot(files: Files) -> Iterator[Pair]:
    """Read one edge per line."""
    for line in files[""].decode().splitlines():
        found = _DOT_LINE.match(line)
        if found:
            yield found[1], found[2], found[3], found[4]


def write_containerlab(cabling: Cabling) -> dict[str, bytes]:
    """Write a containerlab topology; every node is a plain Linux machine until you say more."""
    names = sorted({name for pair in cabling.pairs for name in (pair[0], pair[2])})
    lines = [f"name: {cabling.fabric.site.cluster}", "topology:", "  nodes:"]
    lines += [f"    {json.dumps(name)}: {{kind: linux}}" for name in names]
    lines.append("  links:")
    lines += [
        f"    - endpoints: {json.dumps([f'{a}:{b}', f'{c}:{d}'])}" for a, b, c, d in cabling.pairs
    ]
    return {"": "\n".join([*lines, ""]).encode()}


def read_containerlab(files: Files) -> Iterator[Pair]:
    """Read the links."""
    document = yaml.safe_load(files[""].decode())
    for link in document["topology"]["links"] or ():
        (a, _, b), (c, _, d) = (end.partition(":") for end in link["endpoints"])
        yield a, b, c, d


def write_sonic(cabling: Cabling) -> dict[str, bytes]:
    """Write DEVICE_NEIGHBOR of each switch as `NAME.json`, to be merged into its config_db."""
    seen: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
    for a, port_a, z, port_z in cabling.pairs:
        for near, port, far, peer in ((a, port_a, z, port_z), (z, port_z, a, port_a)):
            if near in cabling.switches:
                seen[near][port] = {"name": far, "port": peer}
    return {
        f"{switch}.json": (json.dumps({"DEVICE_NEIGHBOR": ports}, indent=2) + "\n").encode()
        for switch, ports in sorted(seen.items())
    }


def read_sonic(files: Files) -> Iterator[Pair]:
    """Read one file per switch; a link between switches is in two of them."""
    for name, content in files.items():
        document: dict[str, Any] = json.loads(content)
        for port, far in document["DEVICE_NEIGHBOR"].items():
            yield name.removesuffix(".json"), port, far["name"], far["port"]


def _system(cabling: Cabling, name: str) -> str:
    """Give the word for a system's model; `HCA_mlx5_7` is a host with mlx5_0 to mlx5_7."""
    fabric = cabling.fabric
    row = fabric.device_index[name]
    model: str = fabric.models[fabric.devices.model[row]]
    if name in cabling.switches:
        return model.partition("/")[2].upper().replace("-", "_")
    groups = getattr(fabric.equipment(row), "ports", ())
    adapters = [device for group in groups for device in group.rdma_devices]
    return f"HCA_{max(adapters, key=_place, default='mlx5_0')}"


def _place(adapter: str) -> tuple[int, str]:
    digits = adapter[len(adapter.rstrip("0123456789")) :]
    return int(digits or 0), adapter


def _lane_speed(speed: str) -> str:
    """Give the speed of one of four lanes: 400G → 100G."""
    per_lane = int(speed[:-1]) / 4
    return f"{per_lane:g}{speed[-1]}"
