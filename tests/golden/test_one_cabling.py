"""One cabling: sheets, exports, switch configuration and Slurm's tree all say the same cables."""

import csv
import io
import re
from collections.abc import Iterator

import pytest

from colossus.fabric.model import Fabric
from colossus.inventory.nodeset import expand
from colossus.sheets.exports.registry import EXPORTS
from colossus.sheets.exports.topograph import read_topograph, topograph
from colossus.sheets.tables import csv_sheets
from tests.unit.sites import desired_of, fabric_of, text_of

EXAMPLES = ("grok1-node", "stanford-nlp", "superpod-h100-1su", "superpod-h100-2su")
Link = frozenset[tuple[str, str]]
_FACE = re.compile(
    r"^iface (\S+)[^\n]*\n(?:[ \t]+[^\n]*\n)*?[ \t]+alias to (\S+) (\S+),", re.MULTILINE
)
_LEAF = re.compile(r"^SwitchName=(\S+) Nodes=(\S+)$", re.MULTILINE)


def planned(fabric: Fabric) -> set[Link]:
    views = map(fabric.link, range(len(fabric.links.a)))
    return {
        frozenset({(view.a.device, view.a.interface), (view.z.device, view.z.interface)})
        for view in views
    }


def on_sheets(fabric: Fabric) -> Iterator[Link]:
    for name, text in csv_sheets(fabric):
        for row in csv.DictReader(io.StringIO(text)) if name.startswith("rack-") else ():
            near = (row["device"], row["interface"])
            yield frozenset({near, (row["far_device"], row["far_interface"])})


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_sheets_hold_each_link_once_per_end(example: str) -> None:
    fabric = fabric_of(example=example)
    found = list(on_sheets(fabric))
    assert set(found) == planned(fabric)
    assert len(found) == 2 * len(fabric.links.a)


@pytest.mark.parametrize("example", EXAMPLES)
def test_exports_together_hold_every_link(example: str) -> None:
    fabric = fabric_of(example=example)
    every = list(range(len(fabric.links.a)))
    for name in ("netbox", "dot", "containerlab", "cvt-unified"):
        assert EXPORTS[name].links(fabric, EXPORTS[name].written(fabric)) == every
    parts = [
        link
        for name in ("cvt-ethernet", "cvt-infiniband")
        for link in EXPORTS[name].links(fabric, EXPORTS[name].written(fabric))
    ]
    assert sorted(parts) == every
    ibdm, infiniband = EXPORTS["ibdiagnet-topo"], EXPORTS["cvt-infiniband"]
    assert ibdm.links(fabric, ibdm.written(fabric)) == infiniband.links(
        fabric, infiniband.written(fabric)
    )


def test_what_switches_and_hosts_are_told_is_what_is_cabled() -> None:
    fabric, desired = fabric_of(), desired_of()
    told: set[Link] = set()
    for target in desired.targets:
        for file in ("fabric", "management"):
            path = f"/etc/network/interfaces.d/{file}.intf"
            if any(each.id == f"file:{path}" for each in desired.targets[target].resources):
                for face, far, port in _FACE.findall(text_of(desired, target, path)):
                    told.add(frozenset({(target, face), (far, port)}))
    assert told == planned(fabric)


def test_slurm_has_hosts_below_the_switch_that_they_are_cabled_to() -> None:
    fabric, desired = fabric_of(), desired_of()
    pairs = {frozenset(device for device, _ in link) for link in planned(fabric)}
    tree = set(read_topograph(topograph(fabric)[""]))
    text = text_of(desired, "ctl-01", "/etc/slurm/topology.conf")
    told = {(leaf, node) for leaf, nodes in _LEAF.findall(text) for node in expand(nodes)}
    assert told == tree
    assert {frozenset(pair) for pair in tree} <= pairs
    hosts = fabric.devices.role == fabric.roles.index("compute")
    assert len(tree) == int(hosts.sum())
