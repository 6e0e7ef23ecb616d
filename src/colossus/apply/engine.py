"""Applies a plan: wave by wave, intents in the journal before the act, resumable after any kill.

One host that fails or cannot be reached never ends the run: the others go on, the run ends with
exit status 14, and `runs resume` does what is left. Work may be repeated after a kill, and that is
harmless: resources are compared before they are written, and hosts remember what was triggered.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from secrets import token_hex

from colossus.apply.crash import crash_point
from colossus.apply.executor import Executor, Happening, Work
from colossus.apply.holder import this_holder
from colossus.apply.interrupt import Interrupts, listening
from colossus.apply.journal import Applied, Debts, Entry, HostState, HostStatus, Journal, Run
from colossus.apply.outcome import Outcome
from colossus.apply.sqlite import stamp
from colossus.apply.stale import refuse_stale
from colossus.apply.waves import Course, course
from colossus.errors import PlanRefused
from colossus.plan.document import from_text, to_document
from colossus.plan.model import Plan
from colossus.plan.resource import Resource, canonical
from colossus.transport.answer import Event
from colossus.transport.base import Endpoint
from colossus.transport.redact import redactor
from colossus.transport.request import Order, Retired, expected, request
from colossus.transport.secrets import Secret

HOSTS_PER_INTENT = 16  # one write to disk for so many hosts; they wait for a free thread anyway
TRIED = ("failed", "unreachable", "held")  # by an earlier part of the run; a retry may cure it
BEAT_SECONDS = 10.0  # a sixth of what the lease lasts

Watch = Callable[[str, Happening], None]


@dataclass(frozen=True)
class Means:
    """What an apply needs of the world besides plan and journal.

    resolve gives the value of a secret reference; watch hears of every host's event; say prints a
    message; memory is the hosts' folder for what they remember of runs (empty = their default);
    silence is how long a host may say nothing, in seconds.
    """

    endpoints: Mapping[str, Endpoint]
    executor: Executor
    resolve: Callable[[str], Secret]
    watch: Watch = field(default=lambda _host, _happening: None)
    say: Callable[[str], None] = field(default=lambda _text: None)
    memory: str = ""
    silence: float = 2400.0


@dataclass(frozen=True)
class Wish:
    """What the operator asked for. limit: only these hosts (none = all of the plan)."""

    overwrite_drift: bool = False
    limit: frozenset[str] | None = None
    reach: Mapping[str, str | int] = field(default_factory=dict)


def apply_plan(plan: Plan, journal: Journal, means: Means, wish: Wish | None = None) -> Outcome:
    """Apply a plan to its hosts.

    Raises:
        PlanRefused: stale, or another run is at work.
        SecretRefused: a secret that the plan refers to cannot be had.
    """
    wish = wish or Wish()
    run, hosts = _new_run(plan, journal, wish)
    secrets = _resolved(plan, means)
    with _leased(journal, plan.cluster) as token:
        journal.begin(run, canonical(to_document(plan)), hosts)
        crash_point("run-begun")
        return _walk(_Walk(run, plan, journal, means, (token, secrets)), hosts)


def begin(plan: Plan, journal: Journal, wish: Wish) -> Run:
    """Write down a run that something else carries out, part by part, with `resume`.

    Raises:
        PlanRefused: stale, or another run is at work.
    """
    run, hosts = _new_run(plan, journal, wish)
    with _leased(journal, plan.cluster):
        journal.begin(run, canonical(to_document(plan)), hosts)
    return run


def _new_run(plan: Plan, journal: Journal, wish: Wish) -> tuple[Run, list[str]]:
    hosts = [name for name in plan.targets if wish.limit is None or name in wish.limit]
    refuse_stale(plan, journal.last_applied(plan.cluster), hosts)
    run = Run(
        id=_identity(),
        cluster=plan.cluster,
        plan_digest=plan.digest,
        started=stamp(time.time()),
        against=plan.against,
        inventory_digest=plan.inventory_digest,
        operator=os.environ.get("SUDO_USER") or os.environ.get("USER") or str(os.getuid()),
        overwrite_drift=wish.overwrite_drift,
        reach=wish.reach,
    )
    return run, hosts


def resume(
    run: Run, journal: Journal, means: Means, limit: frozenset[str] | None = None
) -> Outcome:
    """Do what a run left undone; a run that is done changes nothing.

    limit: only these hosts (none = all that are left).

    Raises:
        PlanRefused: another run is at work, or a later run changed these hosts.
    """
    plan = from_text(journal.plan(run))
    left = [each.host for each in journal.hosts(run) if each.status != "done"]
    hosts = left if limit is None else [name for name in left if name in limit]
    later = [each for each in journal.runs() if _came_later(each, run)]
    touched = {state.host for each in later for state in journal.hosts(each)}
    if not touched.isdisjoint(hosts):
        raise PlanRefused(
            f"run {later[-1].id} went to the same hosts after run {run.id}",
            "Resume the latest run, or make a new plan.",
        )
    secrets = _resolved(plan, means)
    with _leased(journal, plan.cluster) as token:
        return _walk(_Walk(run, plan, journal, means, (token, secrets)), hosts)


@contextmanager
def _leased(journal: Journal, cluster: str) -> Iterator[int]:
    """Hold the cluster's lease while the body runs."""
    token = journal.acquire(cluster, this_holder())
    try:
        yield token
    finally:
        journal.release(cluster, token)


