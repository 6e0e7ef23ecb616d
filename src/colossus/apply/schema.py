"""The journal's tables. A migration is appended, never edited: journals live for years.

`PRAGMA user_version` counts the migrations that a journal has had.
"""

import sqlite3

from colossus.errors import ColossusError

MIGRATIONS = (
    """
    CREATE TABLE plans (digest TEXT PRIMARY KEY, document TEXT NOT NULL);
    CREATE TABLE runs (
        id TEXT PRIMARY KEY, cluster TEXT NOT NULL, plan_digest TEXT NOT NULL REFERENCES plans,
        started TEXT NOT NULL, ended TEXT NOT NULL DEFAULT '', status TEXT NOT NULL,
        against TEXT NOT NULL, inventory_digest TEXT NOT NULL, operator TEXT NOT NULL,
        overwrite_drift INTEGER NOT NULL, reach TEXT NOT NULL
    );
    CREATE TABLE targets (
        run TEXT NOT NULL REFERENCES runs, host TEXT NOT NULL, status TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (run, host)
    ) WITHOUT ROWID;
    CREATE TABLE intents (
        run TEXT NOT NULL, host TEXT NOT NULL, state TEXT NOT NULL, at TEXT NOT NULL
    );
    CREATE TABLE events (
        run TEXT NOT NULL, host TEXT NOT NULL, resource TEXT NOT NULL, outcome TEXT NOT NULL,
        action TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL, seconds REAL NOT NULL,
        message TEXT NOT NULL, at TEXT NOT NULL
    );
    CREATE INDEX events_of_run ON events (run);
    CREATE TABLE applied (
        cluster TEXT NOT NULL, host TEXT NOT NULL, resource TEXT NOT NULL, digest TEXT NOT NULL,
        secret TEXT NOT NULL, run TEXT NOT NULL, PRIMARY KEY (cluster, host, resource)
    ) WITHOUT ROWID;
    CREATE TABLE owed (
        cluster TEXT NOT NULL, host TEXT NOT NULL, resource TEXT NOT NULL, run TEXT NOT NULL,
        because TEXT NOT NULL, PRIMARY KEY (cluster, host, resource)
    ) WITHOUT ROWID;
    CREATE TABLE lease (
        cluster TEXT PRIMARY KEY, holder TEXT NOT NULL, token INTEGER NOT NULL,
        heartbeat REAL NOT NULL, expires REAL NOT NULL
    ) WITHOUT ROWID;
    """,
)


class JournalTooNew(ColossusError):
    """The journal was written by a later Colossus."""


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a journal to this version's tables.

    Raises:
        JournalTooNew: it is ahead of this version.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise JournalTooNew(
            f"the journal has version {version}, and this Colossus knows {len(MIGRATIONS)}",
            "Use the Colossus that wrote it, or a later one.",
        )
    for number in range(version, len(MIGRATIONS)):
        script = (
            f"BEGIN IMMEDIATE; {MIGRATIONS[number]} PRAGMA user_version = {number + 1}; COMMIT;"
        )
        connection.executescript(script)
