"""The main job on the twin: rehearse the plan, a growth with a job running, and faults."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.twin.sites import Desk

pytestmark = pytest.mark.twin

PHASES = [
    "build the twin",
    "predict",
    "apply the plan",
    "predicted = applied",
    "cables",
    "addresses answer",
    "Slurm nodes idle",
    "srun -N8 hostname",
    "Slurm = model",
    "second apply",
    "tear down",
]


def processes_of(desk: Desk) -> list[str]:
    """Command lines that still name this desk's folder."""
    listed = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True)
    mine = {os.getpid(), os.getppid()}
    return [
        line
        for line in listed.stdout.splitlines()
        if str(desk.folder) in line and int(line.split()[0]) not in mine and "pytest" not in line
    ]


def mounts_of(desk: Desk) -> list[str]:
    """Mounts of this machine below this desk's folder."""
    mounts = Path("/proc/self/mountinfo").read_text("utf-8")
    return [line for line in mounts.splitlines() if str(desk.folder) in line]


def assert_nothing_left(desk: Desk) -> None:
    """No twin, no process, no mount, no named network namespace of ours.

    What is killed needs a moment to be gone where cores are scarce.
    """
    assert desk.twins() == []
    deadline = time.monotonic() + 60
    while (processes_of(desk) or mounts_of(desk)) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert processes_of(desk) == []
    assert mounts_of(desk) == []
    named = subprocess.run(["ip", "netns"], capture_output=True, text=True, check=True).stdout
    assert "colossus" not in named


def test_the_plan_is_rehearsed_and_proved(desk: Desk) -> None:
    """Eight virtual hosts run a Slurm job; every cable, address and change is as planned."""
    site = desk.site("nlp")
    done = desk.run("provision", site, "--dry-run", "--report", desk.folder / "report.json")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "twin only: production was not contacted"
    report = json.loads((desk.folder / "report.json").read_text("utf-8"))
    assert report["ok"] is True
    assert [phase["name"] for phase in report["phases"]] == PHASES
    assert report["tier"] == "ns"
    assert report["slice"]["hosts"] == 8
    assert report["slice"]["switches"] == 2
    assert report["cables"] == {"expected": 74, "seen": 74, "wrong": []}
    assert report["slurm"] == {"nodes": 8, "job_exit": 0}
    assert report["second_apply_changes"] == 0
    assert report["predicted_equals_applied"] is True
    assert report["steps"]["verbatim"] > 50
    assert any("ProctrackType" in step["reason"] for step in report["steps"]["substituted"])
    assert not (desk.folder / "state").exists(), "a rehearsal wrote into the operator's journal"
    assert_nothing_left(desk)


def test_a_growth_is_rehearsed_while_a_job_runs(desk: Desk) -> None:
    """The twin gets the old state, then the third rack; the job that runs meanwhile ends with 0."""
    base, grown = desk.site("base"), desk.grown("grown")
    plan = desk.report("plan", grown, "--base", base)
    assert plan["summary"]["hosts_new"] == 5
    assert plan["summary"]["hosts_changed"] == 2
    assert plan["summary"]["hosts_untouched"] == 9
    report = desk.report("provision", grown, "--dry-run", "--base", base)
    assert report["ok"] is True
    names = [phase["name"] for phase in report["phases"]]
    assert names.index("apply the old state") < names.index("start a long job")
    assert names.index("start a long job") < names.index("apply the plan")
    assert names.index("apply the plan") < names.index("the long job ends with 0")
    assert report["slurm"] == {"nodes": 12, "job_exit": 0}
    assert report["predicted_equals_applied"] is True
    assert report["second_apply_changes"] == 0
    assert_nothing_left(desk)


def test_swapped_and_dead_cables_are_named(desk: Desk) -> None:
    """Faults on purpose: the pair with rack and U, the dead one, exit 15, nothing left."""
    site = desk.site("nlp")
    faults = desk.folder / "faults"
    faults.write_text("swap leaf-01:swp1s0 leaf-01:swp5s1\ndead gpu-0003:enp84s0 # fibre\n")
    report = desk.report("provision", site, "--dry-run", "--faults", faults, status=15)
    assert report["ok"] is False
    kinds = {verdict["kind"]: verdict for verdict in report["cables"]["wrong"]}
    assert sorted(kinds) == ["dead", "swapped"]
    assert len(kinds["swapped"]["cables"]) == 2
    assert "rack a01 U1 gpu-0001 enp84s0" in kinds["swapped"]["summary"]
    assert "rack a01 U7 gpu-0002 enp75s0" in kinds["swapped"]["summary"]
    assert "leaf-01 swp9s0" in kinds["dead"]["summary"]
    assert [p["name"] for p in report["phases"] if not p["ok"]] == ["cables", "addresses answer"]
    assert_nothing_left(desk)


