"""Apply and check on a twin's nodes: the same engine, transport and interpreter as in production.

Only three things are the twin's own: sockets are opened inside its network, the keys are its own,
and secrets are made up, so that no rehearsal ever reads a site's secret.
"""

import hashlib
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import NamedTuple

from colossus.apply.engine import Means, apply_plan
from colossus.apply.executor import ThreadExecutor
from colossus.apply.outcome import predicted
from colossus.apply.sqlite import SqliteJournal
from colossus.observe.live import observe_live
from colossus.plan.model import Plan
from colossus.plan.resource import Desired, State
from colossus.transport.base import Endpoint
from colossus.transport.kept import KeptSessions
from colossus.transport.secrets import Secret
from colossus.transport.ssh import SshTransport, Timeouts
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


class Hands:
    """What a rehearsal, or `--connect twin`, uses to work on a twin that is up."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin
        # A login costs a machine under software emulation 1.3 to 2 s of a core.
        timeouts = Timeouts().times(twin.pace.patience)
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

    def apply(self, plan: Plan) -> tuple[set[Change], list[str]]:
        """Apply a plan; gives the changes made and what failed, one sentence each."""
        with closing(SqliteJournal(self.journal_path)) as journal:
            outcome = apply_plan(plan, journal, self.means())
        failed = [f"{hosts} {status}: {error}" for status, hosts, error in outcome.by_reason()]
        return {Change(*change) for change in outcome.changed}, failed

    def check(self, desired: Desired) -> tuple[set[Change], list[str]]:
        """Ask every node what would change; gives the changes and what could not be asked."""
        means = self.means()
        found = observe_live(desired, means.executor, means.endpoints, resolve=self.secret)
        faults = [f"{host}: {words}" for host, words in found.faults.items()]
        return {Change(*change) for change in found.changes()}, faults

    def last_applied(self) -> State:
        """Give what this twin was last brought to; empty for one that was just built."""
        if not self.journal_path.is_file():
            return {}
        with closing(SqliteJournal(self.journal_path)) as journal:
            return journal.last_applied(self._twin.spec.name)

    def planned(self, plan: Plan) -> set[Change]:
        """Give the changes that a plan says it makes."""
        return {Change(*change) for change in predicted(plan)}

    def means(self) -> Means:
        """Give what the engine needs to work on this twin; nobody listens yet."""
        executor = ThreadExecutor(self._transport, self._twin.pace.at_once)
        return Means(self.endpoints(), executor, self.secret)