def _resolved(plan: Plan, means: Means) -> dict[str, Secret]:
    """Give the value of every secret that the plan refers to, before anything is begun."""
    targets = plan.targets.values()
    bodies = (resource.body for target in targets for resource in target.resources)
    references = {str(body["secret"]) for body in bodies if "secret" in body}
    return {each: means.resolve(each) for each in sorted(references)}


def _came_later(other: Run, run: Run) -> bool:
    return other.cluster == run.cluster and (other.started, other.id) > (run.started, run.id)


def _walk(walk: "_Walk", hosts: Sequence[str]) -> Outcome:
    """Go through the waves, then write down how it ended."""
    interrupts = Interrupts(walk.means.executor.abort, walk.means.say)
    walk.stopped = lambda: bool(interrupts.asked)
    wanted = set(hosts)
    with listening(interrupts):
        for wave in walk.course.waves:
            walk.go([name for name in wave if name in wanted])
            crash_point("wave-done")
    walk.close(hosts)
    crash_point("run-ended")
    return walk.outcome


class _Walk:
    """One apply on its way."""

    def __init__(
        self,
        run: Run,
        plan: Plan,
        journal: Journal,
        means: Means,
        granted: tuple[int, Mapping[str, Secret]],
    ) -> None:
        self.run, self.plan, self.journal, self.means = run, plan, journal, means
        self.token, self._secrets = granted
        self.course: Course = course(plan)
        self.outcome = Outcome(run.id, run.cluster)
        self.stopped: Callable[[], bool] = lambda: False
        self._entries: list[Entry] = []
        self._bad: dict[str, tuple[HostStatus, str]] = {}
        self._done: set[str] = {s.host for s in journal.hosts(run) if s.status == "done"}
        self._serving: set[str] = set(self._done)
        self._failed: set[str] = {s.host for s in journal.hosts(run) if s.status in TRIED}
        self._beat = time.monotonic()
        self._resources: dict[str, dict[str, Resource]] = {}
        self._strike = redactor(self._secrets.values())

    def go(self, hosts: Sequence[str]) -> None:
        """Bring the hosts of one wave to their state."""
        for happening in self.means.executor.submit(self._begin(hosts)):
            self._keep_lease()
            if happening.event is not None:
                self._take(happening.host, happening.event, happening)
            elif happening.ending is not None:
                self._settle(happening)
            else:
                self._flush()

    def close(self, hosts: Sequence[str]) -> None:
        """Write down the end; hosts that were not begun stay waiting for a resume."""
        for name in hosts:
            self.outcome.hosts.setdefault(name, HostState(name, "waiting", error="not begun"))
        stopped = any(each.status == "waiting" for each in self.outcome.hosts.values())
        everywhere = {each.host for each in self.journal.hosts(self.run)} == self._done
        if everywhere and self._done >= self.plan.targets.keys():
            for name in self.plan.retired:
                self.journal.forget(self.run.cluster, name)
        self.outcome.status = "interrupted" if stopped else "done" if everywhere else "failed"
        self.journal.end(self.run, self.outcome.status)

    def _begin(self, hosts: Sequence[str]) -> Iterator[Work]:
        """Give the work of one wave, each intent on disk before its host is begun."""
        waiting = iter(self._free(hosts))
        while not self.stopped():
            batch = tuple(islice(waiting, HOSTS_PER_INTENT))
            if not batch:
                return
            orders = {name: self._order(name) for name in batch}
            self.journal.intend(self.run, {name: self._owes(name) for name in batch})
            crash_point("intent-committed")
            for name in batch:
                if self.stopped():
                    return
                self._resources[name] = {r.id: r for r in self.plan.targets[name].resources}
                yield self._work(name, orders[name])

    def _free(self, hosts: Sequence[str]) -> Iterator[str]:
        """Give the hosts that nothing holds back."""
        for name in hosts:
            if self.course.is_held(name, self._serving, self._failed):
                self._write_down(name, "held", "everything that it needs failed")
            elif name not in self.means.endpoints:
                self._write_down(name, "unreachable", "no address of it is known")
            else:
                yield name

    def _order(self, name: str) -> Order:
        applied = self.journal.applied(self.run.cluster, name)
        gone = self.course.gone.get(name, ())
        return Order(
            run=self.run.id,
            cluster=self.run.cluster,
            token=self.token,
            check=self.plan.targets[name].manage != "apply",
            overwrite_drift=self.run.overwrite_drift,
            last={identity: each.digest for identity, each in applied.items()},
            planned=frozenset(self.course.planned.get(name, ())),
            pending=self.journal.owed(self.run.cluster, name),
            remove=[Retired(g, applied[g].digest, applied[g].secret) for g in gone if g in applied],
            memory=self.means.memory,
        )

    def _owes(self, name: str) -> Debts:
        """Give what may have to be triggered on a host once its planned changes begin."""
        moved = set(self.course.planned.get(name, ()))
        owed: dict[str, tuple[str, ...]] = {}
        for resource in self.plan.targets[name].resources:
            causes = tuple(c for c in resource.on if self.run.overwrite_drift or c in moved)
            if causes:
                moved.add(resource.id)
                owed[resource.id] = causes
        return owed

    def _work(self, name: str, order: Order) -> Work:
        target = self.plan.targets[name]
        return Work(
            host=name,
            endpoint=self.means.endpoints[name],
            ids=expected(target, order),
            build=lambda: request(target, self.plan.blobs, self._secrets, order),
            timeout=self.means.silence,
        )

    def _take(self, host: str, event: Event, happening: Happening) -> None:
        """Note one event; it reaches the journal with the next write."""
        crash_point("event-received")
        clean = _struck(event, self._strike)
        self._entries.append(Entry(host, clean, _proof(self._resources[host].get(event.id), clean)))
        self.outcome.note(host, clean)
        if clean.outcome == "failed" or (clean.outcome == "drifted" and host not in self._bad):
            status: HostStatus = "failed" if clean.outcome == "failed" else "drifted"
            self._bad[host] = (status, f"{clean.id}: {clean.message}")
        self.means.watch(host, Happening(host, clean) if clean is not event else happening)

    def _settle(self, happening: Happening) -> None:
        """A host is through: say how, and write everything down."""
        host = happening.host
        status, error = self._bad.pop(host, ("done", ""))
        if happening.ending != "answered":
            status = "unreachable" if happening.ending == "unreachable" else "failed"
            error = self._strike(happening.error)
        self._write_down(host, status, error)
        if status == "done" and self.course.forgotten.get(host):
            self.journal.forget(self.run.cluster, host, self.course.forgotten[host])
        self.means.watch(host, happening)
        crash_point("host-settled")

    def _write_down(self, host: str, status: HostStatus, error: str) -> None:
        state = HostState(host, status, error=error)
        self.outcome.hosts[host] = state
        if status == "done":
            self._done.add(host)
        # A host with a manual edit is not done, and serves the others all the same.
        (self._serving if status in ("done", "drifted") else self._failed).add(host)
        self._flush(state)

    def _flush(self, *settled: HostState) -> None:
        if self._entries or settled:
            self.journal.record(self.run, self._entries, settled)
            self._entries = []
            crash_point("events-committed")

    def _keep_lease(self) -> None:
        if time.monotonic() - self._beat > BEAT_SECONDS:
            self.journal.renew(self.run.cluster, self.token)
            self._beat = time.monotonic()


def _proof(resource: Resource | None, event: Event) -> Applied | None:
    """Give what an event proves about the host; nothing unless the resource is as it should be."""
    if event.outcome not in ("ok", "changed"):
        return None
    if resource is None:
        return Applied("")
    stateless = resource.kind == "check" or resource.triggered_only
    return Applied("" if stateless else resource.digest, str(resource.body.get("secret", "")))


def _struck(event: Event, strike: Callable[[str], str]) -> Event:
    """Give the event without any secret's value in its words."""
    message, diff = strike(event.message), strike(event.diff)
    if (message, diff) == (event.message, event.diff):
        return event
    words = (event.id, event.outcome, event.action, event.before, event.after, event.seconds)
    return Event(*words, message, diff)


def _identity() -> str:
    """Name a run so that names sort by time."""
    return f"r-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{token_hex(2)}"
