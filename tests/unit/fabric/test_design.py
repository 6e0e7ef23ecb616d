"""What follows from the examples: names, addresses, summary, Slurm, reasons; and stages."""

from ipaddress import IPv4Address
from typing import Any

import numpy as np
import pytest

from colossus.fabric.addresses import rail_block
from colossus.fabric.graph import component_count
from colossus.fabric.management import management_addresses
from colossus.fabric.model import Fabric, speed_word
from colossus.fabric.scheduler import scheduler
from colossus.fabric.summary import summarise
from colossus.fabric.why import why
from colossus.inventory.fabrics import RoutedAddresses
from tests.unit.fabric.sites import addressing, designed
from tests.unit.fabric.test_growth import grown as grown_design


def staged(document: dict[str, Any]) -> None:
    """Rack a02 arrives in a second stage."""
    document["stages"].append({"name": "second", "date": "2026-06-01"})
    group = document["racks"][0]
    rules = [{"role": "compute", "u": [1, 7, 13, 19]}]
    other = {"names": "a02", "first_position": 2, "stage": "second", "devices": rules}
    document["racks"].append(group | other)
    group["names"] = "a01"


@pytest.mark.parametrize("host", range(8))
@pytest.mark.parametrize("rail", range(8))
def test_rails_own_blocks_of_slash_31(host: int, rail: int) -> None:
    """Rail r owns 10.(64 + r).0.0/16; host h its h-th pair: even at the switch, odd at the host."""
    fabric = designed().fabric
    rows = np.flatnonzero((fabric.links.fabric == 0) & (fabric.links.rail == rail))
    link = next(
        each for each in map(fabric.link, rows.tolist()) if each.a.device == f"gpu-{host + 1:04d}"
    )
    given = addressing(fabric)
    assert given[f"compute {link.a}"] == f"10.{64 + rail}.0.{2 * host + 1}/31"
    assert given[f"compute {link.z}"] == f"10.{64 + rail}.0.{2 * host}/31"


def test_every_other_address() -> None:
    others = {k: v for k, v in addressing(designed().fabric).items() if ":swp" not in k}
    expected = {"compute leaf-01:lo": "10.63.0.1/32", "oob oob-01:lo": "10.20.0.10/22"}
    expected |= {"oob leaf-01:eth0": "10.20.0.50/22", "oob ctl-01:eno1": "10.20.0.100/22"}
    expected |= {"oob ctl-01:bmc": "10.20.0.110/22"}
    for number in range(1, 9):
        expected[f"oob gpu-{number:04d}:enp226s0"] = f"10.20.1.{number}/22"
        expected[f"oob gpu-{number:04d}:bmc"] = f"10.20.2.{number}/22"
    assert {k: v for k, v in others.items() if not k.startswith("compute gpu")} == expected


def test_pdus_of_all_racks_are_numbered_through() -> None:
    """A range for PDUs gives each its own address, whatever rack it hangs in."""

    def edit(document: dict[str, Any]) -> None:
        ranges = document["fabrics"]["oob"]["addresses"]["ranges"]
        ranges.append({"role": "pdu", "port": "mgmt", "first": "10.20.0.200"})

    given = addressing(designed(edit).fabric)
    assert {k: v for k, v in given.items() if "pdu" in k} == {
        "oob pdu-a01-a1:net": "10.20.0.200/22",
        "oob pdu-a01-b1:net": "10.20.0.201/22",
        "oob pdu-a02-a1:net": "10.20.0.202/22",
        "oob pdu-a02-b1:net": "10.20.0.203/22",
    }


def test_a_rails_block() -> None:
    plan = designed().fabric.site.fabrics["compute"].addresses
    assert isinstance(plan, RoutedAddresses)
    assert str(rail_block(plan, IPv4Address("10.71.0.6"))) == "10.71.0.0/16"
    assert str(rail_block(plan, IPv4Address("10.64.255.255"))) == "10.64.0.0/16"


def test_management_addresses() -> None:
    fabric = designed().fabric
    found = {fabric.devices.names[row]: str(a) for row, a in management_addresses(fabric).items()}
    hosts = {f"gpu-{n:04d}": f"10.20.1.{n}" for n in range(1, 9)}
    service = {"ctl-01": "10.20.0.100", "leaf-01": "10.20.0.50", "oob-01": "10.20.0.10"}
    assert found == hosts | service


