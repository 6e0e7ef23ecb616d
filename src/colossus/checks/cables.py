"""Invariants of cable runs: no longer than their medium reaches, no hall left by guesswork."""

from collections.abc import Iterator

import numpy as np

from colossus.diagnostics import Diagnostic, counted, error, warning
from colossus.fabric.model import Fabric


def cable_too_long(fabric: Fabric) -> Iterator[Diagnostic]:
    """A cable's route is longer than any cable of its medium."""
    cables = fabric.cables
    wrong = np.flatnonzero(cables.route_m > cables.order_m)
    for code, medium in sorted({(int(cables.fabric[w]), int(cables.medium[w])) for w in wrong}):
        mine = wrong[(cables.fabric[wrong] == code) & (cables.medium[wrong] == medium)]
        worst = int(mine[np.argmax(cables.route_m[mine])])
        link = fabric.link(int(np.flatnonzero(fabric.links.cable == worst)[0]))
        name = fabric.fabrics[code]
        yield error(
            "cable-too-long",
            f"fabrics.{name}",
            f"fabric {name}: {counted(len(mine), fabric.medium(worst) + ' cable')} would be longer"
            f" than {cables.order_m[worst]:g} m, the longest on sale; {link.a} to {link.z} takes"
            f" {cables.route_m[worst]:.1f} m",
            "place a switch nearer to these racks, or correct the hall's measures",
        )


def hall_crossing(fabric: Fabric) -> Iterator[Diagnostic]:
    """Cables run from one hall to another, whose distance the model does not know."""
    rack = fabric.devices.rack[fabric.ports.device]
    hall_a = fabric.racks.hall[rack[fabric.links.a]]
    hall_z = fabric.racks.hall[rack[fabric.links.z]]
    crossing = np.flatnonzero(hall_a != hall_z)
    if len(crossing):
        names = [fabric.fabrics[code] for code in np.unique(fabric.links.fabric[crossing])]
        halls = [fabric.halls[hall] for hall in np.unique([hall_a[crossing], hall_z[crossing]])]
        yield warning(
            "hall-crossing",
            "halls",
            f"{counted(len(crossing), 'link')} of {', '.join(names)} run between halls"
            f" {', '.join(halls)}; their lengths are computed as if it were one hall",
            "measure these runs on the floor before ordering",
        )
