"""What PBS is told: rack and chassis of every node, as the plan has them."""

import re
from collections import Counter
from typing import Any

import pytest
from pydantic import ValidationError

from colossus.errors import UsageError
from colossus.inventory.site import Site
from colossus.sheets.exports.pbs import pbs_nodes
from tests.unit.sites import fabric_of, loaded

NODE = re.compile(
    r"set node (\S+) resources_available\.tier0 = (\S+), resources_available\.tier1 = (\S+)"
)


def three_cabinets(site: dict[str, Any]) -> None:
    site["racks"][0]["names"] = "c[001-003]"
    site["fabrics"]["compute"]["oversubscription"] = {}


def test_every_node_is_told_with_its_rack_and_its_chassis() -> None:
    fabric = fabric_of(three_cabinets, example="aurora")
    head, also, *lines = pbs_nodes(fabric)[""].decode().splitlines()
    assert [head, also] == [
        f"create resource {tier} type = string, flag = h" for tier in ("tier0", "tier1")
    ]
    told = [NODE.fullmatch(line) for line in lines]
    assert None not in told
    nodes = [match.groups() for match in told if match]
    assert [name for name, _, _ in nodes] == [f"node-{n:05d}" for n in range(1, 193)]
    # 64 nodes a cabinet, eight a chassis, and a chassis stands in one cabinet.
    assert Counter(rack for _, rack, _ in nodes) == {f"c00{n}": 64 for n in (1, 2, 3)}
    assert set(Counter(chassis for _, _, chassis in nodes).values()) == {8}
    stands = {(chassis, rack) for _, rack, chassis in nodes}
    assert len(stands) == 24
    for chassis, rack in stands:
        row = fabric.device_index[chassis]
        assert fabric.racks.names[fabric.devices.rack[row]] == rack


def test_a_node_that_is_no_blade_has_a_rack_only() -> None:
    def by_pbs(site: dict[str, Any]) -> None:
        site["slurm"] = None
        site["scheduler"] = {"kind": "pbs"}

    lines = pbs_nodes(fabric_of(by_pbs))[""].decode().splitlines()
    assert lines[2] == "set node gpu-0001 resources_available.tier0 = a01"


@pytest.mark.parametrize("example", ["stanford-nlp", "grok1-node"])
def test_a_site_without_pbs_is_told_how_to_say_so(example: str) -> None:
    with pytest.raises(UsageError, match=f"{example} does not say that PBS schedules it"):
        pbs_nodes(fabric_of(example=example))


def test_slurm_and_another_scheduler_exclude_each_other() -> None:
    document = loaded("stanford-nlp").accepted().model_dump(mode="json")
    document["scheduler"] = {"kind": "kubernetes"}
    with pytest.raises(ValidationError, match="not both"):
        Site.model_validate(document)
