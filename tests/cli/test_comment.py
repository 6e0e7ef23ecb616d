"""The one comment on a change: what is in it, how it is folded, and the pipelines that post it."""

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from colossus.cli.main import run
from colossus.cli.opening import opened
from colossus.cli.targets import rendered
from colossus.cli.views.comment import LIMIT, Told, as_comment
from colossus.cli.views.plan_text import FileDiff
from colossus.diagnostics import Diagnostics, error
from colossus.plan.difference import make_plan
from colossus.plan.model import Plan
from colossus.twin.report import Exempt, Phase, Report
from tests import pipelines
from tests.cli.sites import SYNTAX, small_site

Output = pytest.CaptureFixture[str]
STANFORD = Path(__file__).resolve().parents[2] / "examples" / "stanford-nlp"
REHEARSAL = "provision"


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.fixture(scope="module")
def plan() -> Plan:
    desired = rendered(opened(STANFORD)).desired
    return make_plan(desired, {}, against="nothing", inventory_digest="")


def report(phases: int = 2) -> Report:
    made = Report("c", "ns", "none", "d" * 64, job_exit=0, second_apply_changes=0)
    made.predicted_equals_applied = True
    made.phases = [Phase(f"phase {n}", ok=True, seconds=1.0) for n in range(phases)]
    made.substituted = [Exempt("a/b", "not in a twin")]
    return made


def huge(plan: Plan) -> Plan:
    """The plan of a site with 12 roles."""
    steps = tuple(
        replace(step, id=f"{n}/{step.id}", role=f"role-{n}")
        for n in range(12)
        for step in plan.steps
    )
    return replace(plan, steps=steps)


def assert_whole(text: str) -> None:
    """Every fold and every block is closed."""
    assert text.count("<details>") == text.count("</details>")
    assert text.count("\n```") % 2 == 0


def test_a_huge_plan_is_folded_below_the_limit(plan: Plan) -> None:
    large = huge(plan)
    diffs = {step.id: FileDiff("h", 0, ("+ line",) * 40) for step in large.steps}
    told = Told("c", Diagnostics([]), large, diffs, report())
    text = as_comment(told)
    assert 10_000 < len(text) < LIMIT == 65_000
    assert_whole(text)
    assert "more groups of targets" in text
    assert text.startswith("<!-- colossus: c -->\n## Colossus: c\n")
    assert "### Rehearsal of c: passed" in text


@pytest.mark.parametrize("limit", [3000, 9000])
def test_what_does_not_fit_even_folded_is_cut_and_closed(plan: Plan, limit: int) -> None:
    wrong = [
        error("code", f"racks[{n}]", f"rack {n} " + "is wrong " * 20, "mend it") for n in range(99)
    ]
    told = Told("c", Diagnostics(wrong), huge(plan), {}, report(phases=300))
    text = as_comment(told, limit)
    assert len(text) < limit
    assert_whole(text)
    assert text.endswith("Cut here: the job's artefacts have the rest.\n")


def test_a_small_plan_keeps_its_diffs(plan: Plan) -> None:
    step = next(step for step in plan.steps if step.kind == "file")
    small = replace(plan, steps=(step,))
    diffs = {step.id: FileDiff("h", 0, ("- old", "+ new"))}
    text = as_comment(Told("c", Diagnostics([]), small, diffs, None))
    assert "- old\n+ new" in text
    assert "**Check:** no findings that this change brings." in text
    assert "No rehearsal came to its end" in text


def test_what_is_wrong_comes_first_and_cannot_break_the_page() -> None:
    wrong = error("code", "p", "<b>bold</b>", "mend it")
    text = as_comment(Told("c", Diagnostics([wrong]), None, {}, None))
    assert "- error `code` p: &lt;b>bold&lt;/b>" in text
    assert "No plan: the site does not pass its checks." in text


def test_the_command_writes_it(tmp_path: Path, capsys: Output) -> None:
    site, out = tmp_path / "s", tmp_path / "comment.md"
    small_site(site)
    base = small_site(tmp_path / "base", ("domain: small.example", "domain: old.example"))
    (tmp_path / "r.json").write_text(json.dumps(report().document()), "utf-8")
    words = ("comment", str(site), "--base", str(base), "--report", str(tmp_path / "r.json"))
    assert run((*words, "--out", str(out))) == 0
    assert f"{len(out.read_text('utf-8'))} characters" in capsys.readouterr().err
    text = out.read_text("utf-8")
    assert text.startswith("<!-- colossus: small -->\n")
    assert "### Rehearsal of c: passed" in text
    assert run(words) == 0
    assert capsys.readouterr().out == text


def test_a_site_that_does_not_load_has_a_comment_too(tmp_path: Path, capsys: Output) -> None:
    site = small_site(tmp_path / "s", SYNTAX)
    base = small_site(tmp_path / "base")
    assert run(("comment", str(site), "--base", str(base), "--report", "absent.json")) == 0
    text = capsys.readouterr().out
    assert "- error `" in text
    assert "No plan" in text


def test_both_pipelines_have_the_same_commands() -> None:
    """What is run below is run for both; a command that may fail is the same command."""
    github, gitlab = (
        {line.removesuffix(" || true") for line in pipelines.commands(name)}
        for name in pipelines.FILES
    )
    assert gitlab < github
    assert {line.split()[1] for line in gitlab} == {"check", "plan", REHEARSAL, "comment"}


def test_the_commands_of_the_pipelines_run(tmp_path: Path) -> None:
    """All but the dry run, which tests/twin runs."""
    environment = pipelines.change(tmp_path)
    for line in pipelines.commands("github-actions.yml"):
        if f"{pipelines.COMMAND} {REHEARSAL}" not in line:
            done = pipelines.run(line, tmp_path, environment)
            assert done.returncode == 0, f"{line}\n{done.stderr}"
    text = (tmp_path / "out" / "comment.md").read_text("utf-8")
    assert "1 changed" in text
    assert json.loads((tmp_path / "out" / "check.sarif").read_text("utf-8"))["version"] == "2.1.0"
    assert ET.parse(tmp_path / "out" / "check.xml").getroot().tag == "testsuites"  # noqa: S314 — our own
    assert (tmp_path / "out" / "plan.json").stat().st_size > 100


def test_too_few_verbatim_steps_end_with_15(capsys: Output) -> None:
    """The model tier rehearses none."""
    words = ("provision", str(STANFORD), "--dry-run", "--twin", "model")
    assert run(words) == 0
    assert run((*words, "--min-verbatim", "50")) == 15
    assert "0 % of the steps were rehearsed verbatim, 50 % are asked for" in capsys.readouterr().err


def test_a_plan_alone_takes_a_slice_too(capsys: Output) -> None:
    words = ("provision", str(STANFORD), "--dry-run", "--twin", "model", "--slice")
    assert run((*words, "rack=a01")) == 0
    assert run((*words, "rack=a99")) == 15
    assert "a99" in capsys.readouterr().err


def test_a_fault_of_what_is_not_there_ends_with_15(tmp_path: Path, capsys: Output) -> None:
    """Before anything is built."""
    faults = tmp_path / "faults"
    faults.write_text("down gpu-9999\n", "utf-8")
    words = ("provision", str(STANFORD), "--dry-run", "--twin", "ns", "--faults", str(faults))
    assert run(words) == 15
    assert "down gpu-9999: not in this twin: gpu-9999" in capsys.readouterr().err
