"""One cabling: sheets, exports, switch configuration and Slurm's tree all say the same cables.

Each source is read back as what a site would observe and compared by `wiring verify`: nothing may
differ, and every cable must have been seen.
"""

import csv
import io
import re
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest

from colossus.fabric.model import Fabric
from colossus.fabric.scheduler import scheduler
from colossus.fabric.tables import BUILT_IN, MEDIA
from colossus.inventory.catalog import Switch
from colossus.inventory.nodeset import expand
from colossus.plan.resource import Desired
from colossus.render.desired import render_with_report
from colossus.sheets.exports.registry import EXPORTS
from colossus.sheets.exports.topograph import read_topograph, topograph
from colossus.sheets.tables import csv_sheets
from colossus.wiring.observed import Sighting
from colossus.wiring.seen.formats import read_text
from colossus.wiring.verdicts import compare
from tests.unit.sites import ROOT, fabric_of, playbooks, text_of

EXAMPLES = sorted(path.parent.name for path in (ROOT / "examples").glob("*/cluster.yaml"))
SMALL = ("grok1-node", "stanford-nlp", "superpod-h100-1su", "nvl72-rack", "dojo-exapod")
RENDERED_OF_A_ROLE = 6
"""So many devices of each role are rendered; a switch of the largest example takes 35 ms."""
_FACE = re.compile(
    r"^iface (\S+)[^\n]*\n(?:[ \t]+[^\n]*\n)*?[ \t]+alias to (\S+) (\S+),", re.MULTILINE
)
_LEAF = re.compile(r"^SwitchName=(\S+) Nodes=(\S+)$", re.MULTILINE)


@cache
def site(example: str) -> Fabric:
    return fabric_of(example=example)


def cabled(fabric: Fabric, *protocols: str) -> int:
    """Count the links that people cable, of some protocols or of all."""
    built = fabric.cables.medium[fabric.links.cable] == MEDIA.index(BUILT_IN)
    taken = [not protocols or fabric.site.fabrics[n].protocol in protocols for n in fabric.fabrics]
    wanted = np.array(taken, dtype=np.bool_)[fabric.links.fabric] & ~built
    return int(np.count_nonzero(wanted))


def agreed(fabric: Fabric, sightings: list[Sighting]) -> int:
    """Compare what a source says with the plan; gives how many cables it knows."""
    report = compare(fabric, sightings)
    assert report.verdicts == ()
    assert not report.contradicted
    assert not report.unclear
    return report.seen


def on_sheets(fabric: Fabric) -> Iterator[Sighting]:
    for name, text in csv_sheets(fabric):
        rows = csv.reader(io.StringIO(text))
        head = next(rows)
        if not name.startswith("rack-"):
            continue
        at = [head.index(n) for n in ("device", "interface", "far_device", "far_interface")]
        for row in rows:
            yield Sighting(row[at[0]], row[at[1]], row[at[2]], row[at[3]])


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_sheets_hold_each_cable_once_per_end(example: str) -> None:
    fabric = site(example)
    found = list(on_sheets(fabric))
    assert len(found) == 2 * cabled(fabric)
    assert len({one[:2] for one in found}) == len(found)
    assert agreed(fabric, found) == cabled(fabric)


@pytest.mark.parametrize("example", EXAMPLES)
def test_what_lldp_should_see_and_the_topology_of_ibdiagnet(example: str) -> None:
    fabric = site(example)
    ethernet, infiniband = EXPORTS["sonic"], EXPORTS["ibdiagnet-topo"]
    pairs = ethernet.read(ethernet.written(fabric))
    assert agreed(fabric, [Sighting(*pair) for pair in pairs]) == cabled(fabric, "ethernet", "roce")
    topo = infiniband.written(fabric)[""].decode()
    read = read_text(topo, "", "fabric.topo").parsed
    assert read.findings == []
    assert agreed(fabric, read.sightings) == cabled(fabric, "infiniband")


@pytest.mark.parametrize("example", SMALL)
def test_the_other_exports_together_hold_every_cable(example: str) -> None:
    fabric = site(example)
    every = EXPORTS["dot"].cabling(fabric).links
    assert len(every) == cabled(fabric)
    for name in ("netbox", "dot", "containerlab"):
        assert EXPORTS[name].links(fabric, EXPORTS[name].written(fabric)) == sorted(every)
    parts = [
        link
        for name in ("cvt-ethernet", "cvt-infiniband")
        for link in EXPORTS[name].links(fabric, EXPORTS[name].written(fabric))
    ]
    assert len(set(parts)) == len(parts) == cabled(fabric, "ethernet", "roce", "infiniband")


