"""Slurm values for templates: node lines, switches, GPUs, partitions, as Slurm's files want them.

Source of the rules: the slurm.conf, topology.conf and gres.conf manuals of 22.05 and 25.05.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address

from colossus.inventory.catalog import Server
from colossus.inventory.nodeset import fold
from colossus.inventory.slurm import NodeClass, Partition, Slurm
from colossus.render.lookup import Lookup

SMALLEST_TREE_WIDTH = 16
_MEBIBYTES = 1024


@dataclass(frozen=True, slots=True)
class Controller:
    """One slurmctld: the first is the primary, the next ones stand by in order."""

    name: str
    fqdn: str
    address: str


@dataclass(frozen=True, slots=True)
class NodeLine:
    """Hosts that share one NodeName line; hardware holds its keys from Sockets to Feature."""

    names: str
    addresses: str
    hardware: str
    state: str


@dataclass(frozen=True, slots=True)
class SwitchLine:
    """One switch of the topology and the hosts below it."""

    name: str
    nodes: str


@dataclass(frozen=True, slots=True)
class GresLine:
    """Accelerators of equal hosts."""

    names: str
    type: str
    files: str


@dataclass(frozen=True, slots=True)
class PartitionLine:
    """One partition over folded host names."""

    name: str
    nodes: str
    default: str
    max_time: str
    oversubscribe: str


@dataclass(frozen=True, slots=True)
class SlurmValues:
    """Everything that Slurm's files print."""

    cluster_name: str
    state_directory: str
    controllers: tuple[Controller, ...]
    slurmd_options: str
    nodes: tuple[NodeLine, ...]
    partitions: tuple[PartitionLine, ...]
    gres_types: str
    gres: tuple[GresLine, ...]
    topology_plugin: str
    topology_param: str
    switches: tuple[SwitchLine, ...]
    tree_width: int
    slurmd_timeout_seconds: int
    message_timeout_seconds: int


def controllers_of(lookup: Lookup) -> tuple[Controller, ...]:
    """Give the controllers in their order; empty where the site has no Slurm."""
    site = lookup.fabric.site
    if site.slurm is None:
        return ()
    names = lookup.fabric.devices.names
    return tuple(
        Controller(names[row], f"{names[row]}.{site.domain}", lookup.management[row].address)
        for row in lookup.rows_of(site.slurm.controller_role)
        if row in lookup.management and lookup.fabric.devices.present[row]
    )


def slurm_of(lookup: Lookup) -> SlurmValues | None:
    """Give what Slurm's files print; None where the site has no Slurm."""
    slurm = lookup.fabric.site.slurm
    if slurm is None:
        return None
    controllers = controllers_of(lookup)
    switches = _switches(lookup, slurm)
    hosts = sum(len(lookup.rows_of(each.role)) for each in slurm.nodes)
    gres = tuple(line for each in slurm.nodes for line in _gres_lines(lookup, each))
    return SlurmValues(
        cluster_name=slurm.cluster_name,
        state_directory=slurm.state_save_location,
        controllers=controllers,
        slurmd_options="--conf-server " + ",".join(each.name for each in controllers),
        nodes=tuple(line for each in slurm.nodes for line in _node_lines(lookup, each)),
        partitions=_partition_lines(lookup, slurm),
        gres_types="gpu" if gres else "",
        gres=gres,
        topology_plugin=_topology_plugin(slurm, switches),
        topology_param="TopoOptional" if len(switches) > 1 and _apart(lookup, slurm) else "",
        switches=switches,
        tree_width=tree_width(hosts),
        slurmd_timeout_seconds=slurm.slurmd_timeout_seconds,
        message_timeout_seconds=slurm.message_timeout_seconds,
    )


def tree_width(hosts: int) -> int:
    """Give the smallest TreeWidth that reaches every host in three hops, 16 at least."""
    width = SMALLEST_TREE_WIDTH
    while width + width**2 + width**3 < hosts:
        width += 1
    return width


def topology_as_yaml(slurm: Slurm) -> bool:
    """Whether this Slurm reads topology.yaml, which silently wins over topology.conf (25.05)."""
    return _release(slurm) >= (25, 5)


def _topology_plugin(slurm: Slurm, switches: tuple[SwitchLine, ...]) -> str:
    """Give the plugin; empty where topology.yaml says it. No topology was renamed in 23.11."""
    if switches:
        return "" if topology_as_yaml(slurm) else "topology/tree"
    return "topology/flat" if _release(slurm) >= (23, 11) else "topology/none"


def _release(slurm: Slurm) -> tuple[int, ...]:
    return tuple(int(part) for part in slurm.version.split("."))


def _present(lookup: Lookup, role: str) -> list[str]:
    devices = lookup.fabric.devices
    return [devices.names[row] for row in lookup.rows_of(role) if devices.present[row]]


