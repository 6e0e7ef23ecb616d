"""Every check, in the order in which findings are best read, and what follows from what."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from colossus.checks import (
    addresses,
    boot,
    busbar,
    cables,
    cooling,
    levels,
    mesh,
    naming,
    networks,
    numbers,
    optics,
    phases,
    ports,
    power,
    provenance,
    rails,
    scheduler,
    site_power,
    space,
    stranded,
    structure,
    supply,
)
from colossus.diagnostics import Diagnostic
from colossus.fabric.design import Design
from colossus.fabric.model import Fabric
from colossus.inventory.words import Provenance

PLACE = re.compile(r"(?:(fabrics|roles)\.[^.\[]+|(racks)\[\d+\])")
Check = Callable[[Fabric], Iterator[Diagnostic]]

CHECKS: tuple[Check, ...] = (
    # Names first: a doubled name makes every later message ambiguous.
    naming.name_clash,
    naming.rack_clash,
    naming.override_unknown,
    levels.level_overfull,
    levels.level_uneven,
    # Then what can be seen in the rack.
    space.u_overlap,
    space.u_outside_rack,
    space.slots_exhausted,
    space.depth_exceeds_rack,
    space.rack_weight,
    space.rack_outside_row,
    power.rack_power,
    power.feed_loss,
    power.hall_feed_power,
    power.rack_without_feed,
    power.inlet_overload,
    supply.cord_override_unknown,
    supply.outlets_exhausted,
    supply.outlet_unfit,
    supply.outlet_used_twice,
    supply.feeds_unsplit,
    supply.hose_unpaired,
    phases.phase_overload,
    busbar.busbar_overload,
    site_power.site_power,
    cooling.rack_cooling,
    cooling.coolant_flow,
    cooling.rear_door_heat,
    # Then what is plugged.
    ports.port_used_twice,
    structure.tier_skipped,
    structure.plane_crossed,
    structure.pod_crossed,
    rails.rail_mixed,
    rails.unit_crossed,
    rails.nic_ports_together,
    structure.links_uneven,
    mesh.tile_misplaced,
    stranded.ports_stranded,
    ports.breakout_unsupported,
    ports.speed_mismatch,
    ports.connector_mismatch,
    networks.components_differ,
    networks.tier_oversubscribed,
    networks.end_unconnected,
    numbers.infiniband_lids,
    naming.management_uncabled,
    cables.cage_power,
    optics.optic_unfit,
    cables.cable_too_long,
    cables.hall_crossing,
    # Then what is configured on it.
    addresses.address_clash,
    addresses.gateway_clash,
    addresses.address_reserved,
    addresses.prefix_overlap,
    addresses.target_unaddressed,
    numbers.asn_clash,
    numbers.asn_not_private,
    # Then which machine stands there, and how it is installed.
    boot.asset_unknown,
    boot.asset_twice,
    boot.mac_twice,
    boot.boot_server_missing,
    boot.boot_mac_missing,
    scheduler.slurm_host_unlisted,
    scheduler.slurm_role_unpartitioned,
    scheduler.slurm_role_empty,
    scheduler.slurm_standby_state,
    scheduler.slurm_off_topology,
    scheduler.slurm_limits,
    scheduler.slurm_block_sizes,
    scheduler.slurm_timeout_short,
)

# A plug in the wrong place; what else is wrong there follows from it.
_MISPLUGGED = ("port-used-twice", "tier-skipped")
# What leaves a device without a link in a fabric.
_UNWIRED = (
    "rack-without-switch",
    "rack-ports-exhausted",
    "clos-impossible",
    "clos-uneven",
    "dragonfly-impossible",
    "mesh-impossible",
    "nvlink-impossible",
    "fabric-switches-missing",
    "lock-shape-changed",
    "fabric-switch-gone",
    "fabric-ports-exhausted",
)

CONSEQUENCES: dict[str, tuple[str, ...]] = {
    # A device without ports has no link, no address and no leaf.
    "end-unconnected": (*_UNWIRED, *_MISPLUGGED),
    "slurm-off-topology": (*_UNWIRED, *_MISPLUGGED),
    "management-uncabled": _UNWIRED,
    "target-unaddressed": (
        "rack-without-switch",
        "rack-ports-exhausted",
        "lock-shape-changed",
        "fabric-switch-gone",
        "fabric-ports-exhausted",
        "address-outside-prefix",
        "management-uncabled",
    ),
    "address-reserved": ("address-outside-prefix",),
    # Ports of the wrong speed are too few as well: splitting them cures both.
    "fabric-ports-exhausted": ("lock-shape-changed", "breakout-unsupported", "speed-mismatch"),
    # A cage that cannot be split, or is split otherwise than installed, runs at another speed.
    "speed-mismatch": (
        *("lock-shape-changed", "breakout-unsupported", "connector-mismatch"),
        "tier-skipped",
    ),
    "connector-mismatch": ("tier-skipped",),
    # One plug among others of its kind: the widest rule that it breaks names it.
    "plane-crossed": _MISPLUGGED,
    "pod-crossed": (*_MISPLUGGED, "plane-crossed"),
    "rail-mixed": _MISPLUGGED,
    "unit-crossed": (*_MISPLUGGED, "rail-mixed"),
    "nic-ports-together": (*_MISPLUGGED, "rail-mixed", "unit-crossed"),
    "tile-misplaced": _MISPLUGGED,
    "links-uneven": (*_MISPLUGGED, "plane-crossed", "pod-crossed"),
    # Groups or switches that are not there leave the load to the others.
    "tier-oversubscribed": (
        *("dragonfly-impossible", "fabric-switches-missing"),
        *(*_MISPLUGGED, "plane-crossed", "pod-crossed", "links-uneven"),
        *("rail-mixed", "unit-crossed"),
    ),
    # One port carrying two fabrics joins or parts their networks and mixes their addresses.
    "components-differ": (
        "dragonfly-impossible",
        "mesh-impossible",
        "nvlink-impossible",
        "fabric-switches-missing",
        *(*_MISPLUGGED, "plane-crossed", "links-uneven", "tile-misplaced"),
        "fabric-switch-gone",
        "fabric-ports-exhausted",
        "rack-ports-exhausted",
        "lock-shape-changed",
    ),
    "address-clash": (
        "lock-given-twice",
        "rack-clash",
        "name-clash",
        "prefix-overlap",
        "port-used-twice",
    ),
    "port-used-twice": ("lock-given-twice", "name-clash", "rack-clash"),
    # A rack or a name that is there twice doubles whatever stands in it.
    "name-clash": ("lock-given-twice", "rack-clash"),
    "u-overlap": ("rack-clash",),
    "rack-power": ("rack-clash",),
    "feed-loss": ("rack-power",),
    "phase-overload": ("rack-power", "feed-loss", "feeds-unsplit", "outlets-exhausted"),
    "coolant-flow": ("rack-cooling",),
    "rear-door-heat": ("rack-cooling", "coolant-flow"),
    "slurm-block-size": _UNWIRED,
    "hall-feed-power": ("rack-power", "feed-loss"),
    "outlets-exhausted": ("u-overlap",),
    "feeds-unsplit": ("outlets-exhausted", "outlet-unfit", "rack-power", "feed-loss"),
    "rack-weight": ("u-overlap",),
}
"""Finding → roots that explain it away; the root is what the operator must cure."""


def run_checks(design: Design, required: Provenance | None = None) -> list[Diagnostic]:
    """Run every check on a designed cluster; consequences name their root in `caused_by`.

    required: how sure the facts behind power, weight and cooling must be.
    """
    found = [*design.findings]
    for check in CHECKS:
        found.extend(check(design.fabric))
    if required:
        found.extend(provenance.provenance_weak(design.fabric, required))
    return list(provenance.told(design.fabric, attribute(found)))


def attribute(findings: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Say of each finding which other one it only follows from, if any."""
    listed = list(findings)
    for finding in listed:
        roots = [
            other
            for code in CONSEQUENCES.get(finding.code, ())
            for other in listed
            if other.code == code and _touch(finding.where.path, other.where.path)
        ]
        if roots:
            cause = roots[0]
            yield replace(finding, caused_by=f"{cause.code} at {cause.where.path}")
        else:
            yield finding


def _touch(path: str, other: str) -> bool:
    """Whether two places can be cause and effect: not two fabrics, roles or rack groups."""
    places = [PLACE.match(word) for word in (path, other)]
    if None in places:
        return True
    kinds = {place[1] or place[2] for place in places if place}
    return len(kinds) > 1 or len({place[0] for place in places if place}) == 1
