"""How an apply is shown while it runs and when it is over."""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

from colossus.apply.outcome import Outcome
from colossus.cli.views.colour import painted
from colossus.cli.views.document import as_json
from colossus.cli.views.messages import put, say
from colossus.inventory.nodeset import fold
from colossus.transport.answer import Event
from colossus.transport.work import Happening

ONE_BY_ONE = 64  # more hosts than this are counted and not listed
STEPS = 20


class Progress:
    """Says which hosts are through; total, set before they are begun, is how many there are."""

    def __init__(self, total: int = 0) -> None:
        self.total = total
        self._through = 0
        self._changed: Counter[str] = Counter()
        self._bad: dict[str, str] = {}

    def watch(self, host: str, happening: Happening) -> None:
        """Hear one event; speak when a host is through."""
        event = happening.event
        if event is not None:
            self._changed[host] += event.changes
            if event.outcome in ("failed", "drifted"):
                self._bad.setdefault(host, f"{event.outcome}: {event.id}: {event.message}")
        elif happening.ending is not None:
            self._through += 1
            if happening.ending != "answered":
                self._bad[host] = happening.error
            self._tell(host)

    def _tell(self, host: str) -> None:
        place = f"[{self._through}/{self.total}]"
        if host in self._bad:
            say(f"{place} {host} {painted(self._bad[host], 'error', sys.stderr)}")
        elif self.total <= ONE_BY_ONE:
            say(f"{place} {host} done, {self._changed[host]} changed")
        elif self._through * STEPS // self.total > (self._through - 1) * STEPS // self.total:
            say(f"{place} hosts through, {sum(self._changed.values())} resources changed")


class Format(StrEnum):
    """How an outcome is printed."""

    TEXT = "text"
    JSON = "json"


def show_outcome(outcome: Outcome, output: str) -> None:
    """Print what an apply did."""
    if output == Format.JSON:
        put(as_json(document(outcome)))
    elif outcome.run or outcome.hosts:
        put(as_text(outcome))


def show_drift(drifted: Mapping[str, Sequence[Event]], *, overwritten: bool) -> None:
    """Show what was changed outside Colossus, before anything is done about it."""
    for line in _drift_lines(drifted):
        say(line)
    if drifted:
        count = sum(map(len, drifted.values()))
        fate = "are overwritten" if overwritten else "are left as they are"
        say(f"{count} manual edits on {fold(drifted)} {fate}")


def _drift_lines(drifted: Mapping[str, Sequence[Event]]) -> Iterator[str]:
    for host, events in sorted(drifted.items()):
        for event in events:
            yield f"{host} {event.id}: {event.message}"
            yield from (f"    {line}" for line in event.diff.splitlines())


def as_text(outcome: Outcome) -> str:
    """Give the outcome as text: what differs by hand, what failed, and one line to end with."""
    lines = list(_drift_lines(outcome.drifted))
    for status, hosts, error in outcome.by_reason():
        lines.append(f"{status}: {hosts}: {error}")
    return "\n".join([*lines, outcome.summary()])


def document(outcome: Outcome) -> dict[str, object]:
    """Give the outcome as a document for machines."""
    return {
        "run": outcome.run,
        "cluster": outcome.cluster,
        "status": outcome.status,
        "hosts": {
            name: {"status": state.status, "error": state.error}
            for name, state in sorted(outcome.hosts.items())
        },
        "changed": [
            {"host": host, "resource": resource, "action": action}
            for host, resource, action in sorted(outcome.changed)
        ],
        "drifted": [
            {"host": host, "resource": event.id, "found": event.before, "diff": event.diff}
            for host, events in sorted(outcome.drifted.items())
            for event in events
        ],
    }
