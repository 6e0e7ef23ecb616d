"""Dead cables: planned, asked about, and without a link; a silent device is one verdict."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from colossus.inventory.catalog import BMC_PORTS
from colossus.wiring.matching import NONE, UNSEEN, Matching
from colossus.wiring.report import Kind, Verdict
from colossus.wiring.wording import Cause, cable_ids, cause, device_place, place, verdict

LEAST_SILENT = 4
"""So many cables of one device must be dead, and none alive, before the device is blamed."""

Pair = tuple[int, int]


def silence(matching: Matching, dead: list[Pair]) -> Iterator[Cause]:
    """Name dead cables (their two planned ports), by device where a whole device is silent."""
    wanted = [pair for pair in dead if not matching.awaiting[matching.link[pair[0]]]]
    silent = _silent_devices(matching, wanted)
    blamed: dict[int, list[Pair]] = defaultdict(list)
    for pair in wanted:
        device = next((d for d in _devices(matching, pair) if d in silent), -1)
        if device >= 0:
            blamed[device].append(pair)
        else:
            yield cause(matching, [_verdict(matching, pair)], pair)
    for device, pairs in blamed.items():
        yield _silent(matching, device, pairs)


def _devices(matching: Matching, pair: Pair) -> list[int]:
    return [matching.seats[port].device for port in pair]


def _silent_devices(matching: Matching, dead: list[Pair]) -> set[int]:
    """Find the devices that said nothing and of which no cable has a link."""
    cables: dict[int, int] = defaultdict(int)
    for pair in dead:
        for device in _devices(matching, pair):
            cables[device] += 1
    suspects = {device for device, count in cables.items() if count >= LEAST_SILENT}
    if not suspects:
        return suspects
    spoke = {
        matching.seats[port].device for pair in dead for port in pair if matching.seen[port] == NONE
    }
    return {device for device in suspects - spoke if not _has_link(matching, device)}


def _has_link(matching: Matching, device: int) -> bool:
    """Whether any port has a link; a BMC has one while its host is off."""
    ports = np.flatnonzero(matching.fabric.ports.device == device)
    return any(
        matching.fabric.port_row(int(port)).name != BMC_PORTS
        for port in ports[matching.seen[ports] >= 0]
    )


def _verdict(matching: Matching, pair: Pair) -> Verdict:
    link = int(matching.link[pair[0]])
    one, other = (place(matching, port) for port in pair)
    cable = cable_ids(matching, [link])[0]
    kind: Kind = "dead"
    words = f"no link on cable {cable} between {one} and {other}"
    disputed = [port for port in pair if port in matching.disputed]
    if disputed:
        kind = "unknown_neighbour"
        told = place(matching, matching.disputed[disputed[0]])
        words = f"{place(matching, disputed[0])} sees {told}, which sees somebody else"
    elif matching.one_way & set(pair):
        hears = next(port for port in pair if port in matching.one_way)
        deaf = pair[0] if hears == pair[1] else pair[1]
        words = (
            f"only one direction of cable {cable} works: {place(matching, hears)} hears"
            f" {place(matching, deaf)}, which hears nothing"
        )
    elif any(matching.seen[port] == UNSEEN for port in pair):
        words += " (one end asked)"
    return verdict(matching, kind, pair, [link], words)


def _silent(matching: Matching, device: int, pairs: list[Pair]) -> Cause:
    own = [pair[0] if matching.seats[pair[0]].device == device else pair[1] for pair in pairs]
    far = [pair[1] if pair[0] == port else pair[0] for pair, port in zip(pairs, own, strict=True)]
    links = [int(matching.link[port]) for port in own]
    words = (
        f"{device_place(matching.fabric, device)} is silent: no link on any of"
        f" {len(pairs)} cables; look at its power first"
    )
    return cause(matching, [verdict(matching, "dead", own + far, links, words)], own)
