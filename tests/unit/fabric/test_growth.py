"""What exists never moves: sites that grow and shrink with their lock carried along."""

import json
from copy import deepcopy
from hashlib import blake2b
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from colossus.checks.registry import run_checks
from colossus.fabric import identity
from colossus.fabric.design import Design, design
from colossus.inventory.locks import Lock
from colossus.load.lock import lock_text
from colossus.load.site import load_site
from tests.unit.checks.broken import edited
from tests.unit.fabric.sites import (
    ROOT,
    Edit,
    addressing,
    cabling,
    decisions,
    designed,
    names,
)

FIXTURE = ROOT / "tests/fixtures/stanford-nlp-growth"
LEVELS = (1, 7, 13, 19)
RACKS = tuple(f"a{number:02d}" for number in range(8, 13))
# Four switches of each kind carry the most that any plan below asks for: 24 hosts.
SERVICE = [
    {"role": "slurm-controller", "u": [30]},
    {"role": "fabric-switch", "u": [33, 35, 37]},
    {"role": "oob-switch", "u": [38, 40]},
]
Plan = dict[str, tuple[int, ...]]
PLANS = st.dictionaries(
    st.sampled_from(RACKS),
    st.lists(st.sampled_from(LEVELS), min_size=1, unique=True).map(tuple),
    max_size=len(RACKS),
)


def rack(name: str, levels: tuple[int, ...], extra: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "names": name,
        "hall": "main",
        "row": "a",
        "first_position": int(name[1:]),
        "model": "generic/rack-42u-600",
        "kind": "compute",
        "pdus": {"model": "generic/pdu-415v-60a", "feeds": ["A", "B"]},
        "devices": [{"role": "compute", "u": list(levels)}, *deepcopy(extra)],
    }


def grown() -> Design:
    """Design the growth fixture with its lock."""
    loaded = load_site(FIXTURE)
    return design(loaded.accepted(), loaded.catalog, loaded.lock)


def holding(plan: Plan) -> Edit:
    """A site with the service rack a01 and the racks of a plan, in the plan's order."""

    def edit(document: dict[str, Any]) -> None:
        document["stages"] = []
        document["racks"] = [rack("a01", LEVELS, SERVICE)]
        document["racks"] += [rack(name, levels, []) for name, levels in plan.items()]

    return edit


def through_yaml(lock: Lock) -> Lock:
    return Lock.model_validate(yaml.safe_load(lock_text(lock)))


@settings(max_examples=15)
@given(st.lists(PLANS, min_size=2, max_size=5))
def test_nothing_that_ever_was_moves(plans: list[Plan]) -> None:
    """Racks and hosts come, go and come back: names, ports, addresses and cable ids return."""
    lock, ever = None, dict[object, object]()
    for plan in plans:
        result = designed(holding(plan), lock)
        assert result.findings == ()
        now = decisions(result.fabric)
        assert {key: now[key] for key in ever.keys() & now.keys()} == {
            key: ever[key] for key in ever.keys() & now.keys()
        }
        ever.update(now)
        lock = through_yaml(result.lock)


def staged(plan: dict[str, str], stages: list[str]) -> Edit:
    """A site whose racks arrive with stages in this order; those of no stage from the start."""

    def edit(document: dict[str, Any]) -> None:
        holding(dict.fromkeys(plan, LEVELS))(document)
        listed = enumerate([*stages, *sorted({*plan.values()} - {*stages, ""})], 1)
        document["stages"] = [{"name": name, "date": f"2026-{n:02d}-01"} for n, name in listed]
        for placed, stage in zip(document["racks"][1:], plan.values(), strict=True):
            placed["stage"] = stage or None

    return edit


STAGES = st.sampled_from(["one", "two", "three"])
STAGED = st.dictionaries(st.sampled_from(RACKS), st.just("") | STAGES, max_size=len(RACKS))


@settings(max_examples=15)
@given(
    st.lists(st.tuples(STAGED, st.lists(STAGES, min_size=1, unique=True)), min_size=2, max_size=5),
    st.randoms(use_true_random=False),
)
def test_stages_come_and_go_and_nothing_ever_moves(
    plans: list[tuple[dict[str, str], list[str]]],
    random: Any,  # noqa: ANN401 — hypothesis' own Random
) -> None:
    """Stages are added, removed, put in another order, racks change theirs; any stage is shown."""
    lock, ever = None, dict[object, object]()
    for plan, stages in plans:
        shown = {"stage": random.choice(stages)} if random.random() > 0.3 else {}
        result = designed(staged(plan, stages), lock, **shown)
        assert result.findings == ()
        now = decisions(result.fabric)
        common = ever.keys() & now.keys()
        assert {key: now[key] for key in common} == {key: ever[key] for key in common}
        ever.update(now)
        lock = through_yaml(result.lock)


@settings(max_examples=10)
@given(PLANS)
def test_a_locked_design_is_its_own_fixed_point(plan: Plan) -> None:
    first = designed(holding(plan))
    again = designed(holding(plan), through_yaml(first.lock))
    assert again.lock == first.lock
    assert decisions(again.fabric) == decisions(first.fabric)


@settings(max_examples=5)
@given(PLANS)
def test_designing_twice_gives_the_same(plan: Plan) -> None:
    first, second = designed(holding(plan)), designed(holding(plan))
    assert first.lock == second.lock
    assert first.findings == second.findings
    assert first.fabric.cables.ids == second.fabric.cables.ids
    assert decisions(first.fabric) == decisions(second.fabric)


