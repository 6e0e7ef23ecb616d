"""Slurm values for templates: node lines, switches, GPUs, partitions, as Slurm's files want them.

Source of the rules: the slurm.conf, topology.conf and gres.conf manuals of 22.05 and 25.05.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from colossus.fabric.model import Fabric
from colossus.fabric.scheduler import Scheduler, SlurmNode, rows_of, scheduler
from colossus.inventory.nodeset import fold
from colossus.inventory.slurm import Partition, Slurm

SMALLEST_TREE_WIDTH = 16


@dataclass(frozen=True, slots=True)
class Controller:
    """One slurmctld: the first is the primary, the next ones stand by in order."""

    name: str
    fqdn: str
    address: str


@dataclass(frozen=True, slots=True)
class NodeLine:
    """Hosts that share one NodeName line; hardware holds its keys from Sockets to Feature.

    addresses is empty where hosts are found by name.
    """

    names: str
    addresses: str
    hardware: str
    state: str


@dataclass(frozen=True, slots=True)
class SwitchLine:
    """One switch of the topology and what is below it: hosts or switches."""

    name: str
    nodes: str
    switches: str


@dataclass(frozen=True, slots=True)
class BlockLine:
    """One block of the topology and the hosts in it."""

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
    blocks: tuple[BlockLine, ...]
    block_sizes: str
    tree_width: int
    slurmd_timeout_seconds: int
    message_timeout_seconds: int


def slurm_of(fabric: Fabric, hosts: Collection[str] | None = None) -> SlurmValues | None:
    """Give what Slurm's files print; None where the site has no Slurm.

    hosts: those that are there, None for all of this stage; Slurm asks no others for a sign of
    life.
    """
    found = scheduler(fabric)
    if found is None:
        return None
    slurm, domain = found.intent, fabric.site.domain
    controllers = tuple(
        Controller(each.name, f"{each.name}.{domain}", each.address)
        for each in found.controllers
        if each.address and fabric.devices.present[fabric.device_index[each.name]]
    )
    nodes = found.nodes
    if hosts is not None:
        nodes = tuple(replace(n, future=n.future or n.name not in hosts) for n in nodes)
    gres = _gres_lines(nodes)
    return SlurmValues(
        cluster_name=slurm.cluster_name,
        state_directory=slurm.state_save_location,
        controllers=controllers,
        slurmd_options="--conf-server " + ",".join(each.name for each in controllers),
        nodes=tuple(_node_line(run) for run in _runs(fabric, nodes)),
        partitions=_partition_lines(fabric, found),
        gres_types="gpu" if gres else "",
        gres=gres,
        topology_plugin=_topology_plugin(slurm, found),
        topology_param="TopoOptional" if found.islands > 1 else "",
        switches=tuple(
            SwitchLine(each.name, fold(each.nodes), fold(each.switches)) for each in found.switches
        ),
        blocks=tuple(BlockLine(each.name, fold(each.nodes)) for each in found.blocks),
        block_sizes=",".join(map(str, slurm.block_sizes)),
        tree_width=tree_width(len(found.nodes)),
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


def _topology_plugin(slurm: Slurm, found: Scheduler) -> str:
    """Give the plugin; empty where topology.yaml says it. No topology was renamed in 23.11."""
    if found.switches or found.blocks:
        return "" if topology_as_yaml(slurm) else f"topology/{slurm.topology}"
    return "topology/flat" if _release(slurm) >= (23, 11) else "topology/none"


def _release(slurm: Slurm) -> tuple[int, ...]:
    return tuple(int(part) for part in slurm.version.split("."))


def _runs(fabric: Fabric, nodes: Iterable[SlurmNode]) -> list[list[SlurmNode]]:
    """Cut hosts into runs of one shape whose names count up, and addresses rise, together."""
    runs: list[list[SlurmNode]] = []
    ordinals = {name: int(fabric.devices.ordinal[row]) for name, row in fabric.device_index.items()}
    for node in nodes:
        last = runs[-1][-1] if runs else None
        if (
            last is not None
            and ordinals[node.name] - ordinals[last.name] == 1
            and _follows(last.address, node.address)
            and _shape(last) == _shape(node)
        ):
            runs[-1].append(node)
        else:
            runs.append([node])
    return runs


def _follows(address: str, following: str) -> bool:
    """Whether an address comes later in the same /24: NodeAddr folds one number and no more.

    Hosts without addresses follow each other: they are found by their names.
    """
    if not address or not following:
        return address == following
    one, other = int(IPv4Address(address)), int(IPv4Address(following))
    return one < other and one >> 8 == other >> 8


def _shape(node: SlurmNode) -> tuple[str, str]:
    """Give what the nodes of one line have in common: hardware and state."""
    keys: dict[str, object] = {
        "Sockets": node.sockets,
        "CoresPerSocket": node.cores_per_socket,
        "ThreadsPerCore": node.threads_per_core,
        "RealMemory": node.real_memory_mib,
        "Gres": node.gres,
        "Feature": ",".join(node.features),
    }
    hardware = " ".join(f"{key}={value}" for key, value in keys.items() if value != "")
    return hardware, "FUTURE" if node.future else "UNKNOWN"


def _node_line(run: list[SlurmNode]) -> NodeLine:
    hardware, state = _shape(run[0])
    addresses = fold(node.address for node in run if node.address)
    return NodeLine(fold(node.name for node in run), addresses, hardware, state)


def _gres_lines(nodes: Iterable[SlurmNode]) -> tuple[GresLine, ...]:
    names: dict[tuple[str, str], list[str]] = {}
    for node in nodes:
        if node.gres:
            kind = node.gres.split(":")[1]
            names.setdefault((kind, node.device_files), []).append(node.name)
    return tuple(GresLine(fold(each), *key) for key, each in names.items())


def _partition_lines(fabric: Fabric, found: Scheduler) -> tuple[PartitionLine, ...]:
    """Give the partitions that have hosts at this stage."""
    lines = (_partition_line(fabric, each) for each in found.intent.partitions)
    return tuple(line for line in lines if line.nodes)


def _partition_line(fabric: Fabric, partition: Partition) -> PartitionLine:
    devices = fabric.devices
    rows = [row for role in partition.roles for row in rows_of(fabric, role)]
    return PartitionLine(
        name=partition.name,
        nodes=fold(devices.names[row] for row in rows if devices.present[row]),
        default="YES" if partition.default else "NO",
        max_time="INFINITE" if partition.max_time == "infinite" else partition.max_time,
        oversubscribe="EXCLUSIVE" if partition.exclusive else "NO",
    )
