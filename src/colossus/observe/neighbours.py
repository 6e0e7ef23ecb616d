"""Which port sees which, asked of the machines themselves: LLDP on every node.

The caller says how a command runs on a node (over SSH, or inside a twin); nothing is changed there
beyond asking lldpd to send its frames now instead of at its next interval.
"""

import json
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Protocol, TypeVar

from colossus.errors import TransportFailed
from colossus.fabric.model import Fabric
from colossus.inventory.catalog import BMC_PORTS
from colossus.wiring.observed import Sighting
from colossus.wiring.ports import port_texts
from colossus.wiring.seen.lldpd import parse_lldpd

Answer = TypeVar("Answer")

SHOW = ("lldpcli", "-f", "json0", "show", "neighbors")
SEND_NOW = ("lldpcli", "update")
AT_ONCE = 4
"""Nodes asked at a time; 304 nodes took 2.4 s so (facts: twin-namespaces.md 4)."""
TIMEOUT_SECONDS = 20.0
PATIENCE_SECONDS = 6.0
PAUSE_SECONDS = 0.5
LONGEST_TTL_SECONDS = 8.0
"""A twin sends every three seconds and forgets after six; a site that forgets later is not waited
for."""


class Ran(Protocol):
    """What a command left behind."""

    @property
    def exit(self) -> int:
        """Its exit status."""
        ...

    @property
    def stdout(self) -> bytes:
        """What it printed."""
        ...


class Execute(Protocol):
    """Runs one command on a node; raises TransportFailed when the node does not answer."""

    def __call__(
        self, node: str, argv: Sequence[str], stdin: bytes = b"", timeout: float = 60.0
    ) -> Ran:
        """Run it; timeout in seconds."""
        ...


def observe_neighbours(
    execute: Execute,
    fabric: Fabric,
    nodes: Collection[str],
    *,
    forget_first: bool = False,
    patience: float = 1.0,
    tell: Callable[[str], None] = lambda _: None,
) -> list[Sighting]:
    """Ask every node for its neighbours; a planned port that hears nobody is seen without a link.

    Only ports whose two ends are among the nodes count as silent: BMCs, PDUs and what lies outside
    were not asked. Waits up to 6 s for neighbours that are missing. forget_first waits until lldpd
    has forgotten what it last heard, so that a cable just moved is seen where it is now.
    patience: how many times longer than on metal a missing neighbour is waited for.
    tell hears of each node that does not answer.

    Raises:
        TransportFailed: no node answers.
    """
    expected = expected_ports(fabric, nodes)
    _everywhere(partial(_send_now, execute), nodes)
    if forget_first:
        time.sleep(LONGEST_TTL_SECONDS)
        _everywhere(partial(_send_now, execute), nodes)
    asked = list(nodes)
    heard: dict[str, list[Sighting] | str] = {}
    patient_until = time.monotonic() + PATIENCE_SECONDS * patience
    while True:
        heard |= dict(zip(asked, _everywhere(partial(_ask, execute), asked), strict=True))
        asked = [node for node in asked if _misses(heard[node], expected[node])]
        if not asked or time.monotonic() > patient_until:
            break
        time.sleep(PAUSE_SECONDS)
    return seen_by_all(heard, expected, tell)


def seen_by_all(
    heard: Mapping[str, list[Sighting] | str],
    expected: Mapping[str, list[str]],
    tell: Callable[[str], None],
) -> list[Sighting]:
    """Put together what each node heard, or why it did not tell; tell hears of the latter.

    Raises:
        TransportFailed: none told anything.
    """
    silent = {node: words for node, words in heard.items() if isinstance(words, str)}
    if silent and len(silent) == len(heard):
        node, reason = next(iter(silent.items()))
        raise TransportFailed(
            f"none of {len(silent)} nodes told its neighbours; {node}: {reason}",
            "Is lldpd installed and running on them?",
        )
    for node, reason in sorted(silent.items()):
        tell(f"{node} did not tell its neighbours: {reason}")
    return _with_silent_ports(heard, expected)


def expected_ports(fabric: Fabric, nodes: Collection[str]) -> dict[str, list[str]]:
    """Give the interfaces of each node on which a neighbour can be heard, in port order."""
    asked = set(nodes)
    texts = port_texts(fabric)
    devices, interfaces = texts.device.tolist(), texts.interface.tolist()
    links = fabric.links
    expected: dict[str, list[str]] = {node: [] for node in nodes}
    for ends in zip(links.a.tolist(), links.z.tolist(), strict=True):
        if all(devices[port] in asked and _speaks(fabric, port) for port in ends):
            for port in ends:
                expected[devices[port]].append(interfaces[port])
    return expected


def _speaks(fabric: Fabric, port: int) -> bool:
    return fabric.port_group(port).name != BMC_PORTS


def _everywhere(ask: Callable[[str], Answer], nodes: Collection[str]) -> list[Answer]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(ask, nodes))


def _send_now(execute: Execute, node: str) -> None:
    """Make lldpd send at once; a node that cannot is told of when it is asked."""
    with suppress(TransportFailed):
        execute(node, SEND_NOW, timeout=TIMEOUT_SECONDS)


def _ask(execute: Execute, node: str) -> list[Sighting] | str:
    """Give what a node hears, or why it did not tell."""
    try:
        ran = execute(node, SHOW, timeout=TIMEOUT_SECONDS)
    except TransportFailed as fault:
        return fault.summary
    if ran.exit:
        return f"lldpcli ended with {ran.exit}"
    return heard_in(ran.stdout, node)


def heard_in(printed: bytes | str, node: str) -> list[Sighting] | str:
    """Read what lldpcli printed on a node; a text says why that cannot be."""
    try:
        value = json.loads(printed)
    except (ValueError, RecursionError):
        return "lldpcli printed no JSON"
    return parse_lldpd(value, node, node).sightings


def _misses(heard: list[Sighting] | str, expected: list[str]) -> bool:
    """Whether a node answered but hears nothing on a port where somebody should be."""
    return not isinstance(heard, str) and bool(set(expected) - {one.port for one in heard})


def _with_silent_ports(
    heard: Mapping[str, list[Sighting] | str], expected: Mapping[str, list[str]]
) -> list[Sighting]:
    """Give every sighting, and one without a link for each port that hears nobody."""
    found: list[Sighting] = []
    for node, told in heard.items():
        if isinstance(told, str):
            continue
        found += told
        speaking = {one.port for one in told}
        found += [Sighting(node, port) for port in expected[node] if port not in speaking]
    return found
