"""Invariants of cooling: the coolant of a rack, its flow, and the air behind it take the heat."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from colossus.checks.space import worst_alike
from colossus.diagnostics import Diagnostic, error
from colossus.fabric.model import Fabric
from colossus.inventory.catalog import Cdu, Mounted

WATTS_PER_KW = 1000
LPM_PER_KW = 1.0
"""Least flow of a design window of 1.0 to 1.5 L/min per kW, where a device does not say its own
(facts: systems.md 4)."""


@dataclass(frozen=True, slots=True)
class RackHeat:
    """Heat of a rack at maximum power, and what its coolant units take (watts, L/min).

    needed_lpm: the flow that its devices want. door_watts: what its rear door takes, 0 for none.
    """

    rack: int
    liquid_watts: int
    air_watts: int
    needed_lpm: float
    cdu_watts: int
    cdu_flow_lpm: float
    door_watts: int


def rack_heats(fabric: Fabric) -> list[RackHeat]:
    """Add up the heat of every rack, into liquid and into air."""
    count = len(fabric.racks.names)
    liquid, total, needed, capacity, flow = (np.zeros(count) for _ in range(5))
    for code, name in enumerate(fabric.models):
        item = fabric.catalog[name]
        mine = fabric.devices.present & (fabric.devices.model == code)
        here = np.bincount(fabric.devices.rack[mine], minlength=count)
        if isinstance(item, Mounted):
            captured = item.power.max_watts * item.cooling.captured_fraction
            total += here * item.power.max_watts
            liquid += here * captured
            needed += here * captured / WATTS_PER_KW * (item.cooling.flow_lpm_per_kw or LPM_PER_KW)
        if isinstance(item, Cdu):
            capacity += here * item.capacity_kw * WATTS_PER_KW
            flow += here * item.flow_lpm
    doors = [fabric.rack_model(rack).rear_door_kw or 0 for rack in range(count)]
    return [
        RackHeat(
            rack=rack,
            liquid_watts=round(liquid[rack]),
            air_watts=round(total[rack] - liquid[rack]),
            needed_lpm=float(needed[rack]),
            cdu_watts=round(capacity[rack]),
            cdu_flow_lpm=float(flow[rack]),
            door_watts=round(doors[rack] * WATTS_PER_KW),
        )
        for rack in range(count)
    ]


def rack_cooling(fabric: Fabric) -> Iterator[Diagnostic]:
    """A rack gives more heat to its coolant loop than its coolant units take."""
    # A loop that is fed from outside the rack has no coolant unit in it.
    short = [heat for heat in rack_heats(fabric) if 0 < heat.cdu_watts < heat.liquid_watts]
    for group, names, worst in worst_alike(fabric, short, lambda heat: heat.liquid_watts):
        yield error(
            "rack-cooling",
            f"racks[{group}].devices",
            f"the devices in {names} give up to {worst.liquid_watts:,} W to coolant, its units take"
            f" {worst.cdu_watts:,} W",
            "add a coolant unit, choose a larger one, or place fewer devices in the rack",
        )


def coolant_flow(fabric: Fabric) -> Iterator[Diagnostic]:
    """The cold plates of a rack want more coolant than its coolant units pump."""
    short = [heat for heat in rack_heats(fabric) if 0 < heat.cdu_flow_lpm < heat.needed_lpm]
    for group, names, worst in worst_alike(fabric, short, lambda heat: heat.needed_lpm):
        yield error(
            "coolant-flow",
            f"racks[{group}].devices",
            f"the devices in {names} want up to {worst.needed_lpm:,.0f} L/min of coolant,"
            f" its units pump {worst.cdu_flow_lpm:,.0f} L/min",
            "add a coolant unit, choose one with more flow, or place fewer devices in the rack",
        )


def rear_door_heat(fabric: Fabric) -> Iterator[Diagnostic]:
    """A rack gives more heat to the air than its rear door takes out of it."""
    short = [heat for heat in rack_heats(fabric) if 0 < heat.door_watts < heat.air_watts]
    for group, names, worst in worst_alike(fabric, short, lambda heat: heat.air_watts):
        yield error(
            "rear-door-heat",
            f"racks[{group}].model",
            f"the devices in {names} give up to {worst.air_watts:,} W to the air, its rear door"
            f" takes {worst.door_watts:,} W",
            "choose a rack with a stronger rear door, or place fewer devices in the rack",
        )
