"""What Slurm says of itself, parsed and compared with the model."""

from dataclasses import replace

from colossus.fabric.scheduler import Scheduler, SlurmController, SlurmNode, SlurmSwitch
from colossus.inventory.slurm import Slurm
from colossus.observe import slurm

NODES = """\
NodeName=gpu-0001 Arch=x86_64 CoresPerSocket=64 CPUAlloc=0 CPUTot=256 AvailableFeatures=a100 \
Gres=gpu:a100:8(S:0-1) NodeAddr=10.20.1.1 NodeHostName=gpu-0001 Version=22.05.8 \
OS=Linux 6.1.0-28-amd64 #1 SMP Debian RealMemory=2064384 Sockets=2 Boards=1 State=IDLE \
ThreadsPerCore=2 Reason=none given
NodeName=gpu-0002 CoresPerSocket=64 Gres=gpu:a100:8 NodeAddr=10.20.1.2 RealMemory=2064384 \
Sockets=2 State=DOWN+NOT_RESPONDING ThreadsPerCore=2 Reason=Not responding [slurm@2026-01-01]
"""
TOPOLOGY = """\
SwitchName=leaf-01 Level=0 LinkSpeed=1 Nodes=gpu-[0001-0002]
SwitchName=root Level=1 LinkSpeed=1 Nodes=gpu-[0001-0002] Switches=leaf-01
"""


def node(name: str, address: str) -> SlurmNode:
    return SlurmNode(name, address, 2, 64, 2, 2064384, "gpu:a100:8", "", (), future=False)


def scheduler(*switches: SlurmSwitch) -> Scheduler:
    intent = Slurm.model_validate(
        {
            "version": "22.05",
            "cluster_name": "c",
            "controller_role": "ctl",
            "munge_key": "file:k",
            "nodes": [{"role": "compute"}],
            "partitions": [{"name": "p", "roles": ["compute"]}],
        },
    )
    nodes = (node("gpu-0001", "10.20.1.1"), node("gpu-0002", "10.20.1.2"))
    return Scheduler(intent, (SlurmController("ctl-01", "10.20.0.100"),), nodes, switches, 1)


def test_nodes_as_planned_differ_in_nothing() -> None:
    assert slurm.node_differences(scheduler().nodes, slurm.parse_nodes(NODES)) == []


def test_only_nodes_that_take_jobs_are_idle() -> None:
    assert slurm.idle_nodes(slurm.parse_nodes(NODES)) == {"gpu-0001"}
    drained = NODES.replace("State=IDLE", "State=IDLE+DRAIN")
    assert slurm.idle_nodes(slurm.parse_nodes(drained)) == set()


def test_every_difference_of_a_node_is_told() -> None:
    nodes = (
        replace(node("gpu-0001", "10.20.1.9"), gres="gpu:a100:4"),
        node("gpu-0003", "10.20.1.3"),
        replace(node("gpu-0004", "10.20.1.4"), future=True),
    )
    assert slurm.node_differences(nodes, slurm.parse_nodes(NODES)) == [
        "Slurm does not know node gpu-0003",
        "Slurm knows node gpu-0002, the model does not",
        "gpu-0001: NodeAddr is 10.20.1.1, the model says 10.20.1.9",
        "gpu-0001: Gres is gpu:a100:8, the model says gpu:a100:4",
    ]


def test_a_node_of_a_later_stage_is_future_and_nothing_else() -> None:
    later = (node("gpu-0001", "10.20.1.1"), replace(node("gpu-0002", "?"), future=True))
    seen = slurm.parse_nodes(NODES.replace("State=DOWN+NOT_RESPONDING", "State=FUTURE"))
    assert slurm.node_differences(later, seen) == []
    assert slurm.node_differences(later, slurm.parse_nodes(NODES)) == [
        "gpu-0002: State is DOWN+NOT_RESPONDING, the model says FUTURE"
    ]


def test_some_nodes_are_asked_for_by_name() -> None:
    assert slurm.show_nodes(["b", "a"]) == (*slurm.SHOW_NODES, "a,b")
    assert slurm.show_nodes([]) == slurm.SHOW_NODES


def test_a_tree_as_planned_differs_in_nothing() -> None:
    leaf = SlurmSwitch("leaf-01", nodes=("gpu-0001", "gpu-0002"))
    root = SlurmSwitch("root", switches=("leaf-01",))
    seen = slurm.parse_topology(TOPOLOGY)
    assert slurm.topology_differences(scheduler(leaf, root), seen) == []


def test_a_node_under_another_leaf_is_told() -> None:
    leaf = SlurmSwitch("leaf-01", nodes=("gpu-0001",))
    other = SlurmSwitch("leaf-02", nodes=("gpu-0002",))
    seen = slurm.parse_topology(TOPOLOGY)
    assert slurm.topology_differences(scheduler(leaf, other), seen) == [
        "leaf-01: nodes have gpu-0002 too many",
        "Slurm does not know switch leaf-02",
        "Slurm knows switch root, the model does not",
    ]


def test_what_makes_no_sense_is_no_node() -> None:
    assert slurm.parse_nodes("slurm_load_node error: Unable to contact slurm controller\n") == {}
    assert slurm.parse_topology("SwitchName=x Nodes=gpu-[1-\n")["x"].nodes == {"gpu-[1-"}