@settings(max_examples=10)
@given(PLANS, st.randoms(use_true_random=False))
def test_the_order_of_authored_racks_moves_nothing(plan: Plan, random: Any) -> None:  # noqa: ANN401 — hypothesis' own Random
    first = designed(holding(plan))
    shuffled = list(plan.items())
    random.shuffle(shuffled)
    again = designed(holding(dict(shuffled)), first.lock)
    assert decisions(again.fabric) == decisions(first.fabric)


@settings(max_examples=10)
@given(PLANS)
def test_cable_ids_are_unique(plan: Plan) -> None:
    fabric = designed(holding(plan)).fabric
    assert len(set(fabric.cables.ids)) == len(fabric.cables.ids)
    by_cage = {z.partition("s")[0] if "leaf" in z else z for z, _ in cabling(fabric).values()}
    assert len(fabric.cables.ids) >= len(by_cage)


@pytest.mark.parametrize("name", RACKS)
def test_a_rack_that_comes_back_gets_its_old_names(name: str) -> None:
    plan: Plan = dict.fromkeys(RACKS, LEVELS)
    full = designed(holding(plan))
    without = designed(holding({key: plan[key] for key in plan if key != name}), full.lock)
    back = designed(holding(plan), through_yaml(without.lock))
    kept, all_of_it = decisions(without.fabric), decisions(full.fabric)
    assert kept == {key: all_of_it[key] for key in kept}
    assert len(kept) < len(all_of_it)
    assert decisions(back.fabric) == all_of_it


def test_a_switch_that_goes_takes_only_its_own_cables() -> None:
    """Slots count by the switch's ordinal, so the next switch never inherits its cables."""
    lock = designed(holding(dict.fromkeys(RACKS, LEVELS))).lock

    def edit(document: dict[str, Any]) -> None:
        holding(dict.fromkeys(RACKS, LEVELS))(document)
        document["racks"][0]["devices"][2]["u"] = [35, 37]

    before = cabling(designed(holding(dict.fromkeys(RACKS, LEVELS)), lock).fabric)
    result = designed(edit, lock)
    after = cabling(result.fabric)
    gone = {port for port, (far, _) in before.items() if far.startswith("leaf-01:")}
    gone |= {port for port in before if port.startswith("oob leaf-01:")}
    assert after == {port: before[port] for port in before.keys() - gone}
    assert [finding.code for finding in result.findings] == ["fabric-switch-gone"]


@settings(max_examples=10)
@given(st.permutations(RACKS))
def test_colliding_ids_stay_with_the_cables_that_had_them(order: list[str]) -> None:
    """With one id in 509 taken, dozens of cables collide; installed ones keep theirs."""
    lock, before = None, dict[str, tuple[str, str]]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(identity, "forty_bits", few_ids)
        for count in range(len(order) + 1):
            result = designed(holding(dict.fromkeys(order[:count], LEVELS)), lock)
            after = cabling(result.fabric)
            assert {port: after[port] for port in before} == before
            assert len(set(result.fabric.cables.ids)) == len(result.fabric.cables.ids)
            before, lock = after, through_yaml(result.lock)
    assert lock is not None
    assert len(lock.salted) > 5


def few_ids(key: str, salt: int = 0) -> int:
    """Hash to 509 values."""
    return int.from_bytes(blake2b(f"{key}#{salt}".encode()).digest()) % 509


def test_what_leaves_the_model_stays_in_the_lock() -> None:
    """A fabric or role that is taken out and put back finds its ports and names again."""
    full = designed()

    def without(document: dict[str, Any]) -> None:
        del document["fabrics"]["compute"], document["slurm"]
        del document["racks"][0]["devices"][1], document["roles"]["slurm-controller"]
        del document["fabrics"]["oob"]["ends"][1]

    lock = through_yaml(designed(without, full.lock).lock)
    assert lock.fabrics["compute"] == full.lock.fabrics["compute"]
    assert lock.roles == full.lock.roles
    assert decisions(designed(lock=lock).fabric) == decisions(full.fabric)


def test_the_growth_fixture_moves_nothing() -> None:
    base = load_site(ROOT / "examples/stanford-nlp")
    old, new = design(base.accepted(), base.catalog), grown()
    assert run_checks(new) == []
    before, after = decisions(old.fabric), decisions(new.fabric)
    assert {key: after[key] for key in before} == before
    hosts = {name for (role, *_), name in names(new.fabric).items() if role == "compute"}
    assert sorted(hosts - set(names(old.fabric).values())) == [
        "gpu-0009",
        "gpu-0010",
        "gpu-0011",
        "gpu-0012",
    ]
    assert cabling(new.fabric)["compute gpu-0009:enp84s0"][0] == "leaf-02:swp1s0"
    assert addressing(new.fabric)["oob gpu-0012:enp226s0"] == "10.20.1.12/22"


def test_the_growth_fixture_is_the_example_and_its_edits() -> None:
    example = yaml.safe_load((ROOT / "examples/stanford-nlp/cluster.yaml").read_text("utf-8"))
    growth = yaml.safe_load((FIXTURE / "growth.yaml").read_text("utf-8"))
    authored = yaml.safe_load((FIXTURE / "cluster.yaml").read_text("utf-8"))
    assert edited(example, growth, []) == authored


def test_the_growth_fixture_holds_the_lock_of_the_example() -> None:
    base = load_site(ROOT / "examples/stanford-nlp")
    lock = design(base.accepted(), base.catalog).lock
    assert load_site(FIXTURE).lock == lock
    assert (FIXTURE / "cluster.lock").read_text("utf-8") == lock_text(lock)
    assert json.loads(lock.model_dump_json())["cluster"] == "stanford-nlp"
