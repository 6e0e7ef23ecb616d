"""Rehearse the plan, or apply it to the hosts."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from colossus.cli.journals import JournalFile
from colossus.cli.opening import StageName
from colossus.cli.rehearsal import Tier
from colossus.cli.views.rehearsal import Format
from colossus.errors import UsageError


class Via(StrEnum):
    """What carries the plan to the hosts."""

    SSH = "ssh"
    PULUMI = "pulumi"


Source = Annotated[
    Path,
    typer.Argument(metavar="INV_OR_PLAN", help="A site, or a plan that `plan --out` saved."),
]
_DRY = "Dry run"


def provision(
    source: Source,
    limit: Annotated[
        str,
        typer.Option("--limit", metavar="NODESET", help="Only these: gpu-[01-04], rack=a01."),
    ] = "",
    connect: Annotated[
        str,
        typer.Option("--connect", metavar="twin", help="Apply to the twin that is up."),
    ] = "",
    via: Annotated[Via, typer.Option("--via", help="What carries the plan.")] = Via.SSH,
    policy: Annotated[
        Path | None,
        typer.Option(
            "--policy",
            metavar="DIR",
            exists=True,
            help="With --via pulumi: a policy pack that the change must pass first.",
        ),
    ] = None,
    stage: StageName = "",
    output: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TEXT,
    journal: JournalFile = None,
    twin: Annotated[
        Tier,
        typer.Option("--twin", help="Which twin; auto chooses.", rich_help_panel=_DRY),
    ] = Tier.AUTO,
    base: Annotated[
        str,
        typer.Option(
            "--base",
            metavar="REV|DIR",
            help="Bring the twin to this state first, then rehearse the change.",
            rich_help_panel=_DRY,
        ),
    ] = "",
    part: Annotated[
        str,
        typer.Option(
            "--slice",
            metavar="EXPR",
            help="Only these hosts, racks or parts (unit=1, pod=1,thin=2) and the switches between;"
            " auto: the smallest slice that shows every role, tier and rail.",
            rich_help_panel=_DRY,
        ),
    ] = "",
    faults: Annotated[
        Path | None,
        typer.Option(
            "--faults",
            metavar="FILE",
            help="Break this on purpose: lines like `swap A:PORT B:PORT` (see docs/rehearsal.md).",
            rich_help_panel=_DRY,
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report",
            metavar="FILE",
            help="Write the report as JSON too.",
            rich_help_panel=_DRY,
        ),
    ] = None,
    min_verbatim: Annotated[
        float,
        typer.Option(
            "--min-verbatim",
            metavar="PERCENT",
            min=0,
            max=100,
            help="Fail where fewer of the steps are rehearsed exactly as written.",
            rich_help_panel=_DRY,
        ),
    ] = 0.0,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    overwrite_drift: Annotated[
        bool,
        typer.Option("--overwrite-drift", help="Overwrite what was edited by hand."),
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Rehearse on a virtual cluster.", rich_help_panel=_DRY),
    ] = False,
    keep: Annotated[
        bool,
        typer.Option("--keep", help="Leave the twin up afterwards.", rich_help_panel=_DRY),
    ] = False,
) -> int:
    """Rehearse the plan, or apply it to the hosts.

    --dry-run builds the site as a virtual cluster, applies the very plan there and proves it;
    production is not contacted. Without it the plan is shown, then applied over SSH.

    Exit 14: some hosts are not as planned, the others are. 15: the rehearsal failed or is not
    possible here. 16: the plan is damaged or stale, or a policy forbids it.
    """
    if policy and via is not Via.PULUMI:
        raise UsageError("--policy is for Pulumi's policy packs", "Add --via pulumi.")
    if dry_run:
        if via is Via.PULUMI:
            raise UsageError(
                "a dry run applies to its own twin, without Pulumi",
                "To rehearse Pulumi too: `twin up`, then provision --connect twin --via pulumi.",
            )
        if limit or connect or yes or overwrite_drift or journal:
            raise UsageError(
                "--limit, --connect, --yes, --overwrite-drift and --journal are for an apply",
                "A dry run takes --slice, --twin, --base, --keep and --report.",
            )
        from colossus.cli.rehearsal import Wishes as DryRun
        from colossus.cli.rehearsal import rehearse

        wishes = DryRun(twin, base, part, stage, keep, faults, report, output, min_verbatim)
        return rehearse(source, wishes)
    if base or part or report or keep or faults or min_verbatim or twin is not Tier.AUTO:
        raise UsageError(
            "--twin, --base, --slice, --faults, --report, --min-verbatim and --keep are for a"
            " rehearsal",
            "Add --dry-run.",
        )
    from colossus.cli.applying import Wishes, provision_hosts
    from colossus.cli.views.outcome import Format as Printed

    if output not in (Format.TEXT, Format.JSON):
        raise UsageError(f"--format {output} is for a rehearsal", "An apply prints text or json.")
    printed = Printed(str(output))
    return provision_hosts(
        source,
        Wishes(
            *(yes, limit, overwrite_drift, connect, journal, stage, printed),
            pulumi=via is Via.PULUMI,
            policy=policy,
        ),
    )
