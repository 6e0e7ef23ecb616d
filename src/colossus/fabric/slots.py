"""Switch-port slots: which run of ports of a fabric's switches each device takes.

A slot is one switch port (one lane of a split cage), numbered switch by switch, cage by cage. A
device takes its ports in one run that never straddles two switches and starts on a whole cage
when it fills one, so that a splitter serves one host. Known runs stay where the lock says; new
devices are appended; holes left by removed devices are used only when nothing else is free.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from colossus.inventory.locks import SlotRun
from colossus.inventory.nodeset import expand, fold_in_order


@dataclass(frozen=True, slots=True)
class Demand:
    """A device that wants `ports` consecutive slots."""

    device: str
    ports: int


@dataclass(frozen=True, slots=True)
class Capacity:
    """What the switches offer: slots per switch, lanes per cage, slots nobody may take.

    Switches count by ordinal; `missing` holds the ordinals of those that were removed.
    """

    switches: int
    per_switch: int
    lanes: int
    reserved: frozenset[int] = frozenset()
    missing: frozenset[int] = frozenset()

    @property
    def total(self) -> int:
        """Slots of all switches together, reserved and missing ones included."""
        return self.switches * self.per_switch

    @property
    def offered(self) -> int:
        """Slots that a device may take."""
        return (self.switches - len(self.missing)) * self.per_switch - len(self.reserved)

    def reaches(self, first: int, ports: int) -> bool:
        """Whether the switches of a run exist."""
        ends = {first // self.per_switch, (first + ports - 1) // self.per_switch}
        return first + ports <= self.total and self.missing.isdisjoint(ends)

    def avoids_reserved(self, first: int, ports: int) -> bool:
        """Whether a run avoids reserved slots."""
        return self.reserved.isdisjoint(range(first, first + ports))

    def free(self, run: range) -> bool:
        """Whether a run avoids reserved slots and switches that are not there."""
        return self.reaches(run.start, len(run)) and self.avoids_reserved(run.start, len(run))


@dataclass(slots=True)
class Allocation:
    """Which slots were given: device → (first slot, ports), and the devices that did not fit.

    moved holds devices whose number of ports differs from what the lock knows; stranded those
    whose slots belong to a switch that is gone.
    """

    taken: dict[str, tuple[int, int]] = field(default_factory=dict)
    overflow: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    stranded: list[str] = field(default_factory=list)


def unfold_slots(runs: Iterable[SlotRun]) -> dict[str, tuple[int, int]]:
    """Read the lock: device → (first slot, ports)."""
    known: dict[str, tuple[int, int]] = {}
    for run in runs:
        for place, device in enumerate(expand(run.devices)):
            known[device] = (run.first + place * run.ports, run.ports)
    return known


def fold_slots(taken: Mapping[str, tuple[int, int]]) -> tuple[SlotRun, ...]:
    """Write slots as few runs as possible, in slot order."""
    runs: list[tuple[int, list[str], int]] = []
    for device, (first, ports) in sorted(taken.items(), key=lambda item: (item[1], item[0])):
        if runs and runs[-1][2] == ports and first == runs[-1][0] + len(runs[-1][1]) * ports:
            runs[-1][1].append(device)
        else:
            runs.append((first, [device], ports))
    return tuple(
        SlotRun(first=first, devices=fold_in_order(devices), ports=ports)
        for first, devices, ports in runs
    )


def allocate(
    demands: Sequence[Demand],
    known: Mapping[str, tuple[int, int]],
    capacity: Capacity,
) -> Allocation:
    """Give every device its slots; what does not fit is listed, never squeezed in."""
    result = Allocation(taken=dict(known))
    wanted = {demand.device for demand in demands}
    search = _Search(capacity, known, wanted)
    for demand in demands:
        if demand.device in known:
            run = known[demand.device]
            if run[1] != demand.ports:
                result.moved.append(demand.device)
            elif not capacity.reaches(*run):
                result.stranded.append(demand.device)
            continue
        first = search.find(demand.ports)
        if first is None:
            result.overflow.append(demand.device)
            continue
        for device in search.retire(first, demand.ports):
            del result.taken[device]
        result.taken[demand.device] = (first, demand.ports)
    return result


class _Search:
    """Free slots, searched from the end of what was ever used, then through the holes.

    What did not fit once never fits later, so each size of run goes over the slots only once.
    """

    def __init__(
        self,
        capacity: Capacity,
        known: Mapping[str, tuple[int, int]],
        wanted: Container[str],
    ) -> None:
        retired = {name: run for name, run in known.items() if name not in wanted}
        self._capacity = capacity
        self._runs = retired
        self._claims = _slots_of(retired)
        self._busy = set(_slots_of(known)) - set(self._claims)
        self._following = max((first + ports for first, ports in known.values()), default=0)
        self._holes: dict[int, int] = {}

    def find(self, ports: int) -> int | None:
        """Take the next free run of that many slots; None when there is none."""
        first = _fit(self._following, ports, self._capacity, self._busy)
        if first is not None:
            self._following = first + ports
        else:
            first = _fit(self._holes.get(ports, 0), ports, self._capacity, self._busy)
            self._holes[ports] = self._capacity.total if first is None else first + ports
        if first is not None:
            self._busy.update(range(first, first + ports))
        return first

    def retire(self, first: int, ports: int) -> list[str]:
        """Give the removed devices whose slots are taken now; they lose their claim."""
        run = range(first, first + ports)
        lost = sorted({self._claims[slot] for slot in run if slot in self._claims})
        for device in lost:
            start, count = self._runs[device]
            for slot in range(start, start + count):
                self._claims.pop(slot, None)
        return lost


def _slots_of(runs: Mapping[str, tuple[int, int]]) -> dict[int, str]:
    return {slot: name for name, (first, n) in runs.items() for slot in range(first, first + n)}


def slots_given_twice(known: Mapping[str, tuple[int, int]]) -> list[str]:
    """Name the devices that share a slot with another one, as a careless merge leaves them."""
    owners: dict[int, list[str]] = {}
    for name, (first, ports) in known.items():
        for slot in range(first, first + ports):
            owners.setdefault(slot, []).append(name)
    return sorted({name for names in owners.values() if len(names) > 1 for name in names})


def _fit(start: int, ports: int, capacity: Capacity, busy: set[int]) -> int | None:
    """Find the first legal run at or after `start`."""
    step = capacity.lanes if ports >= capacity.lanes else 1
    first = -(-start // step) * step
    while first + ports <= capacity.total:
        last = first + ports - 1
        if first // capacity.per_switch != last // capacity.per_switch:
            first = last // capacity.per_switch * capacity.per_switch
            continue
        run = range(first, last + 1)
        if capacity.free(run) and busy.isdisjoint(run):
            return first
        first += step
    return None
