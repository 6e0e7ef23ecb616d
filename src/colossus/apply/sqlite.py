"""The journal of one controller: SQLite in WAL mode, a file that only its owner reads.

Intents are synchronous=FULL (on disk before the act); everything else is NORMAL, which survives
any kill of the program and may lose the last commits with the power: then a resume asks the hosts.
"""

import json
import os
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from colossus.apply.holder import is_dead
from colossus.apply.journal import (
    Applied,
    Debts,
    Entry,
    HostState,
    LeaseHeld,
    Run,
    RunStatus,
    RunUnknown,
)
from colossus.apply.schema import migrate
from colossus.plan.resource import State
from colossus.transport.answer import Event

LEASE_SECONDS = 60.0  # a holder that is silent for so long is taken for dead; it beats far oftener
BUSY_SECONDS = 30.0
MILLISECONDS = 1000
RUN_COLUMNS = (
    "id, cluster, plan_digest, started, against, inventory_digest, operator, overwrite_drift,"
    " reach, ended, status"
)


def journal_path(cluster: str) -> Path:
    """Give where the journal of a cluster is, unless the operator says otherwise."""
    override = os.environ.get("COLOSSUS_JOURNAL")
    if override:
        return Path(override)
    from platformdirs import user_state_path

    return user_state_path("colossus", appauthor=False) / cluster / "journal.sqlite"


