"""What Slurm must know: nodes, their place in the tree, controllers.

The playbook renders slurm.conf and topology.conf from these values and the rehearsal compares
them with what the real scheduler says it read.
"""

from dataclasses import dataclass

import numpy as np

from colossus.fabric.graph import component_labels
from colossus.fabric.management import management_addresses
from colossus.fabric.model import Fabric
from colossus.fabric.tables import TIERS, Index
from colossus.inventory.catalog import Server
from colossus.inventory.slurm import NodeClass, Slurm

ROOT_SWITCH = "root"
MIB_PER_GIB = 1024
HOST_TIERS = [TIERS.index(word) for word in ("host-switch", "host-leaf", "gpu-nvswitch")]


@dataclass(frozen=True, slots=True)
class SlurmNode:
    """One node: its address, shape and state; real_memory_mib is what jobs may use."""

    name: str
    address: str
    sockets: int
    cores_per_socket: int
    threads_per_core: int
    real_memory_mib: int
    gres: str
    device_files: str
    features: tuple[str, ...]
    future: bool

    @property
    def cpus(self) -> int:
        """Hardware threads."""
        return self.sockets * self.cores_per_socket * self.threads_per_core


@dataclass(frozen=True, slots=True)
class SlurmSwitch:
    """One switch of the tree: a leaf lists nodes, an inner one lists switches."""

    name: str
    nodes: tuple[str, ...] = ()
    switches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SlurmBlock:
    """One block of topology/block: the nodes of an NVLink domain, which is a rack."""

    name: str
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SlurmController:
    """A controller host and its address; the first of a site is the primary."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Scheduler:
    """Everything about the Slurm cluster that follows from the site: a tree, or blocks."""

    intent: Slurm
    controllers: tuple[SlurmController, ...]
    nodes: tuple[SlurmNode, ...]
    switches: tuple[SlurmSwitch, ...]
    islands: int
    blocks: tuple[SlurmBlock, ...] = ()


def scheduler(fabric: Fabric) -> Scheduler | None:
    """Derive the Slurm cluster of the site; None where the site has none."""
    intent = fabric.site.slurm
    if intent is None:
        return None
    addresses = management_addresses(fabric)
    controllers = [
        SlurmController(fabric.devices.names[row], str(addresses.get(row, "")))
        for row in rows_of(fabric, intent.controller_role)
    ]
    nodes = [
        _node(fabric, row, item, str(addresses.get(row, "")))
        for item in intent.nodes
        for row in rows_of(fabric, item.role)
    ]
    switches, islands = _tree(fabric, intent, {node.name for node in nodes})
    blocks = _blocks(fabric, intent)
    return Scheduler(intent, tuple(controllers), tuple(nodes), switches, islands, blocks)


def rows_of(fabric: Fabric, role: str) -> list[int]:
    """Rows of a role's devices by ordinal."""
    rows = np.flatnonzero(fabric.devices.role == fabric.roles.index(role))
    return [int(row) for row in rows[np.argsort(fabric.devices.ordinal[rows])]]


def _node(fabric: Fabric, row: int, item: NodeClass, address: str) -> SlurmNode:
    server = fabric.equipment(row)
    assert isinstance(server, Server)  # noqa: S101 — references were resolved before the design
    gpus = server.accelerators
    return SlurmNode(
        name=fabric.devices.names[row],
        address=address,
        sockets=server.processors.sockets,
        cores_per_socket=server.processors.cores_per_socket,
        threads_per_core=server.processors.threads_per_core,
        real_memory_mib=(server.memory_gib - item.memory_reserved_gib) * MIB_PER_GIB,
        gres=f"gpu:{gpus.gres_type}:{gpus.count * gpus.devices_each}" if gpus else "",
        device_files=gpus.device_files if gpus else "",
        features=item.features,
        future=not bool(fabric.devices.present[row]),
    )


def _tree(fabric: Fabric, intent: Slurm, nodes: set[str]) -> tuple[tuple[SlurmSwitch, ...], int]:
    """Build the switch tree: leaves as cabled; one root above them unless they are islands.

    A rail-optimised fabric puts a host under several leaves, but Slurm allows one: the leaf of
    its first rail stands for its unit, and whether these are one network is all that counts
    (facts: slurm.md).
    """
    if intent.topology != "tree" or intent.topology_fabric not in fabric.fabrics:
        return (), 0
    code = fabric.fabrics.index(intent.topology_fabric)
    mine = np.flatnonzero(fabric.links.fabric == code)
    below = np.flatnonzero(np.isin(fabric.links.tier[mine], HOST_TIERS))
    hosts, first = np.unique(fabric.ports.device[fabric.links.a[mine[below]]], return_index=True)
    first = below[first[[fabric.devices.names[host] in nodes for host in hosts.tolist()]]]
    # In the order of the cabling, which is that of the hosts.
    first.sort()
    leaves: dict[str, list[str]] = {}
    ends = [fabric.ports.device[side[mine[first]]].tolist() for side in _sides(fabric)]
    for host, leaf in zip(*ends, strict=True):
        leaves.setdefault(fabric.devices.names[leaf], []).append(fabric.devices.names[host])
    islands = len(np.unique(component_labels(fabric, code)[first]))
    switches = [SlurmSwitch(name, nodes=tuple(sorted(hosts))) for name, hosts in leaves.items()]
    if len(switches) > 1 and islands == 1:
        switches.append(SlurmSwitch(ROOT_SWITCH, switches=tuple(leaves)))
    return tuple(switches), islands


def _blocks(fabric: Fabric, intent: Slurm) -> tuple[SlurmBlock, ...]:
    """Group the nodes by rack, in floor order: Slurm joins blocks that stand next to each other."""
    if intent.topology != "block":
        return ()
    found: dict[int, list[str]] = {}
    for row in (row for item in intent.nodes for row in rows_of(fabric, item.role)):
        found.setdefault(int(fabric.devices.rack[row]), []).append(fabric.devices.names[row])
    return tuple(SlurmBlock(fabric.racks.names[rack], tuple(found[rack])) for rack in sorted(found))


def _sides(fabric: Fabric) -> tuple[Index, Index]:
    return fabric.links.a, fabric.links.z
