"""Many hosts at a time: late decisions, one bad host, Ctrl-C once and twice, a lost lease."""

import signal
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from colossus.apply import engine
from colossus.apply.engine import apply_plan, resume
from colossus.apply.executor import ThreadExecutor
from colossus.apply.interrupt import Interrupts, listening
from colossus.apply.journal import LeaseHeld
from colossus.errors import TransportFailed
from colossus.transport.base import Endpoint
from colossus.transport.fake import FakeHost, FakeTransport, Fault
from colossus.transport.work import Happening, Work
from tests.unit.apply.site import journal_in, means, plan_of, standard

HERE = Endpoint("h", "")


class Slow:
    """A session that waits until it is closed, or a transport of such sessions."""

    def __init__(self) -> None:
        self.closed = threading.Event()
        self.running = 0
        self.most = 0

    def open(self, endpoint: Endpoint) -> "Slow":
        del endpoint
        self.running += 1
        self.most = max(self.most, self.running)
        return self

    def run(self, argv: Sequence[str], stdin: bytes, timeout: float) -> Iterator[str]:
        del argv, stdin
        if not self.closed.wait(timeout):
            yield '{"end": 0}'
            return
        raise TransportFailed("cut off")

    def close(self) -> None:
        self.running -= 1


class Cut(Slow):
    def close(self) -> None:
        self.closed.set()


def work(number: int, timeout: float = 0.05) -> Work:
    return Work(f"h{number}", HERE, (), lambda: b"", timeout)


def test_work_is_taken_only_when_there_is_room() -> None:
    transport = Slow()
    taken: list[int] = []

    def batch() -> Iterator[Work]:
        for number in range(9):
            taken.append(number)
            yield work(number)

    happenings = ThreadExecutor(transport, 3).submit(batch())
    first = next(happenings)
    assert first.ending == "answered"
    assert len(taken) <= 4  # three at work, and the next one
    assert [each.ending for each in happenings] == ["answered"] * 8
    assert transport.most <= 3


def test_an_abort_cuts_what_is_open_and_begins_nothing_more() -> None:
    executor = ThreadExecutor(Cut(), 2)
    happenings = executor.submit([work(n, timeout=60) for n in range(4)])
    threading.Timer(0.2, executor.abort).start()
    ended = [each for each in happenings if each.ending is not None]
    assert [each.ending for each in ended] == ["unreachable"] * 4


def test_a_fault_of_our_own_stays_on_its_host() -> None:
    def broken() -> bytes:
        raise ZeroDivisionError("of our own")

    bad = Work("bad", HERE, (), broken, 1)
    happenings = list(ThreadExecutor(FakeTransport(), 2).submit([bad]))
    assert happenings == [
        Happening("bad", ending="failed", error="unexpected ZeroDivisionError: of our own")
    ]


def test_ctrl_c_once_finishes_what_is_begun_and_leaves_the_rest(tmp_path: Path) -> None:
    fleet, journal = FakeTransport(), journal_in(tmp_path)
    plan = plan_of(standard())
    said: list[str] = []

    def interrupt(_host: str, happening: Happening) -> None:
        if happening.ending is not None and not said:
            signal.raise_signal(signal.SIGINT)

    wishes = means(fleet, plan.targets, width=1)
    wishes = engine.Means(
        wishes.endpoints, wishes.executor, wishes.resolve, watch=interrupt, say=said.append
    )
    outcome = apply_plan(plan, journal, wishes)
    assert outcome.status == "interrupted"
    assert said == ["stopping: hosts that are begun will finish; Ctrl-C again cuts them off"]
    statuses = [state.status for state in outcome.hosts.values()]
    assert statuses.count("waiting") >= 4
    assert "done" in statuses
    again = resume(journal.run(outcome.run), journal, means(fleet, plan.targets))
    assert again.status == "done"
    assert len(fleet.hosts) == 6
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_twice_aborts() -> None:
    aborted: list[bool] = []
    said: list[str] = []
    with listening(Interrupts(lambda: aborted.append(True), said.append)) as _:
        signal.raise_signal(signal.SIGINT)
        assert not aborted
        signal.raise_signal(signal.SIGINT)
    assert aborted == [True]
    assert len(said) == 2


def test_a_run_that_loses_its_lease_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BEAT_SECONDS", -1.0)
    fleet, journal = FakeTransport({"ctl-1": FakeHost(fault=Fault("slow", seconds=0.05))}), None
    journal, thief = journal_in(tmp_path), journal_in(tmp_path)
    plan = plan_of(standard())

    def steal(host: str, _happening: Happening) -> None:
        if host == "ctl-2":
            thief._db.execute("UPDATE lease SET token = token + 1, holder = 'elsewhere:1:1'")

    wishes = means(fleet, plan.targets, width=1)
    wishes = engine.Means(wishes.endpoints, wishes.executor, wishes.resolve, watch=steal)
    with pytest.raises(LeaseHeld, match="went to another run"):
        apply_plan(plan, journal, wishes)
    assert set(fleet.hosts) == {"ctl-1", "ctl-2"}
    assert journal.holder("little") == "elsewhere:1:1"


def test_quiet_seconds_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("colossus.apply.executor.PAUSE_SECONDS", 0.01)
    begun = time.monotonic()
    happenings = list(ThreadExecutor(Slow(), 1).submit([work(1, timeout=0.2)]))
    assert happenings[0] == Happening()
    assert happenings[-1].ending == "answered"
    assert time.monotonic() - begun < 60
