"""Topograph's model: the switch tree of the scheduler and the accelerator domains.

A tree holds no cables: a rail-optimised host stands once, under the leaf that stands for its unit
(as Slurm has it). Read back, it gives which node is under which leaf.
"""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import yaml

from colossus.errors import UsageError
from colossus.fabric.model import Fabric
from colossus.fabric.scheduler import scheduler

NVLINK = "nvlink"


def topograph(fabric: Fabric) -> dict[str, bytes]:
    """Write switches with what is below them, and capacity blocks.

    Raises:
        UsageError: the site has no scheduler, or one without a topology.
    """
    known = scheduler(fabric)
    if known is None or not known.switches:
        raise UsageError(
            f"{fabric.site.cluster} has no scheduler with a switch tree, which Topograph is about",
            "give the site a `slurm:` section with a topology",
        )
    switches = []
    for switch in known.switches:
        entry: dict[str, object] = {"name": switch.name}
        entry |= {"switches": list(switch.switches)} if switch.switches else {}
        entry |= {"nodes": list(switch.nodes)} if switch.nodes else {}
        switches.append(entry)
    document: dict[str, object] = {"switches": switches}
    domains = _domains(fabric)
    if domains:
        document["capacity_blocks"] = [
            {"name": name, "nvlink": name, "nodes": nodes} for name, nodes in domains.items()
        ]
    return {"": yaml.safe_dump(document, sort_keys=False, default_flow_style=None).encode()}


def read_topograph(content: bytes) -> Iterator[tuple[str, str]]:
    """Give (leaf, node) as the tree has them."""
    for switch in yaml.safe_load(content)["switches"]:
        for node in switch.get("nodes", ()):
            yield switch["name"], node


def _domains(fabric: Fabric) -> dict[str, list[str]]:
    """Group hosts whose accelerators reach each other over NVLink."""
    found: dict[str, list[str]] = {}
    for code, name in enumerate(fabric.fabrics):
        if fabric.site.fabrics[name].topology != NVLINK:
            continue
        members: dict[int, set[int]] = defaultdict(set)
        links = np.flatnonzero(fabric.links.fabric == code)
        hosts = fabric.ports.device[fabric.links.a[links]]
        racks = fabric.devices.rack[hosts]
        # A domain of switched NVLink is a rack (topology nvlink: every accelerator of a rack).
        for host, rack in zip(hosts.tolist(), racks.tolist(), strict=True):
            members[rack].add(host)
        for rack, rows in sorted(members.items()):
            block = f"{name}-{fabric.racks.names[rack]}"
            found[block] = [fabric.devices.names[row] for row in sorted(rows)]
    return found
