"""What `provision --via pulumi` adds to an apply: engine, stacks, and progress in our words."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from colossus.apply.engine import Means, Wish
from colossus.apply.journal import Journal
from colossus.apply.outcome import Outcome
from colossus.cli.opening import Opened
from colossus.cli.views.messages import say
from colossus.plan.model import Plan
from colossus.plan.resource import Desired
from colossus.stacks.blocks import kinds_of
from colossus.stacks.driver import Carriage, Event, apply_via_pulumi
from colossus.stacks.engine import find_engine
from colossus.stacks.program import stacks_of
from colossus.stacks.store import FOLDER, Place

CarryOut = Callable[[Plan, Journal, Means, Wish], Outcome]
_DONE = {"create": "created", "update": "updated", "delete": "deleted"}


def by_pulumi(
    site: Opened, desired: Desired, connect: str, journal: Path, policy: Path | None
) -> CarryOut:
    """Give what carries a plan through Pulumi, once it has passed the policy pack, if one is given.

    Raises:
        EngineMissing: before any host is asked.
    """
    engine = find_engine()
    place = Place(desired.cluster, connect, journal.resolve(), journal.resolve().parent / FOLDER)
    stacks = stacks_of(desired, place, kinds_of(site.loaded.accepted()))
    return partial(apply_via_pulumi, carriage=Carriage(engine, place, stacks, policy, _tell))


def _tell(stack: str, event: Event) -> None:
    """Say what becomes of a resource; those that stay the same are only counted."""
    what, name = str(event.get("event")), f"{event.get('kind')} {event.get('name')}"
    if what == "done" and "changes" in event:
        say(f"[{stack}] {_counted(event)}")
    elif what == "done" and event.get("op") in _DONE:
        say(f"[{stack}] {name} {_DONE[str(event['op'])]}")
    elif what == "failed" and "kind" in event:
        say(f"[{stack}] {name} failed")
    elif what in ("recovered", "error", "failed", "refused", "advice") and event.get("text"):
        say(f"[{stack}] {event['text']}")


def _counted(event: Event) -> str:
    changes = event["changes"]
    counts = changes if isinstance(changes, dict) else {}
    words = [f"{count} {_DONE[name]}" for name, count in sorted(counts.items()) if name in _DONE]
    return ", ".join(words) or "nothing changed"
