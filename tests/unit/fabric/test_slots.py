"""Slots and ordinals: the lock's runs read back as written; what is known stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colossus.fabric.ordinals import fold_ordinals, number, unfold
from colossus.fabric.slots import (
    Capacity,
    Demand,
    allocate,
    fold_slots,
    slots_given_twice,
    unfold_slots,
)
from colossus.inventory.locks import SlotRun

RACKS = st.sampled_from([f"a{n:02d}" for n in range(97, 104)] + ["b9", "b10", "r1-01"])
PLACES = st.lists(st.tuples(RACKS, st.integers(1, 9)), unique=True, max_size=30)
HOSTS = [f"gpu-{n:04d}" for n in range(9_995, 10_006)] + ["ctl-1", "pdu-a01-a1", "pdu-a01-b1"]
DEMANDS = st.lists(
    st.builds(Demand, st.sampled_from(HOSTS), st.integers(1, 8)),
    unique_by=lambda demand: demand.device,
    max_size=len(HOSTS),
)
CAPACITIES = st.builds(
    Capacity,
    switches=st.integers(0, 4),
    per_switch=st.sampled_from([4, 8, 16, 64]),
    lanes=st.sampled_from([1, 2, 4]),
    reserved=st.frozensets(st.integers(0, 40), max_size=6),
    missing=st.frozensets(st.integers(0, 3), max_size=1),
)


@given(PLACES)
def test_ordinals_read_back_as_written(places: list[tuple[str, int]]) -> None:
    ordinals = number(places, {})
    assert unfold(fold_ordinals(ordinals)) == ordinals


@given(PLACES, PLACES)
def test_known_ordinals_never_move(
    before: list[tuple[str, int]],
    after: list[tuple[str, int]],
) -> None:
    known = number(before, {})
    grown = number(after, known)
    assert {place: grown[place] for place in known} == known
    assert len(set(grown.values())) == len(grown)
    assert sorted(grown.values()) == list(range(len(grown)))


def test_equal_racks_in_a_row_are_one_run() -> None:
    places = [(f"a{n:02d}", u) for n in range(8, 102) for u in (1, 7, 13, 19)]
    runs = fold_ordinals(number(places, {}))
    assert [(run.first, run.racks, run.u) for run in runs] == [
        (0, "a[08-101]", (1, 7, 13, 19)),
    ]


@given(DEMANDS, CAPACITIES)
def test_slots_read_back_as_written(demands: list[Demand], capacity: Capacity) -> None:
    taken = allocate(demands, {}, capacity).taken
    assert unfold_slots(fold_slots(taken)) == taken


@given(DEMANDS, CAPACITIES)
def test_every_run_is_legal(demands: list[Demand], capacity: Capacity) -> None:
    result = allocate(demands, {}, capacity)
    used: set[int] = set()
    for demand in demands:
        assert (demand.device in result.taken) != (demand.device in result.overflow)
        if demand.device in result.overflow:
            continue
        first, ports = result.taken[demand.device]
        run = set(range(first, first + ports))
        assert ports == demand.ports
        assert not run & used
        assert not run & capacity.reserved
        assert first // capacity.per_switch == (first + ports - 1) // capacity.per_switch
        assert first // capacity.per_switch not in capacity.missing
        assert first + ports <= capacity.total
        assert ports < capacity.lanes or first % capacity.lanes == 0
        used |= run


@given(DEMANDS, DEMANDS, CAPACITIES)
def test_known_slots_never_move(
    before: list[Demand],
    after: list[Demand],
    capacity: Capacity,
) -> None:
    known = allocate(before, {}, capacity).taken
    result = allocate(after, known, capacity)
    for demand in after:
        if demand.device in known:
            assert result.taken[demand.device] == known[demand.device]
            assert (demand.device in result.moved) == (demand.ports != known[demand.device][1])
    assert slots_given_twice(result.taken) == []


@given(DEMANDS, CAPACITIES)
def test_growing_one_by_one_equals_growing_at_once(
    demands: list[Demand],
    capacity: Capacity,
) -> None:
    at_once = allocate(demands, {}, capacity)
    known: dict[str, tuple[int, int]] = {}
    for count in range(len(demands) + 1):
        known = allocate(demands[:count], known, capacity).taken
    if not at_once.overflow:
        assert known == at_once.taken


@pytest.mark.parametrize(
    ("demands", "known", "taken"),
    [
        # nothing known: one after the other, a device never across two switches
        ({"a": 3, "b": 3, "c": 2}, {}, {"a": (0, 3), "b": (4, 3), "c": (8, 2)}),
        # appended after the highest ever used, even where a hole is free
        ({"c": 2}, {"a": (0, 2), "b": (2, 2)}, {"a": (0, 2), "b": (2, 2), "c": (4, 2)}),
        # a hole is used when nothing else is free; its former owner loses the claim
        ({"b": 4, "c": 4, "d": 4}, {"a": (0, 4), "b": (4, 4), "c": (8, 4)}, None),
    ],
)
def test_allocation(
    demands: dict[str, int],
    known: dict[str, tuple[int, int]],
    taken: dict[str, tuple[int, int]] | None,
) -> None:
    wanted = [Demand(device, ports) for device, ports in demands.items()]
    result = allocate(wanted, known, Capacity(3, 4, 1))
    assert result.taken == (taken or {"d": (0, 4), "b": (4, 4), "c": (8, 4)})
    assert result.overflow == []


def test_two_holes_of_one_size_are_found_in_turn() -> None:
    known = {"a": (0, 2), "b": (2, 2), "c": (4, 2), "d": (6, 2)}
    wanted = [Demand(name, 2) for name in ("b", "d", "e", "f", "g")]
    result = allocate(wanted, known, Capacity(1, 8, 1))
    assert result.taken == {"b": (2, 2), "d": (6, 2), "e": (0, 2), "f": (4, 2)}
    assert result.overflow == ["g"]


def test_a_device_larger_than_a_switch_never_fits() -> None:
    assert allocate([Demand("a", 9)], {}, Capacity(4, 8, 1)).overflow == ["a"]


def test_what_hung_on_a_removed_switch_is_stranded() -> None:
    known = {"a": (0, 4), "b": (4, 4), "c": (8, 4)}
    wanted = [Demand(name, 4) for name in known]
    result = allocate(wanted, known, Capacity(2, 4, 1, missing=frozenset({0})))
    assert result.stranded == ["a", "c"]
    assert result.taken == known


def test_offered_leaves_out_what_nobody_may_take() -> None:
    capacity = Capacity(3, 8, 1, frozenset({1, 2}), frozenset({2}))
    assert (capacity.total, capacity.offered) == (24, 14)


def test_a_careless_merge_is_seen() -> None:
    runs = [
        SlotRun(first=0, devices="a[1-2]", ports=4),
        SlotRun(first=4, devices="b1", ports=4),
        SlotRun(first=8, devices="c1", ports=4),
    ]
    assert slots_given_twice(unfold_slots(runs)) == ["a2", "b1"]
