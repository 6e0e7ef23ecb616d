"""Every check, in the order in which findings are best read, and what follows from what."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from colossus.checks import addresses, naming, networks, ports, power, scheduler, space
from colossus.diagnostics import Diagnostic
from colossus.fabric.design import Design
from colossus.fabric.model import Fabric

Check = Callable[[Fabric], Iterator[Diagnostic]]

CHECKS: tuple[Check, ...] = (
    # Names first: a doubled name makes every later message ambiguous.
    naming.name_clash,
    naming.rack_clash,
    naming.override_unknown,
    # Then what can be seen in the rack.
    space.u_overlap,
    space.u_outside_rack,
    space.depth_exceeds_rack,
    space.rack_weight,
    power.rack_power,
    power.feed_loss,
    power.hall_feed_power,
    power.rack_without_feed,
    power.inlet_overload,
    power.outlets_exhausted,
    # Then what is plugged.
    ports.port_used_twice,
    ports.breakout_unsupported,
    ports.speed_mismatch,
    ports.connector_mismatch,
    networks.components_differ,
    networks.end_unconnected,
    naming.management_uncabled,
    # Then what is configured on it.
    addresses.address_clash,
    addresses.gateway_clash,
    addresses.address_reserved,
    addresses.prefix_overlap,
    addresses.target_unaddressed,
    scheduler.slurm_host_unlisted,
    scheduler.slurm_role_empty,
    scheduler.slurm_standby_state,
    scheduler.slurm_off_topology,
    scheduler.slurm_limits,
)

CONSEQUENCES: dict[str, tuple[str, ...]] = {
    # A device without ports has no link, no address and no leaf.
    "end-unconnected": ("fabric-ports-exhausted",),
    "slurm-off-topology": ("fabric-ports-exhausted",),
    "target-unaddressed": ("fabric-ports-exhausted", "address-outside-prefix"),
    # One port carrying two fabrics mixes their speeds, plugs, addresses and components.
    "speed-mismatch": ("breakout-unsupported",),
    "components-differ": ("port-used-twice", "fabric-ports-exhausted"),
    "address-clash": ("name-clash", "rack-clash", "port-used-twice"),
    "u-overlap": ("rack-clash",),
    "rack-power": ("rack-clash",),
    "name-clash": ("rack-clash",),
    "outlets-exhausted": ("u-overlap",),
    "rack-weight": ("u-overlap",),
}
"""Finding → roots that explain it away; the root is what the operator must cure."""


def run_checks(design: Design) -> list[Diagnostic]:
    """Run every check on a designed cluster; consequences name their root in `caused_by`."""
    found = [*design.findings]
    for check in CHECKS:
        found.extend(check(design.fabric))
    return list(attribute(found))


def attribute(findings: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Say of each finding which other one it only follows from, if any."""
    listed = list(findings)
    for finding in listed:
        roots = CONSEQUENCES.get(finding.code, ())
        cause = next((root for root in listed if root.code in roots), None)
        if cause is None:
            yield finding
        else:
            yield replace(finding, caused_by=f"{cause.code} at {cause.where.path}")
