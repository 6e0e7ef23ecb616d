"""The engine on hosts in memory: what it does, what it survives, what it refuses."""

from pathlib import Path

import pytest

from colossus.apply.engine import Wish, apply_plan, resume
from colossus.apply.outcome import predicted
from colossus.errors import PlanRefused
from colossus.plan.resource import digest_of
from colossus.transport.fake import FakeHost, FakeTransport, Fault, seeded_faults
from tests.unit.apply.site import desired, file, journal_in, means, plan_of, standard, target

HOSTS = ("ctl-1", "ctl-2", "gpu-1", "gpu-2", "gpu-3", "gpu-4")


def test_everything_planned_is_changed_and_the_second_apply_is_empty(tmp_path: Path) -> None:
    fleet, journal = FakeTransport(), journal_in(tmp_path)
    plan = plan_of(standard())
    outcome = apply_plan(plan, journal, means(fleet, plan.targets))
    assert outcome.status == "done"
    assert outcome.succeeded
    assert outcome.changed == predicted(plan)
    assert plan_of(standard(), journal.last_applied("little")).steps == ()
    changed = plan_of(standard("two\n"), journal.last_applied("little"))
    second = apply_plan(changed, journal, means(fleet, changed.targets))
    assert second.changed == predicted(changed)
    assert {action for _, _, action in second.changed} == {"change", "restart", "run"}


def test_controllers_are_done_before_hosts_are_begun(tmp_path: Path) -> None:
    fleet = FakeTransport()
    plan = plan_of(standard())
    apply_plan(plan, journal_in(tmp_path), means(fleet, plan.targets))
    assert set(fleet.opened[:2]) == {"ctl-1", "ctl-2"}


def test_one_bad_host_never_blocks_the_others(tmp_path: Path) -> None:
    fleet = FakeTransport(
        {
            "ctl-1": FakeHost(fault=Fault("unreachable", times=1)),
            "gpu-2": FakeHost(fault=Fault("fails", at=1, times=1)),
            "gpu-3": FakeHost(fault=Fault("dies", at=0, times=1)),
        }
    )
    journal, plan = journal_in(tmp_path), plan_of(standard())
    outcome = apply_plan(plan, journal, means(fleet, plan.targets))
    statuses = {name: state.status for name, state in outcome.hosts.items()}
    assert statuses == {
        "ctl-1": "unreachable",
        "ctl-2": "done",
        "gpu-1": "done",
        "gpu-2": "failed",
        "gpu-3": "unreachable",
        "gpu-4": "done",
    }
    assert outcome.status == "failed"
    run = journal.run(outcome.run)
    again = resume(run, journal, means(fleet, plan.targets))
    assert again.status == "done"
    assert set(again.hosts) == {"ctl-1", "gpu-2", "gpu-3"}
    assert plan_of(standard(), journal.last_applied("little")).steps == ()
    assert journal.run(outcome.run).status == "done"
    assert resume(journal.run(outcome.run), journal, means(fleet, plan.targets)).changed == set()


def test_a_host_is_held_only_when_all_that_it_needs_failed(tmp_path: Path) -> None:
    broken = FakeHost(fault=Fault("unreachable", times=1)), FakeHost(fault=Fault("fails", times=1))
    fleet = FakeTransport({"ctl-1": broken[0], "ctl-2": broken[1]})
    journal, plan = journal_in(tmp_path), plan_of(standard())
    outcome = apply_plan(plan, journal, means(fleet, plan.targets))
    assert {outcome.hosts[name].status for name in HOSTS[2:]} == {"held"}
    assert not set(HOSTS[2:]) & set(fleet.opened)
    again = resume(journal.run(outcome.run), journal, means(fleet, plan.targets))
    assert again.status == "done"
    assert len(again.hosts) == len(HOSTS)


def test_an_edited_controller_holds_nobody_back(tmp_path: Path) -> None:
    fleet, journal = FakeTransport(), journal_in(tmp_path)
    plan = plan_of(standard())
    apply_plan(plan, journal, means(fleet, plan.targets))
    for name in HOSTS[:2]:
        fleet.hosts[name].edit("file:/etc/thing.conf")
    changed = plan_of(standard("two\n"), journal.last_applied("little"))
    outcome = apply_plan(changed, journal, means(fleet, changed.targets))
    assert [outcome.hosts[name].status for name in HOSTS] == ["drifted"] * 2 + ["done"] * 4


def test_a_trigger_is_owed_until_it_ran(tmp_path: Path) -> None:
    """The file was changed, the connection died before the restart: the resume restarts."""
    fleet = FakeTransport()
    journal, plan = journal_in(tmp_path), plan_of(standard())
    apply_plan(plan, journal, means(fleet, plan.targets))
    changed = plan_of(standard("two\n"), journal.last_applied("little"))
    fleet.hosts["gpu-1"].fault = Fault("dies", at=1, times=1)
    fleet.hosts["gpu-1"].ran.clear()
    outcome = apply_plan(changed, journal, means(fleet, changed.targets))
    assert outcome.hosts["gpu-1"].status == "failed"
    assert fleet.hosts["gpu-1"].ran == []
    again = resume(journal.run(outcome.run), journal, means(fleet, changed.targets))
    assert fleet.hosts["gpu-1"].ran == ["restart service:thing", "run command:refresh"]
    assert again.changed == {
        ("gpu-1", "service:thing", "restart"),
        ("gpu-1", "command:refresh", "run"),
    }


