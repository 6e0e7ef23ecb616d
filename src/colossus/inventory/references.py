"""References inside the site: every name must lead to something of the right kind.

One finding per dangling name, with the nearest name that exists. A site with findings here cannot
be designed (exit 10).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from itertools import product

from colossus.diagnostics import Diagnostic, error
from colossus.inventory.catalog import (
    CatalogItem,
    Cdu,
    Chassis,
    Pdu,
    PowerShelf,
    Rack,
    Server,
    Switch,
)
from colossus.inventory.fabrics import FabricIntent, SharedAddresses
from colossus.inventory.hierarchy import RESERVED_LEVELS
from colossus.inventory.nodeset import expand
from colossus.inventory.site import RackGroup, Site
from colossus.inventory.slurm import Slurm

UNKNOWN = "reference-unknown"
BUILT_IN_ROLES = ("pdu",)
FIXTURE_ROLES = ("manifold", "tap")
BUILT_IN_FABRICS = ("power", "coolant")
"""What cords and hoses are: no authored role or fabric has such a name."""
KIND_OF_ROLE: Mapping[str, type[Server | Switch | Cdu | PowerShelf | Chassis]] = {
    "compute": Server,
    "controller": Server,
    "service": Server,
    "switch": Switch,
    "cooling": Cdu,
    "power": PowerShelf,
    "chassis": Chassis,
}


def unknown(
    path: str,
    what: str,
    name: str,
    known: Collection[str],
    where: str = "",
) -> Diagnostic:
    """Make the finding for a name that leads nowhere."""
    near = get_close_matches(name, list(known), n=1, cutoff=0.5)
    some = ", ".join(sorted(known)[:8]) or "none"
    hint = f"did you mean {near[0]!r}?" if near else f"known: {some}"
    return error(UNKNOWN, path, f"unknown {what} {name!r}{where}", hint)


def resolve(
    site: Site,
    catalog: Mapping[str, CatalogItem],
    playbooks: Collection[str],
) -> list[Diagnostic]:
    """Find every dangling reference of the site; the same name again follows from the first."""
    return list(
        _attributed(
            [
                *_twice(site),
                *_dangling(site, catalog, playbooks),
            ]
        )
    )


def _attributed(findings: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Let findings about the same unknown name follow from the first: it was renamed once."""
    first: dict[str, Diagnostic] = {}
    for finding in findings:
        name = finding.summary.split("'")[1] if finding.code == UNKNOWN else finding.where.path
        root = first.setdefault(name, finding)
        if root is finding:
            yield finding
        else:
            yield replace(finding, caused_by=f"{root.code} at {root.where.path}")


def _twice(site: Site) -> Iterator[Diagnostic]:
    """Find names and references that a list holds twice."""
    lists: list[tuple[str, str, Sequence[str]]] = [
        ("halls", "hall", [hall.name for hall in site.halls]),
        ("stages", "stage", [stage.name for stage in site.stages]),
        ("levels", "level", [level.name for level in site.levels]),
    ]
    lists += [(f"halls[{n}].rows", "row", hall.rows) for n, hall in enumerate(site.halls)]
    for name, intent in site.fabrics.items():
        ends = [f"{end.role}:{port}" for end in intent.ends for port in end.ports]
        lists.append((f"fabrics.{name}.ends", "end", ends))
        if isinstance(intent.addresses, SharedAddresses):
            ranges = [f"{item.role}:{item.port}" for item in intent.addresses.ranges]
            lists.append((f"fabrics.{name}.addresses.ranges", "range", ranges))
    if site.slurm:
        lists.append(("slurm.nodes", "role", [item.role for item in site.slurm.nodes]))
        lists.append(("slurm.partitions", "partition", [p.name for p in site.slurm.partitions]))
    for path, what, words in lists:
        for place, word in enumerate(words):
            if word in words[:place]:
                yield error(
                    "listed-twice",
                    path if what == "end" else f"{path}[{place}]",
                    f"{what} {word!r} is listed twice",
                    "remove one of them, or give it another name",
                )


