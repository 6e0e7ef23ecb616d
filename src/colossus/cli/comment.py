"""Write the comment for a change: new findings, the folded plan, the rehearsal."""

from pathlib import Path
from typing import Annotated

import typer

from colossus.cli.check import all_findings, new_since
from colossus.cli.known import Known, from_revision
from colossus.cli.opening import Inventory, StageName, designed
from colossus.cli.plan import diffs_of, made_of
from colossus.cli.targets import rendered
from colossus.cli.views.comment import LIMIT, Told, as_comment
from colossus.cli.views.messages import put, say
from colossus.errors import UsageError
from colossus.load.revision import load_revision
from colossus.load.site import load_site
from colossus.load.writing import write_text
from colossus.plan.model import Plan
from colossus.twin.report import Report, read_report


def comment(
    inventory: Inventory,
    base: Annotated[
        str, typer.Option("--base", metavar="REV|DIR", help="What the change is compared with.")
    ],
    stage: StageName = "",
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE", help="What `provision --dry-run` wrote there."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write it there.")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", min=2000, help="Characters that the host takes at most.")
    ] = LIMIT,
) -> None:
    """Write the comment for a change: new findings, the folded plan, the rehearsal.

    Markdown for GitHub or GitLab; its first line is a marker by which a pipeline finds the comment
    again and updates it in place (docs/ci). A report that is missing is said to be missing.
    """
    loaded = load_site(inventory)
    findings = all_findings(loaded, stage)
    before = all_findings(load_revision(inventory, base), "")
    made, known = None, None
    if not findings.failed:
        made, known = _planned(inventory, base, stage)
    told = Told(
        cluster=loaded.site.cluster if loaded.site else inventory.name,
        findings=new_since(findings, before),
        plan=made,
        diffs=diffs_of(made, known) if made and known else {},
        report=_report(report),
    )
    text = as_comment(told, limit)
    if out is None:
        put(text.rstrip("\n"))
    else:
        write_text(out, text)
        say(f"{out}: {len(text)} characters")


def _planned(inventory: Path, base: str, stage: str) -> tuple[Plan, Known]:
    site = designed(load_site(inventory), stage)
    known = from_revision(inventory, base, stage, rendered(site).desired)
    return made_of(site, known), known


def _report(file: Path | None) -> Report | None:
    if file is None or not file.exists():
        return None
    try:
        return read_report(file.read_text(encoding="utf-8"), str(file))
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(f"{file} cannot be read: {problem}") from problem
