"""Switch-port slots: which run of ports of a fabric's switches each device takes.

A slot is one switch port (one lane of a split cage), numbered switch by switch, cage by cage. A
device takes its ports in one run that never straddles two switches and starts on a whole cage
when it fills one, so that a splitter serves one host. Known runs stay where the lock says; new
devices are appended; holes left by removed devices are used only when nothing else is free.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from colossus.inventory.locks import SlotRun
from colossus.inventory.nodeset import expand, fold


@dataclass(frozen=True, slots=True)
class Demand:
    """A device that wants `ports` consecutive slots."""

    device: str
    ports: int


@dataclass(frozen=True, slots=True)
class Capacity:
    """What the switches offer: slots per switch, lanes per cage, slots nobody may take."""

    switches: int
    per_switch: int
    lanes: int
    reserved: frozenset[int] = frozenset()

    @property
    def total(self) -> int:
        """Slots of all switches together, reserved ones included."""
        return self.switches * self.per_switch


@dataclass(slots=True)
class Allocation:
    """Which slots were given: device → (first slot, ports), and the devices that did not fit.

    moved holds devices whose number of ports differs from what the lock knows.
    """

    taken: dict[str, tuple[int, int]] = field(default_factory=dict)
    overflow: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)


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
    for device, (first, ports) in sorted(taken.items(), key=lambda item: item[1]):
        if runs and _continues(runs[-1], device, first, ports):
            runs[-1][1].append(device)
        else:
            runs.append((first, [device], ports))
    return tuple(
        SlotRun(first=first, devices=fold(devices), ports=ports) for first, devices, ports in runs
    )


def _continues(run: tuple[int, list[str], int], device: str, first: int, ports: int) -> bool:
    start, devices, run_ports = run
    if ports != run_ports or first != start + len(devices) * ports:
        return False
    folded = fold([devices[-1], device])
    return "[" in folded and expand(folded) == [devices[-1], device]


def allocate(
    demands: Sequence[Demand],
    known: Mapping[str, tuple[int, int]],
    capacity: Capacity,
) -> Allocation:
    """Give every device its slots; what does not fit is listed, never squeezed in."""
    result = Allocation()
    wanted = {demand.device for demand in demands}
    retired = {name: run for name, run in known.items() if name not in wanted}
    result.taken.update(known)
    following = max((first + ports for first, ports in known.values()), default=0)
    for demand in demands:
        if demand.device in known:
            if known[demand.device][1] != demand.ports:
                result.moved.append(demand.device)
            continue
        first = _fit(following, demand.ports, capacity)
        if first is None:
            first = _hole(demand.ports, capacity, result.taken, retired)
        else:
            following = first + demand.ports
        if first is None:
            result.overflow.append(demand.device)
            continue
        result.taken[demand.device] = (first, demand.ports)
    return result


def _fit(start: int, ports: int, capacity: Capacity) -> int | None:
    """Find the first legal run at or after `start`."""
    step = capacity.lanes if ports >= capacity.lanes else 1
    first = -(-start // step) * step
    while first + ports <= capacity.total:
        last = first + ports - 1
        if first // capacity.per_switch != last // capacity.per_switch:
            first = last // capacity.per_switch * capacity.per_switch
            continue
        if capacity.reserved.isdisjoint(range(first, last + 1)):
            return first
        first += step
    return None


def _hole(
    ports: int,
    capacity: Capacity,
    taken: dict[str, tuple[int, int]],
    retired: dict[str, tuple[int, int]],
) -> int | None:
    """Find a run that only removed devices held; they lose their claim."""
    busy = {
        slot
        for device, (first, count) in taken.items()
        if device not in retired
        for slot in range(first, first + count)
    }
    free = Capacity(
        capacity.switches,
        capacity.per_switch,
        capacity.lanes,
        capacity.reserved | busy,
    )
    first = _fit(0, ports, free)
    if first is None:
        return None
    for device, (start, count) in list(retired.items()):
        if start < first + ports and first < start + count:
            del taken[device], retired[device]
    return first