def _node_lines(lookup: Lookup, nodes: NodeClass) -> list[NodeLine]:
    """Fold hosts into lines: one for each run of consecutive addresses, present or future."""
    devices, site = lookup.fabric.devices, lookup.fabric.site
    server = lookup.fabric.catalog[site.roles[nodes.role].model]
    if not isinstance(server, Server):
        return []
    lines = []
    for present in (True, False):
        rows = [row for row in lookup.rows_of(nodes.role) if bool(devices.present[row]) is present]
        for run in _runs(lookup, rows):
            addresses = [IPv4Address(lookup.management[row].address) for row in run]
            lines.append(
                NodeLine(
                    names=fold(devices.names[row] for row in run),
                    addresses=_fold_addresses(addresses),
                    hardware=_hardware(server, nodes),
                    state="UNKNOWN" if present else "FUTURE",
                ),
            )
    return lines


def _hardware(server: Server, nodes: NodeClass) -> str:
    """Write what a host has; a host that finds less of it is drained by slurmd."""
    cpus, found = server.processors, server.accelerators
    keys: dict[str, object] = {
        "Sockets": cpus.sockets,
        "CoresPerSocket": cpus.cores_per_socket,
        "ThreadsPerCore": cpus.threads_per_core,
        "RealMemory": (server.memory_gib - nodes.memory_reserved_gib) * _MEBIBYTES,
        "Gres": f"gpu:{found.gres_type}:{found.count}" if found else "",
        "Feature": ",".join(nodes.features),
    }
    return " ".join(f"{key}={value}" for key, value in keys.items() if value != "")


def _runs(lookup: Lookup, rows: list[int]) -> list[list[int]]:
    """Cut hosts into runs whose ordinals and addresses count up together inside one /24."""
    runs: list[list[int]] = []
    ordinal = lookup.fabric.devices.ordinal
    for row in rows:
        if row not in lookup.management:
            continue
        address = int(IPv4Address(lookup.management[row].address))
        if runs:
            last = runs[-1][-1]
            before = int(IPv4Address(lookup.management[last].address))
            same_block = before >> 8 == address >> 8
            step = int(ordinal[row]) - int(ordinal[last])
            if step == 1 and address - before == 1 and same_block:
                runs[-1].append(row)
                continue
        runs.append([row])
    return runs


def _fold_addresses(addresses: list[IPv4Address]) -> str:
    if len(addresses) == 1:
        return str(addresses[0])
    block, first = str(addresses[0]).rsplit(".", 1)
    last = str(addresses[-1]).rsplit(".", 1)[1]
    return f"{block}.[{first}-{last}]"


def _gres_lines(lookup: Lookup, nodes: NodeClass) -> list[GresLine]:
    server = lookup.fabric.catalog[lookup.fabric.site.roles[nodes.role].model]
    names = [lookup.fabric.devices.names[row] for row in lookup.rows_of(nodes.role)]
    if not isinstance(server, Server) or server.accelerators is None or not names:
        return []
    found = server.accelerators
    return [GresLine(fold(names), found.gres_type, found.device_files)]


def _partition_lines(lookup: Lookup, slurm: Slurm) -> tuple[PartitionLine, ...]:
    """Give the partitions that have hosts at this stage."""
    lines = (_partition_line(lookup, each) for each in slurm.partitions)
    return tuple(line for line in lines if line.nodes)


def _partition_line(lookup: Lookup, partition: Partition) -> PartitionLine:
    names = [name for role in partition.roles for name in _present(lookup, role)]
    return PartitionLine(
        name=partition.name,
        nodes=fold(names),
        default="YES" if partition.default else "NO",
        max_time="INFINITE" if partition.max_time == "infinite" else partition.max_time,
        oversubscribe="EXCLUSIVE" if partition.exclusive else "NO",
    )


def _switches(lookup: Lookup, slurm: Slurm) -> tuple[SwitchLine, ...]:
    """Give each switch of the topology's fabric with its hosts; a host stands under its first."""
    if slurm.topology != "tree" or slurm.topology_fabric not in lookup.fabric.site.fabrics:
        return ()
    below: dict[str, list[str]] = {}
    for node_class in slurm.nodes:
        for name in _present(lookup, node_class.role):
            plugs = lookup.plugs.get(lookup.fabric.device_index[name], ())
            far = [p.far.device for p in plugs if p.link.fabric == slurm.topology_fabric]
            if far:
                below.setdefault(far[0], []).append(name)
    order = sorted(below, key=lookup.fabric.device_index.__getitem__)
    return tuple(SwitchLine(name, fold(below[name])) for name in order)


def _apart(lookup: Lookup, slurm: Slurm) -> bool:
    """Whether hosts of different switches cannot reach each other: no tier joins the switches."""
    intent = lookup.fabric.site.fabrics[slurm.topology_fabric]
    return intent.topology == "single" or intent.components > 1
