"""Invariants of whole fabrics: as many separate networks as declared, nobody left out."""

from collections.abc import Iterator

import numpy as np

from colossus.diagnostics import Diagnostic, counted, error
from colossus.fabric.graph import component_count, oversubscription
from colossus.fabric.model import PDU_ROLE, Fabric
from colossus.inventory.nodeset import fold_short

RATIO_TOLERANCE = 0.001
TAKERS = {"global": "group"}
"""What takes in and passes on, where it is not called as its tier is."""


def components_differ(fabric: Fabric) -> Iterator[Diagnostic]:
    """A fabric falls into more or fewer separate networks than it declares."""
    for code, name in enumerate(fabric.fabrics):
        intent = fabric.site.fabrics[name]
        if intent.topology == "none" or not np.any(fabric.links.fabric == code):
            continue
        found = component_count(fabric, code)
        if found != intent.networks:
            yield error(
                "components-differ",
                f"fabrics.{name}",
                f"fabric {name} consists of {counted(found, 'separate network')}, declared are"
                f" {intent.networks}",
                f"set components: {found} if that is meant, else "
                + ("join them" if found > intent.networks else "add the switches of the others"),
            )


def tier_oversubscribed(fabric: Fabric) -> Iterator[Diagnostic]:
    """A tier takes in more than it can pass on, beyond what the fabric declares."""
    for code, name in enumerate(fabric.fabrics):
        limits = dict[str, float](fabric.site.fabrics[name].oversubscription.items())
        for tier, ratio in oversubscription(fabric, code).items():
            limit = limits.get(tier, 1.0)
            if ratio > limit + RATIO_TOLERANCE:
                yield error(
                    "tier-oversubscribed",
                    f"fabrics.{name}",
                    f"fabric {name}: a {TAKERS.get(tier, tier)} takes in {ratio:g} times what it"
                    f" passes on, declared are at most {limit:g}",
                    f"declare oversubscription: {{{tier}: {ratio:g}}} if that is meant, else more"
                    " uplinks or fewer hosts per unit",
                )


def end_unconnected(fabric: Fabric) -> Iterator[Diagnostic]:
    """A device that should hang on a fabric has no link there."""
    for code, name in enumerate(fabric.fabrics):
        intent = fabric.site.fabrics[name]
        if intent.topology == "none":
            continue
        linked = set(fabric.ports.device[fabric.links.a[fabric.links.fabric == code]].tolist())
        for place, end in enumerate(intent.ends):
            rows = np.flatnonzero(fabric.devices.role == fabric.roles.index(end.role))
            lost = [fabric.devices.names[row] for row in rows if int(row) not in linked]
            if lost and end.role != PDU_ROLE:
                yield error(
                    "end-unconnected",
                    f"fabrics.{name}.ends[{place}]",
                    f"no link in fabric {name} for {fold_short(lost)}",
                    "give the fabric's switches enough ports",
                )
