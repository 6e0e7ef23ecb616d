"""The main job on virtual machines: all phases hold, exchanged plugs are named, nothing is left.

A slice of the fixture of fourteen machines, so that it fits a suite; `make bench` takes all of it.
"""

import re
import signal
import time
from pathlib import Path

import pytest

from colossus.twin import state
from tests.twin.sites import Desk
from tests.twin.test_rehearsal import assert_nothing_left

pytestmark = [pytest.mark.twin, pytest.mark.twin_vm]

SLICE = "smc-01,dell-01"
"""One host of each vendor, which brings both leaves, a spine, the controller, the management."""
NODES = 7
CABLES = 26


def short_paths(desk: Desk) -> list[Path]:
    """Short ways to folders of this desk's twins, which are made for sockets."""
    twins = desk.folder / "twins"
    return [path for name in ("fourteen",) if (path := state.short_path(twins / name)).is_symlink()]


def test_machines_are_rehearsed_broken_and_removed(desk: Desk) -> None:
    """Both vendors, two tiers: every phase holds; then two plugs are exchanged, and are named."""
    site = desk.fourteen("site")
    words = ("--dry-run", "--twin", "vm", "--slice", SLICE)
    report = desk.report("provision", site, *words, "--keep")
    phases = [phase["name"] for phase in report["phases"]]
    assert phases == [
        *("build the twin", "predict", "apply the plan", "predicted = applied", "cables"),
        *("switches route", "addresses answer", "Slurm nodes idle", "srun -N2 hostname"),
        *("Slurm = model", "second apply"),
    ]
    assert report["ok"] is True
    assert report["tier"] == "vm"
    assert report["accel"].startswith(("tcg (software emulation", "kvm ("))
    assert (report["slice"]["hosts"], report["slice"]["switches"]) == (2, 4)
    assert report["cables"] == {"expected": CABLES, "seen": CABLES, "wrong": []}
    assert report["slurm"] == {"nodes": 2, "job_exit": 0}
    assert report["second_apply_changes"] == 0
    assert report["predicted_equals_applied"] is True

    (twin,) = desk.report("twin", "status")["twins"]
    assert (twin["tier"], len(twin["up"]), twin["down"]) == ("vm", NODES, [])
    kernels = [
        desk.run("twin", "exec", name, "--", "uname", "-r") for name in ("smc-01", "leaf-01")
    ]
    assert len({done.stdout for done in kernels}) == 1
    assert "cloud-amd64" in kernels[0].stdout

    swap = ("leaf-01:swp1s0", "leaf-02:swp1s0")
    assert desk.run("twin", "break", "swap", *swap).returncode == 0
    broken = desk.report("provision", site, "--dry-run", "--slice", SLICE, status=15)
    (verdict,) = broken["cables"]["wrong"]
    assert (verdict["kind"], len(verdict["cables"])) == ("swapped", 2)
    assert {"leaf-01:swp1s0", "leaf-02:swp1s0"} <= set(verdict["ports"])
    assert broken["second_apply_changes"] == 0

    assert desk.run("twin", "down", "--all").returncode == 0
    assert_nothing_left(desk)
    assert short_paths(desk) == []


def test_a_killed_tool_leaves_nothing_once_all_is_taken_down(desk: Desk) -> None:
    """Kill -9 while machines run: QEMU ends with the tool, and `twin down --all` finds the rest."""
    site = desk.fourteen("site")
    process = desk.start("provision", site, "--dry-run", "--twin", "vm", "--slice", "smc-01")
    assert process.stderr is not None
    while "build the twin" not in process.stderr.readline():
        assert process.poll() is None
    time.sleep(2.0)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    assert desk.run("twin", "down", "--all").returncode == 0
    assert_nothing_left(desk)
    assert short_paths(desk) == []


def test_more_machines_than_fit_are_refused_with_what_would(desk: Desk) -> None:
    """The budget is computed before anything starts: exit 15, memory, cores, what fits."""
    large = desk.checkout / "examples" / "colossus-100k"
    done = desk.run("provision", large, "--dry-run", "--twin", "vm", "--slice", "unit=1")
    assert done.returncode == 15
    assert "--slice unit=1 has " in done.stderr
    assert re.search(r"\d+ machines of \d+ MiB fit here \(\d+ MiB free, \d+ cores\)", done.stderr)
    assert "name less with --slice" in done.stderr
    assert desk.twins() == []
