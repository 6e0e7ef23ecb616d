"""Applies a plan over SSH, and resumes such a run from what the journal alone knows."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from colossus.apply.engine import Means, Watch, Wish, apply_plan, resume
from colossus.apply.executor import ThreadExecutor
from colossus.apply.journal import Journal, Run
from colossus.apply.outcome import Outcome
from colossus.errors import PlanRefused
from colossus.plan.document import from_text
from colossus.plan.model import Plan
from colossus.plan.resource import Target
from colossus.transport.endpoints import Reach, endpoints_of
from colossus.transport.secrets import resolve
from colossus.transport.ssh import SshTransport


@dataclass(frozen=True)
class Listening:
    """Who hears of progress: watch gets every host's events, say gets messages."""

    watch: Watch = field(default=lambda _host, _happening: None)
    say: Callable[[str], None] = field(default=lambda _text: None)


def apply_over_ssh(
    plan: Plan, reach: Reach, journal: Journal, wish: Wish, listening: Listening | None = None
) -> Outcome:
    """Apply a plan to the hosts themselves; raises as `engine.apply_plan` does."""
    wish = replace(wish, reach=reach.plain())
    return apply_plan(plan, journal, ssh_means(plan.targets.values(), reach, listening), wish)


def resume_over_ssh(run: Run, journal: Journal, listening: Listening | None = None) -> Outcome:
    """Do what a run over SSH left undone; raises as `engine.resume` does."""
    plan = from_text(journal.plan(run))
    means = ssh_means(plan.targets.values(), reach_again(run), listening)
    return resume(run, journal, means)


def reach_again(run: Run) -> Reach:
    """Give how a run reached its hosts; raises PlanRefused when it did not go over SSH."""
    return reach_from(run.reach, run.id)


def reach_from(plain: Mapping[str, str | int], run: str) -> Reach:
    """Read what `Reach.plain` wrote into the journal."""
    try:
        return Reach(
            folder=str(plain["folder"]),
            user=str(plain["user"]),
            port=int(plain["port"]),
            key=str(plain["key"]),
            known_hosts=str(plain["known_hosts"]),
            become=str(plain["become"]),
            domain=str(plain["domain"]),
            concurrency=int(plain["concurrency"]),
        )
    except (KeyError, ValueError):
        raise PlanRefused(
            f"the journal does not say how run {run} reached its hosts", "Make a new plan."
        ) from None


def ssh_means(targets: Iterable[Target], reach: Reach, listening: Listening | None = None) -> Means:
    """Give what the engine, or an observation, needs to work over SSH.

    Raises:
        SecretRefused: our own key is not there, which would look like as many faults as hosts.
    """
    heard = listening or Listening()
    folder = Path(reach.folder)
    resolve(reach.key, folder)
    return Means(
        endpoints=endpoints_of(targets, reach),
        executor=ThreadExecutor(SshTransport(folder), reach.concurrency),
        resolve=lambda reference: resolve(reference, folder),
        watch=heard.watch,
        say=heard.say,
    )
