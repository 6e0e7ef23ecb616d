"""Which pairs exist after a plug was moved, a cable cut, a device lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colossus.errors import UsageError
from colossus.twin.base import End, TwinNode
from colossus.twin.rewiring import Wires, broken, planned, returned, swapped, without
from tests.twin.namespace_specs import small_spec

SPEC = small_spec("unit")
PLAN: Wires = [(cable.a, cable.z) for cable in SPEC.cables]
PLAN += [(port, None) for port in SPEC.open_ports]
ENDS = [end for pair in PLAN for end in pair if end]
LEAF_0, LEAF_1 = End("leaf1", "swp1s0"), End("leaf1", "swp1s1")
GPU_1, GPU_2 = End("gpu1", "enp1s0"), End("gpu2", "enp1s0")


def pairs(wires: Wires) -> set[frozenset[End | None]]:
    return {frozenset(pair) for pair in wires}


def test_swapping_two_ports_exchanges_their_far_ends() -> None:
    after = swapped(PLAN, LEAF_0, LEAF_1)
    assert pairs(after) - pairs(PLAN) == {frozenset({LEAF_0, GPU_2}), frozenset({LEAF_1, GPU_1})}


@given(st.sampled_from(ENDS), st.sampled_from(ENDS))
def test_swapping_twice_is_the_plan_again(one: End, other: End) -> None:
    if one == other or frozenset({one, other}) in pairs(PLAN):
        with pytest.raises(UsageError, match="are the two ends of one cable"):
            swapped(PLAN, one, other)
        return
    once = swapped(PLAN, one, other)
    assert sorted(end for pair in once for end in pair if end) == sorted(ENDS)
    assert pairs(swapped(once, one, other)) == pairs(PLAN)


def test_a_cut_cable_hangs_loose_at_both_ends() -> None:
    after = broken(PLAN, GPU_1)
    assert pairs(after) - pairs(PLAN) == {frozenset({GPU_1, None}), frozenset({LEAF_0, None})}
    assert pairs(broken(after, LEAF_0)) == pairs(after)


def test_a_device_without_power_leaves_its_neighbours_loose() -> None:
    after = without(PLAN, "leaf1")
    assert "leaf1" not in {end.node for pair in after for end in pair if end}
    assert frozenset({GPU_1, None}) in pairs(after)
    assert frozenset({SPEC.open_ports[0], None}) not in pairs(after)
    assert pairs(planned(SPEC, {"gpu1", "gpu2", "oob1"})) == pairs(after)


@given(st.sampled_from(SPEC.nodes))
def test_power_that_comes_back_is_the_plan_again(node: TwinNode) -> None:
    assert pairs(returned(SPEC, without(PLAN, node.name), node.name)) == pairs(PLAN)


def test_a_plug_that_was_moved_meanwhile_stays_where_it_is() -> None:
    swept = [pair for pair in without(PLAN, "leaf1") if GPU_1 not in pair]
    moved: Wires = [*swept, (GPU_1, End("oob1", "swp4"))]
    after = pairs(returned(SPEC, moved, "leaf1"))
    assert frozenset({GPU_1, End("oob1", "swp4")}) in after
    assert frozenset({LEAF_0, None}) in after


def test_a_port_without_a_cable_is_named() -> None:
    with pytest.raises(UsageError) as raised:
        broken(PLAN, End("leaf1", "swp9"))
    assert raised.value.summary == "no cable of the twin has an end at leaf1:swp9"
