"""What a rehearsal tries on the twin once the plan is applied: cables, addresses, Slurm.

Each trial asks real daemons through the nodes themselves and gives faults in sentences; none
means that it held.
"""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Thread

from colossus.fabric.model import Fabric
from colossus.fabric.scheduler import Scheduler
from colossus.observe import bgp, reach, slurm
from colossus.twin.base import Completed, Twin

REACH_ATTEMPTS = 4
CONVERGE_SECONDS = 45.0
IDLE_SECONDS = 60.0
JOB_SECONDS = 120.0
GATE = "/tmp/colossus-rehearsal-gate"  # noqa: S108 — in the node's own private /tmp
_WAIT_AT_GATE = 'touch "$1.in"; while [ ! -e "$1" ]; do sleep 0.2; done'


def everywhere(
    twin: Twin,
    commands: Mapping[str, Sequence[str]],
    timeout: float = 60.0,
) -> dict[str, Completed]:
    """Run one command per node, a few nodes at a time."""
    with ThreadPoolExecutor(twin.pace.at_once) as pool:
        running = {
            node: pool.submit(twin.exec, node, argv, b"", timeout)
            for node, argv in commands.items()
        }
        return {node: future.result() for node, future in running.items()}


def addresses_answer(twin: Twin, fabric: Fabric, hosts: Sequence[str]) -> list[str]:
    """Ask every host's rails across the fabric, after the switches had a moment to learn them."""
    asked = {host: told for host, told in reach.questions(fabric, hosts).items() if told}
    answered: dict[str, str] = {}
    for attempt in range(REACH_ATTEMPTS):
        time.sleep(attempt * twin.pace.patience)
        commands = {host: reach.ask(addresses) for host, addresses in asked.items()}
        answered = {host: done.text for host, done in everywhere(twin, commands).items()}
        if not reach.silent(asked, answered):
            break
    return reach.silent(asked, answered)


def switches_route(twin: Twin, fabric: Fabric, nodes: Sequence[str]) -> list[str]:
    """Compare BGP sessions with the links between switches, then ask loopback to loopback.

    Waits for routes that are still on their way.
    """
    wanted = bgp.expected_sessions(fabric, nodes)
    deadline = time.monotonic() + CONVERGE_SECONDS * twin.pace.patience
    while True:
        said = everywhere(twin, dict.fromkeys(wanted, bgp.SHOW))
        faults = bgp.session_faults(wanted, {name: done.text for name, done in said.items()})
        rings = [] if faults else bgp.loopback_rings(fabric, nodes)
        faults = faults or [fault for ring in rings for fault in _loopbacks_answer(twin, ring)]
        if not faults or time.monotonic() > deadline:
            return faults
        time.sleep(1.0)


def _loopbacks_answer(twin: Twin, loopbacks: Mapping[str, str]) -> list[str]:
    """Ask the next switch's loopback from each switch's own, in a ring."""
    names = sorted(loopbacks)
    asked = {
        name: (loopbacks[following],)
        for name, following in zip(names, [*names[1:], *names[:1]], strict=True)
    }
    commands = {name: reach.ask(addresses, loopbacks[name]) for name, addresses in asked.items()}
    answered = {name: done.text for name, done in everywhere(twin, commands).items()}
    return reach.silent(asked, answered)


def slurm_ready(
    twin: Twin, controller: str, expected: Scheduler, present: Sequence[str]
) -> list[str]:
    """Wait until every node of the twin is idle; name those that never were, with the reason."""
    wanted = {node.name for node in expected.nodes if not node.future} & set(present)
    deadline = time.monotonic() + IDLE_SECONDS * twin.pace.patience
    while True:
        said = twin.exec(controller, slurm.show_nodes(wanted))
        nodes = slurm.parse_nodes(said.text)
        lost = wanted - slurm.idle_nodes(nodes)
        if not lost:
            return []
        if time.monotonic() > deadline:
            break
        time.sleep(0.3 * twin.pace.patience)
    if not nodes:
        return [f"slurmctld does not answer: {said.stderr.decode(errors='replace').strip()[:300]}"]
    return [
        f"{name} is {nodes.get(name, {}).get('State', 'unknown to Slurm')}"
        f" ({nodes.get(name, {}).get('Reason', 'no reason given')})"
        for name in sorted(lost)
    ]


def slurm_agrees(twin: Twin, controller: str, expected: Scheduler) -> list[str]:
    """Compare the nodes and the tree that the real scheduler uses with the model."""
    nodes = slurm.parse_nodes(twin.exec(controller, slurm.SHOW_NODES).text)
    found = slurm.node_differences(expected.nodes, nodes)
    if expected.switches:
        tree = slurm.parse_topology(twin.exec(controller, slurm.SHOW_TOPOLOGY).text)
        found += slurm.topology_differences(expected, tree)
    return found


def run_job(twin: Twin, controller: str, hosts: Sequence[str]) -> tuple[int, list[str]]:
    """Run `srun -N<all> hostname`; every host must have answered with its own name."""
    argv = ["srun", f"--nodes={len(hosts)}", f"--nodelist={','.join(hosts)}", "hostname"]
    done = twin.exec(controller, argv, timeout=JOB_SECONDS)
    if done.exit:
        words = done.stderr.decode(errors="replace").strip()[-300:]
        return done.exit, [f"srun ended with {done.exit}: {words}"]
    missing = set(hosts) - set(done.text.split())
    return 0, [f"{name} did not run its part of the job" for name in sorted(missing)]


@dataclass(slots=True)
class LongJob:
    """A Slurm job that runs on these hosts while something else changes, until it is let go."""

    twin: Twin
    controller: str
    hosts: tuple[str, ...]
    gate: str = GATE
    _done: list[Completed] = field(default_factory=list)
    _thread: Thread | None = None

    def start(self) -> list[str]:
        """Submit it and wait until every host runs its part."""
        argv = [
            "srun",
            f"--nodes={len(self.hosts)}",
            f"--nodelist={','.join(self.hosts)}",
            "sh",
            "-c",
            _WAIT_AT_GATE,
            "sh",
            self.gate,
        ]

        def run() -> None:
            self._done.append(self.twin.exec(self.controller, argv, timeout=900.0))

        self._thread = Thread(target=run, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + JOB_SECONDS * self.twin.pace.patience
        waiting = set(self.hosts)
        while waiting and time.monotonic() < deadline and not self._done:
            asked = dict.fromkeys(waiting, ("test", "-e", f"{self.gate}.in"))
            waiting -= {h for h, done in everywhere(self.twin, asked).items() if done.exit == 0}
            time.sleep(0.1)
        return [f"{host} never began the long job" for host in sorted(waiting)]

    def finish(self) -> tuple[int, list[str]]:
        """Let it go and give its exit status; 0 means that the change disturbed nothing."""
        everywhere(self.twin, dict.fromkeys(self.hosts, ("touch", self.gate)))
        if self._thread:
            self._thread.join(JOB_SECONDS * self.twin.pace.patience)
        if not self._done:
            return 1, ["the job that ran throughout never ended"]
        status = self._done[0].exit
        words = self._done[0].stderr.decode(errors="replace").strip()[-300:]
        return status, [f"the job that ran throughout ended with {status}: {words}"] * bool(status)
