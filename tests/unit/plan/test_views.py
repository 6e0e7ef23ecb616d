"""The plan as people read it: text and Markdown, with and without differences."""

from colossus.cli.known import Known, contents_of
from colossus.cli.plan import diffs_of
from colossus.cli.views.plan_github import as_markdown
from colossus.cli.views.plan_text import FileDiff, as_text, bounded, described, summary_line
from colossus.inventory.playbook import Kind
from colossus.plan.difference import make_plan, state_of
from colossus.plan.model import Plan, Step, StepGroup
from tests.unit.sites import desired_of, third_rack


def growth() -> tuple[Plan, Known]:
    before, after = desired_of(), desired_of(third_rack)
    known = Known(
        "HEAD~1", state_of(before), after, contents_of(before.targets.values(), before.blobs)
    )
    return make_plan(after, known.state, against=known.name, inventory_digest=""), known


def test_growth_reads_as_an_operator_thinks() -> None:
    plan, known = growth()
    text = as_text(plan, diffs_of(plan, known))
    heads = [line for line in text.splitlines() if line and line[0] not in " +-"]
    assert heads == [
        "stanford-nlp, against HEAD~1",
        "oob-switch: oob-01",
        "fabric-switch: leaf-02 (new)",
        "slurm-controller: ctl-01",
        "compute: gpu-[0009-0012] (new)",
        "Plan: 119 to add, 5 to change, 0 to destroy; hosts: 5 new, 2 changed, 9 untouched;"
        " 0 reboots",
    ]
    assert "      +SwitchName=leaf-02 Nodes=gpu-[0009-0012]" in text
    assert (
        "  > service slurmctld restart  /etc/slurm/gres.conf and 2 more change: schedules" in text
    )


def test_without_differences_there_are_none() -> None:
    plan, _ = growth()
    assert "@@" not in as_text(plan, {})


def test_new_files_show_no_difference() -> None:
    plan, known = growth()
    assert {step.split("/")[0] for step in diffs_of(plan, known)} == {
        "oob-switch",
        "slurm-controller",
    }


def test_markdown_folds_and_escapes() -> None:
    plan, known = growth()
    text = as_markdown(plan, diffs_of(plan, known))
    assert text.startswith("### stanford-nlp: Plan: 119 to add, 5 to change")
    assert text.count("<details>") == text.count("</details>") == 4
    assert "````diff" in text
    assert "| `~` | `/etc/slurm/slurm.conf` | nodes and partitions follow the plan |" in text


def test_nothing_to_do_says_so() -> None:
    desired = desired_of()
    plan = make_plan(desired, state_of(desired), against="x", inventory_digest="")
    assert as_text(plan, {}) == "Nothing to do: 11 hosts are as planned."


def test_retired_hosts_are_named() -> None:
    plan = make_plan(
        desired_of(), state_of(desired_of(third_rack)), against="x", inventory_digest=""
    )
    assert (
        "no longer in the site: gpu-[0009-0012],leaf-02; nothing on them is changed"
        in as_text(plan, {}).splitlines()
    )
    assert "gpu-[0009-0012],leaf-02" in as_markdown(plan, {})
    assert summary_line(plan).endswith("0 new, 2 changed, 9 untouched; 0 reboots")


def step(kind: Kind, name: str) -> Step:
    path = name if kind in ("file", "directory", "link", "absent") else ""
    group = StepGroup(("a",), "", "1")
    return Step("i", kind, "restart", f"{kind}:{name}", "r", (group,), "why", (), path)


def test_what_a_step_is_about() -> None:
    assert [
        described(step("file", "/etc/x")),
        described(step("directory", "/etc/x")),
        described(step("service", "ssh")),
    ] == ["/etc/x", "/etc/x/", "service ssh restart"]


def test_long_differences_are_cut_and_counted() -> None:
    diff = FileDiff("a", 0, tuple(f"+{n}" for n in range(50)))
    assert bounded(diff.lines)[-1] == "... 10 more lines"
