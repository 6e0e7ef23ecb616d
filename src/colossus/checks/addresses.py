"""Invariants of addresses: unique, inside their networks, networks apart, targets reachable."""

from collections.abc import Iterator
from ipaddress import IPv4Network

import numpy as np

from colossus.diagnostics import Diagnostic, error
from colossus.fabric.management import management_addresses
from colossus.fabric.model import Fabric
from colossus.inventory.fabrics import RackAddresses, RoutedAddresses, SharedAddresses
from colossus.inventory.nodeset import fold_short


def address_clash(fabric: Fabric) -> Iterator[Diagnostic]:
    """Two ports were given the same address."""
    table = fabric.addresses
    order = np.argsort(table.address, kind="stable")
    doubled = table.address[order[:-1]] == table.address[order[1:]]
    clashes: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for pair in np.stack([order[:-1][doubled], order[1:][doubled]], axis=1):
        early, late = sorted((_range_path(fabric, int(row)), int(row)) for row in pair)
        clashes.setdefault((early[0], late[0]), []).append((early[1], late[1]))
    for (_, path), pairs in clashes.items():
        one, other = (fabric.address(row) for row in pairs[0])
        yield error(
            "address-clash",
            path,
            f"{other.device}:{other.interface} gets {other.address}, which"
            f" {one.device}:{one.interface} has already; doubled addresses: {len(pairs)}",
            "start one of the ranges elsewhere"
            if ".ranges[" in path
            else "a routed fabric of one tier numbers one host role: give others their own",
        )


def _range_path(fabric: Fabric, row: int) -> str:
    """Authored place that an address comes from: a range, or the plan of its fabric."""
    table = fabric.addresses
    name = fabric.fabrics[table.fabric[row]]
    role = fabric.roles[fabric.devices.role[table.device[row]]]
    port = int(table.port[row])
    group = "bridge" if port < 0 else fabric.port_group(port).name
    plan = fabric.site.fabrics[name].addresses
    for place, item in enumerate(plan.ranges if isinstance(plan, SharedAddresses) else ()):
        if (item.role, item.port) == (role, group):
            return f"fabrics.{name}.addresses.ranges[{place}].first"
    return f"fabrics.{name}.addresses"


def gateway_clash(fabric: Fabric) -> Iterator[Diagnostic]:
    """A gateway lies outside its network, or a device was given its address."""
    given = {int(address): row for row, address in enumerate(fabric.addresses.address)}
    for name, intent in fabric.site.fabrics.items():
        plan = intent.addresses
        if not isinstance(plan, SharedAddresses) or plan.gateway is None:
            continue
        path = f"fabrics.{name}.addresses.gateway"
        if plan.gateway not in plan.prefix:
            summary = f"gateway {plan.gateway} is not in {plan.prefix}"
            yield error("gateway-clash", path, summary, "name an address of the prefix")
        elif int(plan.gateway) in given:
            owner = fabric.address(given[int(plan.gateway)])
            summary = f"gateway {plan.gateway} is also given to {owner.device}:{owner.interface}"
            yield error("gateway-clash", path, summary, "start that range elsewhere")


def address_reserved(fabric: Fabric) -> Iterator[Diagnostic]:
    """A device was given the network or broadcast address of a shared network."""
    for code, name in enumerate(fabric.fabrics):
        plan = fabric.site.fabrics[name].addresses
        if not isinstance(plan, SharedAddresses):
            continue
        ends = (int(plan.prefix.network_address), int(plan.prefix.broadcast_address))
        mine = fabric.addresses.fabric == code
        for row in np.flatnonzero(mine & np.isin(fabric.addresses.address, ends)):
            owner = fabric.address(int(row))
            yield error(
                "address-reserved",
                _range_path(fabric, int(row)),
                f"{owner.device}:{owner.interface} gets {owner.address}, which is reserved in"
                f" {plan.prefix}",
                "start the range one address later",
            )


def prefix_overlap(fabric: Fabric) -> Iterator[Diagnostic]:
    """The networks of two fabrics overlap."""
    blocks: list[tuple[str, str, IPv4Network]] = []
    for name, intent in fabric.site.fabrics.items():
        plan = intent.addresses
        if plan is None:
            continue
        blocks.append((name, "prefix", plan.prefix))
        if isinstance(plan, RoutedAddresses | RackAddresses):
            blocks.append((name, "loopbacks", plan.loopbacks))
    for place, (name, field, block) in enumerate(blocks):
        for other, other_field, other_block in blocks[:place]:
            if block.overlaps(other_block):
                yield error(
                    "prefix-overlap",
                    f"fabrics.{name}.addresses.{field}",
                    f"{field} {block} of fabric {name} overlaps {other_field} {other_block} of"
                    f" fabric {other}",
                    "keep these networks apart",
                )


def target_unaddressed(fabric: Fabric) -> Iterator[Diagnostic]:
    """A device has a playbook but no management address, so the plan cannot reach it."""
    reached = management_addresses(fabric)
    access, lost = fabric.site.access, dict[str, list[str]]()
    for role, definition in fabric.site.roles.items():
        if definition.playbook and definition.manage == "apply":
            rows = np.flatnonzero(fabric.devices.role == fabric.roles.index(role))
            lost[role] = [fabric.devices.names[row] for row in rows if int(row) not in reached]
    if not reached and any(lost.values()):
        yield error(
            "target-unaddressed",
            "access",
            f"fabric {access.fabric} gives no device an address on port {access.management_port}",
            f"give fabric {access.fabric} shared addresses with a range per role, or name another"
            " fabric under access",
        )
        return
    for role, names in lost.items():
        if names:
            playbook = fabric.site.roles[role].playbook
            yield error(
                "target-unaddressed",
                f"roles.{role}.playbook",
                f"playbook {playbook} cannot reach {fold_short(names)}: no address in fabric"
                f" {access.fabric}",
                f"add an address range for role {role}, or drop its playbook",
            )
