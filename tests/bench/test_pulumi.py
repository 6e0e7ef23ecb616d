"""What a rack costs in a Pulumi stack: the real engine, hosts in memory. Nothing is asserted."""

import sys
from pathlib import Path
from time import perf_counter

import pytest

from colossus.stacks.driver import Carriage, events_of
from colossus.stacks.engine import find_engine
from colossus.stacks.program import Declared, stacks_of
from tests.unit.stacks.worlds import desired, place

pytestmark = [pytest.mark.bench, pytest.mark.pulumi]


@pytest.mark.parametrize("racks", [10, 100, 500])
def test_cost_of_racks_in_one_stack(
    racks: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("colossus.stacks.store.RACKS_PER_STACK", racks)
    seconds = {
        "create": _timed(tmp_path, racks, "one\n", "create"),
        "nothing to do": _timed(tmp_path, racks, "one\n", "same"),
        "all change": _timed(tmp_path, racks, "two\n", "update"),
    }
    size = max(path.stat().st_size for path in tmp_path.rglob("racks-1.json"))
    words = ", ".join(f"{name} {value:.1f} s" for name, value in seconds.items())
    sys.stdout.write(f"\nbench: pulumi, {racks} racks of 2 hosts: {words}, state {size} bytes\n")


def _timed(folder: Path, racks: int, text: str, op: str) -> float:
    stacks = stacks_of(desired(text, racks), place(folder), {"ctl": "SlurmController"})
    chosen: dict[str, list[Declared]] = {"racks-1": stacks["racks-1"]}
    carriage = Carriage(find_engine(), place(folder), chosen)
    started = perf_counter()
    events = list(events_of("racks-1", carriage, ""))
    seconds = perf_counter() - started
    assert events[-1] == {"event": "done", "changes": {op: racks}}, events[-3:]
    return seconds
