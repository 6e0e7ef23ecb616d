"""Rows for `show`: racks, addresses, one host, one port, read from the designed fabric. Pure."""

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

import numpy as np

from colossus.checks.power import rack_powers
from colossus.cli.levels import level_rows
from colossus.errors import UsageError
from colossus.fabric.hierarchy import rack_places
from colossus.fabric.location import locator
from colossus.fabric.model import DeviceView, Fabric, LinkView, PortView
from colossus.fabric.tables import STATUSES
from colossus.inventory.catalog import Mounted

Row = dict[str, Any]


def rack_document(fabric: Fabric) -> dict[str, list[Row]]:
    """Give the levels that racks lie in, and one row per rack with its devices from the top down.

    Racks come in floor order.
    """
    powers = {power.rack: power for power in rack_powers(fabric)}
    devices = _devices_by_rack(fabric)
    locate = locator(fabric)
    racks = [
        _rack_row(fabric, rack, devices.get(rack, []), locate)
        | {"location": rack_places(fabric.levels, rack)}
        | {"nominal_watts": powers[rack].nominal_watts, "max_watts": powers[rack].max_watts}
        for rack in range(len(fabric.racks.names))
    ]
    return {"levels": level_rows(fabric), "racks": racks}


def _devices_by_rack(fabric: Fabric) -> dict[int, list[DeviceView]]:
    found: dict[int, list[DeviceView]] = {}
    for row in range(len(fabric.devices.names)):
        found.setdefault(int(fabric.devices.rack[row]), []).append(fabric.device(row))
    return found


def _rack_row(
    fabric: Fabric, rack: int, devices: list[DeviceView], locate: Callable[[int], dict[str, str]]
) -> Row:
    table = fabric.racks
    group = fabric.site.racks[table.group[rack]]
    stage = int(table.stage[rack])
    from_top = sorted(devices, key=lambda device: (-device.u, device.name))
    weights = (fabric.catalog[device.model].weight_kg for device in devices)
    return {
        "rack": table.names[rack],
        "hall": fabric.halls[table.hall[rack]],
        "row": fabric.rows[table.row[rack]],
        "position": int(table.position[rack]),
        "kind": group.kind,
        "model": group.model,
        "status": STATUSES[table.status[rack]],
        "stage": fabric.stages[stage] if stage >= 0 else None,
        "weight_kg": round(fabric.rack_model(rack).weight_kg + sum(weights), 1),
        "devices": [
            {
                "device": device.name,
                "role": device.role,
                "model": device.model,
                "u": device.u,
                "height_u": device.height_u,
                "status": device.status,
                "present": device.present,
                **_located(locate(device.index)),
            }
            for device in from_top
        ],
    }


def _located(location: dict[str, str]) -> Row:
    """Give a location by level, and as a path from the site down."""
    return {"location": location, "path": "/".join(location.values())}


def address_rows(fabric: Fabric) -> list[Row]:
    """Give one row per address: by fabric, then numerically."""
    table = fabric.addresses
    order = np.lexsort((table.address, table.fabric))
    views = (fabric.address(int(row)) for row in order)
    return [
        {
            "fabric": view.fabric,
            "address": view.address,
            "prefix_length": view.prefix_length,
            "device": view.device,
            "interface": view.interface,
        }
        for view in views
    ]


def host_row(fabric: Fabric, name: str) -> Row:
    """Give one device with its ports, what they are cabled to, and its addresses.

    Raises:
        UsageError: no device has that name.
    """
    device = device_named(fabric, name)
    item = fabric.equipment(device.index)
    role = fabric.site.roles.get(device.role)
    addresses = [row for row in address_rows(fabric) if row["device"] == name]
    power = item.power if isinstance(item, Mounted) else None
    return {
        "device": device.name,
        "fqdn": f"{device.name}.{fabric.site.domain}",
        "role": device.role,
        "playbook": role.playbook if role else None,
        "model": device.model,
        "hall": device.hall,
        "row": device.row,
        "rack": device.rack,
        "u": device.u,
        "height_u": device.height_u,
        **_located(locator(fabric)(device.index)),
        "status": device.status,
        "stage": device.stage or None,
        "present": device.present,
        "nominal_watts": power.nominal_watts if power else None,
        "max_watts": power.max_watts if power else None,
        "weight_kg": item.weight_kg,
        "addresses": [{k: v for k, v in row.items() if k != "device"} for row in addresses],
        "ports": [
            _port_row(fabric, fabric.port(int(port)))
            for port in np.flatnonzero(fabric.ports.device == device.index)
        ],
    }


def port_row(fabric: Fabric, name: str) -> Row:
    """Give one port with its link, cable and addresses; `name` is DEVICE:PORT or :INTERFACE.

    Raises:
        UsageError: no such device, or no such port in use on it.
    """
    port = port_named(fabric, name)
    addresses = np.flatnonzero(fabric.addresses.port == port.index)
    return {
        "device": port.device,
        **_port_row(fabric, port),
        "addresses": [fabric.address(int(row)).cidr for row in addresses],
    }


def _port_row(fabric: Fabric, port: PortView) -> Row:
    link = link_of(fabric, port)
    far = (link.z if link.a.index == port.index else link.a) if link else None
    return {
        "group": port.group,
        "port": port.port,
        "interface": port.interface,
        "connector": port.connector,
        "speed": port.speed,
        "slot": port.slot or None,
        "rail": port.rail if port.rail >= 0 else None,
        "fabric": link.fabric if link else None,
        "cable_id": link.cable_id if link else None,
        "neighbour": far.device if far else None,
        "neighbour_port": far.port if far else None,
        "neighbour_interface": far.interface if far else None,
    }


def link_of(fabric: Fabric, port: PortView) -> LinkView | None:
    """Give the link on a port."""
    found = np.flatnonzero((fabric.links.a == port.index) | (fabric.links.z == port.index))
    return fabric.link(int(found[0])) if len(found) else None


def device_named(fabric: Fabric, name: str) -> DeviceView:
    """Give a device by name; raises UsageError with the nearest name."""
    row = fabric.device_index.get(name)
    if row is None:
        raise _unknown("device", name, list(fabric.device_index))
    return fabric.device(row)


def port_named(fabric: Fabric, name: str) -> PortView:
    """Give a port in use by `device:port` or `device:interface`; raises UsageError."""
    row = fabric.port_index.get(name)
    if row is None:
        device = device_named(fabric, name.partition(":")[0]).name
        known = [each for each in fabric.port_index if each.startswith(f"{device}:")]
        raise _unknown("port in use", name, known)
    return fabric.port(row)


def _unknown(what: str, name: str, known: list[str]) -> UsageError:
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(sorted(known)[:8])}"
    return UsageError(f"no {what} {name!r}", hint)
