"""Write wiring sheets, export cables, verify what was cabled."""

import typer

from colossus.cli.wiring_diff import diff
from colossus.cli.wiring_export import export
from colossus.cli.wiring_import import import_cables
from colossus.cli.wiring_lists import bom, labels, pulls
from colossus.cli.wiring_record import record, status
from colossus.cli.wiring_sheets import sheets
from colossus.cli.wiring_verify import verify

app = typer.Typer(help=(__doc__ or "").partition("\n")[0], no_args_is_help=True)


app.command()(export)
app.command()(sheets)
app.command()(labels)
app.command()(bom)
app.command()(pulls)
app.command()(diff)
app.command()(record)
app.command()(status)
app.command("import")(import_cables)
app.command()(verify)
