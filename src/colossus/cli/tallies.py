"""Rows for `show`: fabrics by tier, power and cooling by equal racks, what to buy. Pure."""

from collections import Counter
from typing import Any

import numpy as np

from colossus.checks.cooling import rack_heats
from colossus.checks.power import RackPower, rack_powers
from colossus.checks.provenance import racks_basis, verdicts
from colossus.cli.levels import held_by
from colossus.fabric.graph import oversubscription
from colossus.fabric.model import Fabric
from colossus.fabric.tables import BUILT_IN, MEDIA
from colossus.inventory.nodeset import fold
from colossus.wiring.bill import bill
from colossus.wiring.picks import spares

Row = dict[str, Any]
SPARE_PERCENT = 5.0
"""Spares in `show bom`; `wiring bom --spares` takes any."""


def fabric_rows(fabric: Fabric) -> list[Row]:
    """Give one row per fabric and role of its switches: how many, and how full they are."""
    ports, links = fabric.ports, fabric.links
    rows = []
    for code, name in enumerate(fabric.fabrics):
        intent = fabric.site.fabrics[name]
        mine = links.fabric == code
        used = np.bincount(
            fabric.ports.device[np.concatenate([links.a[mine], links.z[mine]])],
            minlength=len(fabric.devices.names),
        )
        ratios = oversubscription(fabric, code)
        roles = intent.switch_roles
        tiers = ("switch",) * len(roles) if intent.dragonfly else _tiers(len(roles))
        for tier, role in zip(tiers, roles, strict=True):
            switches = np.flatnonzero(fabric.devices.role == fabric.roles.index(role))
            taken = used[switches]
            rows.append(
                {
                    "fabric": name,
                    "topology": intent.topology,
                    "tier": tier,
                    "role": role,
                    "model": fabric.site.roles[role].model,
                    "switches": len(switches),
                    "spread": held_by(fabric, switches) or None,
                    "ports_used": int(taken.sum()),
                    "ports_used_most": int(taken.max(initial=0)),
                    "ports_used_least": int(taken.min(initial=len(ports.device))),
                    "oversubscription": ratios.get(tier),
                },
            )
    return rows


def _tiers(count: int) -> tuple[str, ...]:
    return ("leaf", "spine", "core")[:count] if count > 1 else ("switch",)[:count]


def power_document(fabric: Fabric) -> dict[str, Any]:
    """Give one row per set of racks that draw the same from the same feeds, and how sure it is."""
    return {"power": _power_rows(fabric), **_verdict(fabric, "power")}


def cooling_document(fabric: Fabric) -> dict[str, Any]:
    """Give where the heat of equal racks goes, at maximum power, and how sure it is."""
    return {"cooling": _cooling_rows(fabric), **_verdict(fabric, "cooling")}


def _verdict(fabric: Fabric, subject: str) -> dict[str, Any]:
    """Say what the figures of the whole site rest on, as `check` does."""
    basis = verdicts(fabric)[subject]
    return {"verdicts": {subject: {"provenance": basis.provenance, "facts": list(basis.weak)}}}


def _power_rows(fabric: Fabric) -> list[Row]:
    alike: dict[tuple[int, int, int, tuple[tuple[str, int], ...]], list[RackPower]] = {}
    for power in rack_powers(fabric):
        feeds = tuple(sorted(power.feeds.items()))
        key = (int(fabric.racks.hall[power.rack]), power.nominal_watts, power.max_watts, feeds)
        alike.setdefault(key, []).append(power)
    return [
        {
            "hall": fabric.halls[hall],
            "racks": fold(fabric.racks.names[power.rack] for power in powers),
            "count": len(powers),
            "nominal_watts": nominal,
            "max_watts": most,
            "feeds": dict(feeds),
            "nominal_watts_all": nominal * len(powers),
            "max_watts_all": most * len(powers),
            "provenance": racks_basis(fabric, "power", [each.rack for each in powers]).provenance,
        }
        for (hall, nominal, most, feeds), powers in alike.items()
    ]


def _cooling_rows(fabric: Fabric) -> list[Row]:
    alike: dict[tuple[int, int, int, int], list[int]] = {}
    for heat in rack_heats(fabric):
        hall = int(fabric.racks.hall[heat.rack])
        key = (hall, heat.liquid_watts, heat.air_watts, heat.cdu_watts)
        alike.setdefault(key, []).append(heat.rack)
    return [
        {
            "hall": fabric.halls[hall],
            "racks": fold(fabric.racks.names[rack] for rack in racks),
            "count": len(racks),
            "liquid_watts": liquid,
            "air_watts": air,
            "cdu_capacity_watts": capacity,
            "provenance": racks_basis(fabric, "cooling", racks).provenance,
        }
        for (hall, liquid, air, capacity), racks in alike.items()
    ]


def bom_rows(fabric: Fabric) -> list[Row]:
    """Give what is to be bought: racks, devices by model, cables by medium, length and legs."""
    racks = Counter(fabric.site.racks[group].model for group in fabric.racks.group)
    models = np.bincount(fabric.devices.model, minlength=len(fabric.models))
    return [
        *({"kind": "rack", "item": name, "count": count} for name, count in sorted(racks.items())),
        *(
            {"kind": "device", "item": name, "count": int(count)}
            for name, count in sorted(zip(fabric.models, models, strict=True))
            if count
        ),
        *_pieces(fabric),
    ]


def _pieces(fabric: Fabric) -> list[Row]:
    """Give cables, cords, hoses and optics over all halls and deliveries, with spares."""
    found: Counter[tuple[str, ...]] = Counter()
    for line in bill(fabric, 0.0):
        metres = f" {line.length_m} m" if line.length_m else ""
        medium, _, form = line.medium.partition(" ")
        words = f"{medium}{metres} {form}".strip()
        if line.item != "cable":
            words += f", {line.plugs}"
        found[line.item, words, line.fabric, line.part_number] += line.count
    built_in = fabric.cables.fabric[fabric.cables.medium == MEDIA.index(BUILT_IN)]
    for code in built_in.tolist():
        found["cable", BUILT_IN, fabric.fabrics[code], ""] += 1
    return [
        {
            "kind": item,
            "item": words,
            "fabric": net,
            "part_number": part or None,
            "count": count,
            "spares": 0 if words == BUILT_IN else spares(count, SPARE_PERCENT),
        }
        for (item, words, net, part), count in found.items()
    ]
