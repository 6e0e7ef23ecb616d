"""Site → Fabric: the whole derivation as a vertical list of verbs. Pure and deterministic."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from colossus.diagnostics import Diagnostic, Severity, error
from colossus.fabric.addresses import Wires, assign
from colossus.fabric.cables import Installed, run_cables
from colossus.fabric.clos import ClosPlan
from colossus.fabric.layout import Layout, lay_out
from colossus.fabric.model import Equipment, Fabric
from colossus.fabric.overridden import Links, plug_otherwise
from colossus.fabric.plugging import cords_moved, supply_runs
from colossus.fabric.refusals import MOVING
from colossus.fabric.routes import Ends
from colossus.fabric.slots import unfold_slots
from colossus.fabric.tables import LinkTable
from colossus.fabric.whole import Whole, whole
from colossus.fabric.wire import plan_fabrics, wire
from colossus.inventory.assets import Asset
from colossus.inventory.catalog import CatalogItem, Rack
from colossus.inventory.locks import Lock
from colossus.inventory.parts import NO_PARTS, Parts
from colossus.inventory.site import Site


@dataclass(frozen=True)
class Design:
    """The designed cluster, the decisions that a lock would fix, and what was impossible.

    decided: the decisions that data cables rest on; `lock` has those of cords and hoses, too.
    """

    fabric: Fabric
    decided: Lock
    findings: tuple[Diagnostic, ...]

    @cached_property
    def cabling(self) -> Whole:
        """The fabric with power cords and coolant hoses; derived when first asked for."""
        return whole(self.fabric, self.decided.salted)

    @property
    def whole(self) -> Fabric:
        """The fabric with power cords and coolant hoses, as the floor sees it."""
        return self.cabling.fabric

    @cached_property
    def lock(self) -> Lock:
        """Every decision that the built cluster rests on."""
        runs = supply_runs(self.fabric.equipped, self.fabric.supply.places)
        return self.decided.model_copy(update={"supply": runs, "salted": self.cabling.salted})


def design(  # noqa: PLR0913 — all that a pure derivation depends on, by name
    site: Site,
    catalog: dict[str, CatalogItem],
    lock: Lock | None = None,
    *,
    stage: str | None = None,
    digest: str = "",
    assets: tuple[Asset, ...] = (),
    parts: Parts = NO_PARTS,
    recable: bool = False,
) -> Design:
    """Derive every rack, device, port, link, cable, address and name of the site.

    References must have been resolved (inventory.references). stage: the site as it must be
    then; later arrivals are designed but not `present`. assets and parts decide nothing: they
    come along.
    recable: what would move installed cables is a warning, and moves them.
    """
    equipment: dict[str, Equipment] = {
        name: item for name, item in catalog.items() if not isinstance(item, Rack)
    }
    layout = lay_out(site, lock, stage)
    if needs := _needs(site, layout, equipment, lock, recable=recable):
        layout = lay_out(site, lock, stage, needs)
    wired = wire(site, layout, equipment, lock, recable=recable)
    a, z, code, tier, plane = wired.columns.link_columns()
    as_ruled = Links(wired.columns.port_table(), a, z)
    plugged, lost = plug_otherwise(site, layout, equipment, as_ruled)
    ports, a, z = plugged.ports, plugged.a, plugged.z
    ends = Ends(ports, a, z, code)
    cables, cable_of, salted = run_cables(
        site,
        layout,
        ends,
        catalog,
        Installed(dict(lock.salted), _installed(site, layout, ends, lock)) if lock else Installed(),
    )
    links = LinkTable(
        a=a,
        z=z,
        fabric=code,
        tier=tier,
        rail=ports.rail[a],
        plane=plane,
        cable=cable_of,
    )
    addresses, outside = assign(site, Wires(layout, ports, links, catalog, wired.numbers))
    fabric = Fabric(
        site=site,
        catalog=catalog,
        **_names(layout),
        fabrics=tuple(site.fabrics),
        racks=layout.racks,
        devices=layout.devices,
        ports=ports,
        links=links,
        cables=cables,
        addresses=addresses,
        decided=wired.locks,
        supplied=lock.supply if lock else (),
        digest=digest,
        stage=stage or "",
        assets=assets,
        parts=parts,
    )
    decided = Lock(
        cluster=site.cluster,
        roles=layout.ordinals,
        fabrics=wired.locks,
        levels=layout.levels,
        salted=salted,
    )
    refused = (*wired.findings, *cords_moved(fabric.equipped))
    moving = _allowed(refused) if recable else refused
    findings = (*_foreign(site, lock), *layout.findings, *moving, *lost, *outside)
    return Design(fabric, decided, findings)


def _needs(
    site: Site,
    layout: Layout,
    equipment: dict[str, Equipment],
    lock: Lock | None,
    *,
    recable: bool,
) -> dict[str, int]:
    """Count the switches that the fabrics want, so that rules with `fill` can place them."""
    found: dict[str, int] = {}
    if not any(rule.fill for group in site.racks for rule in group.devices):
        return found
    for plan in plan_fabrics(site, layout, equipment, lock, recable=recable).values():
        if isinstance(plan, ClosPlan):
            for role, count in plan.needs().items():
                found[role] = found.get(role, 0) + count
    return found


def _allowed(findings: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """Let what moves installed cables be a warning."""
    return tuple(
        replace(finding, severity=Severity.WARNING) if finding.code in MOVING else finding
        for finding in findings
    )


def _foreign(site: Site, lock: Lock | None) -> Iterator[Diagnostic]:
    """Refuse the lock of another cluster: its numbers mean other machines."""
    if lock and lock.cluster != site.cluster:
        yield error(
            "lock-foreign",
            "lock.cluster",
            f"cluster.lock belongs to cluster {lock.cluster}, this is {site.cluster}",
            "remove the copied file; if the cluster was renamed, rename it in cluster.lock too",
        )


def _installed(site: Site, layout: Layout, ends: Ends, lock: Lock) -> NDArray[np.bool_]:
    """Whether each link was there already when the lock was written."""
    known = np.zeros((len(site.fabrics), len(layout.devices.names)), dtype=np.bool_)
    rows = {name: row for row, name in enumerate(layout.devices.names)}
    for code, name in enumerate(site.fabrics):
        runs = lock.fabrics[name].slots if name in lock.fabrics else ()
        known[code, [rows[device] for device in unfold_slots(runs) if device in rows]] = True
    return known[ends.fabric, ends.ports.device[ends.a]]


def _names(layout: Layout) -> dict[str, tuple[str, ...]]:
    return {
        "halls": layout.halls,
        "rows": layout.rows,
        "stages": layout.stages,
        "roles": layout.roles,
        "models": layout.models,
        "origins": layout.origins,
    }
