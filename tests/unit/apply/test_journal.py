"""The journal: what it keeps, who holds the lease, and that old and new versions meet safely."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from colossus.apply.holder import is_dead, this_holder
from colossus.apply.journal import Applied, Entry, HostState, LeaseHeld, Run, RunUnknown
from colossus.apply.schema import MIGRATIONS, JournalTooNew
from colossus.apply.sqlite import LEASE_SECONDS, SqliteJournal, journal_path
from colossus.transport.answer import Event

RUN = Run("r-1", "little", "d" * 64, "2026-01-01T00:00:00", "journal", "i" * 64, "ops")


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def journal(tmp_path: Path, clock: Clock) -> SqliteJournal:
    return SqliteJournal(tmp_path / "below" / "journal.sqlite", clock)


def event(identity: str, outcome: str = "changed") -> Event:
    return Event(identity, outcome, "change", "", "a" * 64, 0.5, "said")


def test_a_run_is_kept_whole(journal: SqliteJournal) -> None:
    run = replace(RUN, reach={"user": "root", "port": 22}, overwrite_drift=True)
    journal.begin(run, "the plan", ["b", "a"])
    assert journal.run("r-1") == run
    assert journal.plan(run) == "the plan"
    assert journal.hosts(run) == [HostState("a"), HostState("b")]
    journal.intend(run, {"a": {}})
    assert journal.hosts(run)[0] == HostState("a", "begun", 1)
    entry = Entry("a", event("file:/x"), Applied("a" * 64, "env:X"))
    journal.record(run, [entry], [HostState("a", "failed", error="no")])
    assert journal.hosts(run)[0] == HostState("a", "failed", 1, "no")
    assert journal.events(run) == [("a", event("file:/x"))]
    assert journal.applied("little", "a") == {"file:/x": Applied("a" * 64, "env:X")}
    journal.end(run, "failed")
    assert (journal.run("r").status, journal.run("r").ended[:4]) == ("failed", "1970")


def test_runs_are_found_by_the_beginning_of_their_name(journal: SqliteJournal) -> None:
    for identity in ("r-1", "r-12", "r-2"):
        journal.begin(replace(RUN, id=identity, started=identity), "plan", [])
    assert [run.id for run in journal.runs()] == ["r-2", "r-12", "r-1"]
    assert journal.run("r-1").id == "r-1"
    assert journal.run("r-2").id == "r-2"
    for name, reason in (("r-", "3 runs"), ("x", "no run")):
        with pytest.raises(RunUnknown, match=reason):
            journal.run(name)


def test_what_owes_a_trigger_does_not_count_as_applied(journal: SqliteJournal) -> None:
    journal.begin(RUN, "plan", ["a"])
    proofs = {each: Applied(each[0] * 64) for each in ("file:/x", "file:/y", "service:s")}
    journal.record(RUN, [Entry("a", event(each), proof) for each, proof in proofs.items()])
    assert set(journal.last_applied("little")["a"]) == set(proofs)
    journal.intend(RUN, {"a": {"service:s": ["file:/x"]}})
    assert journal.owed("little", "a") == {"service:s": "r-1"}
    assert set(journal.last_applied("little")["a"]) == {"file:/y"}
    assert set(journal.applied("little", "a")) == set(proofs)
    journal.record(RUN, [Entry("a", event("service:s"), Applied("s" * 64))])
    assert journal.owed("little", "a") == {}
    assert set(journal.last_applied("little")["a"]) == set(proofs)


def test_what_is_gone_or_forgotten_is_not_applied(journal: SqliteJournal) -> None:
    journal.begin(RUN, "plan", ["a", "b"])
    for host in "ab":
        journal.record(RUN, [Entry(host, event(f"file:/{n}"), Applied("f")) for n in "xyz"])
    journal.record(RUN, [Entry("a", event("file:/x"), Applied(""))])
    journal.forget("little", "a", ["file:/y"])
    journal.forget("little", "b")
    assert journal.last_applied("little") == {"a": {"file:/z": "f"}}


def test_the_lease_is_one_run_s_alone(journal: SqliteJournal, clock: Clock) -> None:
    holder = this_holder()
    first = journal.acquire("little", holder)
    assert journal.holder("little") == holder
    with pytest.raises(LeaseHeld, match="is at work on little"):
        journal.acquire("little", "elsewhere:1:1")
    clock.now += LEASE_SECONDS - 1
    journal.renew("little", first)
    clock.now += LEASE_SECONDS - 1
    with pytest.raises(LeaseHeld):
        journal.acquire("little", "elsewhere:1:1")
    clock.now += 2  # it was silent for too long
    second = journal.acquire("little", "elsewhere:1:1")
    assert second > first
    with pytest.raises(LeaseHeld, match="went to another run"):
        journal.renew("little", first)
    journal.release("little", first)  # too late: it is no longer ours
    assert journal.holder("little") == "elsewhere:1:1"
    journal.release("little", second)
    assert journal.holder("little") == ""
    assert journal.acquire("little", holder) > second


def test_another_cluster_is_another_lease(journal: SqliteJournal) -> None:
    journal.acquire("little", this_holder())
    journal.acquire("other", this_holder())


def test_a_dead_holder_of_this_machine_gives_way_at_once(journal: SqliteJournal) -> None:
    machine, pid, _started = this_holder().rsplit(":", 2)
    journal.acquire("little", f"{machine}:{pid}:1")  # the pid lives, but began at another time
    assert journal.acquire("little", this_holder())
    assert is_dead(f"{machine}:999999999:1")
    assert not is_dead(this_holder())
    assert not is_dead("elsewhere:999999999:1")


def test_a_new_journal_s_tokens_are_larger_than_an_old_one_s(tmp_path: Path, clock: Clock) -> None:
    """Hosts remember the latest token; a journal that was lost must not lock us out."""
    old = SqliteJournal(tmp_path / "old", clock).acquire("little", "a:1:1")
    clock.now += 1
    assert SqliteJournal(tmp_path / "new", clock).acquire("little", "a:1:1") > old


def test_only_its_owner_reads_it(journal: SqliteJournal) -> None:
    journal.begin(RUN, "plan", [])
    assert journal.path.parent.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in journal.path.parent.iterdir()} == {0o600}


def test_a_failed_write_leaves_nothing_half_done(journal: SqliteJournal) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        journal.begin(RUN, "plan", ["a", "a"])
    assert journal.runs() == []
    journal.begin(RUN, "plan", ["a"])


def test_a_journal_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with sqlite3.connect(path) as later:
        later.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    later.close()
    with pytest.raises(JournalTooNew, match="the journal has version"):
        SqliteJournal(path)


def test_the_place_of_the_journal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("COLOSSUS_JOURNAL", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert journal_path("little") == tmp_path / "colossus/little/journal.sqlite"
    monkeypatch.setenv("COLOSSUS_JOURNAL", str(tmp_path / "mine"))
    assert journal_path("little") == tmp_path / "mine"