def test_the_summary_of_the_example() -> None:
    assert summarise(designed().fabric) == {
        "schema_version": 1,
        "cluster": "stanford-nlp",
        "accelerators": 64,
        "hosts": 8,
        "racks": {"total": 2, "compute": 2, "network": 0, "service": 0},
        "devices": {
            "compute": 8,
            "slurm-controller": 1,
            "fabric-switch": 1,
            "oob-switch": 1,
            "pdu": 4,
        },
        "fabrics": {
            "compute": {
                "topology": "single",
                "planes": 1,
                "components": 1,
                "tiers": {"switch": 1},
                "links": {"host-switch": 64},
                "links_total": 64,
                "oversubscription": {},
            },
            "oob": {
                "topology": "single",
                "planes": 1,
                "components": 1,
                "tiers": {"switch": 1},
                "links": {"host-switch": 23},
                "links_total": 23,
                "oversubscription": {},
            },
        },
        # 16 splitters to the hosts of a01, 16 to those of a02; 23 management cables
        "cables": {"CAT6A": 23, "ACC": 16, "MMF": 16, "CORD": 54},
        # 8 × 5,200 / 6,500 hosts, 300 / 600 controller, 760 / 1,300 leaf, 100 / 150 management
        "power": {"nominal_watts": 42760, "max_watts": 54050},
        "cooling": {"liquid_watts": 0, "air_watts": 54050},
        # 8 × 123 + 18 + 12 + 7.41 + 4 × 12 + 2 × 150
        "weight_kg": 1369.4,
    }


def test_a_fabric_that_leaves_the_model_has_no_links() -> None:
    fabric = designed(example="grok1-node").fabric
    summary: Any = summarise(fabric)
    assert summary["fabrics"]["frontend"] == {
        "topology": "none",
        "planes": 1,
        "components": 0,
        "tiers": {},
        "links": {},
        "links_total": 0,
        "oversubscription": {},
    }
    assert scheduler(fabric) is None


@pytest.mark.parametrize(
    ("stage", "hosts", "racks", "links"), [("first", 4, 1, 32), ("", 8, 2, 64)]
)
def test_only_what_is_there_at_a_stage_counts(
    stage: str,
    hosts: int,
    racks: int,
    links: int,
) -> None:
    summary: Any = summarise(designed(staged, stage=stage).fabric)
    assert summary["hosts"] == hosts
    assert summary["racks"]["total"] == racks
    assert summary["fabrics"]["compute"]["links_total"] == links


def test_slurm_lists_the_hosts_of_the_stage_and_the_others_as_future() -> None:
    fabric = designed(staged, stage="first").fabric
    found = scheduler(fabric)
    assert found is not None
    future = {node.name: node.future for node in found.nodes}
    assert future == {f"gpu-{n:04d}": n > 4 for n in range(1, 9)}
    later = scheduler(designed(staged, stage="second").fabric)
    assert later is not None
    assert not any(node.future for node in later.nodes)


@pytest.mark.parametrize("status", ["planned", "decommissioning"])
def test_hosts_that_are_not_there_are_future(status: str) -> None:
    def edit(document: dict[str, Any]) -> None:
        document["overrides"] = [{"devices": "gpu-0003", "status": status, "reason": "a test"}]

    found = scheduler(designed(edit).fabric)
    assert found is not None
    assert [node.name for node in found.nodes if node.future] == ["gpu-0003"]


def test_slurm_nodes_and_tree_of_the_example() -> None:
    found = scheduler(designed().fabric)
    assert found is not None
    node = found.nodes[0]
    assert (node.name, node.address, node.cpus, node.gres) == (
        "gpu-0001",
        "10.20.1.1",
        256,
        "gpu:a100:8",
    )
    assert node.real_memory_mib == (2048 - 32) * 1024
    assert [(item.name, item.address) for item in found.controllers] == [("ctl-01", "10.20.0.100")]
    hosts = tuple(f"gpu-{n:04d}" for n in range(1, 9))
    assert [(leaf.name, leaf.nodes) for leaf in found.switches] == [("leaf-01", hosts)]
    assert found.islands == 1


def test_two_unconnected_leaves_have_no_root() -> None:
    found = scheduler(grown_design().fabric)
    assert found is not None
    assert [(leaf.name, len(leaf.nodes)) for leaf in found.switches] == [
        ("leaf-01", 8),
        ("leaf-02", 4),
    ]
    assert found.islands == 2


