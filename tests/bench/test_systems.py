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
from typing import Any

import pytest
import yaml

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
        f" {'MiB':>6} {'show s':>7} {'us/cable':>9}  (CPU; cords and hoses are cables)\n"
    )
    for cables, name, summary, check, show in sorted(rows, key=lambda row: row[:2]):
        each = check.cpu / cables * 1e6 if cables else 0.0
        sys.stdout.write(
            f"{name:22} {summary['accelerators']:8} {cables:8} {check.wall:8.2f} {check.cpu:6.2f}"
            f" {check.mib:6.0f} {show.wall:7.2f} {each:9.1f}\n"
        )


@pytest.mark.parametrize("example", ["colossus-100k"])
def test_time_per_cable_as_a_site_grows(example: str, checkout: Path, tmp_path: Path) -> None:
    """One site in seven sizes, each checked in a cold process; start-up is that of one server."""
    scratch = tmp_path / "out"
    text = (checkout / "examples" / example / "cluster.yaml").read_text("utf-8")
    empty = min(
        (cost(["check", "examples/grok1-node"], checkout, scratch) for _ in range(3)),
        key=lambda one: one.cpu,
    )
    sys.stdout.write(f"\nbench: start-up of check: {empty.cpu:.2f} s CPU, {empty.mib:.0f} MiB\n")
    for halls, pods in ((1, 1), (1, 2), (1, 4), (1, 7), (2, 7), (4, 4), (4, 7)):
        site = tmp_path / f"{halls}-{pods}"
        site.mkdir()
        document = part_of(yaml.safe_load(text), halls, pods)
        (site / "cluster.yaml").write_text(yaml.safe_dump(document, sort_keys=False), "utf-8")
        shown = cost(["show", str(site), "summary", "--format", "json"], checkout, scratch)
        cables = sum(json.loads(shown.output)["cables"].values())
        runs = [cost(["check", str(site)], checkout, scratch) for _ in range(2)]
        best = min(runs, key=lambda one: one.cpu)
        each = (best.cpu - empty.cpu) / cables * 1e6
        sys.stdout.write(
            f"bench: {halls} halls of {pods} pods, {cables:7,} cables: {best.wall:5.2f} s wall,"
            f" {best.cpu:5.2f} s CPU, {best.mib:4.0f} MiB, {each:5.2f} us CPU a cable\n"
        )


def part_of(document: dict[str, Any], halls: int, pods: int) -> dict[str, Any]:
    """Cut the 100,000-accelerator site down to so many halls, of so many pods each."""
    document["halls"] = document["halls"][:halls]
    document["stages"] = document["stages"][:halls]
    document.pop("power", None)  # its dates are those of the real halls
    smc, dell, leaves, spines, cores, service = document["racks"]
    _resize(smc, min(halls, 2), f"[001-{56 * pods:03d}]", 448 * pods)
    _resize(leaves, halls, f"n[001-{7 * pods:03d}]")
    _resize(spines, halls, f"s[01-{max(4 * pods, 8):02d}]")
    # 64 groups of 16 cores, however few the pods.
    _resize(cores, halls, f"c[01-{64 // halls:02d}]")
    cores["rows"] = "r[23-25]"
    del service["rows"]
    service |= {"row": "r17", "first_position": 20}
    spine, front_spine, front_core = spines["devices"][:3]
    spine["at_most"] = 64 * pods
    front_spine["only"] = f"h[1-{halls}]-s[01-08]"
    front_core |= {"u": [37], "only": f"h[1-{halls}]-s01"}
    kept = [smc, leaves, spines, cores, service]
    if halls > 2:
        _resize(dell, halls - 2, f"[001-{56 * pods:03d}]", 448 * pods, first=3)
        kept.insert(1, dell)
    else:
        _forget(document, "compute-dell")
    document["racks"] = kept
    pins = document["fabrics"]["frontend"]["clos"]["pins"]
    pins |= {"units_per_pod": 7 * pods, "cores_per_group": halls}
    return document


def _resize(
    group: dict[str, Any], halls: int, names: str, hosts: int = 0, *, first: int = 1
) -> None:
    span = f"[{first}-{first + halls - 1}]"
    prefix = f"h{span}-" if halls > 1 else f"h{first}-"
    group |= {"names": f"{prefix}{names}", "halls": f"h{span}", "stages": f"hall-{span}"}
    if hosts:
        group["devices"][0]["at_most"] = hosts


def _forget(document: dict[str, Any], role: str) -> None:
    """Take a role out of whatever names it."""
    del document["roles"][role]
    for fabric in document["fabrics"].values():
        fabric["ends"] = [end for end in fabric["ends"] if end["role"] != role]
    slurm = document["slurm"]
    slurm["nodes"] = [node for node in slurm["nodes"] if node["role"] != role]
    for partition in slurm["partitions"]:
        partition["roles"] = [name for name in partition["roles"] if name != role]
