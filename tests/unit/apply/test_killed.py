"""Kill -9 at each transition of the journal, then resume: the end is that of an undisturbed run."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from colossus.apply.crash import POINTS
from colossus.apply.engine import apply_plan, resume
from colossus.apply.journal import Run
from colossus.plan.resource import Json, Resource
from tests.unit.apply.killed import HOSTS, apply_now, means_on, plan_now, tree
from tests.unit.apply.site import CANARY, desired, file, journal_in, plan_of, target
from tests.unit.transport.hosted import GROUP, USER

WHEN = (
    "run-begun",
    "intent-committed",
    "intent-committed:2",
    "event-received",
    "event-received:3",
    "event-received:8",
    "events-committed",
    "events-committed:3",
    "host-settled",
    "host-settled:3",
    "wave-done",
    "run-ended",
)


def test_every_place_to_crash_is_tried() -> None:
    assert {when.partition(":")[0] for when in WHEN} == set(POINTS)


def killed_at(folder: Path, when: str, text: str = "one\n") -> None:
    environment = {**os.environ, "COLOSSUS_CRASH_AT": when, "TEXT": text}
    ran = subprocess.run(
        [sys.executable, "-m", "tests.unit.apply.killed", folder],
        env=environment,
        cwd=Path(__file__).parents[3],
        check=False,
        capture_output=True,
    )
    assert ran.returncode == -signal.SIGKILL, ran.stderr.decode()


def resumed(folder: Path) -> Run:
    journal = journal_in(folder)
    try:
        run = journal.runs()[0]
        outcome = resume(run, journal, means_on(folder))
        assert outcome.succeeded
        assert journal.run(run.id).status == "done"
        return run
    finally:
        journal.close()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    quiet = tmp_path_factory.mktemp("quiet")
    apply_now(quiet)
    apply_now(quiet, "two\n")
    return tree(quiet)


@pytest.mark.parametrize("when", WHEN)
def test_a_resume_reaches_the_same_end(
    tmp_path: Path, undisturbed: dict[str, str], when: str
) -> None:
    apply_now(tmp_path)
    killed_at(tmp_path, when, "two\n")
    resumed(tmp_path)
    # The log has a line per trigger: none was lost, and none ran twice.
    assert tree(tmp_path) == undisturbed
    for name in HOSTS:
        assert (tmp_path / name / "log").read_text() == "one\ntwo\n"
    assert plan_now(tmp_path, "two\n").steps == ()


def test_a_new_plan_instead_of_a_resume_owes_the_trigger_too(tmp_path: Path) -> None:
    """The files are as wanted, so only the journal knows that a trigger may be missing."""
    apply_now(tmp_path)
    killed_at(tmp_path, "event-received", "two\n")
    assert apply_now(tmp_path, "two\n").succeeded
    for name in HOSTS:
        assert (tmp_path / name / "log").read_text() == "one\ntwo\n"


def test_the_journal_holds_no_secret_and_is_its_owners_alone(tmp_path: Path) -> None:
    killed_at(tmp_path, "event-received:5")
    files = list((tmp_path / "state").iterdir())
    assert len(files) > 1  # the write-ahead log is still there
    for path in files:
        assert CANARY.encode() not in path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0


def test_a_host_that_dies_between_a_file_and_its_trigger_gets_the_trigger(tmp_path: Path) -> None:
    """Power was cut there: the file is as wanted, and only the journal knows what is owed."""
    root = tmp_path / "gpu-1"
    once = f"test -e {root}/died || {{ touch {root}/died; kill -9 $PPID; }}"
    conf = file(f"{root}/conf", "one\n", owner=USER, group=GROUP)
    fuse = Resource("command:fuse", "command", {"argv": ["sh", "-c", once]}, (conf.id,))
    argv: list[Json] = ["sh", "-c", f"echo ran >> {root}/log"]
    trigger = Resource("command:trigger", "command", {"argv": argv}, (conf.id,))
    wanted = desired(target("gpu-1", (conf, fuse, trigger)), texts=("one\n",))
    journal, plan = journal_in(tmp_path), plan_of(wanted)
    outcome = apply_plan(plan, journal, means_on(tmp_path))
    assert outcome.hosts["gpu-1"].status == "failed"
    assert not (root / "log").exists()
    # Neither a resume nor a new plan takes the host for done.
    assert plan_of(wanted, journal.last_applied("little")).steps
    again = resume(journal.run(outcome.run), journal, means_on(tmp_path))
    assert again.succeeded
    assert (root / "log").read_text() == "ran\n"
    assert plan_of(wanted, journal.last_applied("little")).steps == ()
