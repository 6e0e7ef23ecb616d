"""What lies behind everything that failed: the broken cables and hosts themselves, each once.

A host without power is found many times over: nobody answers, its cables are dark, Slurm waits for
it. The cause is one sentence about that host; what follows from it is left to the phases.
"""

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from errno import ENOSPC
from statistics import median

from colossus.errors import TransportFailed
from colossus.fabric.model import Fabric
from colossus.transport.ssh import CHANGED_KEY
from colossus.twin.base import Twin
from colossus.twin.report import Cause
from colossus.wiring.report import Verdict
from colossus.wiring.wording import device_place

FULL = os.strerror(ENOSPC)
SLOWER_TIMES = 2.0
SLOWER_SECONDS = 5.0
FEWEST_TIMES = 3
HELD = "held: "
"""So begins why nothing was tried on a host: what it needs is broken, and has its own cause."""
_CARRIERS = 'for port in "$@"; do cat "/sys/class/net/$port/carrier" 2>/dev/null || echo 0; done'


@dataclass(frozen=True)
class Evidence:
    """What the phases met. nodes: all of the twin; failed: node → why it is not as planned.

    began: nodes that answered before they were lost; seconds: node → how long an answer took;
    verdicts: what is wrong with the cables.
    """

    nodes: tuple[str, ...]
    failed: Mapping[str, str]
    began: Collection[str]
    seconds: Mapping[str, float]
    verdicts: tuple[Verdict, ...]


def find_causes(twin: Twin, fabric: Fabric, evidence: Evidence) -> list[Cause]:
    """Name what is broken, hosts first."""
    hosts = list(_hosts(twin, fabric, evidence))
    lost = {device for cause in hosts for device in cause.devices if cause.kind != "slow"}
    lost |= {name for name, words in evidence.failed.items() if words.startswith(HELD)}
    return [*hosts, *_cables(fabric, evidence.verdicts, lost)]


def _hosts(twin: Twin, fabric: Fabric, evidence: Evidence) -> Iterator[Cause]:
    for name, words in evidence.failed.items():
        if words.startswith(HELD):
            continue
        place = device_place(fabric, fabric.device_index[name])
        if CHANGED_KEY in words:
            summary = f"{place} shows another host key than the known one"
            yield Cause("host_key", (name,), summary)
        elif FULL in words:
            yield Cause("disk_full", (name,), f"{place} has no space left on its disk")
        elif powered(twin, name, set(evidence.failed)):
            summary = f"{place} has power, but nobody answers there: it did not boot"
            yield Cause(*_silent_or_faulty(name, place, words, summary))
        elif name in evidence.began:
            yield Cause("power_lost", (name,), f"{place} lost its power in the middle of the apply")
        else:
            summary = f"{place} has no power: it does not answer, and its cables are dark"
            yield Cause("no_power", (name,), summary)
    yield from _slow(twin, fabric, evidence)


def _silent_or_faulty(
    name: str, place: str, words: str, silent: str
) -> tuple[str, tuple[str, ...], str]:
    """Tell a host that says nothing from one that answers, and says what failed."""
    if "does not answer" in words or "cannot be reached" in words or "no common SSH" in words:
        return "not_booted", (name,), silent
    return "apply_failed", (name,), f"{place} is not as planned: {words}"


def powered(twin: Twin, name: str, lost: Collection[str]) -> bool:
    """Whether most ports that are cabled to a node see a carrier; asked at the other ends."""
    asked: dict[str, list[str]] = {}
    for cable in twin.spec.cables:
        for near, far in ((cable.a, cable.z), (cable.z, cable.a)):
            if near.node == name and far.node not in lost:
                asked.setdefault(far.node, []).append(far.interface)
    said: list[str] = []
    for node, ports in asked.items():
        with suppress(TransportFailed):
            said += twin.exec(node, ["sh", "-c", _CARRIERS, "sh", *ports]).text.split()
    return said.count("1") * 2 > len(said)


def _slow(twin: Twin, fabric: Fabric, evidence: Evidence) -> Iterator[Cause]:
    """Find the hosts that took far longer than the others for the same."""
    times = {name: took for name, took in evidence.seconds.items() if name not in evidence.failed}
    if len(times) < FEWEST_TIMES:
        return
    usual = median(times.values())
    limit = SLOWER_TIMES * usual + SLOWER_SECONDS * twin.pace.patience
    for name, took in times.items():
        if took > limit:
            place = device_place(fabric, fabric.device_index[name])
            summary = f"{place} is slow: it took {took:.0f} s where the others take {usual:.0f} s"
            yield Cause("slow", (name,), summary)


def _cables(
    fabric: Fabric, verdicts: Collection[Verdict], lost: Collection[str]
) -> Iterator[Cause]:
    for verdict in verdicts:
        if verdict.kind == "dead" and not set(lost).isdisjoint(verdict.devices):
            continue
        host, ports = _one_host(fabric, verdict)
        if host:
            place = device_place(fabric, fabric.device_index[host])
            names = " and ".join(port.partition(":")[2] for port in ports)
            summary = (
                f"{place}: {names} are exchanged: its cards are numbered in another order than"
                " planned, or their plugs are swapped"
            )
            yield Cause("nic_order", (host,), summary, ports)
        else:
            yield Cause(verdict.kind, verdict.devices, verdict.summary, verdict.ports)


def _one_host(fabric: Fabric, verdict: Verdict) -> tuple[str, tuple[str, ...]]:
    """Give the host that both exchanged plugs are at, and its ports; empty where there is none."""
    exchanged = tuple(sorted(verdict.ports[:2]))
    devices = {port.partition(":")[0] for port in exchanged}
    if verdict.kind != "swapped" or len(devices) != 1:
        return "", ()
    (host,) = devices
    role = fabric.roles[fabric.devices.role[fabric.device_index[host]]]
    return (host, exchanged) if fabric.site.roles[role].kind == "compute" else ("", ())
