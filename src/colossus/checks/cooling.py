"""Invariants of cooling: the coolant unit of a rack takes the heat that its cold plates give it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from colossus.diagnostics import Diagnostic, error
from colossus.fabric.model import Fabric
from colossus.inventory.catalog import Cdu, Mounted
from colossus.inventory.nodeset import fold_short

WATTS_PER_KW = 1000
LPM_PER_KW = 1.0
"""Least flow of a design window of 1.0 to 1.5 L/min per kW (facts: systems.md 4)."""


@dataclass(frozen=True, slots=True)
class RackHeat:
    """Heat of a rack at maximum power, and what its coolant units take (watts, L/min)."""

    rack: int
    liquid_watts: int
    air_watts: int
    cdu_watts: int
    cdu_flow_lpm: float


def rack_heats(fabric: Fabric) -> list[RackHeat]:
    """Add up the heat of every rack, into liquid and into air."""
    count = len(fabric.racks.names)
    liquid, total, capacity, flow = (np.zeros(count) for _ in range(4))
    for code, name in enumerate(fabric.models):
        item = fabric.catalog[name]
        mine = fabric.devices.present & (fabric.devices.model == code)
        here = np.bincount(fabric.devices.rack[mine], minlength=count)
        if isinstance(item, Mounted):
            total += here * item.power.max_watts
            liquid += here * item.power.max_watts * item.cooling.captured_fraction
        if isinstance(item, Cdu):
            capacity += here * item.capacity_kw * WATTS_PER_KW
            flow += here * item.flow_lpm
    return [
        RackHeat(
            rack=rack,
            liquid_watts=round(liquid[rack]),
            air_watts=round(total[rack] - liquid[rack]),
            cdu_watts=round(capacity[rack]),
            cdu_flow_lpm=float(flow[rack]),
        )
        for rack in range(count)
    ]


def rack_cooling(fabric: Fabric) -> Iterator[Diagnostic]:
    """A rack gives more heat to its coolant loop than its coolant units take."""
    groups: dict[int, list[RackHeat]] = {}
    for heat in rack_heats(fabric):
        needed = heat.liquid_watts / WATTS_PER_KW * LPM_PER_KW
        short = heat.liquid_watts > heat.cdu_watts or 0 < heat.cdu_flow_lpm < needed
        # A loop that is fed from outside the rack has no coolant unit in it.
        if heat.cdu_watts and short:
            groups.setdefault(int(fabric.racks.group[heat.rack]), []).append(heat)
    for group, heats in groups.items():
        worst = max(heats, key=lambda heat: heat.liquid_watts)
        names = fold_short(fabric.racks.names[heat.rack] for heat in heats)
        yield error(
            "rack-cooling",
            f"racks[{group}].devices",
            f"racks {names} give up to {worst.liquid_watts:,} W to coolant, their units take"
            f" {worst.cdu_watts:,} W at {worst.cdu_flow_lpm:g} L/min",
            "add a coolant unit, choose a larger one, or place fewer devices in the rack",
        )
