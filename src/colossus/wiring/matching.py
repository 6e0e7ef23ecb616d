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
from colossus.wiring.numbering import Numbered, Numbering
from colossus.wiring.observed import Sighting
from colossus.wiring.plugs import shared_plugs
from colossus.wiring.ports import PortTexts, port_texts

NONE = -1
"""No partner: not planned, or seen without a link."""
UNSEEN = -2
"""Nobody said anything about this port."""


class Seat(NamedTuple):
    """Where a port sits: rows of its device and rack, -1 for a stranger's.

    split: whether other links share its plug; near: whether it is the `a` end of its link.
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
    contradicted: ports that were said to see different neighbours, with these.
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
    contradicted: dict[str, list[str]] = field(default_factory=dict)

    @cached_property
    def seats(self) -> "Seats":
        """Where each port sits, by its number."""
        return Seats(self)

    @cached_property
    def shared(self) -> NDArray[np.bool_]:
        """Per planned port, whether other links share its plug."""
        return shared_plugs(self.fabric)

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
            split=port < matching.planned_ports and bool(matching.shared[port]),
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
    """Pair the ports as they were seen; the order of the sightings does not matter."""
    matching = plan_matching(fabric)
    numbering = Numbering(fabric, matching.texts, matching.planned)
    numbered = numbering.of(sightings)
    matching.unclear = numbered.unclear
    matching.names += [f"{device}:{port}" for device, port in numbering.added]
    none = np.full(len(numbering.added), NONE, dtype=np.int32)
    matching.planned = np.concatenate([matching.planned, none])
    matching.link = np.concatenate([matching.link, none])
    matching.device = np.concatenate([matching.device, numbering.added_devices()])
    _agree(matching, _said(matching, numbered))
    return matching


def _said(matching: Matching, numbered: Numbered) -> NDArray[np.int32]:
    """Give what each port said; one that said two things is set aside, as if it were unseen."""
    said = np.full(len(matching.names), UNSEEN, dtype=np.int32)
    said[numbered.quiet] = NONE
    said[numbered.own] = numbered.other
    differing = numbered.own[said[numbered.own] != numbered.other].tolist()
    differing += numbered.quiet[said[numbered.quiet] != NONE].tolist()
    for port in sorted(set(differing)):
        neighbours = set(numbered.other[numbered.own == port].tolist())
        told = sorted(matching.names[far] for far in neighbours)
        silent = ["nobody"] if port in numbered.quiet else []
        matching.contradicted[matching.names[port]] = [*told, *silent]
        said[port] = UNSEEN
    return said


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
