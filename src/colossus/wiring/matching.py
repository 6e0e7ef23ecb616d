"""Two matchings over the same ports: who should be connected with whom, and who was seen to be.

Ports are numbered: first every planned port (rows of `Fabric.ports`), then what the observation
adds: free ports of known devices, and strangers the model does not know.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.model import Fabric
from colossus.fabric.tables import Index
from colossus.wiring.observed import Sighting
from colossus.wiring.ports import PortTexts, port_texts

NONE = -1
"""No partner: not planned, or seen without a link."""
UNSEEN = -2
"""Nobody said anything about this port."""


class Seat(NamedTuple):
    """Where a port sits: rows of its device and rack, -1 for a stranger's.

    split: whether it is one half of a split cage; near: whether it is the `a` end of its link.
    """

    device: int
    rack: int
    split: bool
    near: bool


@dataclass
class Matching:
    """The planned and the seen partner of every port.

    planned: partner or NONE. seen: partner, NONE (reported without link) or UNSEEN.
    device: row of the device, -1 for a stranger. link: row of the planned link or -1.
    awaiting: per link, whether one of its devices is not there yet.
    disputed: ports that were told a neighbour which itself tells of somebody else.
    one_way: ports that hear their neighbour while it hears nothing.
    unclear: reports of a port without link whose printed number could mean several ports.
    """

    fabric: Fabric
    texts: PortTexts
    names: list[str]
    device: NDArray[np.int32]
    planned: Index
    seen: NDArray[np.int32]
    link: Index
    awaiting: NDArray[np.bool_]
    disputed: dict[int, int] = field(default_factory=dict)
    one_way: set[int] = field(default_factory=set)
    unclear: list[Sighting] = field(default_factory=list)

    @cached_property
    def seats(self) -> "Seats":
        """Where each port sits, by its number."""
        return Seats(self)

    @property
    def planned_ports(self) -> int:
        """How many ports the plan uses; the numbers from here on are additions."""
        return len(self.texts.device)


class Seats(dict[int, Seat]):
    """Where ports sit; worked out when asked, because few of many ports are ever at fault."""

    def __init__(self, matching: Matching) -> None:
        super().__init__()
        self.matching = matching

    def __missing__(self, port: int) -> Seat:
        """Work out where a port sits."""
        matching, fabric = self.matching, self.matching.fabric
        device, link = int(matching.device[port]), int(matching.link[port])
        self[port] = Seat(
            device=device,
            rack=int(fabric.devices.rack[device]) if device >= 0 else -1,
            split=port < matching.planned_ports and int(fabric.ports.lane[port]) >= 0,
            near=link >= 0 and int(fabric.links.a[link]) == port,
        )
        return self[port]


def plan_matching(fabric: Fabric) -> Matching:
    """Number the planned ports and pair them; nothing is seen yet."""
    ports, links = port_texts(fabric), fabric.links
    count = len(fabric.ports.device)
    planned = np.full(count, NONE, dtype=np.int32)
    link = np.full(count, -1, dtype=np.int32)
    rows = np.arange(len(links.a), dtype=np.int32)
    planned[links.a], planned[links.z] = links.z, links.a
    link[links.a], link[links.z] = rows, rows
    present = fabric.devices.present[fabric.ports.device]
    return Matching(
        fabric=fabric,
        texts=ports,
        names=ports.full,
        device=fabric.ports.device.copy(),
        planned=planned,
        seen=np.full(count, UNSEEN, dtype=np.int32),
        link=link,
        awaiting=~(present[links.a] & present[links.z]),
    )


def observe(fabric: Fabric, sightings: Sequence[Sighting]) -> Matching:
    """Pair the ports as they were seen. Later reports about a port replace earlier ones."""
    matching = plan_matching(fabric)
    numbers = _Numbers(matching)
    told = [sighting for sighting in sightings if sighting.neighbour is not None]
    silent = [sighting for sighting in sightings if sighting.neighbour is None]
    own = numbers.of([(one.device, one.port) for one in told])
    other = numbers.of([(one.neighbour or "", one.neighbour_port or "") for one in told])
    own, other = numbers.settle(told, own, other)
    quiet = numbers.of([(one.device, one.port) for one in silent])
    matching.unclear = [one for one, row in zip(silent, quiet, strict=True) if row < 0]
    final = numbers.extend()
    own, other = final[own], final[other]
    said = np.full(len(matching.names), UNSEEN, dtype=np.int32)
    said[final[quiet[quiet >= 0]]] = NONE
    said[own] = other
    _agree(matching, said)
    return matching


def _agree(matching: Matching, said: NDArray[np.int32]) -> None:
    """Make one matching of what both ends said.

    A link counts when both ends tell of each other, or when the far end is silent and nobody else
    claims it. A port that tells of a neighbour which tells of somebody else is disputed.
    """
    seen = said.copy()
    claims = np.flatnonzero(said >= 0).astype(np.int32)
    far = said[claims]
    mutual = (said[far] == claims) & (far != claims)
    seen[claims[~mutual]] = NONE
    one_sided = claims[~mutual].tolist()
    # The planned partner's word comes first, then the lowest number: the result never depends on
    # the order of the input.
    planned = matching.planned
    one_sided.sort(key=lambda port: (planned[port] != said[port], port))
    taken: set[int] = set()
    for port in one_sided:
        neighbour = int(said[port])
        if said[neighbour] >= 0 or neighbour in taken:
            matching.disputed[port] = neighbour
            continue
        if said[neighbour] == NONE:
            matching.one_way.add(port)
        taken.add(neighbour)
        seen[port], seen[neighbour] = neighbour, port
    matching.seen = seen


class _Numbers:
    """Turns names of ports into numbers; unknown names get numbers of their own."""

    def __init__(self, matching: Matching) -> None:
        self.matching = matching
        ports = matching.texts
        devices, rows = ports.device.tolist(), range(matching.planned_ports)
        self.known = dict(
            zip(zip(devices, ports.interface.tolist(), strict=True), rows, strict=True)
        )
        self.printed: dict[tuple[str, str], list[int]] = {}
        self.added: dict[tuple[str, str], int] = {}

    def of(self, keys: list[tuple[str, str]]) -> NDArray[np.int32]:
        """Number ports by (device, port); -1 where a printed number could mean several ports."""
        found = list(map(self.known.get, keys))
        return np.asarray(
            [
                self._resolve(*key) if row is None else row
                for row, key in zip(found, keys, strict=True)
            ],
            dtype=np.int32,
        )

    def settle(
        self, told: list[Sighting], own: NDArray[np.int32], other: NDArray[np.int32]
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Decide what a printed number means by its far end: a planned pair, else the same fabric.

        A host's `1` may be its first NIC port or its BMC; its neighbour's port tells which.
        """
        for row in np.flatnonzero((own < 0) | (other < 0)).tolist():
            one = told[row]
            mine = [int(own[row])] if own[row] >= 0 else self._printed(one.device, one.port)
            far_device, far_port = one.neighbour or "", one.neighbour_port or ""
            far = [int(other[row])] if other[row] >= 0 else self._printed(far_device, far_port)
            own[row], other[row] = min(
                ((port, neighbour) for port in mine for neighbour in far), key=self._unlikely
            )
        return own, other

    def extend(self) -> NDArray[np.int32]:
        """Give the added ports their rows in the matching, sorted by name.

        Gives the final number of each number handed out so far.
        """
        matching, count, first = self.matching, len(self.added), self.matching.planned_ports
        names = sorted(self.added)
        matching.names += [f"{device}:{port}" for device, port in names]
        none = np.full(count, NONE, dtype=np.int32)
        matching.planned = np.concatenate([matching.planned, none])
        matching.link = np.concatenate([matching.link, none])
        index = matching.fabric.device_index
        devices = np.asarray([index.get(device, -1) for device, _ in names], dtype=np.int32)
        matching.device = np.concatenate([matching.device, devices])
        final = np.arange(first + count, dtype=np.int32)
        for row, key in enumerate(names):
            final[self.added[key]] = first + row
        return final

    def _resolve(self, device: str, port: str) -> int:
        device = self._device(device)
        row = self.known.get((device, port))
        if row is not None:
            return row
        rows = self._printed(device, port)
        if len(rows) > 1:
            return -1
        return rows[0] if rows else self._add(device, port)

    def _device(self, device: str) -> str:
        """Give the model's name of a device; LLDP may tell it with domain or in capitals."""
        short = device.partition(".")[0].lower()
        index = self.matching.fabric.device_index
        return short if device not in index and short in index else device

    def _printed(self, device: str, port: str) -> list[int]:
        """Find the planned ports that carry this printed number."""
        if not self.printed:
            ports = self.matching.texts
            keys = zip(ports.device.tolist(), ports.port.tolist(), strict=True)
            for row, key in enumerate(keys):
                self.printed.setdefault(key, []).append(row)
        return self.printed.get((self._device(device), port), [])

    def _add(self, device: str, port: str) -> int:
        key = (device, port)
        if key not in self.added:
            self.added[key] = self.matching.planned_ports + len(self.added)
        return self.added[key]

    def _unlikely(self, pair: tuple[int, int]) -> tuple[bool, bool, int, int]:
        matching, (one, other) = self.matching, pair
        links = matching.fabric.links
        fabrics = [
            links.fabric[matching.link[port]] if port < matching.planned_ports else -1
            for port in pair
        ]
        planned = one < matching.planned_ports and matching.planned[one] == other
        return (not planned, fabrics[0] != fabrics[1], one, other)
