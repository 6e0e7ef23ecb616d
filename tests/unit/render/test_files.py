"""What the shipped playbooks make of a site: network, Slurm and FRR files, and their variants."""

from typing import Any

import pytest

from colossus.fabric.scheduler import scheduler
from colossus.render.context import Contexts
from colossus.render.lookup import Lookup
from colossus.render.slurm import slurm_of, tree_width
from tests.unit.sites import desired_of, fabric_of, text_of, third_rack, third_rack_later

CONF = "/etc/slurm/slurm.conf"
FABRIC = "/etc/network/interfaces.d/fabric.intf"
MANAGEMENT = "/etc/network/interfaces.d/management.intf"


def lines(text: str, *starts: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip().startswith(starts)]


def test_a_host_configures_each_rail() -> None:
    text = text_of(desired_of(), "gpu-0001", FABRIC)
    assert len(lines(text, "iface")) == 8
    assert lines(text, "address")[:2] == ["address 10.64.0.1/31", "address 10.65.0.1/31"]
    assert lines(text, "post-up")[1] == (
        "post-up ip route replace 10.65.0.0/16 via 10.65.0.0 dev enp75s0"
    )
    assert set(lines(text, "mtu")) == {"mtu 9000"}


def test_a_host_lists_no_other_host() -> None:
    desired = desired_of()
    contents = [
        desired.blobs[str(r.body["content"])]
        for r in desired.targets["gpu-0001"].resources
        if "content" in r.body
    ]
    assert not [text for text in contents for n in range(2, 9) if f"gpu-000{n}" in text]


def test_the_bmc_is_no_interface() -> None:
    text = text_of(desired_of(), "gpu-0001", MANAGEMENT)
    assert lines(text, "iface", "address", "gateway") == [
        "iface enp226s0",
        "address 10.20.1.1/22",
        "gateway 10.20.0.1",
    ]


def test_the_management_switch_is_one_bridge() -> None:
    text = text_of(desired_of(), "oob-01", MANAGEMENT)
    ports = lines(text, "bridge-ports")[0].split()[1:]
    assert ports == [f"swp{n}" for n in range(1, 24)]
    assert lines(text, "address") == ["address 10.20.0.10/22"]


def test_a_single_switch_has_no_neighbours() -> None:
    text = text_of(desired_of(), "leaf-01", "/etc/frr/frr.conf")
    assert lines(text, "router bgp", "bgp router-id") == [
        "router bgp 4200000001",
        "bgp router-id 10.63.0.1",
    ]
    assert "interface peer-group" not in text


def test_the_management_switch_does_not_route() -> None:
    ids = [each.id for each in desired_of().targets["oob-01"].resources]
    assert not [each for each in ids if "frr" in each or "forward" in each]


def test_slurm_folds_equal_hosts() -> None:
    text = text_of(desired_of(), "ctl-01", CONF)
    assert lines(text, "NodeName", "SlurmctldHost") == [
        "SlurmctldHost=ctl-01(10.20.0.100)",
        "NodeName=gpu-[0001-0008] NodeAddr=10.20.1.[1-8] Sockets=2 CoresPerSocket=64"
        " ThreadsPerCore=2 RealMemory=2064384 Gres=gpu:a100:8 Feature=a100 State=UNKNOWN",
    ]


def first_address(address: str) -> Any:  # noqa: ANN401 - an edit of authored YAML
    def edit(site: dict[str, Any]) -> None:
        ranges = site["fabrics"]["oob"]["addresses"]["ranges"]
        next(r for r in ranges if r["role"] == "compute" and r["port"] == "mgmt")["first"] = address

    return edit


def test_a_folded_address_stays_in_its_block() -> None:
    text = text_of(desired_of(first_address("10.20.1.251")), "ctl-01", CONF)
    assert [line.split(" Sockets")[0] for line in lines(text, "NodeName")] == [
        "NodeName=gpu-[0001-0005] NodeAddr=10.20.1.[251-255]",
        "NodeName=gpu-[0006-0008] NodeAddr=10.20.2.[0-2]",
    ]


def test_addresses_with_steps_are_one_line_too() -> None:
    def edit(site: dict[str, Any]) -> None:
        first_address("10.20.1.1")(site)
        for each in site["fabrics"]["oob"]["addresses"]["ranges"]:
            each["step"] = 2 if each["port"] == "mgmt" else each["step"]

    (line,) = lines(text_of(desired_of(edit), "ctl-01", CONF), "NodeName")
    assert "NodeName=gpu-[0001-0008] NodeAddr=10.20.1.[1,3,5,7,9,11,13,15] " in line


def test_hosts_without_an_address_are_found_by_name_and_counted_by_device() -> None:
    """Frontier: each MI250X is two devices; nodes are reached over the dragonfly, by name."""
    text = text_of(desired_of(example="frontier"), "ctl-01", CONF)
    assert lines(text, "NodeName") == [
        "NodeName=frontier[00001-09472] Sockets=1 CoresPerSocket=64 ThreadsPerCore=2"
        " RealMemory=491520 Gres=gpu:mi250x:8 Feature=mi250x State=UNKNOWN",
    ]


def test_hosts_of_a_later_stage_are_future() -> None:
    desired = desired_of(third_rack_later, stage="first")
    text = text_of(desired, "ctl-01", CONF)
    assert [line.rsplit(" ", 1)[1] for line in lines(text, "NodeName")] == [
        "State=UNKNOWN",
        "State=FUTURE",
    ]
    assert lines(text, "PartitionName")[0].split()[1] == "Nodes=gpu-[0001-0008]"
    assert "gpu-0009" not in desired.targets
    assert "leaf-02" not in desired.targets


