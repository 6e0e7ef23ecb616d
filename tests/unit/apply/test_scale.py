"""Many hosts in memory: waves, limits in flight and equal reasons hold for thousands, too."""

from pathlib import Path

from colossus.apply.engine import apply_plan, resume
from colossus.apply.outcome import predicted
from colossus.cli.views.outcome import as_text, document
from colossus.transport.fake import FakeHost, FakeTransport, Fault
from tests.unit.apply.site import desired, file, journal_in, means, plan_of, service, target

COUNT = 1500


def test_a_thousand_hosts_and_a_dark_rack(tmp_path: Path) -> None:
    conf = file("/etc/conf", "x")
    resources = (conf, service("thing", (conf.id,)))
    names = [f"gpu-{n:04d}" for n in range(1, COUNT + 1)]
    wanted = desired(
        target("ctl-1", resources, "controllers"),
        *[target(name, resources) for name in names],
        texts=("x",),
    )
    dark = names[100:116]
    fleet = FakeTransport({name: FakeHost(fault=Fault("unreachable", times=1)) for name in dark})
    journal, plan = journal_in(tmp_path), plan_of(wanted)
    outcome = apply_plan(plan, journal, means(fleet, plan.targets, width=32))
    assert fleet.opened[0] == "ctl-1"
    assert len(outcome.changed) == 2 * (COUNT + 1 - len(dark))
    text = as_text(outcome).splitlines()
    assert text == [
        "unreachable: gpu-[0101-0116]: cannot be reached: No route to host",
        f"run {outcome.run}: 1485 done, 16 unreachable; 2970 resources changed",
    ]
    again = resume(journal.run(outcome.run), journal, means(fleet, plan.targets))
    assert set(again.hosts) == set(dark)
    assert outcome.changed | again.changed == predicted(plan)
    assert len(fleet.opened) == COUNT + 1 + len(dark)
    shown = document(again)
    assert shown["status"] == "done"
    assert plan_of(wanted, journal.last_applied("little")).steps == ()
