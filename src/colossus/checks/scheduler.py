"""Invariants of Slurm: its nodes are the hosts of the stage, its limits hold (facts: slurm.md)."""

from collections.abc import Iterator

import numpy as np

from colossus.diagnostics import Diagnostic, counted, error, warning
from colossus.fabric.model import Fabric
from colossus.fabric.scheduler import HOST_TIERS
from colossus.inventory.catalog import Server
from colossus.inventory.nodeset import fold_short

MAX_NODES = 65_536
MAX_GRES_FILES = 1024
BLOCK_TOPOLOGY_SINCE = "23.11"
MAX_BLOCK_STEPS = 15
LARGE_NODES = 1024
LARGE_TIMEOUT_SECONDS = 120
"""SlurmdTimeout of a large system: its nodes are asked at half of it."""


def slurm_host_unlisted(fabric: Fabric) -> Iterator[Diagnostic]:
    """Hosts of a compute role are missing from slurm.nodes, so no job can use them."""
    slurm = fabric.site.slurm
    if slurm is None:
        return
    listed = {item.role for item in slurm.nodes}
    for name, role in fabric.site.roles.items():
        rows = np.flatnonzero(fabric.devices.role == fabric.roles.index(name))
        if role.kind == "compute" and name not in listed and len(rows):
            yield error(
                "slurm-host-unlisted",
                "slurm.nodes",
                f"{counted(len(rows), 'host')} of role {name} not among Slurm's nodes:"
                f" {fold_short(fabric.devices.names[row] for row in rows)}",
                f"add {{role: {name}}} to slurm.nodes",
            )


def slurm_role_unpartitioned(fabric: Fabric) -> Iterator[Diagnostic]:
    """Slurm nodes are in no partition, so no job can reach them."""
    slurm = fabric.site.slurm
    if slurm is None:
        return
    used = {role for partition in slurm.partitions for role in partition.roles}
    for place, item in enumerate(slurm.nodes):
        if item.role not in used:
            yield warning(
                "slurm-role-unpartitioned",
                f"slurm.nodes[{place}]",
                f"the nodes of role {item.role} are in no partition",
                f"add {item.role} to the roles of a partition",
            )


def slurm_role_empty(fabric: Fabric) -> Iterator[Diagnostic]:
    """A role named under slurm has no device at all."""
    slurm = fabric.site.slurm
    if slurm is None:
        return
    wanted = [("slurm.controller_role", slurm.controller_role)]
    wanted += [(f"slurm.nodes[{place}].role", item.role) for place, item in enumerate(slurm.nodes)]
    for path, role in wanted:
        if not np.any(fabric.devices.role == fabric.roles.index(role)):
            yield error(
                "slurm-role-empty",
                path,
                f"no rack holds a device of role {role}",
                "place one with a devices rule, or name another role",
            )


def slurm_standby_state(fabric: Fabric) -> Iterator[Diagnostic]:
    """A standby controller cannot take over, because the state directory is not shared."""
    slurm = fabric.site.slurm
    if slurm is None or slurm.shared_state:
        return
    rows = np.flatnonzero(fabric.devices.role == fabric.roles.index(slurm.controller_role))
    if len(rows) > 1:
        yield error(
            "slurm-standby-state",
            "slurm.state_save_location",
            f"{len(rows)} controllers ({fold_short(fabric.devices.names[row] for row in rows)})"
            " need one shared state_save_location",
            "put it on a file system both mount and set shared_state: true",
        )


def slurm_off_topology(fabric: Fabric) -> Iterator[Diagnostic]:
    """A Slurm node hangs on no leaf of the topology's fabric; Slurm would never place jobs well."""
    slurm = fabric.site.slurm
    if slurm is None or slurm.topology == "none":
        return
    code = fabric.fabrics.index(slurm.topology_fabric)
    linked = set(fabric.ports.device[fabric.links.a[fabric.links.fabric == code]].tolist())
    for place, item in enumerate(slurm.nodes):
        rows = np.flatnonzero(fabric.devices.role == fabric.roles.index(item.role))
        lost = [fabric.devices.names[row] for row in rows if int(row) not in linked]
        if lost:
            yield error(
                "slurm-off-topology",
                f"slurm.nodes[{place}]",
                f"no leaf of fabric {slurm.topology_fabric} above {fold_short(lost)}",
                "connect them, or choose topology: none",
            )


