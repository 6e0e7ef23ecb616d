"""Rehearse the plan, or apply it to the hosts."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from colossus.cli import applying
from colossus.cli.journals import JournalFile
from colossus.cli.opening import StageName
from colossus.cli.rehearsal import Tier, Wishes, rehearse
from colossus.cli.views import outcome
from colossus.cli.views.rehearsal import Format
from colossus.errors import UsageError

_REHEARSAL = "Rehearsal"
_APPLY = "Apply"


class Via(StrEnum):
    """What carries the plan out."""

    SSH = "ssh"
    PULUMI = "pulumi"


def provision(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="INV_OR_PLAN", help="An inventory, or a plan saved by `plan --out`."
        ),
    ],
    stage: StageName = "",
    output: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TEXT,
    twin: Annotated[
        Tier,
        typer.Option("--twin", help="On which twin.", rich_help_panel=_REHEARSAL),
    ] = Tier.AUTO,
    base: Annotated[
        str,
        typer.Option(
            "--base",
            metavar="REV|DIR",
            help="The twin gets this state first, with a job running, and then the change.",
            rich_help_panel=_REHEARSAL,
        ),
    ] = "",
    part: Annotated[
        str,
        typer.Option("--slice", help="Only these hosts or racks.", rich_help_panel=_REHEARSAL),
    ] = "",
    report: Annotated[
        Path | None,
        typer.Option(
            "--report", metavar="FILE", help="Write it as JSON, too.", rich_help_panel=_REHEARSAL
        ),
    ] = None,
    via: Annotated[
        Via,
        typer.Option("--via", help="What carries the plan out.", rich_help_panel=_APPLY),
    ] = Via.SSH,
    limit: Annotated[
        str,
        typer.Option(
            "--limit", metavar="NODESET", help="Touch only these hosts.", rich_help_panel=_APPLY
        ),
    ] = "",
    connect: Annotated[
        str,
        typer.Option(
            "--connect", metavar="twin", help="To the twin that is up.", rich_help_panel=_APPLY
        ),
    ] = "",
    journal: JournalFile = None,
    *,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Twin only, production is not contacted."),
    ] = False,
    keep: Annotated[
        bool,
        typer.Option("--keep", help="Leave the twin up.", rich_help_panel=_REHEARSAL),
    ] = False,
    yes: Annotated[
        bool,
        typer.Option("--yes", help="Do not ask.", rich_help_panel=_APPLY),
    ] = False,
    overwrite_drift: Annotated[
        bool,
        typer.Option(
            "--overwrite-drift", help="Overwrite manual edits, too.", rich_help_panel=_APPLY
        ),
    ] = False,
) -> int:
    """Rehearse the plan (--dry-run), or apply it to the hosts.

    Exit 14: some hosts are not as planned, `runs resume` goes on; 15: the rehearsal failed; 16:
    the plan is damaged or stale, or another run is at work.
    """
    if dry_run:
        return rehearse(source, Wishes(twin, base, part, stage, keep, report, output))
    if via is not Via.SSH:
        raise UsageError("--via pulumi is not part of this version", "There is: --via ssh.")
    if output not in (Format.TEXT, Format.JSON):
        raise UsageError(f"an apply is not printed as {output}", "There are: text, json.")
    wishes = applying.Wishes(
        yes=yes,
        limit=limit,
        overwrite_drift=overwrite_drift,
        connect=connect,
        journal=journal,
        stage=stage,
        output=outcome.Format(str(output)),
    )
    return applying.provision_hosts(source, wishes)
