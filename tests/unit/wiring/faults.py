"""Faults for property tests: each takes ports nobody else has taken and says what it did."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from colossus.fabric.model import Fabric
from tests.unit.wiring.fabrics import LEAF_PORTS, RAILS, Port, Seen, connect, planned_units

LEAF_CAGES = 32
Named = tuple[str, frozenset[str]]


@dataclass
class Floor:
    """A fabric of `fabrics.units` while somebody makes mistakes on it."""

    fabric: Fabric
    units: int
    random: Random
    seen: Seen = field(default_factory=dict)
    sound: Seen = field(default_factory=dict)
    taken: set[Port] = field(default_factory=set)
    named: list[Named] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sound = planned_units(self.units)
        self.seen = dict(self.sound)

    def leaf(self, unit: int, rail: int) -> str:
        return f"l{unit:04d}-{rail}"

    def run(self, length: int) -> list[Port] | None:
        """Neighbouring used ports of one leaf that nobody has touched, far ends included."""
        unit, rail = self.random.randrange(self.units), self.random.randrange(RAILS)
        first = self.random.randrange(LEAF_PORTS - length + 1)
        ports = [(self.leaf(unit, rail), f"swp{first + n + 1}") for n in range(length)]
        return self.claim(ports)

    def free(self, unit: int, rail: int) -> Port:
        number = self.random.randrange(LEAF_PORTS + 1, LEAF_CAGES + 1)
        return (self.leaf(unit, rail), f"swp{number}")

    def claim(self, ports: list[Port]) -> list[Port] | None:
        """Take ports and their planned far ends, unless any of them is taken already."""
        whole = set(ports) | {far for port in ports if (far := self.sound.get(port))}
        if whole & self.taken or len(set(ports)) < len(ports):
            return None
        self.taken |= whole
        return ports

    def cable(self, port: Port) -> str:
        link = self.fabric.port_index[":".join(port)] % len(self.fabric.links.a)
        return self.fabric.cables.ids[link]

    def name(self, kind: str, ports: list[Port]) -> None:
        self.named.append((kind, frozenset(self.cable(port) for port in ports)))

    def permute(self, ports: list[Port], order: list[int]) -> None:
        """Plug the cable that belongs into ports[order[n]] into ports[n]."""
        far = [self.sound[port] for port in ports]
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
    rails = floor.random.sample(range(RAILS), 2)
    ports = [(floor.leaf(n % floor.units, rail), f"swp{5 + 9 * n}") for n, rail in enumerate(rails)]
    if floor.claim(ports):
        floor.permute(ports, [1, 0])
        floor.name("swapped", ports)


def cycle(floor: Floor) -> None:
    rails = floor.random.sample(range(RAILS), 5)
    ports = [(floor.leaf(0, rail), f"swp{3 + 4 * n}") for n, rail in enumerate(rails)]
    if floor.claim(ports):
        floor.permute(ports, [1, 2, 3, 4, 0])
        floor.name("cycle", ports)


def shifted(floor: Floor) -> None:
    length = floor.random.randrange(4, 9)
    ports = floor.run(length)
    if ports:
        step = floor.random.choice([1, length - 1])
        floor.permute(ports, [(n + step) % length for n in range(length)])
        floor.name("shifted", ports)


def shifted_into_free(floor: Floor) -> None:
    leaf = floor.leaf(floor.random.randrange(floor.units), floor.random.randrange(RAILS))
    used = [(leaf, f"swp{number}") for number in range(LEAF_PORTS - 3, LEAF_PORTS + 1)]
    free = (leaf, f"swp{LEAF_PORTS + 1}")
    if floor.claim([*used, free]):
        far = [floor.sound[port] for port in used]
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
        far = floor.sound[ports[0]]
        assert far
        floor.seen[ports[0]] = floor.seen[far] = None
        floor.name("dead", ports)


def extra(floor: Floor) -> None:
    one, other = (floor.free(n % floor.units, n + 1) for n in range(2))
    if floor.claim([one, other]):
        connect(floor.seen, one, other)
        floor.name("extra", [])


def unknown_neighbour(floor: Floor) -> None:
    ports = floor.run(1)
    if ports:
        host = floor.sound[ports[0]]
        assert host
        floor.seen[ports[0]] = None
        connect(floor.seen, host, ("somebody-else", f"e{len(floor.named)}"))
        floor.name("unknown_neighbour", ports)


def _moved(kind: str, unit: int, rails: int) -> Callable[[Floor], None]:
    def fault(floor: Floor) -> None:
        rail = floor.random.randrange(RAILS)
        right = (floor.leaf(0, rail), f"swp{floor.random.randrange(1, LEAF_PORTS + 1)}")
        wrong = floor.free(unit, (rail + rails) % RAILS)
        if floor.claim([right, wrong]):
            host = floor.sound[right]
            assert host
            floor.seen[right] = None
            floor.seen[host], floor.seen[wrong] = wrong, host
            floor.name(kind, [right])

    fault.__name__ = kind
    return fault


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
    _moved("wrong_rail", 0, 3),
    _moved("wrong_plane", 1, 0),
    _moved("wrong_switch", 2, 0),
)