def slurm_limits(fabric: Fabric) -> Iterator[Diagnostic]:
    """More nodes or devices than Slurm counts, memory that is not there, a plugin too new."""
    slurm = fabric.site.slurm
    if slurm is None:
        return
    total = 0
    for place, item in enumerate(slurm.nodes):
        total += int(np.sum(fabric.devices.role == fabric.roles.index(item.role)))
        server = fabric.catalog[fabric.site.roles[item.role].model]
        if isinstance(server, Server) and item.memory_reserved_gib >= server.memory_gib:
            yield error(
                "slurm-limits",
                f"slurm.nodes[{place}].memory_reserved_gib",
                f"{item.memory_reserved_gib} GiB reserved of {server.memory_gib} GiB leaves"
                " nothing for jobs",
                "reserve less",
            )
        gpus = server.accelerators if isinstance(server, Server) else None
        if gpus and gpus.count * gpus.devices_each > MAX_GRES_FILES:
            yield error(
                "slurm-limits",
                f"slurm.nodes[{place}].role",
                f"a node of role {item.role} has {gpus.count * gpus.devices_each:,} device files,"
                f" gres.conf takes at most {MAX_GRES_FILES:,}",
                "count what the system shows as one device (devices_each of the catalogue)",
            )
    if total > MAX_NODES:
        summary = f"{total} nodes, Slurm counts at most {MAX_NODES}"
        yield error("slurm-limits", "slurm.nodes", summary, "split the site in two clusters")
    if slurm.topology == "block" and slurm.version < BLOCK_TOPOLOGY_SINCE:
        yield error(
            "slurm-limits",
            "slurm.topology",
            f"Slurm {slurm.version} has no topology/block",
            f"choose topology: tree, or Slurm {BLOCK_TOPOLOGY_SINCE} or newer",
        )


def slurm_block_sizes(fabric: Fabric) -> Iterator[Diagnostic]:
    """Block sizes that Slurm refuses: not the base times a power of two, or larger than a block."""
    slurm = fabric.site.slurm
    if slurm is None or not slurm.block_sizes:
        return
    base, *others = slurm.block_sizes
    steps = {base << step for step in range(1, MAX_BLOCK_STEPS + 1)}
    wrong = [size for place, size in enumerate(others) if size not in steps - set(others[:place])]
    if wrong:
        yield error(
            "slurm-block-size",
            "slurm.block_sizes",
            f"block sizes {', '.join(map(str, wrong))} are not {base} times a power of two, each"
            " listed once",
            f"possible are {', '.join(map(str, sorted(steps)[:5]))} and so on",
        )
    blocks = _blocks(fabric, slurm.topology_fabric)
    small = [name for name, nodes in blocks.items() if nodes < base]
    if small:
        yield error(
            "slurm-block-size",
            "slurm.block_sizes",
            f"the planning base is {base} nodes, but the block under {fold_short(small)} has"
            f" {min(blocks.values())}",
            f"choose {min(blocks.values())} or less as the base: every block must hold it",
        )


def _blocks(fabric: Fabric, name: str) -> dict[str, int]:
    """Count the hosts of each block: those whose first link ends at the same switch."""
    code = fabric.fabrics.index(name)
    mine = np.flatnonzero((fabric.links.fabric == code) & np.isin(fabric.links.tier, HOST_TIERS))
    _, first = np.unique(fabric.ports.device[fabric.links.a[mine]], return_index=True)
    leaves, count = np.unique(fabric.ports.device[fabric.links.z[mine[first]]], return_counts=True)
    names = [fabric.devices.names[leaf] for leaf in leaves.tolist()]
    return dict(zip(names, count.tolist(), strict=True))


def slurm_timeout_short(fabric: Fabric) -> Iterator[Diagnostic]:
    """A large cluster has a slurmd_timeout in which its nodes cannot all be asked."""
    slurm = fabric.site.slurm
    if slurm is None or slurm.slurmd_timeout_seconds >= LARGE_TIMEOUT_SECONDS:
        return
    roles = [fabric.roles.index(item.role) for item in slurm.nodes]
    count = int(np.count_nonzero(np.isin(fabric.devices.role, roles)))
    if count > LARGE_NODES:
        yield warning(
            "slurm-timeout-short",
            "slurm.slurmd_timeout_seconds",
            f"{count:,} nodes are asked every {slurm.slurmd_timeout_seconds // 2} s; a busy"
            " controller would call them down",
            f"set it to {LARGE_TIMEOUT_SECONDS} or more",
        )