class SqliteJournal:
    """A journal in one file. clock: seconds since the epoch, for tests."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self._clock = clock
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        self._db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA foreign_keys = ON")
        migrate(self._db)

    def begin(self, run: Run, document: str, hosts: Sequence[str]) -> None:
        """Write down a run, its plan and its hosts before anything is done."""
        with self._transaction():
            self._db.execute(
                "INSERT OR IGNORE INTO plans VALUES (?, ?)", (run.plan_digest, document)
            )
            self._db.execute(
                f"INSERT INTO runs ({RUN_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - our own column names
                (
                    *(run.id, run.cluster, run.plan_digest, run.started, run.against),
                    *(run.inventory_digest, run.operator, run.overwrite_drift),
                    *(json.dumps(dict(run.reach)), run.ended, run.status),
                ),
            )
            self._db.executemany(
                "INSERT INTO targets (run, host, status) VALUES (?, ?, 'waiting')",
                ((run.id, host) for host in hosts),
            )

    def intend(self, run: Run, owed: Mapping[str, Debts]) -> None:
        """Write down which hosts are begun now, and which triggers they may owe; on disk."""
        at = self._now()
        with self._transaction(durable=True):
            self._db.executemany(
                "INSERT INTO intents VALUES (?, ?, 'begun', ?)",
                ((run.id, host, at) for host in owed),
            )
            self._db.executemany(
                "UPDATE targets SET status = 'begun', attempts = attempts + 1, error = ''"
                " WHERE run = ? AND host = ?",
                ((run.id, host) for host in owed),
            )
            self._db.executemany(
                "INSERT OR REPLACE INTO owed VALUES (?, ?, ?, ?, ?)",
                (
                    (run.cluster, host, resource, run.id, json.dumps(list(because)))
                    for host, debts in owed.items()
                    for resource, because in debts.items()
                ),
            )

    def record(self, run: Run, entries: Sequence[Entry], settled: Sequence[HostState] = ()) -> None:
        """Write down what happened, what is applied because of it, and which hosts are through."""
        at = self._now()
        with self._transaction():
            self._db.executemany(
                "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                ((run.id, e.host, *_event_row(e.event), at) for e in entries),
            )
            proofs = [(e.host, e.event.id, e.applied) for e in entries if e.applied is not None]
            self._db.executemany(
                "INSERT OR REPLACE INTO applied VALUES (?, ?, ?, ?, ?, ?)",
                (
                    (run.cluster, host, resource, applied.digest, applied.secret, run.id)
                    for host, resource, applied in proofs
                    if applied.digest
                ),
            )
            self._db.executemany(
                "DELETE FROM applied WHERE cluster = ? AND host = ? AND resource = ?",
                (
                    (run.cluster, h, resource)
                    for h, resource, applied in proofs
                    if not applied.digest
                ),
            )
            self._db.executemany(
                "DELETE FROM owed WHERE cluster = ? AND host = ? AND resource = ?",
                ((run.cluster, host, resource) for host, resource, _ in proofs),
            )
            self._db.executemany(
                "UPDATE targets SET status = ?, error = ? WHERE run = ? AND host = ?",
                ((state.status, state.error, run.id, state.host) for state in settled),
            )

    def end(self, run: Run, status: RunStatus) -> None:
        """Write down how a run ended."""
        with self._transaction():
            self._db.execute(
                "UPDATE runs SET ended = ?, status = ? WHERE id = ?", (self._now(), status, run.id)
            )

    def runs(self) -> list[Run]:
        """Give all runs, latest first."""
        rows = self._db.execute(f"SELECT {RUN_COLUMNS} FROM runs ORDER BY started DESC, id DESC")  # noqa: S608 - our own column names
        return [_run(row) for row in rows]

    def run(self, identity: str) -> Run:
        """Give one run; a unique beginning of its id is enough."""
        found = [run for run in self.runs() if run.id.startswith(identity)]
        exact = [run for run in found if run.id == identity]
        if len(exact or found) != 1:
            reason = "no run" if not found else f"{len(found)} runs"
            raise RunUnknown(
                f"the journal {self.path} has {reason} called {identity!r}",
                "`colossus runs list` names them.",
            )
        return (exact or found)[0]

    def plan(self, run: Run) -> str:
        """Give the plan document of a run."""
        row = self._db.execute("SELECT document FROM plans WHERE digest = ?", (run.plan_digest,))
        return str(row.fetchone()[0])

    def hosts(self, run: Run) -> list[HostState]:
        """Give where each host of a run stands, by name."""
        rows = self._db.execute(
            "SELECT host, status, attempts, error FROM targets WHERE run = ? ORDER BY host",
            (run.id,),
        )
        return [HostState(*row) for row in rows]

    def events(self, run: Run) -> list[tuple[str, Event]]:
        """Give the events of a run in order, with their host."""
        rows = self._db.execute(
            "SELECT host, resource, outcome, action, before, after, seconds, message FROM events"
            " WHERE run = ? ORDER BY rowid",
            (run.id,),
        )
        return [(row[0], Event(*row[1:])) for row in rows]

    def last_applied(self, cluster: str) -> State:
        """Give what hosts were last made to be, without what is unsettled."""
        rows = self._db.execute(
            "SELECT host, resource, digest FROM applied WHERE cluster = ? ORDER BY host, resource",
            (cluster,),
        )
        unsettled = self.unsettled(cluster)
        state: dict[str, dict[str, str]] = {}
        for host, resource, digest in rows:
            if resource not in unsettled.get(host, ()):
                state.setdefault(host, {})[resource] = digest
        return state

    def unsettled(self, cluster: str) -> Mapping[str, frozenset[str]]:
        """Give, by host, what may not count as applied: what owes a trigger, and what caused it."""
        rows = self._db.execute(
            "SELECT host, resource, because FROM owed WHERE cluster = ?", (cluster,)
        )
        found: dict[str, set[str]] = {}
        for host, resource, because in rows:
            found.setdefault(host, set()).update((resource, *json.loads(because)))
        return {host: frozenset(resources) for host, resources in found.items()}

    def applied(self, cluster: str, host: str) -> Mapping[str, Applied]:
        """Give what was last applied to one host, with secret references."""
        rows = self._db.execute(
            "SELECT resource, digest, secret FROM applied WHERE cluster = ? AND host = ?",
            (cluster, host),
        )
        return {resource: Applied(digest, secret) for resource, digest, secret in rows}

    def owed(self, cluster: str, host: str) -> Mapping[str, str]:
        """Give the triggers that one host may still owe: resource → run."""
        rows = self._db.execute(
            "SELECT resource, run FROM owed WHERE cluster = ? AND host = ?", (cluster, host)
        )
        return dict(rows.fetchall())

    def forget(self, cluster: str, host: str, resources: Collection[str] | None = None) -> None:
        """Drop what was applied to a host: some resources, or everything with the host."""
        with self._transaction():
            for table in ("applied", "owed"):
                sql = f"DELETE FROM {table} WHERE cluster = ? AND host = ?"  # noqa: S608 - our own table names
                if resources is None:
                    self._db.execute(sql, (cluster, host))
                else:
                    rows = ((cluster, host, resource) for resource in resources)
                    self._db.executemany(f"{sql} AND resource = ?", rows)

    def acquire(self, cluster: str, holder: str) -> int:
        """Take the lease of a cluster; give its fencing token."""
        now = self._clock()
        with self._transaction():
            held, token, expires = self._lease(cluster)
            if held:
                raise LeaseHeld(
                    f"a run of {held} is at work on {cluster} (lease {token})",
                    f"Wait for it; without a sign of life the lease ends in {expires - now:.0f} s.",
                )
            # Not below the clock: hosts remember tokens, and a new journal must not count from 1.
            granted = max(token + 1, int(now * MILLISECONDS))
            self._db.execute(
                "INSERT OR REPLACE INTO lease VALUES (?, ?, ?, ?, ?)",
                (cluster, holder, granted, now, now + LEASE_SECONDS),
            )
        return granted

    def renew(self, cluster: str, token: int) -> None:
        """Show that the holder still lives."""
        now = self._clock()
        with self._transaction():
            renewed = self._db.execute(
                "UPDATE lease SET heartbeat = ?, expires = ? WHERE cluster = ? AND token = ?",
                (now, now + LEASE_SECONDS, cluster, token),
            )
            if renewed.rowcount != 1:
                raise LeaseHeld(
                    f"the lease of {cluster} went to another run", "`colossus runs list` shows it."
                )

    def release(self, cluster: str, token: int) -> None:
        """Give the lease back; the token stays, so that the next one is larger."""
        with self._transaction():
            self._db.execute(
                "UPDATE lease SET holder = '', expires = 0 WHERE cluster = ? AND token = ?",
                (cluster, token),
            )

    def holder(self, cluster: str) -> str:
        """Give who is at work on a cluster; empty when nobody is."""
        return self._lease(cluster)[0]

    def _lease(self, cluster: str) -> tuple[str, int, float]:
        """Give the live holder, the latest token, and when the lease ends."""
        row = self._db.execute(
            "SELECT holder, token, expires FROM lease WHERE cluster = ?", (cluster,)
        ).fetchone()
        held, token, expires = row or ("", 0, 0.0)
        alive = held and expires > self._clock() and not is_dead(held)
        return (held if alive else "", int(token), float(expires))

    def close(self) -> None:
        """End the connection."""
        self._db.close()

    def _now(self) -> str:
        return stamp(self._clock())

    @contextmanager
    def _transaction(self, *, durable: bool = False) -> Iterator[None]:
        self._db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


def stamp(seconds: float) -> str:
    """Give a time as the journal writes it: UTC, ISO 8601, milliseconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def _event_row(event: Event) -> tuple[str | float, ...]:
    # The difference of a drifted file is shown and not kept: somebody may have put a secret there.
    return (
        *(event.id, event.outcome, event.action, event.before, event.after),
        *(event.seconds, event.message),
    )


def _run(row: Sequence[str]) -> Run:
    return Run(
        *(row[0], row[1], row[2], row[3], row[4], row[5], row[6]),
        overwrite_drift=bool(row[7]),
        reach=json.loads(row[8]),
        ended=row[9],
        status=cast("RunStatus", row[10]),
    )