def _dangling(
    site: Site,
    catalog: Mapping[str, CatalogItem],
    playbooks: Collection[str],
) -> list[Diagnostic]:
    return [
        *_roles(site, catalog, playbooks),
        *(
            finding
            for index, group in enumerate(site.racks)
            for finding in _racks(site, catalog, group, f"racks[{index}]")
        ),
        *(
            error("reference-reserved", path, f"{what} {name!r} is built in", "rename it")
            for path, what, name in _built_in(site)
        ),
        *(
            finding
            for name, intent in site.fabrics.items()
            for finding in _fabric(site, catalog, intent, f"fabrics.{name}")
        ),
        *_slurm(site),
        *_scheduler(site),
        *_boot(site),
        *_access(site),
    ]


def _built_in(site: Site) -> Iterator[tuple[str, str, str]]:
    """Find names that Colossus gives itself: path, what it is, name."""
    for name in BUILT_IN_FABRICS:
        if name in site.fabrics:
            yield f"fabrics.{name}", "fabric", name
    for place, level in enumerate(site.levels):
        if level.name in RESERVED_LEVELS:
            yield f"levels[{place}].name", "level", level.name


def _model(
    catalog: Mapping[str, CatalogItem],
    path: str,
    name: str,
    kind: type[CatalogItem],
) -> Iterator[Diagnostic]:
    item = catalog.get(name)
    if item is None:
        fitting = [key for key, known in catalog.items() if isinstance(known, kind)]
        yield unknown(path, "model", name, fitting)
    elif not isinstance(item, kind):
        yield error(
            "reference-wrong-kind",
            path,
            f"{name} is a {item.kind}, where a {kind.__name__.lower()} is wanted",
            "name a model of the right kind; `colossus catalog list` shows them",
        )


def _roles(
    site: Site,
    catalog: Mapping[str, CatalogItem],
    playbooks: Collection[str],
) -> Iterator[Diagnostic]:
    for name, role in site.roles.items():
        path = f"roles.{name}"
        if name in (*BUILT_IN_ROLES, *FIXTURE_ROLES):
            yield error("reference-reserved", path, f"role {name!r} is built in", "rename it")
        yield from _model(catalog, f"{path}.model", role.model, KIND_OF_ROLE[role.kind])
        if role.playbook and role.playbook not in playbooks:
            yield unknown(f"{path}.playbook", "playbook", role.playbook, playbooks)


def _racks(
    site: Site,
    catalog: Mapping[str, CatalogItem],
    group: RackGroup,
    path: str,
) -> Iterator[Diagnostic]:
    halls = {hall.name: hall for hall in site.halls}
    for name in group.hall_names:
        if name not in halls:
            yield unknown(f"{path}.{'halls' if group.halls else 'hall'}", "hall", name, halls)
            continue
        for row in group.row_names:
            if row not in halls[name].rows:
                field = f"{path}.rows" if group.rows else f"{path}.row"
                yield unknown(field, "row", row, halls[name].rows)
    yield from _belonging(site, group, path)
    yield from _model(catalog, f"{path}.model", group.model, Rack)
    if group.pdus:
        yield from _model(catalog, f"{path}.pdus.model", group.pdus.model, Pdu)
    yield from _rules(site, group, path)


def _belonging(site: Site, group: RackGroup, path: str) -> Iterator[Diagnostic]:
    stages = [stage.name for stage in site.stages]
    for stage in dict.fromkeys(group.stage_names):
        if stage and stage not in stages:
            yield unknown(f"{path}.{'stages' if group.stages else 'stage'}", "stage", stage, stages)
    levels = [level.name for level in site.levels]
    if group.within and group.within.level not in levels:
        yield unknown(f"{path}.within.level", "level", group.within.level, levels)


