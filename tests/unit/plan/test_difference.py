"""The plan as a difference: rules per kind, triggers, folding, order, growth."""

from collections.abc import Mapping

import pytest

from colossus.inventory.playbook import Kind
from colossus.plan.difference import make_plan, state_of
from colossus.plan.model import Plan, Step
from colossus.plan.order import WAVES
from colossus.plan.predict import applied, predict
from colossus.plan.resource import Desired, Json, Resource, Target
from tests.unit.sites import desired_of, third_rack

CONF = Resource("file:/etc/x.conf", "file", {"path": "/etc/x.conf", "content": "1"}, (), "settings")
RUNNING: dict[str, Json] = {"name": "x", "running": True, "enabled": True, "on_change": "restart"}
SERVICE = Resource("service:x", "service", RUNNING, (CONF.id,), "it serves")
RELOAD = Resource("command:reload", "command", {"argv": ["true"]}, (CONF.id,), "settings count")
GUARDED = Resource("command:once", "command", {"argv": ["a"], "unless": ["b"]}, (), "once")
GONE = Resource("absent:/etc/old", "absent", {"path": "/etc/old"}, (), "left over")
HEALTH = Resource("check:x", "check", {"argv": ["true"]}, (CONF.id,), "it answers")
ALL = (CONF, SERVICE, RELOAD, GUARDED, GONE, HEALTH)


def target(
    *resources: Resource, name: str = "a01", wave: str = "hosts", role: str = "host"
) -> Target:
    return Target(name, role, "x", "r1", "10.0.0.1", resources, "apply", wave)


def actions(*resources: Resource, known: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(each.resource, each.action) for each in predict(target(*resources), known)]


def plan_of(*targets: Target, state: Mapping[str, Mapping[str, str]] | None = None) -> Plan:
    blobs = {"1": "text"}
    desired = Desired("c", {each.name: each for each in targets}, blobs)
    return make_plan(desired, state or {}, against="nothing", inventory_digest="")


def test_everything_is_new() -> None:
    assert actions(*ALL, known={}) == [
        ("file:/etc/x.conf", "create"),
        ("service:x", "create"),
        ("command:reload", "run"),
        ("command:once", "run"),
        ("absent:/etc/old", "delete"),
    ]


def test_nothing_is_left_after_an_apply() -> None:
    assert actions(*ALL, known=applied(target(*ALL))) == []


def test_a_change_triggers_what_watches_it() -> None:
    known = {**applied(target(*ALL)), CONF.id: "other"}
    assert actions(*ALL, known=known) == [
        ("file:/etc/x.conf", "change"),
        ("service:x", "restart"),
        ("command:reload", "run"),
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"on_change": "reload"}, [("service:x", "reload")]),
        ({"on_change": "none"}, []),
        ({"running": False}, []),
    ],
)
def test_a_service_reacts_as_it_says(
    body: dict[str, Json], expected: list[tuple[str, str]]
) -> None:
    service = Resource("service:x", "service", {**RUNNING, **body}, (CONF.id,))
    known = {**applied(target(CONF, service)), CONF.id: "other"}
    assert actions(CONF, service, known=known)[1:] == expected


def test_triggers_chain() -> None:
    after = Resource("command:after", "command", {"argv": ["true"]}, (RELOAD.id,))
    known = {**applied(target(CONF, RELOAD, after)), CONF.id: "other"}
    assert actions(CONF, RELOAD, after, known=known)[1:] == [
        ("command:reload", "run"),
        ("command:after", "run"),
    ]


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        ("file:/etc/gone", [("file:/etc/gone", "delete")]),
        ("link:/etc/gone", [("link:/etc/gone", "delete")]),
        ("directory:/srv", [("directory:/srv", "delete")]),
        ("package:old", [("package:old", "forget")]),
        ("service:old", [("service:old", "forget")]),
        ("command:old", []),
        ("check:old", []),
        ("nonsense:old", []),
    ],
)
def test_what_is_wanted_no_more_goes_or_is_forgotten(
    identity: str, expected: list[tuple[str, str]]
) -> None:
    assert actions(CONF, known={CONF.id: CONF.digest, identity: "x"}) == expected


def test_hosts_with_equal_changes_are_one_step_and_one_group() -> None:
    plan = plan_of(*(target(CONF, name=f"a{n:02d}") for n in range(1, 9)))
    (step,) = plan.steps
    assert (step.id, step.reason) == ("host/file:/etc/x.conf/new", "new: settings")
    assert [group.targets for group in step.groups] == [tuple(f"a{n:02d}" for n in range(1, 9))]


