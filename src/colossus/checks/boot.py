"""Invariants of assets and of installing hosts: who stands where, and whom DHCP can know."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from colossus.diagnostics import Diagnostic, counted, error, warning
from colossus.fabric.assets import asset_devices
from colossus.fabric.management import management_addresses
from colossus.fabric.model import Fabric
from colossus.inventory.nodeset import fold_short

TO_BE_INSTALLED = ("planned", "staged")


def asset_unknown(fabric: Fabric) -> Iterator[Diagnostic]:
    """An asset stands where the plan has no device, or another one."""
    devices = asset_devices(fabric)
    for place, asset in enumerate(fabric.assets):
        if place in devices:
            continue
        named = f" named {asset.device}" if asset.device else ""
        yield error(
            "asset-unknown",
            f"assets[{place}]",
            f"the plan has no single device{named} at {asset.rack} U{asset.u}",
            "correct rack and u (the lowest U that it occupies); where several stand abreast, name"
            " the device",
        )


def asset_twice(fabric: Fabric) -> Iterator[Diagnostic]:
    """Two assets are the same device."""
    seen: dict[int, int] = {}
    for place, device in asset_devices(fabric).items():
        if device in seen:
            name = fabric.devices.names[device]
            yield error(
                "asset-twice",
                f"assets[{place}]",
                f"{name} is listed twice, also in line {seen[device] + 2}",
                "keep the line of the machine that stands there",
            )
        seen.setdefault(device, place)


def mac_twice(fabric: Fabric) -> Iterator[Diagnostic]:
    """Two ports have the same MAC address."""
    owners: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for place, asset in enumerate(fabric.assets):
        macs = {"bmc": asset.bmc_mac, **asset.macs} if asset.bmc_mac else asset.macs
        for interface, mac in macs.items():
            owner = f"{asset.device or f'{asset.rack} U{asset.u}'} {interface}"
            owners[mac or ""].append((place, owner))
    for mac, held in owners.items():
        if len(held) > 1:
            yield error(
                "mac-twice",
                f"assets[{held[1][0]}]",
                f"MAC address {mac} is listed for {held[0][1]} and for {held[1][1]}",
                "read it again from the machine or its label",
            )


def boot_server_missing(fabric: Fabric) -> Iterator[Diagnostic]:
    """Hosts are to boot from a server that is not there, or has no address."""
    boot = fabric.site.boot
    if boot is None:
        return
    rows = np.flatnonzero(fabric.devices.role == fabric.roles.index(boot.server_role))
    addressed = management_addresses(fabric)
    there = [fabric.devices.names[row] for row in rows if int(row) in addressed]
    if len(there) > 1:
        yield error(
            "boot-server-twice",
            "boot.server_role",
            f"{fold_short(there)} would all answer hosts that boot, and an install is armed on one",
            f"place one device of role {boot.server_role}",
        )
    if not there:
        yield error(
            "boot-server-missing",
            "boot.server_role",
            f"no device of role {boot.server_role} has a management address",
            f"place one in a rack and give role {boot.server_role} a range in fabric"
            f" {fabric.site.access.fabric}",
        )


def boot_mac_missing(fabric: Fabric) -> Iterator[Diagnostic]:
    """DHCP cannot know a host that is to be installed."""
    boot = fabric.site.boot
    if boot is None or boot.known_by != "mac":
        return
    known = set()
    for place, device in asset_devices(fabric).items():
        groups = fabric.equipment(device).ports
        names = {i for g in groups if g.name == _port(fabric) for i in g.interfaces}
        if names & fabric.assets[place].macs.keys():
            known.add(device)
    for name in boot.roles:
        rows = np.flatnonzero(fabric.devices.role == fabric.roles.index(name))
        waiting = (fabric.device(int(row)) for row in rows if int(row) not in known)
        lost = [each.name for each in waiting if each.status in TO_BE_INSTALLED]
        if lost:
            yield warning(
                "boot-mac-missing",
                f"boot.roles.{name}",
                f"no MAC address of port {_port(fabric)} is known for {fold_short(lost)}"
                f" ({counted(len(lost), 'host')})",
                "add it to assets.csv, column macs (INTERFACE=MAC), or set boot.known_by: port",
            )


def _port(fabric: Fabric) -> str:
    return fabric.site.access.management_port