def _rules(site: Site, group: RackGroup, path: str) -> Iterator[Diagnostic]:
    names = expand(group.names)
    for place, rule in enumerate(group.devices):
        if rule.role not in site.roles:
            yield unknown(f"{path}.devices[{place}].role", "role", rule.role, site.roles)
        for rack in expand(rule.only) if rule.only else ():
            if rack not in names:
                yield unknown(f"{path}.devices[{place}].only", "rack", rack, names)


def _models_of(site: Site, role: str) -> set[str]:
    if role in site.roles:
        return {site.roles[role].model}
    return {group.pdus.model for group in site.racks if group.pdus}


def _ports_of(site: Site, catalog: Mapping[str, CatalogItem], role: str) -> set[str] | None:
    """Port groups of a role's models; None where the role or a model is unknown anyway."""
    items = [catalog.get(model) for model in _models_of(site, role)]
    wanted = KIND_OF_ROLE[site.roles[role].kind] if role in site.roles else Pdu
    if not items or not all(isinstance(item, wanted) for item in items):
        return None
    return {
        group.name for item in items if not isinstance(item, Rack) and item for group in item.ports
    }


def _fabric(
    site: Site,
    catalog: Mapping[str, CatalogItem],
    intent: FabricIntent,
    path: str,
) -> Iterator[Diagnostic]:
    ends = list(_ends(site, catalog, intent, path))
    yield from ends
    yield from _tiers(site, catalog, intent, path)
    levels = ("site", "hall", *(level.name for level in site.levels))
    if intent.clos and intent.clos.unit_within not in levels:
        yield unknown(f"{path}.clos.unit_within", "level", intent.clos.unit_within, levels)
    switches = [name for name, role in site.roles.items() if role.kind == "switch"]
    if intent.switch_role and intent.switch_role not in switches:
        yield unknown(f"{path}.switch_role", "switch role", intent.switch_role, switches)
    elif intent.switch_role and intent.switch_ports:
        names = (intent.switch_ports,)
        yield from _ports(site, catalog, intent.switch_role, names, f"{path}.switch_ports")
    # A range that names a misspelled end's right name would only repeat that fault.
    if isinstance(intent.addresses, SharedAddresses) and not ends:
        yield from _ranges(intent, intent.addresses, path)


def _ends(
    site: Site,
    catalog: Mapping[str, CatalogItem],
    intent: FabricIntent,
    path: str,
) -> Iterator[Diagnostic]:
    roles = [*site.roles, *BUILT_IN_ROLES]
    listed = [(f"{path}.ends[{place}]", end) for place, end in enumerate(intent.ends)]
    listed += [(f"{path}.services[{place}]", end) for place, end in enumerate(intent.services)]
    for where, end in listed:
        if end.role in roles:
            yield from _ports(site, catalog, end.role, end.ports, f"{where}.ports")
        else:
            yield unknown(f"{where}.role", "role", end.role, roles)


def _tiers(
    site: Site,
    catalog: Mapping[str, CatalogItem],
    intent: FabricIntent,
    path: str,
) -> Iterator[Diagnostic]:
    switches = [name for name, role in site.roles.items() if role.kind == "switch"]
    if mesh := intent.mesh:
        if mesh.role in site.roles:
            for word, port in (("tiles", mesh.tiles), ("cards", mesh.cards)):
                yield from _ports(site, catalog, mesh.role, (port,), f"{path}.mesh.{word}")
        else:
            yield unknown(f"{path}.mesh.role", "role", mesh.role, site.roles)
    named = (
        [(f"clos.tiers.{w}", t, t.ports) for w, t in intent.clos.tiers if t] if intent.clos else []
    )
    if intent.dragonfly:
        listed = enumerate(intent.dragonfly.switches)
        named += [(f"dragonfly.switches[{n}]", switch, switch.ports) for n, switch in listed]
    if intent.by_rack:
        access, above = intent.by_rack.access, intent.by_rack.aggregation
        named.append(("by_rack.access", access, access.ports))
        named += [("by_rack.aggregation", above, above.ports)] if above else []
        core = intent.by_rack.core
        named += [("by_rack.core", core, core.ports)] if core else []
    for word, tier, ports in named:
        if tier.role not in switches:
            yield unknown(f"{path}.{word}.role", "switch role", tier.role, switches)
        else:
            yield from _ports(site, catalog, tier.role, (ports,), f"{path}.{word}.ports")


