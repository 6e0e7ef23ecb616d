"""What the real Slurm says of itself: a command and a pure parser each, compared with the model.

`scontrol show node` and `show topology` print `Key=value` words; unknown keys are ignored, and
nothing they print is ever executed or rendered.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from colossus.fabric.scheduler import Scheduler, SlurmNode
from colossus.inventory.nodeset import NodeSetError, expand

SHOW_NODES = ("scontrol", "--future", "--oneliner", "show", "node")
SHOW_TOPOLOGY = ("scontrol", "--oneliner", "show", "topology")
_WORD = re.compile(r"(\w+)=(.*?)(?=\s+\w+=|\s*$)")
_GRES = re.compile(r"\(.*?\)")
NODE_WORDS = ("NodeAddr", "Sockets", "CoresPerSocket", "ThreadsPerCore", "RealMemory", "Gres")


@dataclass(frozen=True, slots=True)
class SeenSwitch:
    """One switch of the topology that the scheduler uses."""

    nodes: frozenset[str]
    switches: frozenset[str]


def parse_records(text: str) -> list[dict[str, str]]:
    """Split `scontrol --oneliner` output: one record a line."""
    return [dict(_WORD.findall(line)) for line in text.splitlines() if "=" in line]


def parse_nodes(text: str) -> dict[str, dict[str, str]]:
    """Read `scontrol show node`: node name → its words."""
    return {record["NodeName"]: record for record in parse_records(text) if "NodeName" in record}


def parse_topology(text: str) -> dict[str, SeenSwitch]:
    """Read `scontrol show topology`: switch name → what hangs under it directly.

    Slurm lists all nodes below an inner switch too; only a leaf (no switches) owns them.
    """
    switches = {}
    for record in parse_records(text):
        if "SwitchName" in record:
            below = _names(record.get("Switches", ""))
            nodes = frozenset() if below else _names(record.get("Nodes", ""))
            switches[record["SwitchName"]] = SeenSwitch(nodes, below)
    return switches


def _names(folded: str) -> frozenset[str]:
    if folded in ("", "(null)"):
        return frozenset()
    try:
        return frozenset(expand(folded))
    except NodeSetError:
        return frozenset({folded})


def node_differences(
    expected: Iterable[SlurmNode],
    seen: Mapping[str, Mapping[str, str]],
) -> list[str]:
    """Compare the nodes that Slurm knows with the model; one sentence per difference.

    What comes at a later stage is FUTURE to Slurm; what it will be is not compared.
    """
    nodes = {node.name: node for node in expected}
    wanted = {name: node for name, node in nodes.items() if not node.future}
    found = [f"Slurm does not know node {name}" for name in wanted if name not in seen]
    found += [f"Slurm knows node {name}, the model does not" for name in seen if name not in nodes]
    found += [
        f"{name}: State is {seen[name].get('State', 'absent')}, the model says FUTURE"
        for name in sorted((nodes.keys() - wanted.keys()) & seen.keys())
        if "FUTURE" not in seen[name].get("State", "")
    ]
    for name in sorted(wanted.keys() & seen.keys()):
        want = _words_of(wanted[name])
        have = {**seen[name], "Gres": _GRES.sub("", seen[name].get("Gres", ""))}
        found += [
            f"{name}: {word} is {have.get(word, 'absent')}, the model says {want[word]}"
            for word in NODE_WORDS
            if have.get(word, "") != want[word]
        ]
    return found


def _words_of(node: SlurmNode) -> dict[str, str]:
    return {
        "NodeAddr": node.address,
        "Sockets": str(node.sockets),
        "CoresPerSocket": str(node.cores_per_socket),
        "ThreadsPerCore": str(node.threads_per_core),
        "RealMemory": str(node.real_memory_mib),
        "Gres": node.gres or "(null)",
    }


def topology_differences(expected: Scheduler, seen: Mapping[str, SeenSwitch]) -> list[str]:
    """Compare the tree that Slurm uses with the model; one sentence per difference."""
    found = []
    for switch in expected.switches:
        have = seen.get(switch.name)
        if have is None:
            found.append(f"Slurm does not know switch {switch.name}")
            continue
        for what, want, got in (
            ("nodes", frozenset(switch.nodes), have.nodes),
            ("switches", frozenset(switch.switches), have.switches),
        ):
            found += [f"{switch.name}: {what} lack {name}" for name in sorted(want - got)]
            found += [f"{switch.name}: {what} have {name} too many" for name in sorted(got - want)]
    known = {switch.name for switch in expected.switches}
    return found + [
        f"Slurm knows switch {name}, the model does not" for name in seen.keys() - known
    ]


def show_nodes(names: Iterable[str]) -> tuple[str, ...]:
    """Give the command that shows these nodes and no others; all where none is named."""
    asked = ",".join(sorted(names))
    return (*SHOW_NODES, asked) if asked else SHOW_NODES


def idle_nodes(seen: Mapping[str, Mapping[str, str]]) -> set[str]:
    """Nodes that take jobs now: idle, mixed or allocated, and not drained or unresponsive."""
    return {
        name
        for name, words in seen.items()
        if words.get("State", "").split("+")[0] in ("IDLE", "MIXED", "ALLOCATED")
        and not re.search(r"DRAIN|DOWN|NOT_RESPONDING|\*", words.get("State", ""))
    }
