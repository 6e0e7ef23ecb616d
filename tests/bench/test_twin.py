"""What a rehearsal costs on either tier: wall, CPU-seconds and memory, phase by phase; printed."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import pytest
import yaml

pytestmark = [pytest.mark.bench, pytest.mark.twin]

FOURTEEN = "tests/fixtures/fourteen-machines"
LARGE = "examples/colossus-100k"
TICKS = os.sysconf("SC_CLK_TCK")
PHASE = re.compile(r"^  (\S.*?) +(ok|FAILED) +([0-9.]+) s$")
SAMPLE_SECONDS = 2.0
LOOK_SHARE = 50


class Meter:
    """Reads what the processes of a twin have used; lives in a folder of twins of its own."""

    def __init__(self, twins: Path) -> None:
        self._twins = twins
        self.most_mib = 0.0

    def pids(self) -> list[int]:
        """Processes that hold up a part of the twin: QEMUs, or all that are in its namespaces."""
        lives = []
        for path in self._twins.glob("*/state.json"):
            state = json.loads(path.read_text("utf-8"))
            lives += [*state["nodes"].values(), state["station"]]
        held = {life["pid"] for life in lives if life["pid"]}
        return sorted(held | inside({network(str(pid)) for pid in held}))

    def cpu_seconds(self) -> float:
        """User and system time of these processes and what they waited for."""
        total = 0
        for pid in self.pids():
            try:
                text = Path(f"/proc/{pid}/stat").read_text("utf-8")
            except OSError:
                continue
            total += sum(map(int, text.rpartition(")")[2].split()[11:15]))
        return total / TICKS

    def note_memory(self) -> None:
        """Remember the largest sum of proportional set sizes."""
        total = 0
        for pid in self.pids():
            try:
                text = Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8")
            except OSError:
                continue
            total += sum(int(kib) for kib in re.findall(r"^Pss: +(\d+)", text, re.MULTILINE))
        self.most_mib = max(self.most_mib, total / 1024)


def network(pid: str) -> str:
    """Give the network namespace of a process; empty where it is gone."""
    try:
        return str(Path(f"/proc/{pid}/ns/net").readlink())
    except OSError:
        return ""


def inside(namespaces: set[str]) -> set[int]:
    """Give the processes in these network namespaces; machines have none but this machine's own."""
    foreign = namespaces - {network("self"), ""}
    everyone = (path.name for path in Path("/proc").glob("[0-9]*") if foreign)
    return {int(pid) for pid in everyone if network(pid) in foreign}


@contextmanager
def watched(meter: Meter) -> Iterator[None]:
    """Take the memory now and then."""
    done = threading.Event()

    def watch() -> None:
        pause = SAMPLE_SECONDS
        while not done.wait(pause):
            begun = perf_counter()
            meter.note_memory()
            # Namespaces hold thousands of processes: looking at them must not be the load.
            pause = max(SAMPLE_SECONDS, LOOK_SHARE * (perf_counter() - begun))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def rehearse(checkout: Path, folder: Path, *words: str) -> None:
    """Run one dry run and print each phase with the CPU-seconds that its nodes had used by then."""
    twins = folder / "twins"
    meter = Meter(twins)
    argv = [str(Path(sys.executable).parent / "colossus"), "provision", *words, "--dry-run"]
    begun = perf_counter()
    lines = []
    with (
        watched(meter),
        subprocess.Popen(
            argv,
            cwd=checkout,
            env={**os.environ, "COLOSSUS_TWINS": str(twins), "NO_COLOR": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as ran,
    ):
        for line in ran.stderr or ():
            lines.append(line)
            if match := PHASE.match(line):
                used = meter.cpu_seconds()
                sys.stdout.write(f"bench:   {match[1]:<34} {match[3]:>6} s  CPU {used:7.1f} s\n")
    sys.stdout.write(
        f"bench: {' '.join(words)}: {perf_counter() - begun:.1f} s wall, up to"
        f" {meter.most_mib:.0f} MiB PSS, load {os.getloadavg()[0]:.1f}\n"
    )
    assert ran.returncode == 0, "".join(lines)


def sixty_four(checkout: Path, folder: Path) -> Path:
    """The fixture grown to 64 hosts of 8 rails under 16 leaves and 8 spines."""
    site = yaml.safe_load((checkout / FOURTEEN / "cluster.yaml").read_text("utf-8"))
    site["cluster"] = "sixty-four"
    site["halls"][0]["feeds"] = {feed: {"max_watts": 2_000_000} for feed in "AB"}
    rack = site["racks"][0]
    hosts, cdu = {"first": 6, "step": 5, "count": 4}, {"role": "cdu", "u": [1]}
    switches = [
        {"role": "leaf", "u": {"first": 6, "step": 2, "count": 8}},
        {"role": "spine", "u": {"first": 24, "step": 2, "count": 4}},
        {"role": "oob-switch", "u": [45]},
        {"role": "slurm-controller", "u": [40], "only": "n01"},
    ]
    kinds = (
        ("a[01-08]", 1, [{"role": "compute-smc", "u": hosts}]),
        ("b[01-08]", 9, [{"role": "compute-dell", "u": hosts}]),
        ("n[01-02]", 17, switches),
    )
    site["racks"] = [
        {**rack, "names": names, "first_position": first, "devices": [*devices, cdu]}
        for names, first, devices in kinds
    ]
    out_of_band = site["fabrics"]["oob"]
    out_of_band["ends"] = [end for end in out_of_band["ends"] if end["role"] != "pdu"]
    out_of_band["components"] = 2
    compute = site["fabrics"]["compute"]
    compute["clos"] |= {"hosts_per_unit": 32, "rail_optimised": True}
    compute["clos"]["pins"] = {"leaf_uplinks": 8, "spines_per_pod": 8}
    compute["oversubscription"] = {"leaf": 4}
    made = folder / "sixty-four"
    made.mkdir()
    (made / "cluster.yaml").write_text(yaml.safe_dump(site, sort_keys=False), "utf-8")
    return made


def test_sixty_four_hosts_of_eight_rails_on_namespaces(checkout: Path, tmp_path: Path) -> None:
    sys.stdout.write("\n")
    rehearse(checkout, tmp_path, str(sixty_four(checkout, tmp_path)), "--twin", "ns")


@pytest.mark.twin_vm
def test_fourteen_machines(checkout: Path, tmp_path: Path) -> None:
    """First with whatever must be built once, then with image and templates at hand."""
    sys.stdout.write("\n")
    rehearse(checkout, tmp_path, FOURTEEN, "--twin", "vm", "--slice", "dell-01")
    rehearse(checkout, tmp_path, FOURTEEN, "--twin", "vm")


@pytest.mark.twin_vm
def test_a_slice_of_100_000_gpus_on_machines(checkout: Path, tmp_path: Path) -> None:
    sys.stdout.write("\n")
    rehearse(checkout, tmp_path, LARGE, "--twin", "vm")


def test_a_slice_of_100_000_gpus_on_namespaces(checkout: Path, tmp_path: Path) -> None:
    sys.stdout.write("\n")
    rehearse(checkout, tmp_path, LARGE, "--twin", "ns")