def _ports(
    site: Site,
    catalog: Mapping[str, CatalogItem],
    role: str,
    ports: tuple[str, ...],
    path: str,
) -> Iterator[Diagnostic]:
    known = _ports_of(site, catalog, role)
    if known is None:
        return
    for number, port in enumerate(ports):
        if port not in known:
            place = f"{path}[{number}]" if len(ports) > 1 else path
            yield unknown(place, "port group", port, known, f" of role {role}")


def _ranges(intent: FabricIntent, plan: SharedAddresses, path: str) -> Iterator[Diagnostic]:
    known = {key for end in intent.ends for key in product([end.role], end.ports)}
    known |= {(role, "bridge") for role in intent.switch_roles}
    words = [f"{role}:{port}" for role, port in sorted(known)]
    for place, item in enumerate(plan.ranges):
        if (item.role, item.port) not in known:
            where = f"{path}.addresses.ranges[{place}]"
            yield unknown(where, "end of this fabric", f"{item.role}:{item.port}", words)


def _scheduler(site: Site) -> Iterator[Diagnostic]:
    servers = [name for name, role in site.roles.items() if role.kind in ("controller", "service")]
    role = site.scheduler.server_role if site.scheduler else None
    if role is not None and role not in servers:
        yield unknown("scheduler.server_role", "controller or service role", role, servers)


def _slurm(site: Site) -> Iterator[Diagnostic]:
    if site.slurm is None:
        return
    compute = [name for name, role in site.roles.items() if role.kind == "compute"]
    controllers = [name for name, role in site.roles.items() if role.kind == "controller"]
    if site.slurm.controller_role not in controllers:
        path, name = "slurm.controller_role", site.slurm.controller_role
        yield unknown(path, "controller role", name, controllers)
    if site.slurm.topology != "none" and site.slurm.topology_fabric not in site.fabrics:
        path, name = "slurm.topology_fabric", site.slurm.topology_fabric
        yield unknown(path, "fabric", name, site.fabrics)
    lost = [(n, item.role) for n, item in enumerate(site.slurm.nodes) if item.role not in compute]
    for place, role in lost:
        yield unknown(f"slurm.nodes[{place}].role", "compute role", role, compute)
    if not lost:
        yield from _partitions(site.slurm)


def _partitions(slurm: Slurm) -> Iterator[Diagnostic]:
    listed = [item.role for item in slurm.nodes]
    for place, partition in enumerate(slurm.partitions):
        for role in partition.roles:
            if role not in listed:
                path = f"slurm.partitions[{place}].roles"
                yield unknown(path, "role", role, listed, " among slurm.nodes")


def _boot(site: Site) -> Iterator[Diagnostic]:
    if site.boot is None:
        return
    servers = [name for name, role in site.roles.items() if role.kind in ("controller", "service")]
    if site.boot.server_role not in servers:
        yield unknown("boot.server_role", "service role", site.boot.server_role, servers)
    hosts = [name for name, role in site.roles.items() if role.kind not in ("switch", "chassis")]
    for name, booted in site.boot.roles.items():
        if name not in hosts:
            yield unknown(f"boot.roles.{name}", "host role", name, hosts)
        if booted.image not in site.boot.images:
            yield unknown(f"boot.roles.{name}.image", "image", booted.image, site.boot.images)


def _access(site: Site) -> Iterator[Diagnostic]:
    if site.access.fabric not in site.fabrics:
        yield unknown("access.fabric", "fabric", site.access.fabric, site.fabrics)
        return
    ends = site.fabrics[site.access.fabric].ends
    ports = {port for end in ends for port in end.ports}
    if site.access.management_port not in ports:
        path, name = "access.management_port", site.access.management_port
        yield unknown(path, "port", name, ports, f" on fabric {site.access.fabric}")
