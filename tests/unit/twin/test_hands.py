"""What a rehearsal remembers of an apply on its twin: what was cut off, and where to resume."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from colossus.apply.journal import Applied, Entry, Run
from colossus.apply.sqlite import SqliteJournal
from colossus.plan.difference import make_plan
from colossus.plan.resource import Desired
from colossus.transport.answer import Event
from colossus.twin.base import Pace, TwinNode, TwinSpec
from colossus.twin.hands import JOURNAL, Hands

RUN = Run("r-1", "little", "d" * 64, "2026-01-01T00:00:00", "journal", "i" * 64, "ops")


@dataclass
class Still:
    """A twin of one node on which nothing is done."""

    folder: Path
    spec: TwinSpec = field(
        default=TwinSpec("little", (TwinNode("a", "host", "eth0", None),), (), (), "10.0.0.1/24")
    )
    pace: Pace = field(default=Pace(1.0, 8))
    client_key_path: Path = Path("key")

    def host_key(self, node: str) -> str:
        return f"ssh-ed25519 {node}"

    def connect(self, node: str) -> None:
        raise AssertionError(node)


@pytest.fixture
def hands(tmp_path: Path) -> Hands:
    return Hands(Still(tmp_path))  # type: ignore[arg-type] # what hands use of a twin


def test_what_an_apply_that_was_cut_off_owes_is_known(hands: Hands, tmp_path: Path) -> None:
    assert hands.owed() == set()
    journal = SqliteJournal(tmp_path / JOURNAL)
    journal.begin(RUN, "plan", ["a"])
    journal.intend(RUN, {"a": {"command:reload": ["file:/x"]}})
    assert hands.owed() == {("a", "command:reload"), ("a", "file:/x")}
    event = Event("command:reload", "changed", "run", "", "a" * 64, 0.5, "said")
    journal.record(RUN, [Entry("a", event, Applied("s" * 64))])
    journal.close()
    assert hands.owed() == set()


def test_a_run_on_a_twin_is_resumed_there_and_nowhere_else(hands: Hands, tmp_path: Path) -> None:
    plan = make_plan(Desired("little", {}), {}, against="nothing", inventory_digest="")
    hands.apply(plan)
    journal = SqliteJournal(tmp_path / JOURNAL)
    (run,) = journal.runs()
    journal.close()
    assert run.reach == {"connect": "twin", "twin": "little"}