def test_a_standing_twin_is_broken_found_and_rehearsed_on(desk: Desk) -> None:
    """`twin up`, `twin break swap`: the rehearsal on it names that pair and exits with 15."""
    site = desk.site("nlp")
    assert desk.run("twin", "up", site).returncode == 0
    assert desk.run("provision", site, "--connect", "twin", "--yes").returncode == 0
    again = desk.run("provision", site, "--connect", "twin", "--yes")
    assert (again.returncode, again.stdout) == (0, "Nothing to do: 11 hosts are as planned.\n")
    assert desk.report("verify", site, "--connect", "twin")["verdicts"] == []
    swap = ("leaf-01:swp1s0", "leaf-01:swp5s1")
    assert desk.run("twin", "break", "swap", *swap).returncode == 0
    verified = desk.report("verify", site, "--connect", "twin", status=13)
    assert [verdict["kind"] for verdict in verified["verdicts"]] == ["swapped"]
    other = desk.run("provision", site, "--dry-run", "--twin", "vm")
    assert other.returncode == 15
    assert "a twin named stanford-nlp of tier ns is up; --twin vm needs a new one" in other.stderr
    report = desk.report("provision", site, "--dry-run", status=15)
    assert [verdict["kind"] for verdict in report["cables"]["wrong"]] == ["swapped"]
    assert report["second_apply_changes"] == 0
    assert desk.run("twin", "down").returncode == 0
    assert_nothing_left(desk)


def test_switches_of_two_tiers_route_and_crossed_uplinks_are_named(desk: Desk) -> None:
    """Eight leaves and two spines speak BGP; a fault that BGP cannot see is seen by LLDP."""
    faults = desk.folder / "faults"
    faults.write_text("swap leaf-01:swp17s0 leaf-02:swp19s0\n")
    site = desk.clos("clos")
    report = desk.report("provision", site, "--dry-run", "--faults", faults, status=15)
    failed = [phase["name"] for phase in report["phases"] if not phase["ok"]]
    assert failed == ["cables"]
    assert "switches route" in [phase["name"] for phase in report["phases"]]
    (verdict,) = report["cables"]["wrong"]
    assert verdict["kind"] == "swapped"
    assert sorted(verdict["devices"]) == ["leaf-01", "leaf-02", "spine-01", "spine-02"]
    assert report["slice"]["switches"] == 11
    assert_nothing_left(desk)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_rehearsal_that_is_stopped_leaves_nothing(desk: Desk, number: signal.Signals) -> None:
    """Ctrl-C and kill clean up at once; after kill -9 `twin down --all` does."""
    process = desk.start("provision", desk.site("nlp"), "--dry-run")
    assert process.stderr is not None
    while "predict" not in process.stderr.readline():
        assert process.poll() is None
    time.sleep(2.0)
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode != 0
    if number == signal.SIGKILL:
        assert desk.run("twin", "down", "--all").returncode == 0
    assert_nothing_left(desk)


def test_a_kept_rehearsal_that_was_killed_goes_on_by_the_same_command(desk: Desk) -> None:
    """Killed in the middle of the apply: the twin stays, and what is left is done there."""
    words = ("provision", desk.site("nlp"), "--dry-run", "--keep", "--slice", "gpu-[0001-0002]")
    killed = desk.run(*words, COLOSSUS_CRASH_AT="event-received:50")
    assert killed.returncode == -signal.SIGKILL
    (twin,) = desk.report("twin", "status")["twins"]
    assert twin["down"] == []
    report = desk.report(*words)
    assert report["ok"] is True
    assert report["predicted_equals_applied"] is True
    assert report["second_apply_changes"] == 0
    assert report["slurm"] == {"nodes": 2, "job_exit": 0}


def test_a_slice_stands_for_a_share_of_the_links(desk: Desk) -> None:
    """Two hosts of eight, with switches and controller; their job runs, the rest is not missed."""
    report = desk.report("provision", desk.site("nlp"), "--dry-run", "--slice", "gpu-[0001-0002]")
    assert report["ok"] is True
    assert report["slice"]["hosts"] == 2
    assert report["slice"]["share_of_links"] == pytest.approx(20 / 87, abs=0.001)
    assert report["slurm"] == {"nodes": 2, "job_exit": 0}


def test_the_model_tier_runs_nothing(desk: Desk) -> None:
    """`--twin model` checks, renders and plans; it says so and builds nothing."""
    report = desk.report("provision", desk.site("nlp"), "--dry-run", "--twin", "model")
    assert (report["tier"], report["ok"]) == ("model", True)
    assert desk.twins() == []
