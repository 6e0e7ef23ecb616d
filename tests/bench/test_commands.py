"""How long an operator waits for a command: best and median of some runs, never asserted."""

import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest

pytestmark = pytest.mark.bench

RUNS = 5
CLUSTER = "examples/stanford-nlp"


@pytest.mark.parametrize(
    "command",
    [
        ["--help"],
        ["check", CLUSTER],
        ["show", CLUSTER, "summary"],
        ["plan", CLUSTER],
        ["wiring", "export", CLUSTER, "--format", "cables"],
    ],
    ids=" ".join,
)
def test_seconds_until_the_answer(command: list[str], checkout: Path) -> None:
    colossus = str(Path(sys.executable).parent / "colossus")
    seconds = []
    for _ in range(RUNS):
        started = perf_counter()
        ran = subprocess.run(
            [colossus, *command], cwd=checkout, check=False, capture_output=True, text=True
        )
        seconds.append(perf_counter() - started)
        assert ran.returncode == 0, ran.stderr
    sys.stdout.write(
        f"\nbench: colossus {' '.join(command)}: best {min(seconds):.2f} s, "
        f"median {median(seconds):.2f} s of {RUNS}\n"
    )
