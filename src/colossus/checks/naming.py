"""Invariants of names and places: one object per name, one rack per place, overrides that hit."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from colossus.diagnostics import Diagnostic, counted, error, warning
from colossus.fabric.model import Fabric
from colossus.inventory.catalog import PortGroup
from colossus.inventory.nodeset import expand, fold_short
from colossus.inventory.references import unknown


def name_clash(fabric: Fabric) -> Iterator[Diagnostic]:
    """Two devices of different roles have the same name."""
    counts = Counter(fabric.devices.names)
    doubled = {name for name, count in counts.items() if count > 1}
    if not doubled:
        return
    owners: dict[str, list[str]] = {}
    for row, name in enumerate(fabric.devices.names):
        if name in doubled:
            owners.setdefault(name, []).append(fabric.roles[fabric.devices.role[row]])
    for roles in dict.fromkeys(tuple(dict.fromkeys(found)) for found in owners.values()):
        names = [name for name, found in owners.items() if tuple(dict.fromkeys(found)) == roles]
        yield error(
            "name-clash",
            f"roles.{roles[-1]}.name",
            f"{fold_short(names)} would be named twice, by role{'s' if len(roles) > 1 else ''}"
            f" {' and '.join(roles)}",
            "give each role a pattern of its own, with {n} in it",
        )


def rack_clash(fabric: Fabric) -> Iterator[Diagnostic]:
    """Two rack groups name the same rack, or put two racks in the same place of a row."""
    racks = fabric.racks
    names: dict[str, int] = {}
    places: dict[tuple[int, int, int], int] = {}
    doubled: dict[tuple[int, int], list[str]] = {}
    crowded: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for row, name in enumerate(racks.names):
        group = int(racks.group[row])
        place = (int(racks.hall[row]), int(racks.row[row]), int(racks.position[row]))
        twin = names.setdefault(name, row)
        neighbour = places.setdefault(place, row)
        if twin != row:
            doubled.setdefault((int(racks.group[twin]), group), []).append(name)
        elif neighbour != row:
            crowded.setdefault((int(racks.group[neighbour]), group), []).append((neighbour, row))
    for (first, group), clashing in doubled.items():
        yield error(
            "rack-clash",
            f"racks[{group}].names",
            f"racks[{first}] defines {fold_short(clashing)} already",
            "use `only` in one group to give single racks more devices",
        )
    for (_, group), pairs in crowded.items():
        neighbour, row = pairs[0]
        yield error(
            "rack-clash",
            f"racks[{group}].first_position",
            f"racks {racks.names[neighbour]} and {racks.names[row]} both stand at position"
            f" {racks.position[row]} of row {fabric.rows[racks.row[row]]}"
            f" ({counted(len(pairs), 'place')})",
            "set first_position of the later group past the earlier one",
        )


def override_unknown(fabric: Fabric) -> Iterator[Diagnostic]:
    """An override names a device that the site does not have."""
    for place, override in enumerate(fabric.site.overrides):
        lost = [name for name in expand(override.devices) if name not in fabric.device_index]
        if lost:
            path = f"overrides[{place}].devices"
            yield unknown(path, "device", fold_short(lost), fabric.device_index)


def management_uncabled(fabric: Fabric) -> Iterator[Diagnostic]:
    """A management port (BMC, eth0) hangs on no fabric, so nobody can reach it."""
    ports, roles = fabric.ports, fabric.devices.role
    kind = roles[ports.device].astype(np.int64) << 16 | ports.group
    _, sample = np.unique(kind, return_index=True)
    cabled = {
        (fabric.roles[roles[ports.device[row]]], fabric.port_group(int(row)).name) for row in sample
    }
    # The switches of the management network reach each other through it: no port of their own.
    carriers = fabric.site.fabrics[fabric.site.access.fabric].switch_roles
    for name, role in fabric.site.roles.items():
        groups: tuple[PortGroup, ...] = getattr(fabric.catalog[role.model], "ports", ())
        lost = [g.name for g in groups if g.management and (name, g.name) not in cabled]
        placed = np.any(roles == fabric.roles.index(name))
        if lost and placed and name not in carriers:
            yield warning(
                "management-uncabled",
                f"roles.{name}",
                f"management ports {', '.join(lost)} of role {name} hang on no fabric",
                f"add them to the ends of fabric {fabric.site.access.fabric}",
            )
