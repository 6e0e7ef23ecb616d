"""Apply and check on a twin's nodes: the same engine, transport and interpreter as in production.

Only three things are the twin's own: sockets are opened inside its network, the keys are its own,
and secrets are made up, so that no rehearsal ever reads a site's secret.
"""

import hashlib
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from colossus.apply.engine import Means, Wish, apply_plan
from colossus.apply.executor import ThreadExecutor
from colossus.apply.outcome import predicted
from colossus.apply.sqlite import SqliteJournal
from colossus.inventory.nodeset import fold
from colossus.observe.live import observe_live
from colossus.plan.model import Plan
from colossus.plan.resource import Desired, State
from colossus.transport.base import Endpoint
from colossus.transport.kept import KeptSessions
from colossus.transport.secrets import Secret
from colossus.transport.ssh import SshTransport, Timeouts
from colossus.transport.work import Executor, Happening, Work
from colossus.twin.base import Twin

JOURNAL = "journal.sqlite"
SECRET_BYTES = 128


class Change(NamedTuple):
    """One change of one resource on one host."""

    host: str
    resource: str
    action: str

    @property
    def package(self) -> bool:
        """Whether it installs software."""
        return self.resource.startswith("package:")

    def __str__(self) -> str:
        return f"{self.action} {self.resource} on {self.host}"


@dataclass
class Answers:
    """What nodes answered. failed: node → why not; seconds: node → how long its answer took."""

    changes: set[Change] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def sentences(self) -> list[str]:
        """Give what failed, equal reasons once."""
        grouped: dict[str, list[str]] = {}
        for host, words in self.failed.items():
            grouped.setdefault(words.removeprefix(host).lstrip(": "), []).append(host)
        return [f"{fold(hosts)}: {words}" for words, hosts in grouped.items()]


class Stopwatch:
    """An executor that takes the time of each host's answer."""

    def __init__(self, executor: Executor, seconds: dict[str, float]) -> None:
        self._executor = executor
        self._seconds = seconds

    def submit(self, batch: Iterable[Work]) -> Iterator[Happening]:
        """Do the work; a host's time runs from when its work is taken to when it ends."""
        begun: dict[str, float] = {}

        def taken() -> Iterator[Work]:
            for work in batch:
                begun[work.host] = time.monotonic()
                yield work

        for happening in self._executor.submit(taken()):
            if happening.ending is not None:
                self._seconds[happening.host] = time.monotonic() - begun[happening.host]
            yield happening

    def abort(self) -> None:
        """End all connections now."""
        self._executor.abort()


class Hands:
    """What a rehearsal, or `--connect twin`, uses to work on a twin that is up."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin
        # A login costs a machine under software emulation 1.3 to 2 s of a core.
        timeouts = Timeouts(keepalive=2, unanswered=6).times(twin.pace.patience)
        self._transport = KeptSessions(SshTransport(twin.folder, timeouts))

    @property
    def journal_path(self) -> Path:
        """The twin's own journal; it ends with the twin."""
        return self._twin.folder / JOURNAL

    def endpoints(self) -> dict[str, Endpoint]:
        """Give how each node is reached: from the operator's station inside the twin."""
        return {
            node.name: Endpoint(
                name=node.name,
                address=(node.mgmt_address or "").partition("/")[0],
                key=f"file:{self._twin.client_key_path}",
                host_keys=(self._twin.host_key(node.name),),
                dial=partial(self._twin.connect, node.name),
            )
            for node in self._twin.spec.nodes
        }

    def secret(self, reference: str) -> Secret:
        """Make up a secret: the same for the same reference while this twin lives."""
        seed = self._twin.client_key_path.read_bytes()
        shaken = hashlib.shake_256(seed + reference.encode()).digest(SECRET_BYTES)
        return Secret(shaken)

    def apply(self, plan: Plan) -> Answers:
        """Apply a plan; gives the changes made, and which nodes are not as planned."""
        means = self.means()
        answers = Answers()
        means = replace(means, executor=Stopwatch(means.executor, answers.seconds))
        with closing(SqliteJournal(self.journal_path)) as journal:
            # So that `runs resume` goes back to this twin, and never to what has these addresses.
            wish = Wish(reach={"connect": "twin", "twin": self._twin.spec.name})
            outcome = apply_plan(plan, journal, means, wish)
        answers.changes = {Change(*change) for change in outcome.changed}
        answers.failed = {
            host: f"{state.status}: {state.error}" for host, state in outcome.unfinished.items()
        }
        return answers

    def check(self, desired: Desired) -> Answers:
        """Ask every node what would change; reads only."""
        means = self.means()
        answers = Answers()
        executor = Stopwatch(means.executor, answers.seconds)
        found = observe_live(desired, executor, means.endpoints, resolve=self.secret)
        answers.changes = {Change(*change) for change in found.changes()}
        answers.failed = dict(found.faults)
        return answers

    def last_applied(self) -> State:
        """Give what this twin was last brought to; empty for one that was just built."""
        if not self.journal_path.is_file():
            return {}
        with closing(SqliteJournal(self.journal_path)) as journal:
            return journal.last_applied(self._twin.spec.name)

    def owed(self) -> set[tuple[str, str]]:
        """Give what an apply that was cut off may still owe: host and resource.

        It is done with the next apply where the host itself does not know that it was done, so no
        check can foresee it.
        """
        if not self.journal_path.is_file():
            return set()
        with closing(SqliteJournal(self.journal_path)) as journal:
            unsettled = journal.unsettled(self._twin.spec.name)
        return {(host, each) for host, resources in unsettled.items() for each in resources}

    def planned(self, plan: Plan) -> set[Change]:
        """Give the changes that a plan says it makes."""
        return {Change(*change) for change in predicted(plan)}

    def means(self) -> Means:
        """Give what the engine needs to work on this twin; nobody listens yet."""
        executor = ThreadExecutor(self._transport, self._twin.pace.at_once)
        return Means(self.endpoints(), executor, self.secret)
