"""What two plans have different, as a work order for the floor."""

from pathlib import Path
from typing import Annotated

import typer

from colossus.cli.opening import StageName, designed
from colossus.cli.views.document import as_json
from colossus.cli.views.messages import put, say
from colossus.cli.views.recabling import show_tasks
from colossus.cli.wiring_lists import ListFormat
from colossus.fabric.model import Fabric
from colossus.load.revision import load_revision
from colossus.load.site import SITE_FILE, load_site
from colossus.sheets.tables import as_csv
from colossus.wiring.changes import changes
from colossus.wiring.recabling import Task, tasks

COLUMNS = tuple(Task.__dataclass_fields__)


def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="A folder, or a revision of NEW.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="A folder; a revision with --at.")],
    at: Annotated[
        Path | None,
        typer.Option("--at", metavar="INV", help="The site, where OLD and NEW are revisions."),
    ] = None,
    output: Annotated[ListFormat, typer.Option("--format", help="How.")] = ListFormat.TEXT,
    stage: StageName = "",
) -> int:
    """Print the work order from one plan to another: cables to free, move, add, replace, remove.

    By step in a safe order, then by rack. Sheets for just these: `wiring sheets NEW --since OLD`.
    """
    site = at if at is not None else Path(new)
    after = _fabric(site, "" if at is None else new, stage)
    difference = changes(_fabric(site, old, stage), after)
    order = tasks(difference)
    if output is ListFormat.JSON:
        body = {"counts": difference.counts, "tasks": [task.document() for task in order]}
        put(as_json(body))
    elif output is ListFormat.CSV:
        rows = (tuple(task.document().values()) for task in order)
        put(as_csv(COLUMNS, rows).removesuffix("\n"))
    else:
        show_tasks(order, difference.counts)
    if order:
        say(f"sheets for just these: colossus wiring sheets {site} --since {old} --format pdf")
    return 0


def _fabric(site: Path, base: str, stage: str) -> Fabric:
    """Load a folder, or a revision of the site; empty = the site as it stands.

    A stage that the older site does not have yet is no fault of the comparison.
    """
    folder = Path(base) if base else site
    is_folder = (folder / SITE_FILE).is_file() or folder.is_file()
    loaded = load_site(folder) if is_folder or not base else load_revision(site, base)
    names = [each.name for each in loaded.accepted().stages]
    return designed(loaded, stage if stage in names or not base else "").designed.whole