def test_ports_to_what_is_not_there_yet_are_left_alone() -> None:
    now = desired_of(third_rack_later, stage="first")
    later = desired_of(third_rack_later, stage="second")
    assert len(lines(text_of(now, "oob-01", FABRIC), "iface")) == 23
    assert len(lines(text_of(later, "oob-01", FABRIC), "iface")) > 23


def test_islands_make_the_tree_optional() -> None:
    text = text_of(desired_of(third_rack), "ctl-01", CONF)
    assert lines(text, "TopologyParam") == ["TopologyParam=TopoOptional"]
    assert lines(text_of(desired_of(third_rack), "ctl-01", "/etc/slurm/topology.conf"), "S") == [
        "SwitchName=leaf-01 Nodes=gpu-[0001-0008]",
        "SwitchName=leaf-02 Nodes=gpu-[0009-0012]",
    ]


def version(word: str) -> Any:  # noqa: ANN401 - an edit of authored YAML
    return lambda site: site["slurm"].update(version=word)


def test_newer_slurm_gets_topology_yaml() -> None:
    desired = desired_of(version("25.05"))
    assert text_of(desired, "ctl-01", "/etc/slurm/topology.yaml").splitlines()[1:] == [
        "- topology: default",
        "  cluster_default: true",
        "  tree:",
        "    switches:",
        '      - switch: "leaf-01"',
        '        nodes: "gpu-[0001-0008]"',
    ]
    ids = [each.id for each in desired.targets["ctl-01"].resources]
    assert "file:/etc/slurm/topology.conf" not in ids
    assert lines(text_of(desired, "ctl-01", CONF), "TopologyPlugin") == []


@pytest.mark.parametrize(
    ("word", "plugin"),
    [("22.05", "topology/none"), ("24.11", "topology/flat")],
)
def test_without_a_tree_the_plugin_is_flat(word: str, plugin: str) -> None:
    def edit(site: dict[str, Any]) -> None:
        site["slurm"] |= {"version": word, "topology": "none"}

    text = text_of(desired_of(edit), "ctl-01", CONF)
    assert lines(text, "TopologyPlugin") == [f"TopologyPlugin={plugin}"]


@pytest.mark.parametrize(
    ("hosts", "width"),
    [(8, 16), (4_368, 16), (4_369, 17), (12_500, 23), (25_000, 29)],
)
def test_the_tree_reaches_all_hosts_in_three_hops(hosts: int, width: int) -> None:
    assert tree_width(hosts) == width


def test_a_site_without_slurm_has_no_slurm_files() -> None:
    desired = desired_of(example="grok1-node")
    ids = {each.id for target in desired.targets.values() for each in target.resources}
    assert not [each for each in ids if "slurm" in each or "munge" in each]
    fabric = fabric_of(example="grok1-node")
    assert slurm_of(fabric) is None
    assert "slurm" not in Contexts(Lookup(fabric)).shared


def test_the_files_agree_with_what_a_rehearsal_expects() -> None:
    """The scheduler model is what `scontrol show nodes` is compared with."""
    found = scheduler(fabric_of())
    assert found is not None
    text = text_of(desired_of(), "ctl-01", CONF)
    assert f"RealMemory={found.nodes[0].real_memory_mib}" in text


def test_name_servers_are_written_where_the_site_names_them() -> None:
    path = "/etc/resolv.conf"
    text = text_of(desired_of(lambda site: site.update(dns_servers=["10.0.0.1"])), "gpu-0001", path)
    assert text.splitlines()[1:] == ["search nlp.example", "nameserver 10.0.0.1"]
    assert f"file:{path}" not in {each.id for each in desired_of().targets["gpu-0001"].resources}


def test_cages_with_a_splitter_are_split_before_the_network() -> None:
    desired = desired_of()
    text = text_of(desired, "leaf-01", "/etc/colossus/split-ports")
    assert text.splitlines()[1:] == [f"swp{n} 2" for n in range(1, 33)]
    ids = [each.id for each in desired.targets["leaf-01"].resources]
    assert ids.index("service:colossus-split-ports") < ids.index("command:reload-network")
    assert "file:/etc/colossus/split-ports" not in [
        r.id for r in desired.targets["oob-01"].resources
    ]


@pytest.mark.parametrize(
    ("version", "path", "wanted"),
    [
        (
            "23.11",
            "/etc/slurm/topology.conf",
            "BlockName=a01 Nodes=gpu-[0001-0004]\nBlockName=a02 Nodes=gpu-[0005-0008]\n"
            "BlockSizes=2,4\n",
        ),
        (
            "25.05",
            "/etc/slurm/topology.yaml",
            "  block:\n    block_sizes: [2,4]\n    blocks:\n"
            '      - block: "a01"\n        nodes: "gpu-[0001-0004]"\n'
            '      - block: "a02"\n        nodes: "gpu-[0005-0008]"\n',
        ),
    ],
)
def test_blocks_are_the_hosts_of_a_rack(version: str, path: str, wanted: str) -> None:
    def edit(site: dict[str, Any]) -> None:
        site["slurm"] |= {"version": version, "topology": "block", "block_sizes": [2, 4]}

    desired = desired_of(edit)
    assert text_of(desired, "ctl-01", path).endswith(wanted)
    plugin = lines(text_of(desired, "ctl-01", CONF), "TopologyPlugin")
    assert plugin == (["TopologyPlugin=topology/block"] if version == "23.11" else [])