@pytest.mark.parametrize("change", [{"topology": "none"}, {"topology_fabric": "frontend"}])
def test_without_a_tree(change: dict[str, str]) -> None:
    def edit(document: dict[str, Any]) -> None:
        ends = [{"role": "compute", "ports": ["compute"]}]
        document["fabrics"]["frontend"] = {"topology": "none", "external": True, "ends": ends}
        document["slurm"] |= change

    found = scheduler(designed(edit).fabric)
    assert found is not None
    assert (found.switches, found.islands) == ((), 0)


def test_components_count_networks_not_hosts() -> None:
    """Hosts joined only through themselves are two networks: rails and planes stay apart."""
    fabric = grown_design().fabric
    assert component_count(fabric, fabric.fabrics.index("compute")) == 2
    assert component_count(fabric, fabric.fabrics.index("oob")) == 1


@pytest.fixture(scope="module")
def fabric() -> Fabric:
    """The example's fabric."""
    return designed().fabric


@pytest.mark.parametrize(
    ("word", "told"),
    [
        (
            "a02",
            [
                ("rack a02 stands at position 2 of row a, hall main", "racks[0].names"),
                ("it is a generic/rack-42u-600", "racks[0].model"),
            ],
        ),
        (
            "leaf-01",
            [
                ("leaf-01 is in rack a01 at U40", "racks[0].devices[2].u"),
                ("it is named leaf-01: number 1 of role fabric-switch", "roles.fabric-switch.name"),
                ("it is a nvidia/sn4700", "roles.fabric-switch.model"),
            ],
        ),
        ("pdu-a01-b1", [("pdu-a01-b1 feeds rack a01", "racks[0].pdus")]),
        (
            "gpu-0001:bmc",
            [
                ("port 1 (bmc) of gpu-0001 is a 1G RJ45", "roles.compute.model"),
                ("gpu-0001:bmc meets oob-01:swp2 by cable", "fabrics.oob.ends"),
                ("gpu-0001 has 10.20.2.1/22 on bmc", "fabrics.oob.addresses.ranges[5].first"),
            ],
        ),
        (
            "pdu-a01-a1:net",
            [
                ("port 1 (net) of pdu-a01-a1 is a 1G RJ45", "racks"),
                ("pdu-a01-a1:net meets oob-01:swp20 by cable", "fabrics.oob.ends"),
            ],
        ),
        (
            "10.64.0.1",
            [("gpu-0001 has 10.64.0.1/31 on enp84s0", "fabrics.compute.addresses")],
        ),
        ("10.63.0.1/32", [("leaf-01 has 10.63.0.1/32 on lo", "fabrics.compute.addresses")]),
        ("10.99.0.1", []),
        ("nobody", []),
    ],
)
def test_why(fabric: Fabric, word: str, told: list[tuple[str, str]]) -> None:
    reasons = why(fabric, word)
    assert len(reasons) >= len(told)
    for reason, (what, path) in zip(reasons, told, strict=False):
        assert reason.what.startswith(what)
        assert reason.path == path
        assert reason.rule
    assert bool(reasons) == bool(told)


def test_why_a_cable(fabric: Fabric) -> None:
    name = fabric.link(0).cable_id
    first, second, last = why(fabric, name.lower())
    assert first.what == f"gpu-0001:enp84s0 meets leaf-01:swp1s0 by cable {name}"
    assert second.what == f"gpu-0001:enp75s0 meets leaf-01:swp1s1 by cable {name}"
    assert last.what == "it is 3 m of ACC (route 2.53 m)"


def test_a_port_is_found_by_interface_and_by_number(fabric: Fabric) -> None:
    by_name = fabric.port_index["leaf-01:swp3s1"]
    assert fabric.port_index["leaf-01:3/2"] == by_name
    view = fabric.port(by_name)
    assert (view.port, view.connector, view.speed) == ("3/2", "QSFP-DD", "200G")
    assert fabric.port(fabric.port_index["gpu-0001:enp75s0"]).slot == "3"


def test_views_of_a_device(fabric: Fabric) -> None:
    host = fabric.device(fabric.device_index["gpu-0006"])
    assert (host.rack, host.u, host.height_u, host.ordinal) == ("a02", 7, 6, 5)
    assert (host.status, host.stage, host.present) == ("active", "first", True)
    pdu = fabric.device(fabric.device_index["pdu-a02-a1"])
    assert (pdu.u, pdu.height_u, pdu.role) == (0, 0, "pdu")


@pytest.mark.parametrize(("mbps", "word"), [(100, "100M"), (1000, "1G"), (400_000, "400G")])
def test_a_speed_is_written_as_in_the_catalogue(mbps: int, word: str) -> None:
    assert speed_word(mbps) == word
