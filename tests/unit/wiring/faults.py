"""Faults for property tests, on any fabric: each takes ports nobody has taken, and says so.

Ports with a plug that several links share (splitters, two-link cables) are left to tests of their
own: there a plug and a link are two things.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from random import Random

from colossus.fabric.model import Fabric
from colossus.wiring.plugs import shared_plugs
from colossus.wiring.ports import port_texts
from tests.unit.wiring.fabrics import Port, Seen, connect, planned

Named = tuple[str, frozenset[str]]
STRANGER = "somebody-else"


@dataclass(frozen=True)
class Layout:
    """How a fabric is plugged: rows of ports in seat order, and what each device carries.

    rows: (device, fabric) → its ports. cables: port → cable id. carried: (device, fabric) → planes
    and rails. near: the ports at the `a` end, whose links go to a switch.
    """

    sound: Seen
    rows: tuple[tuple[Port, ...], ...]
    cables: dict[Port, str]
    carried: dict[tuple[str, int], tuple[frozenset[int], frozenset[int]]]
    near: tuple[tuple[Port, int, int, int], ...]


@cache
def layout(name: str, make: Callable[[], Fabric]) -> tuple[Fabric, Layout]:
    """Work out the layout of a fabric once; name is only for the cache."""
    del name
    fabric = make()
    texts, shared, links = port_texts(fabric), shared_plugs(fabric), fabric.links
    ports = list(zip(texts.device.tolist(), texts.interface.tolist(), strict=True))
    rows: dict[tuple[str, int], list[tuple[int, Port]]] = defaultdict(list)
    carried: dict[tuple[str, int], tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))
    cables: dict[Port, str] = {}
    near = []
    columns = (links.a, links.z, links.fabric, links.plane, links.rail, links.cable)
    for a, z, net, plane, rail, cable in zip(*(c.tolist() for c in columns), strict=True):
        for port in (a, z):
            cables[ports[port]] = fabric.cables.ids[cable]
            planes, rails = carried[ports[port][0], net]
            planes.add(plane)
            rails.add(rail)
            rows[ports[port][0], net].append((int(texts.order[port]), ports[port]))
        if not (shared[a] or shared[z]):
            near.append((ports[a], net, plane, rail))
    alone = {port for port, split in zip(ports, shared.tolist(), strict=True) if not split}
    sound = planned(fabric)
    plugs = {port for port in alone if (far := sound.get(port)) and far in alone}
    return fabric, Layout(
        sound,
        tuple(tuple(port for _, port in sorted(row)) for row in rows.values() if len(row) > 1),
        {port: cables[port] for port in plugs},
        {key: (frozenset(both[0]), frozenset(both[1])) for key, both in carried.items()},
        tuple(near),
    )


@dataclass
class Floor:
    """A fabric while somebody makes mistakes on it."""

    fabric: Fabric
    plan: Layout
    random: Random
    seen: Seen = field(default_factory=dict)
    taken: set[Port] = field(default_factory=set)
    named: list[Named] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.seen = dict(self.plan.sound)

    def run(self, length: int) -> list[Port] | None:
        """Neighbouring plugs of one device; those beside them stay as they are."""
        row = self.random.choice(self.plan.rows)
        if len(row) < length:
            return None
        first = self.random.randrange(len(row) - length + 1)
        beside = row[max(first - 1, 0) : first] + row[first + length : first + length + 1]
        return self.claim(list(row[first : first + length]), beside)

    def alone(self, count: int) -> list[Port] | None:
        """Plugs of as many devices, of one fabric."""
        chosen = self.random.sample(self.plan.near, min(len(self.plan.near), 12 * count))
        ports: dict[str, Port] = {}
        for port, net, _, _ in chosen:
            far = self.plan.sound[port]
            if far and net == chosen[0][1]:
                ports.setdefault(far[0], far)
        return self.claim(list(ports.values())[:count]) if len(ports) >= count else None

    def claim(self, ports: Sequence[Port], beside: Sequence[Port] = ()) -> list[Port] | None:
        """Take ports and their planned far ends, unless any of them is taken or shares a plug."""
        sound = self.plan.sound
        whole = {*ports, *beside} | {far for port in ports if (far := sound.get(port))}
        known = [port for port in ports if port in sound]
        if whole & self.taken or len(set(ports)) < len(ports):
            return None
        if any(port not in self.plan.cables for port in known):
            return None
        self.taken |= whole
        return list(ports)

    def free(self, device: str) -> Port:
        """A port of a device that the plan does not use."""
        return device, f"spare{self.random.randrange(10**6)}"

    def name(self, kind: str, ports: Sequence[Port]) -> None:
        self.named.append((kind, frozenset(self.plan.cables[port] for port in ports)))

    def permute(self, ports: Sequence[Port], order: Sequence[int]) -> None:
        """Plug the cable that belongs into ports[order[n]] into ports[n]."""
        far = [self.plan.sound[port] for port in ports]
        for port in ports:
            self.seen[port] = None
        for port, index in zip(ports, order, strict=True):
            there = far[index]
            assert there
            self.seen[port], self.seen[there] = there, port


def swapped(floor: Floor) -> None:
    ports = floor.run(2)
    if ports:
        floor.permute(ports, [1, 0])
        floor.name("swapped", ports)


def swapped_far(floor: Floor) -> None:
    ports = floor.alone(2)
    if ports:
        floor.permute(ports, [1, 0])
        floor.name("swapped", ports)


def cycle(floor: Floor) -> None:
    count = floor.random.randrange(3, 7)
    ports = floor.alone(count)
    if ports:
        floor.permute(ports, [*range(1, count), 0])
        floor.name("cycle", ports)


def shifted(floor: Floor) -> None:
    length = floor.random.randrange(4, 9)
    ports = floor.run(length)
    if ports:
        step = floor.random.choice([1, length - 1])
        floor.permute(ports, [(n + step) % length for n in range(length)])
        floor.name("shifted", ports)


def shifted_into_free(floor: Floor) -> None:
    row = floor.random.choice(floor.plan.rows)
    used, free = list(row[-4:]), floor.free(row[0][0])
    if len(used) == 4 and floor.claim([*used, free], row[-5:-4]):
        far = [floor.plan.sound[port] for port in used]
        for port, there in zip([*used[1:], free], far, strict=True):
            assert there
            floor.seen[port], floor.seen[there] = there, port
        floor.seen[used[0]] = None
        floor.name("shifted", used)


def reversed_trunk(floor: Floor) -> None:
    length = floor.random.randrange(4, 10)
    ports = floor.run(length)
    if ports:
        floor.permute(ports, list(range(length))[::-1])
        used = [port for n, port in enumerate(ports) if 2 * n != length - 1]
        floor.name("reversed_trunk", used)


def dead(floor: Floor) -> None:
    ports = floor.run(1)
    if ports:
        far = floor.plan.sound[ports[0]]
        assert far
        floor.seen[ports[0]] = floor.seen[far] = None
        floor.name("dead", ports)


def extra(floor: Floor) -> None:
    one, other = (floor.free(floor.random.choice(floor.plan.rows)[0][0]) for _ in range(2))
    if floor.claim([one, other]):
        connect(floor.seen, one, other)
        floor.name("extra", [])


def unknown_neighbour(floor: Floor) -> None:
    ports = floor.run(1)
    if ports:
        far = floor.plan.sound[ports[0]]
        assert far
        floor.seen[ports[0]] = None
        connect(floor.seen, far, (STRANGER, f"e{len(floor.named)}"))
        floor.name("unknown_neighbour", ports)


def wrong_device(floor: Floor) -> None:
    """A plug in a free port of another device: of another plane, another rail, or neither."""
    near, net, plane, rail = floor.random.choice(floor.plan.near)
    right = floor.plan.sound[near]
    others = sorted({device for device, of in floor.plan.carried if of == net})
    device = floor.random.choice(others)
    if right and device not in (right[0], near[0]) and floor.claim([right]):
        wrong = floor.free(device)
        floor.seen[right] = None
        floor.seen[near], floor.seen[wrong] = wrong, near
        planes, rails = floor.plan.carried[device, net]
        kind = "wrong_plane" if plane not in planes else "wrong_rail"
        floor.name(kind if plane not in planes or rail not in rails else "wrong_switch", [right])


FAULTS = (
    swapped,
    swapped_far,
    cycle,
    shifted,
    shifted_into_free,
    reversed_trunk,
    dead,
    extra,
    unknown_neighbour,
    wrong_device,
)
