"""Site → Fabric: the whole derivation as a vertical list of verbs. Pure and deterministic."""

from dataclasses import dataclass

from colossus.diagnostics import Diagnostic
from colossus.fabric.addresses import Wires, assign
from colossus.fabric.cables import Ends, run_cables
from colossus.fabric.layout import Layout, lay_out
from colossus.fabric.model import Fabric
from colossus.fabric.tables import LinkTable, PortTable, index_array
from colossus.fabric.wire import Columns, wire
from colossus.inventory.catalog import CatalogItem, Pdu, Server, Switch
from colossus.inventory.locks import Lock
from colossus.inventory.site import Site


@dataclass(frozen=True, slots=True)
class Design:
    """The designed cluster, the decisions that a lock would fix, and what was impossible."""

    fabric: Fabric
    lock: Lock
    findings: tuple[Diagnostic, ...]


def design(
    site: Site,
    catalog: dict[str, CatalogItem],
    lock: Lock | None = None,
    *,
    stage: str | None = None,
    digest: str = "",
) -> Design:
    """Derive every rack, device, port, link, cable, address and name of the site.

    References must have been resolved (inventory.references). stage: the site as it must be
    then; later arrivals are designed but not `present`.
    """
    layout = lay_out(site, lock, stage)
    equipment = {
        name: item for name, item in catalog.items() if isinstance(item, Server | Switch | Pdu)
    }
    wired = wire(site, layout, equipment, lock)
    ports = _ports(wired.columns)
    ends = Ends(
        ports,
        index_array(wired.columns.a),
        index_array(wired.columns.z),
        index_array(wired.columns.fabric),
    )
    cables, cable_of, salted = run_cables(
        site,
        layout,
        ends,
        catalog,
        dict(lock.salted) if lock else {},
    )
    links = LinkTable(
        a=ends.a,
        z=ends.z,
        fabric=ends.fabric,
        tier=index_array(wired.columns.tier),
        rail=ports.rail[ends.a],
        plane=index_array([0] * len(ends.a)),
        cable=cable_of,
    )
    addresses, outside = assign(site, Wires(layout, ports, links, catalog))
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
        digest=digest,
    )
    decided = Lock(
        cluster=site.cluster,
        roles=layout.ordinals,
        fabrics=wired.locks,
        salted=salted,
    )
    return Design(fabric, decided, (*layout.findings, *wired.findings, *outside))


def _names(layout: Layout) -> dict[str, tuple[str, ...]]:
    return {
        "halls": layout.halls,
        "rows": layout.rows,
        "stages": layout.stages,
        "roles": layout.roles,
        "models": layout.models,
        "origins": layout.origins,
    }


def _ports(columns: Columns) -> PortTable:
    return PortTable(
        device=index_array(columns.device),
        group=index_array(columns.group),
        cage=index_array(columns.cage),
        lane=index_array(columns.lane),
        speed=index_array(columns.speed),
        rail=index_array(columns.rail),
    )
