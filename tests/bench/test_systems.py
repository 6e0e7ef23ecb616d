"""What a reference system costs: check and show of every example, each in a cold process.

Prints wall and CPU seconds, peak memory, and microseconds per cable, smallest system first; nothing
about time is asserted.
"""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import pytest

pytestmark = pytest.mark.bench


@dataclass(frozen=True, slots=True)
class Cost:
    """One command's cost: seconds of wall and CPU, peak resident MiB, its output."""

    wall: float
    cpu: float
    mib: float
    output: str


def cost(words: list[str], folder: Path, scratch: Path) -> Cost:
    """Run a command in a process of its own and measure that process."""
    argv = [sys.executable, "-m", "colossus.cli", *words]
    started = perf_counter()
    child = os.fork()
    if child == 0:
        os.chdir(folder)
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(descriptor, 1)
        os.execv(sys.executable, argv)  # noqa: S606 - words of this file, and wait4 is the point
    _, status, usage = os.wait4(child, 0)
    wall = perf_counter() - started
    assert os.waitstatus_to_exitcode(status) == 0, words
    cpu = usage.ru_utime + usage.ru_stime
    return Cost(wall, cpu, usage.ru_maxrss / 1024, scratch.read_text("utf-8"))


def test_cost_of_every_system(checkout: Path, tmp_path: Path) -> None:
    rows = []
    for site in sorted(path.parent for path in (checkout / "examples").glob("*/cluster.yaml")):
        words = ["show", str(site), "summary", "--format", "json"]
        show = cost(words, checkout, tmp_path / "out")
        check = cost(["check", str(site)], checkout, tmp_path / "out")
        summary = json.loads(show.output)
        rows.append((sum(summary["cables"].values()), site.name, summary, check, show))
    assert rows
    sys.stdout.write(
        f"\n{'system':22} {'accel.':>8} {'cables':>8} {'check s':>8} {'cpu s':>6}"
        f" {'MiB':>6} {'show s':>7} {'us/cable':>9}\n"
    )
    for cables, name, summary, check, show in sorted(rows, key=lambda row: row[:2]):
        each = check.wall / cables * 1e6 if cables else 0.0
        sys.stdout.write(
            f"{name:22} {summary['accelerators']:8} {cables:8} {check.wall:8.2f} {check.cpu:6.2f}"
            f" {check.mib:6.0f} {show.wall:7.2f} {each:9.1f}\n"
        )
