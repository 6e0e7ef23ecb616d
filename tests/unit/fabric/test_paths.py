"""Shortest ways through the cabling: what is free, what may be passed, which goal is taken."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colossus.fabric.paths import Mask, Neighbours, distances, way


def net(count: int, edges: list[tuple[int, int]]) -> Neighbours:
    """Turn edges into neighbours, both ways."""
    both = sorted([*edges, *((z, a) for a, z in edges)])
    near = np.asarray([a for a, _ in both], dtype=np.int64)
    far = np.asarray([z for _, z in both], dtype=np.int64)
    return Neighbours(np.searchsorted(near, np.arange(count + 1)).astype(np.int64), far)


def mask(count: int, rows: list[int]) -> Mask:
    """Say which rows are meant."""
    found = np.zeros(count, dtype=np.bool_)
    found[rows] = True
    return found


@dataclass(frozen=True)
class Graph:
    """Two leaves (0, 1) under two spines (2, 3), and a leaf (4) that hangs on spine 3 alone."""

    edges = ((0, 2), (0, 3), (1, 2), (1, 3), (4, 3))
    count = 5


def found(goal: list[int], free: list[int], start: int = 0) -> list[int] | None:
    graph = Graph()
    everything = mask(graph.count, list(range(graph.count)))
    told = way(
        net(graph.count, list(graph.edges)),
        np.asarray([start]),
        mask(graph.count, goal),
        everything,
        mask(graph.count, free),
    )
    return None if told is None else told.tolist()


def test_the_lowest_of_equal_ways_is_taken() -> None:
    assert found([1], []) == [0, 2, 1]


def test_what_is_in_already_costs_nothing() -> None:
    assert found([1], [3]) == [0, 3, 1]


def test_the_goal_with_most_cables_to_it_wins() -> None:
    doubled = net(3, [(0, 1), (0, 2), (0, 2)])
    goal, everything = mask(3, [1, 2]), mask(3, [0, 1, 2])
    told = way(doubled, np.asarray([0]), goal, everything, mask(3, []))
    assert told is not None
    assert told.tolist() == [0, 2]


def test_without_a_way_there_is_none() -> None:
    lonely = net(3, [(0, 1)])
    told = way(lonely, np.asarray([0]), mask(3, [2]), mask(3, [0, 1, 2]), mask(3, []))
    assert told is None
    assert distances(lonely, np.asarray([0]), mask(3, [0, 1, 2])).tolist() == [0, 1, -1]


@pytest.mark.parametrize("start", [0, 1, 4])
def test_a_way_leads_only_through_what_may_be_passed(start: int) -> None:
    graph = Graph()
    told = way(
        net(graph.count, list(graph.edges)),
        np.asarray([start]),
        mask(graph.count, [2]),
        mask(graph.count, [0, 1, 4]),
        mask(graph.count, []),
    )
    assert (told is None) == (start == 4)


EDGES = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=30)


@given(EDGES, st.integers(0, 9), st.integers(0, 9), st.sets(st.integers(0, 9)))
def test_a_way_is_connected_and_no_dearer_than_any_other(
    edges: list[tuple[int, int]], start: int, goal: int, free: set[int]
) -> None:
    """Compared with relaxation over all edges (Bellman and Ford's way)."""
    cost = dict.fromkeys(range(10), 99)
    cost[start] = 0
    for _ in range(10):
        for a, z in [*edges, *((z, a) for a, z in edges)]:
            cost[z] = min(cost[z], cost[a] + (z not in free))
    told = way(
        net(10, edges),
        np.asarray([start]),
        mask(10, [goal]),
        mask(10, list(range(10))),
        mask(10, list(free)),
    )
    if cost[goal] == 99:
        assert told is None
        return
    assert told is not None
    steps = told.tolist()
    assert (steps[0], steps[-1]) == (start, goal)
    joined = {*edges, *((z, a) for a, z in edges)}
    assert all(pair in joined for pair in pairwise(steps))
    assert sum(step not in free for step in steps[1:]) == cost[goal]