def test_new_and_existing_hosts_are_apart() -> None:
    state = {"a01": {SERVICE.id: SERVICE.digest}, "a02": {}}
    plan = plan_of(target(CONF, SERVICE), target(CONF, name="a02"), state=state)
    assert [(step.id, step.targets, step.reason) for step in plan.steps] == [
        ("host/file:/etc/x.conf/new", ("a02",), "new: settings"),
        ("host/file:/etc/x.conf/create", ("a01",), "settings"),
        ("host/service:x/restart", ("a01",), "/etc/x.conf changes: it serves"),
    ]
    assert (plan.summary.hosts_new, plan.summary.hosts_changed) == (1, 1)


def test_the_sum_counts_resources_and_hosts() -> None:
    old = {**applied(target(*ALL)), CONF.id: "other", "file:/etc/gone": "x", "package:p": "x"}
    untouched = target(CONF, name="a03")
    observed = Target("a04", "host", "x", "r1", "", (CONF,), "observe", "hosts")
    plan = plan_of(
        target(*ALL),
        target(CONF, name="a02"),
        untouched,
        observed,
        state={"a01": old, "a03": applied(untouched), "a09": {"file:/x": "y"}},
    )
    found = plan.summary
    assert (found.add, found.change, found.destroy, found.reboots) == (1, 1, 1, 0)
    assert (found.hosts_new, found.hosts_changed, found.hosts_untouched) == (1, 1, 2)
    assert plan.retired == {"a09": "no longer in the site; nothing on it is changed"}
    assert set(plan.targets) == {"a01", "a02"}
    assert [step.action for step in plan.steps if step.kind == "package"] == ["forget"]


def test_reboots_are_counted_per_host() -> None:
    boot = Resource("command:boot", "command", {"argv": ["systemctl", "reboot"]}, (CONF.id,))
    plan = plan_of(*(target(CONF, boot, name=name) for name in ("a01", "a02")))
    assert plan.summary.reboots == 2


def test_waves_come_in_order_and_each_has_a_reason() -> None:
    assert all(wave.reason for wave in WAVES)
    targets = [
        target(CONF, name=f"x{n}", wave=wave.name, role=f"r{9 - n}") for n, wave in enumerate(WAVES)
    ]
    plan = plan_of(*targets)
    assert [step.targets[0] for step in plan.steps] == ["x0", "x1", "x2", "x3", "x4"]
    assert [step.needs for step in plan.steps] == [
        (),
        *((step.id,) for step in plan.steps[:-1]),
    ]


def before_it(plan: Plan) -> dict[str, set[str]]:
    """Everything that must be done before each step."""
    found: dict[str, set[str]] = {}
    for step in plan.steps:
        found[step.id] = {*step.needs}.union(*(found[need] for need in step.needs))
    return found


def test_steps_stand_after_what_they_need() -> None:
    plan = make_plan(
        desired_of(third_rack), state_of(desired_of()), against="x", inventory_digest=""
    )
    closure = before_it(plan)  # a KeyError here means a step stands before its need
    ids = [step.id for step in plan.steps]
    assert len(set(ids)) == len(ids)
    on_target: dict[str, Step] = {}
    for step in plan.steps:
        for name in step.targets:
            if name in on_target:
                assert on_target[name].id in closure[step.id]
            on_target[name] = step


def test_growth_is_new_hosts_switch_ports_and_the_controller() -> None:
    plan = make_plan(
        desired_of(third_rack), state_of(desired_of()), against="x", inventory_digest=""
    )
    touched = {name for step in plan.steps for name in step.targets}
    assert not touched & {f"gpu-{n:04d}" for n in range(1, 9)}
    assert touched == {*(f"gpu-{n:04d}" for n in range(9, 13)), "leaf-02", "oob-01", "ctl-01"}
    found = plan.summary
    assert (found.hosts_new, found.hosts_changed, found.hosts_untouched) == (5, 2, 9)
    restarted = [step.resource for step in plan.steps if step.action == "restart"]
    assert restarted == ["service:slurmctld"]


def test_kinds_without_state_are_not_in_the_state() -> None:
    kinds: set[Kind] = {"check"}
    state = state_of(desired_of())
    assert {
        identity.partition(":")[0] for known in state.values() for identity in known
    }.isdisjoint({*kinds, "command"})
