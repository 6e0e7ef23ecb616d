"""Carries a plan through Pulumi: a run in the journal, then stack after stack, then the outcome.

Stacks go one after the other: the switches and controllers of `control` come before any rack, and
how many hosts are worked on at once is the limit of our own engine, not of theirs.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from colossus.apply.engine import Means, Wish, begin, resume
from colossus.apply.journal import Journal, LeaseHeld, Run
from colossus.apply.outcome import Outcome
from colossus.errors import ApplyFailed, PlanRefused
from colossus.plan.model import Plan
from colossus.stacks.engine import Engine
from colossus.stacks.program import Declared
from colossus.stacks.store import Place
from colossus.stacks.work import NO_RUN, RUN

Event = Mapping[str, object]
TRIES = 6
PAUSE_SECONDS = 0.5
Result = TypeVar("Result")
Stacks = Mapping[str, Sequence[Declared]]


@dataclass(frozen=True)
class Carriage:
    """What carries a plan: engine, place of the stacks, and who hears of each stack's events.

    policy: a policy pack that every stack must pass before any host is asked.
    """

    engine: Engine
    place: Place
    stacks: Stacks
    policy: Path | None = None
    tell: Callable[[str, Event], None] = field(default=lambda _stack, _event: None)


def apply_via_pulumi(
    plan: Plan, journal: Journal, means: Means, wish: Wish, carriage: Carriage
) -> Outcome:
    """Apply a plan through Pulumi; the journal, and what hosts become, are the same as over SSH.

    Raises:
        PlanRefused: stale, or another run is at work, or a policy forbids it.
        ApplyFailed: the engine could not bring its own state up to date.
    """
    _refuse_by_policy(carriage)
    touched = {name for name in plan.targets if wish.limit is None or name in wish.limit}
    run = _patient(lambda: begin(plan, journal, wish)) if touched or plan.retired else None
    # A bad host never fails a stack; what does is a fault that the next stack would meet, too.
    failed = next((name for name in carriage.stacks if not _carry(name, carriage, run)), "")
    if run is not None:
        _patient(lambda: resume(run, journal, means, frozenset()))
    outcome = _outcome(run, journal, plan)
    if failed and outcome.status == "done":
        raise ApplyFailed(
            f"the hosts are as planned, but Pulumi's state of {failed} is not",
            "The lines above say why; the same command again brings it up to date.",
        )
    return outcome


def _refuse_by_policy(carriage: Carriage) -> None:
    """Preview every stack under the policy pack: some policies speak only at a stack's end."""
    if carriage.policy is None:
        return
    refused = []
    for stack in carriage.stacks:
        for event in events_of(stack, carriage, NO_RUN, carriage.policy):
            if event.get("event") in ("refused", "advice"):
                carriage.tell(stack, event)
            if event.get("event") in ("refused", "failed"):
                refused.append(stack)
    if refused:
        raise PlanRefused(
            f"the policy pack {carriage.policy} refuses {', '.join(dict.fromkeys(refused))}",
            "Nothing was changed. The lines above say why.",
        )


def _patient(act: Callable[[], Result]) -> Result:
    """Try again while the lease is held: the provider of a killed engine ends in a second."""
    for _ in range(TRIES):
        try:
            return act()
        except LeaseHeld:
            time.sleep(PAUSE_SECONDS)
    return act()


def _carry(stack: str, carriage: Carriage, run: Run | None) -> bool:
    """Bring one stack to its state in a process of its own; False where that failed."""
    well = True
    for event in events_of(stack, carriage, run.id if run else NO_RUN):
        well = well and event.get("event") != "failed"
        carriage.tell(stack, event)
    return well


def events_of(
    stack: str, carriage: Carriage, run: str, policy: Path | None = None
) -> Iterator[Event]:
    """Give the events of one stack as they come; the last one says how it ended.

    policy: only preview the stack under this policy pack.
    """
    place = carriage.place
    job = {
        "stack": stack,
        "engine": str(carriage.engine.folder),
        "home": str(place.folder / "homes" / stack),
        "environment": {**environment(place, carriage.engine), RUN: run},
        "resources": [each.document() for each in carriage.stacks[stack]],
        "policy": str(policy.resolve()) if policy else "",
    }
    command = [sys.executable, "-m", "colossus.stacks.carrier"]
    with subprocess.Popen(  # noqa: S603 - our own module in our own interpreter
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as carrier:
        if carrier.stdin is not None:
            json.dump(job, carrier.stdin)
            carrier.stdin.close()
        for line in carrier.stdout or ():
            yield json.loads(line)
    if carrier.returncode:
        yield {"event": "failed", "text": f"its process ended with {carrier.returncode}"}


def environment(place: Place, engine: Engine) -> dict[str, str]:
    """Give the environment that the engine and its plug-ins need; nothing is downloaded."""
    folders = [str(Path(sys.executable).parent), str(engine.program.parent)]
    return {
        "PATH": os.pathsep.join([*folders, os.environ.get("PATH", os.defpath)]),
        "PULUMI_BACKEND_URL": place.backend,
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(place.passphrase()),
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
    }


def _outcome(run: Run | None, journal: Journal, plan: Plan) -> Outcome:
    """Give what the journal says of a run, which several processes wrote."""
    if run is None:
        return Outcome("", plan.cluster, "done")
    outcome = Outcome(run.id, run.cluster, journal.run(run.id).status)
    for state in journal.hosts(run):
        outcome.hosts[state.host] = state
    for host, event in journal.events(run):
        outcome.note(host, event)
    return outcome