def test_a_manual_edit_is_shown_and_kept_unless_asked(tmp_path: Path) -> None:
    fleet = FakeTransport()
    journal, plan = journal_in(tmp_path), plan_of(standard())
    apply_plan(plan, journal, means(fleet, plan.targets))
    fleet.hosts["gpu-1"].edit("file:/etc/thing.conf")
    changed = plan_of(standard("two\n"), journal.last_applied("little"))
    outcome = apply_plan(changed, journal, means(fleet, changed.targets))
    assert outcome.hosts["gpu-1"].status == "drifted"
    assert [event.id for event in outcome.drifted["gpu-1"]] == ["file:/etc/thing.conf"]
    assert fleet.hosts["gpu-1"].state["file:/etc/thing.conf"] == digest_of("by hand")
    left = plan_of(standard("two\n"), journal.last_applied("little"))
    assert set(left.targets) == {"gpu-1"}
    forced = apply_plan(left, journal, means(fleet, left.targets), Wish(overwrite_drift=True))
    assert forced.status == "done"
    assert plan_of(standard("two\n"), journal.last_applied("little")).steps == ()


def test_limit_touches_nothing_else(tmp_path: Path) -> None:
    fleet, journal = FakeTransport(), journal_in(tmp_path)
    plan = plan_of(standard())
    outcome = apply_plan(
        plan, journal, means(fleet, plan.targets), Wish(limit=frozenset({"gpu-2"}))
    )
    assert fleet.opened == ["gpu-2"]
    assert outcome.status == "done"
    assert set(journal.last_applied("little")) == {"gpu-2"}


def test_a_stale_plan_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    fleet, journal = FakeTransport(), journal_in(tmp_path)
    old, new = plan_of(standard()), plan_of(standard("two\n"))
    apply_plan(old, journal, means(fleet, old.targets))
    begun = len(fleet.opened)
    with pytest.raises(
        PlanRefused, match=r"stale: since it was made, .* on ctl-\[1-2\],gpu-\[1-4\]"
    ):
        apply_plan(new, journal, means(fleet, new.targets))
    with pytest.raises(PlanRefused, match="was applied already"):
        apply_plan(old, journal, means(fleet, old.targets))
    assert len(fleet.opened) == begun


def test_a_later_run_makes_an_older_one_unresumable(tmp_path: Path) -> None:
    fleet = FakeTransport({"gpu-1": FakeHost(fault=Fault("unreachable", times=1))})
    journal, plan = journal_in(tmp_path), plan_of(standard())
    first = apply_plan(plan, journal, means(fleet, plan.targets))
    rest = plan_of(standard("two\n"), journal.last_applied("little"))
    apply_plan(rest, journal, means(fleet, rest.targets))
    with pytest.raises(PlanRefused, match="went to the same hosts"):
        resume(journal.run(first.run), journal, means(fleet, plan.targets))


def test_what_is_wanted_no_more_is_removed_and_forgotten(tmp_path: Path) -> None:
    fleet, journal = FakeTransport(), journal_in(tmp_path)
    two = target("gpu-1", (file("/etc/a", "a"), file("/etc/b", "b")))
    plan = plan_of(desired(two, target("gpu-2", two.resources), texts=("a", "b")))
    apply_plan(plan, journal, means(fleet, plan.targets))
    less = desired(target("gpu-1", two.resources[:1]), texts=("a",))
    shrunk = plan_of(less, journal.last_applied("little"))
    outcome = apply_plan(shrunk, journal, means(fleet, shrunk.targets))
    assert outcome.changed == {("gpu-1", "file:/etc/b", "delete")} == predicted(shrunk)
    assert set(fleet.hosts["gpu-1"].state) == {"file:/etc/a"}
    assert set(fleet.hosts["gpu-2"].state) == {"file:/etc/a", "file:/etc/b"}
    assert set(journal.last_applied("little")) == {"gpu-1"}
    assert plan_of(less, journal.last_applied("little")).steps == ()


@pytest.mark.parametrize("seed", range(6))
def test_resuming_often_enough_reaches_the_same_end(tmp_path: Path, seed: int) -> None:
    fleet, journal = FakeTransport(), journal_in(tmp_path)
    for name, fault in seeded_faults(HOSTS, seed, share=0.7).items():
        fleet.hosts[name] = FakeHost(fault=fault)
    plan = plan_of(standard())
    outcome = apply_plan(plan, journal, means(fleet, plan.targets))
    for _ in range(3):
        if outcome.status != "done":
            outcome = resume(journal.run(outcome.run), journal, means(fleet, plan.targets))
    assert outcome.status == "done"
    quiet, other = FakeTransport(), journal_in(tmp_path / "quiet")
    apply_plan(plan, other, means(quiet, plan.targets))
    assert {n: h.state for n, h in fleet.hosts.items()} == {
        n: h.state for n, h in quiet.hosts.items()
    }
    assert journal.last_applied("little") == other.last_applied("little")