@cache
def rendered(example: str) -> tuple[Desired, frozenset[str]]:
    """Render some devices of each role, the first, the last and others between."""
    fabric = site(example)
    roles = fabric.devices.role
    chosen: set[str] = set()
    for role in np.unique(roles).tolist():
        rows = np.flatnonzero(roles == role)
        places = np.unique(np.linspace(0, len(rows) - 1, RENDERED_OF_A_ROLE).astype(np.int64))
        chosen |= {fabric.devices.names[row] for row in rows[places].tolist()}
    desired = render_with_report(fabric, playbooks(example), only=chosen).desired
    return desired, frozenset(desired.targets)


WITH_PLAYBOOKS = [
    name for name in EXAMPLES if "playbook:" in (ROOT / f"examples/{name}/cluster.yaml").read_text()
]


@pytest.mark.parametrize("example", WITH_PLAYBOOKS)
def test_what_switches_and_hosts_are_told_is_what_is_cabled(example: str) -> None:
    fabric = site(example)
    desired, targets = rendered(example)
    told = {
        Sighting(target, face, far, port)
        for target in targets
        for text in _interfaces(desired, target)
        for face, far, port in _FACE.findall(text)
    }
    switches = {
        name for name in targets if isinstance(fabric.equipment(fabric.device_index[name]), Switch)
    }
    planned = _links_of(fabric, switches)
    assert agreed(fabric, sorted(told)) >= len(planned)
    assert planned <= {frozenset({one[:2], one[2:4]}) for one in told}


def _interfaces(desired: Desired, target: str) -> Iterator[str]:
    for file in ("fabric", "management"):
        path = f"/etc/network/interfaces.d/{file}.intf"
        if any(each.id == f"file:{path}" for each in desired.targets[target].resources):
            yield text_of(desired, target, path)


def _links_of(fabric: Fabric, devices: set[str]) -> set[frozenset[tuple[str, ...]]]:
    """Give the planned cables at these devices, to what is there."""
    rows = np.array([fabric.device_index[name] for name in devices], dtype=np.int64)
    ends = (fabric.ports.device[fabric.links.a], fabric.ports.device[fabric.links.z])
    here = np.flatnonzero(np.isin(ends[0], rows) | np.isin(ends[1], rows))
    views = map(fabric.link, here.tolist())
    return {
        frozenset({(view.a.device, view.a.interface), (view.z.device, view.z.interface)})
        for view in views
    }


WITH_SLURM = [
    name for name in EXAMPLES if "slurm:" in (ROOT / f"examples/{name}/cluster.yaml").read_text()
]


@pytest.mark.parametrize("example", WITH_SLURM)
def test_slurm_has_hosts_below_the_switch_that_they_are_cabled_to(example: str) -> None:
    fabric = site(example)
    known = scheduler(fabric)
    assert known is not None
    tree = {(switch.name, node) for switch in known.switches for node in switch.nodes}
    if known.intent.topology != "tree":
        assert not tree
        assert bool(known.blocks) == (known.intent.topology == "block")
        return
    device = fabric.ports.device
    a, z = device[fabric.links.a].tolist(), device[fabric.links.z].tolist()
    names = fabric.devices.names
    pairs = {(names[far], names[near]) for near, far in zip(a, z, strict=True)}
    assert tree <= pairs
    assert {node for _, node in tree} == {
        names[row]
        for row, role in enumerate(fabric.devices.role.tolist())
        if fabric.roles[role].startswith("compute")
    }
    assert len({node for _, node in tree}) == len(tree)


def test_slurms_file_and_topographs_say_the_same_tree() -> None:
    fabric = site("stanford-nlp")
    desired, _ = rendered("stanford-nlp")
    text = text_of(desired, "ctl-01", "/etc/slurm/topology.conf")
    told = {(leaf, node) for leaf, nodes in _LEAF.findall(text) for node in expand(nodes)}
    assert told == set(read_topograph(topograph(fabric)[""]))
