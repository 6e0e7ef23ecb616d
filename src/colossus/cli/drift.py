"""Compare files, packages and services with the plan."""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from colossus.apply.engine import Means
from colossus.apply.sqlite import journal_path
from colossus.cli.applying import TWIN, means_of_twin, twin_of
from colossus.cli.journals import JournalFile, journal_at
from colossus.cli.opening import Inventory, StageName, checked
from colossus.cli.targets import rendered, rendered_on
from colossus.cli.views.drift import Format, show_observed
from colossus.cli.views.outcome import Progress
from colossus.errors import Drifted, TransportFailed, UsageError
from colossus.observe.live import Observed, observe_live
from colossus.plan.resource import Desired


def drift(
    inventory: Inventory,
    connect: Annotated[
        str, typer.Option("--connect", metavar="twin", help="Ask the twin that is up.")
    ] = "",
    stage: StageName = "",
    output: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TEXT,
    journal: JournalFile = None,
) -> int:
    """Compare files, packages and services of every host with the plan; only reads.

    Exit 0: as planned; 12: as planned where it could be asked; 13: something differs.
    """
    if connect not in ("", TWIN):
        raise UsageError(f"--connect {connect!r} is unknown", "There is: --connect twin.")
    observed = _on_twin(inventory, stage, journal) if connect else _hosts(inventory, stage, journal)
    show_observed(observed, output)
    if observed.events:
        return Drifted.exit_status
    return TransportFailed.exit_status if observed.faults else 0


def _hosts(inventory: Path, stage: str, journal: Path | None) -> Observed:
    from colossus.apply.over_ssh import ssh_means
    from colossus.transport.endpoints import reach_of

    site = checked(inventory, stage)
    desired = rendered(site).desired
    reach = reach_of(site.loaded.accepted(), site.loaded.folder)
    means = ssh_means(desired.targets.values(), reach)
    return _ask(desired, means, journal or journal_path(desired.cluster))


def _on_twin(inventory: Path, stage: str, journal: Path | None) -> Observed:
    from colossus.twin.hands import Hands
    from colossus.twin.tiers import standing

    site = checked(inventory, stage)
    name = twin_of(site.loaded.accepted().cluster)
    means = means_of_twin(name, Progress())
    desired = rendered_on(site, name).desired
    return _ask(desired, means, journal or Hands(standing(name)).journal_path)


def _ask(desired: Desired, means: Means, path: Path) -> Observed:
    """Ask every host; what was last applied tells manual edits from what was never applied."""
    managed = {name: each for name, each in desired.targets.items() if each.manage != "render"}
    with ExitStack() as open_now:
        journal = open_now.enter_context(journal_at(path)) if path.is_file() else None
        return observe_live(
            replace(desired, targets=managed),
            means.executor,
            means.endpoints,
            last=journal.last_applied(desired.cluster) if journal else None,
        )
