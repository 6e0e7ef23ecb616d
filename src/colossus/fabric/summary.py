"""The numbers of a cluster at a glance: what `show INV summary` prints (contract: same keys)."""

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.graph import component_count, group_count, oversubscription
from colossus.fabric.model import Fabric
from colossus.fabric.tables import MEDIA, TIERS
from colossus.inventory.catalog import Mounted, Server
from colossus.inventory.fabrics import FabricIntent

Count = dict[str, int]
SCHEMA_VERSION = 1
TIER_NAMES = {"single": ("switch",), "nvlink": ("nvswitch",)}


def summarise(fabric: Fabric) -> dict[str, object]:
    """Count hosts, racks, devices, switches per tier, links per kind, cables, watts, kilograms.

    Only what is present at the chosen stage counts.
    """
    rows = np.flatnonzero(fabric.devices.present)
    roles = np.bincount(fabric.devices.role[rows], minlength=len(fabric.roles))
    models = np.bincount(fabric.devices.model[rows], minlength=len(fabric.models))
    return {
        "schema_version": SCHEMA_VERSION,
        "cluster": fabric.site.cluster,
        "accelerators": _accelerators(fabric, models),
        "hosts": _hosts(fabric, roles),
        "racks": _racks(fabric),
        "devices": {
            name: int(count) for name, count in zip(fabric.roles, roles, strict=True) if count
        },
        "fabrics": {
            name: _fabric(fabric, code, fabric.site.fabrics[name])
            for code, name in enumerate(fabric.fabrics)
        },
        "cables": _cables(fabric),
        "power": _power(fabric, models),
        "cooling": _cooling(fabric, models),
        "weight_kg": _weight(fabric, models),
    }


def _accelerators(fabric: Fabric, models: np.ndarray) -> int:
    return sum(
        int(count) * item.accelerators.count
        for name, count in zip(fabric.models, models, strict=True)
        if isinstance(item := fabric.catalog[name], Server) and item.accelerators
    )


def _hosts(fabric: Fabric, roles: np.ndarray) -> int:
    return sum(
        int(roles[fabric.roles.index(name)])
        for name, role in fabric.site.roles.items()
        if role.kind == "compute"
    )


def _racks(fabric: Fabric) -> Count:
    kinds = [
        fabric.site.racks[fabric.racks.group[rack]].kind
        for rack in np.flatnonzero(fabric.racks_present)
    ]
    counted = {kind: kinds.count(kind) for kind in ("compute", "network", "service")}
    return {"total": len(kinds), **counted}


def _links_present(fabric: Fabric) -> NDArray[np.bool_]:
    """Whether both ends of each link stand there at the chosen stage."""
    here = fabric.devices.present[fabric.ports.device]
    return here[fabric.links.a] & here[fabric.links.z]


def _fabric(fabric: Fabric, code: int, intent: FabricIntent) -> dict[str, object]:
    mine = np.flatnonzero((fabric.links.fabric == code) & _links_present(fabric))
    tiers = np.bincount(fabric.links.tier[mine], minlength=len(TIERS))
    return {
        "topology": intent.topology,
        "planes": intent.planes,
        "components": component_count(fabric, code, _links_present(fabric)) if len(mine) else 0,
        "tiers": _tiers(fabric, intent, mine),
        "links": {name: int(n) for name, n in zip(TIERS, tiers, strict=True) if n},
        "links_total": len(mine),
        "oversubscription": oversubscription(fabric, code),
    }


def _tiers(fabric: Fabric, intent: FabricIntent, links: NDArray[np.int64]) -> Count:
    """Count the switches of each tier that carry links, the groups of a dragonfly, the tiles."""
    ends = np.concatenate([fabric.links.a[links], fabric.links.z[links]])
    carrying = np.unique(fabric.ports.device[ends])
    roles = np.bincount(fabric.devices.role[carrying], minlength=len(fabric.roles))
    if intent.mesh:
        trays = int(roles[fabric.roles.index(intent.mesh.role)])
        return {"tile": trays * intent.mesh.rows * intent.mesh.columns}
    counts = [int(roles[fabric.roles.index(role)]) for role in intent.switch_roles]
    if intent.dragonfly:
        return {"group": group_count(fabric, links), "switch": sum(counts)}
    names = TIER_NAMES.get(intent.topology, ("leaf", "spine", "core"))
    return dict(zip(names, counts, strict=False))


def _cables(fabric: Fabric) -> Count:
    pulled = np.unique(fabric.links.cable[_links_present(fabric)])
    counts = np.bincount(fabric.cables.medium[pulled], minlength=len(MEDIA))
    here, racks = fabric.devices.present, fabric.racks_present
    for medium, runs in (("CORD", fabric.supply.cords), ("HOSE", fabric.supply.hoses)):
        there = here[runs.device] & racks[runs.rack] & (runs.source >= 0)
        counts[MEDIA.index(medium)] = np.count_nonzero(there)
    return {medium: int(count) for medium, count in zip(MEDIA, counts, strict=True) if count}


def _mounted(fabric: Fabric, models: np.ndarray) -> list[tuple[Mounted, int]]:
    return [
        (item, int(count))
        for name, count in zip(fabric.models, models, strict=True)
        if isinstance(item := fabric.catalog[name], Mounted)
    ]


def _power(fabric: Fabric, models: np.ndarray) -> Count:
    items = _mounted(fabric, models)
    return {
        "nominal_watts": sum(item.power.nominal_watts * count for item, count in items)
        + sum(load.nominal_watts for load in fabric.site.loads),
        "max_watts": sum(item.power.max_watts * count for item, count in items)
        + sum(load.max_watts for load in fabric.site.loads),
    }


def _cooling(fabric: Fabric, models: np.ndarray) -> Count:
    items = _mounted(fabric, models)
    total = sum(item.power.max_watts * count for item, count in items)
    liquid = sum(
        item.power.max_watts * item.cooling.captured_fraction * count for item, count in items
    )
    return {"liquid_watts": round(liquid), "air_watts": total - round(liquid)}


def _weight(fabric: Fabric, models: np.ndarray) -> float:
    devices = sum(
        fabric.catalog[name].weight_kg * int(count)
        for name, count in zip(fabric.models, models, strict=True)
    )
    racks = sum(
        fabric.rack_model(int(rack)).weight_kg for rack in np.flatnonzero(fabric.racks_present)
    )
    return round(devices + racks, 1)
