"""Invariants of cable runs: no longer than their medium reaches, no hall left by guesswork."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from colossus.diagnostics import Diagnostic, counted, error, warning
from colossus.fabric.model import Fabric
from colossus.fabric.tables import MEDIA

ACTIVE_COPPER_WATTS = 1.5
"""Of the head of an active copper cable (facts: systems.md 4); passive copper draws nothing."""


def cage_power(fabric: Fabric) -> Iterator[Diagnostic]:
    """A cage feeds its plug with less power than the plug draws."""
    ports, links = fabric.ports, fabric.links
    watts = np.zeros(len(ports.device), dtype=np.float32)
    watts[links.a] = watts[links.z] = _drawn(fabric)[fabric.cables.medium[links.cable]]
    model = fabric.devices.model[ports.device]
    over = np.flatnonzero(watts > _fed(fabric)[model, ports.group])
    for code in np.unique(model[over]).tolist():
        mine = over[model[over] == code]
        worst = int(mine[np.argmax(watts[mine])])
        link = int(np.flatnonzero((links.a == worst) | (links.z == worst))[0])
        role = fabric.roles[fabric.devices.role[ports.device[worst]]]
        yield error(
            "cage-power",
            f"roles.{role}.model",
            f"cages of {fabric.models[code]} feed {fabric.port_group(worst).cage_watts:g} W, the"
            f" plug of {fabric.medium(int(links.cable[link]))} at {fabric.port(worst)} draws"
            f" {watts[worst]:g} W ({counted(len(mine), 'port')})",
            "choose a switch that feeds more, or shorten the runs to copper or multimode",
        )


def _drawn(fabric: Fabric) -> NDArray[np.float32]:
    """Give what the plug of each medium draws in a switch, by the first optic on the list."""
    drawn = dict.fromkeys(MEDIA, 0.0) | {"ACC": ACTIVE_COPPER_WATTS}
    for optic in reversed(fabric.parts.optics):
        if optic.watts and optic.at != "host":
            drawn[optic.medium] = optic.watts
    return np.asarray([drawn[medium] for medium in MEDIA], dtype=np.float32)


def _fed(fabric: Fabric) -> NDArray[np.float32]:
    """Give what the cages of each model and port group feed, in watts; endless where not known."""
    groups = [getattr(fabric.catalog[model], "ports", ()) for model in fabric.models]
    fed = np.full((len(groups), max(map(len, groups), default=0) or 1), np.inf, dtype=np.float32)
    for code, listed in enumerate(groups):
        for place, group in enumerate(listed):
            if group.cage_watts is not None:
                fed[code, place] = group.cage_watts
    return fed


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
