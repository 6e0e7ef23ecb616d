"""Properties of plans over many desired states: empty after apply, exact, the same bytes."""

import json
import random
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from colossus.inventory.playbook import Kind
from colossus.plan.difference import make_plan, state_of
from colossus.plan.document import from_text, to_text
from colossus.plan.fold import fold_targets, merged, ordered, unfold_resources
from colossus.plan.model import Plan
from colossus.plan.resource import Desired, Json, Resource, Target, digest_of

TEXTS = ("one\n", "two\n", "three\n")
PATHS = ("/etc/a", "/etc/b", "/etc/c")


@st.composite
def resources(draw: st.DrawFn) -> tuple[Resource, ...]:
    made: list[Resource] = []

    def add(kind: Kind, name: str, body: dict[str, Json]) -> None:
        earlier = [each.id for each in made]
        on = draw(st.lists(st.sampled_from(earlier), unique=True, max_size=2)) if earlier else []
        made.append(Resource(f"{kind}:{name}", kind, body, tuple(on), f"why {name}"))

    for path in draw(st.lists(st.sampled_from(PATHS), unique=True)):
        content = digest_of(draw(st.sampled_from(TEXTS)))
        add("file", path, {"path": path, "mode": "0644", "content": content})
    for name in draw(st.lists(st.sampled_from("pq"), unique=True)):
        verb = draw(st.sampled_from(["restart", "reload", "none"]))
        add("service", name, {"name": name, "running": draw(st.booleans()), "on_change": verb})
    for name in draw(st.lists(st.sampled_from("rs"), unique=True)):
        guard: dict[str, Json] = {"unless": ["x"]} if draw(st.booleans()) else {}
        add("command", name, {"argv": ["true"], **guard})
    if draw(st.booleans()):
        add("check", "well", {"argv": ["true"]})
    return tuple(made)


@st.composite
def desired_states(draw: st.DrawFn) -> Desired:
    names = draw(st.lists(st.sampled_from(["g1", "g2", "g3", "g10", "h01"]), unique=True))
    manages: st.SearchStrategy[Literal["apply", "observe"]]
    manages = st.sampled_from(["apply", "apply", "observe"])
    targets = {
        name: Target(name, name[0], "p", "r", "", draw(resources()), draw(manages), "hosts")
        for name in names
    }
    return Desired("c", targets, {digest_of(text): text for text in TEXTS})


def planned(desired: Desired, state: dict[str, dict[str, str]]) -> Plan:
    return make_plan(desired, state, against="x", inventory_digest="i")


def carried_out(plan: Plan, state: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """Do what the steps say, and nothing else, to a model of the hosts."""
    after = {name: dict(known) for name, known in state.items() if name not in plan.retired}
    for step in plan.steps:
        for group in step.groups:
            for name in group.targets:
                known = after.setdefault(name, {})
                if group.before != group.after:
                    assert known.get(step.resource, "") == group.before
                if not group.after:
                    del known[step.resource]
                elif step.kind != "command" or group.before != group.after:
                    known[step.resource] = group.after
    return {name: stateful(known) for name, known in after.items() if stateful(known)}


def stateful(known: dict[str, str]) -> dict[str, str]:
    """Leave out guarded commands: what they did once cannot be taken back, so no step says so."""
    return {identity: each for identity, each in known.items() if identity[:8] != "command:"}


@given(desired_states())
def test_after_an_apply_nothing_is_left_to_do(desired: Desired) -> None:
    plan = planned(desired, state_of(desired))
    assert (plan.steps, plan.targets, plan.retired) == ((), {}, {})


@given(desired_states(), desired_states())
def test_the_steps_lead_from_one_state_to_the_other(before: Desired, after: Desired) -> None:
    state = {
        name: known
        for name, known in state_of(before).items()
        if name not in after.targets or after.targets[name].manage == "apply"
    }
    reached = carried_out(planned(after, state), state)
    wanted = {name: stateful(known) for name, known in state_of(after).items()}
    assert reached == {name: known for name, known in wanted.items() if known}


@given(desired_states(), desired_states(), st.randoms(use_true_random=False))
def test_the_same_input_gives_the_same_bytes(
    before: Desired, after: Desired, order: random.Random
) -> None:
    state = state_of(before)
    shuffled = list(after.targets.items())
    order.shuffle(shuffled)
    again = Desired("c", dict(shuffled), dict(reversed(list(after.blobs.items()))))
    assert to_text(planned(after, state)) == to_text(
        planned(again, dict(reversed(list(state.items()))))
    )


@given(desired_states(), desired_states())
def test_a_saved_plan_reads_back(before: Desired, after: Desired) -> None:
    plan = planned(after, state_of(before))
    text = to_text(plan)
    assert from_text(text) == plan
    assert to_text(from_text(text)) == text
    assert json.loads(text)["schema_version"] == 1


@given(desired_states())
def test_folding_keeps_every_resource(desired: Desired) -> None:
    folded = fold_targets(desired.targets)
    for name, target in desired.targets.items():
        found = unfold_resources(folded.targets[name], folded.layouts, folded.resources)
        assert found == target.resources


@given(st.lists(st.from_regex(r"[a-c]{1,2}-?[0-9]{0,4}", fullmatch=True)))
def test_names_have_one_order(names: list[str]) -> None:
    found = ordered(names)
    assert set(found) == set(names)
    assert ordered(reversed(found)) == found


@given(st.lists(st.permutations("abcd").map(lambda p: p[:3]), max_size=3))
def test_merging_keeps_every_name_once(lists: list[list[str]]) -> None:
    found = merged(lists)
    assert sorted(found) == sorted({name for each in lists for name in each})


def test_merging_keeps_an_order_that_all_agree_on() -> None:
    assert merged([["a", "c"], ["a", "b", "c"], ["b", "c", "d"]]) == ("a", "b", "c", "d")
