"""Clos fabrics decided: units, shape, the place of every host, before anything is wired."""

from dataclasses import dataclass

from colossus.diagnostics import Diagnostic, error
from colossus.fabric.hierarchy import places_of
from colossus.fabric.intent import EndPort, Wiring, end_ports
from colossus.fabric.radix import Radices, radices_of
from colossus.fabric.shape import Shape, ShapeImpossible, decide
from colossus.fabric.slots import fold_slots, unfold_slots
from colossus.fabric.tables import Index
from colossus.fabric.units import Closed, Unit, assign_units, full_units
from colossus.inventory.catalog import PortGroup
from colossus.inventory.fabrics import Clos, Tier
from colossus.inventory.locks import FabricLock

FAR = 1 << 20
"""A unit beyond any that a single switch's reserved port could belong to."""


@dataclass(frozen=True)
class ClosPlan:
    """A decided Clos fabric: its shape, the place of every host, and what the lock keeps."""

    wiring: Wiring
    clos: Clos
    shape: Shape
    radices: Radices
    positions: dict[str, int]
    hosts: tuple[int, ...]
    services: tuple[tuple[int, EndPort], ...]
    lock: FabricLock

    @property
    def unit(self) -> Unit:
        """What a unit of it is."""
        shape = self.shape
        return Unit(
            shape.hosts_per_unit, shape.leaves_per_unit, shape.leaf_down // shape.hosts_per_unit
        )

    def needs(self) -> dict[str, int]:
        """How many switches of each role the fabric wants."""
        tiers = self.clos.tiers
        found = {tiers.leaf.role: self.shape.leaves, tiers.spine.role: self.shape.spines}
        if tiers.core:
            found[tiers.core.role] = self.shape.cores
        return found

    def numbers(self) -> Index:
        """Number every host by its place: unit after unit; others by ordinal."""
        devices = self.wiring.layout.devices
        found = devices.ordinal.copy()
        for row in self.hosts:
            found[row] = self.positions[devices.names[row]]
        return found


def plan_clos(wiring: Wiring) -> ClosPlan | Diagnostic:
    """Decide units and shape of a Clos fabric; a finding where no legal shape exists."""
    clos = wiring.intent.clos
    assert clos is not None  # noqa: S101 — the model demands it for this topology
    hosts = tuple(sorted(row for end in wiring.intent.ends for row in wiring.devices(end.role)))
    ports = {len(end_ports(wiring, row)) for row in hosts}
    if len(ports) != 1:
        return _uneven(wiring, ports)
    services = _services(wiring)
    names, racks = wiring.layout.devices.names, wiring.layout.racks
    around = places_of(wiring.site, racks, clos.unit_within)
    listed = [(names[row], int(around[wiring.layout.devices.rack[row]])) for row in hosts]
    (per_host,) = ports
    leaves = per_host if clos.rail_optimised else 1
    holders = dict.fromkeys(
        names[row] for number, (row, _) in enumerate(services) if number % leaves == 0
    )
    last = listed[-1][1] if listed else 0
    radices = radices_of(wiring.site, wiring.equipment, wiring.intent)
    unit = Unit(clos.hosts_per_unit, leaves, per_host // leaves)
    closed = unit.closed(radices.leaf)
    if all(closed(unit.hosts * FAR + place) for place in range(unit.hosts)):
        return _no_place(wiring)
    wanted = [*listed, *((name, last) for name in holders)]
    before = _kept(wiring, clos, {name for name, _ in wanted}, closed)
    positions = assign_units(wanted, clos.hosts_per_unit, before, closed)
    units = full_units(positions, clos.hosts_per_unit, clos.grow_to, closed)
    try:
        planned = decide(clos, wiring.intent.planes, units, per_host, radices)
        shape = _built(planned, full_units(positions, clos.hosts_per_unit, None))
    except ShapeImpossible as problem:
        return error(problem.code, f"{wiring.path}.clos", problem.summary, problem.ways)
    decisions = {"topology": wiring.intent.topology, **shape.decisions()}
    if wiring.intent.reserved:
        decisions["reserved"] = " ".join(sorted(set(wiring.intent.reserved)))
    taken = {name: (position, 1) for name, position in positions.items()}
    lock = FabricLock(shape=decisions, slots=fold_slots(taken))
    return ClosPlan(wiring, clos, shape, radices, positions, hosts, services, lock)


def _kept(wiring: Wiring, clos: Clos, wanted: set[str], closed: Closed) -> dict[str, int]:
    """Give the positions that the lock keeps; who is gone loses one with a reserved port."""
    known = wiring.known
    if known is None or (
        wiring.recable and known.shape.get("hosts_per_unit") != clos.hosts_per_unit
    ):
        return {}
    return {
        name: position
        for name, (position, _) in unfold_slots(known.slots).items()
        if not closed(position) or (name in wanted and not wiring.recable)
    }


def _built(planned: Shape, units: int) -> Shape:
    """Give the shape with only the units that exist; `grow_to` decided the rest of it."""
    values = {name: getattr(planned, name) for name in Shape.__slots__}
    return Shape(**{**values, "units": units})


def group_of(wiring: Wiring, tier: Tier) -> tuple[int, PortGroup]:
    """Give the port group with which a tier's switches carry the fabric, and its index."""
    return wiring.groups(wiring.site.roles[tier.role].model, (tier.ports,))[0]


def _services(wiring: Wiring) -> tuple[tuple[int, EndPort], ...]:
    """List the ports of fabric managers and the like: they take host places, leaf by leaf."""
    return tuple(
        (row, port)
        for end in wiring.intent.services
        for row in wiring.devices(end.role)
        for port in end_ports(wiring, row, end.ports)
    )


def _uneven(wiring: Wiring, ports: set[int]) -> Diagnostic:
    if not ports:
        summary = f"fabric {wiring.name} has no hosts"
        return error("clos-impossible", f"{wiring.path}.ends", summary, "place some, or drop it")
    return error(
        "clos-impossible",
        f"{wiring.path}.ends",
        f"fabric {wiring.name}: its hosts have {' and '.join(map(str, sorted(ports)))} ports, but"
        " every place of a unit has as many",
        "give each kind of host a fabric of its own",
    )


def _no_place(wiring: Wiring) -> Diagnostic:
    return error(
        "clos-impossible",
        f"{wiring.path}.reserved",
        f"fabric {wiring.name}: every place of a unit has a reserved port",
        "reserve fewer ports of the leaves, or ports of single ones",
    )
