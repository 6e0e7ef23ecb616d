"""How hosts that are not as planned are shown: equal differences together, hosts folded."""

import sys
from collections.abc import Iterator
from enum import StrEnum

from colossus.cli.views.colour import painted
from colossus.cli.views.document import as_json
from colossus.cli.views.messages import put
from colossus.inventory.nodeset import fold
from colossus.observe.live import Observed
from colossus.transport.answer import Event

Kind = tuple[str, str, str, str]


class Format(StrEnum):
    """How differences are printed."""

    TEXT = "text"
    JSON = "json"


def show_observed(observed: Observed, output: str) -> None:
    """Print what differs from the plan."""
    put(as_json(_document(observed)) if output == Format.JSON else "\n".join(_lines(observed)))


def _lines(observed: Observed) -> Iterator[str]:
    for (resource, outcome, action, _), found in _grouped(observed).items():
        hosts, event = fold(name for name, _ in found), found[0][1]
        word = "changed outside Colossus" if outcome == "drifted" else f"would be {_past(action)}"
        yield f"{painted(resource, 'warning', sys.stdout)}  {hosts}: {word}"
        yield from (f"    {line}" for line in event.diff.splitlines())
    faults: dict[str, list[str]] = {}
    for name, reason in observed.faults.items():
        faults.setdefault(reason.removeprefix(name).lstrip(": "), []).append(name)
    for reason, names in faults.items():
        yield f"{painted('not asked', 'error', sys.stdout)}  {fold(names)}: {reason}"
    asked = len(observed.state.keys() - observed.faults.keys())
    differ = len(observed.events.keys() - observed.faults.keys())
    yield f"{asked} hosts asked, {asked - differ} as planned"


def _past(action: str) -> str:
    words = {"create": "created", "change": "changed", "delete": "deleted", "run": "run"}
    return words.get(action, f"{action}ed")


def _grouped(observed: Observed) -> dict[Kind, list[tuple[str, Event]]]:
    """Bring equal differences together; a fault of a host is told as such, not as a difference."""
    grouped: dict[Kind, list[tuple[str, Event]]] = {}
    for name, events in observed.events.items():
        for event in events:
            if event.outcome != "failed":
                kind = (event.id, event.outcome, event.action, event.diff)
                grouped.setdefault(kind, []).append((name, event))
    return grouped


def _document(observed: Observed) -> dict[str, object]:
    return {
        "differences": [
            {
                "host": name,
                "resource": event.id,
                "kind": "drifted" if event.outcome == "drifted" else "differs",
                "action": event.action,
                "diff": event.diff,
            }
            for name, events in sorted(observed.events.items())
            for event in events
            if event.outcome != "failed"
        ],
        "faults": dict(sorted(observed.faults.items())),
        "hosts": sorted(observed.state.keys() - observed.faults.keys()),
    }
