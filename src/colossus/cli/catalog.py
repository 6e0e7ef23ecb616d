"""List and show hardware models."""

from pathlib import Path
from typing import Annotated

import typer

from colossus.cli.show import Format
from colossus.cli.views.catalog import show_item, show_items
from colossus.cli.views.document import as_json
from colossus.cli.views.messages import put
from colossus.diagnostics import Diagnostics, Places
from colossus.errors import UsageError
from colossus.inventory.catalog import CatalogItem
from colossus.load.catalog import Catalogue
from colossus.load.faults import nearest
from colossus.load.files import Sources
from colossus.load.refused import SiteRefused

app = typer.Typer(help="List and show hardware models.", no_args_is_help=True)

Site = Annotated[
    Path,
    typer.Option("--site", metavar="INV", help="Include the models of this site's catalog/."),
]
Output = Annotated[Format, typer.Option("--format", help="How to print.")]


@app.command("list")
def list_models(site: Site = Path(), output: Output = Format.TEXT) -> int:
    """List every hardware model: the shipped ones and the site's own."""
    items = _read(site, None)
    if output is Format.JSON:
        put(as_json({"models": [_row(reference, item) for reference, item in items.items()]}))
    else:
        show_items([_row(reference, item) for reference, item in items.items()])
    return 0


@app.command("show")
def show_model(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="vendor/model")],
    site: Site = Path(),
    output: Output = Format.TEXT,
) -> int:
    """Show one hardware model with the provenance of its facts."""
    item = _read(site, model)[model]
    if output is Format.JSON:
        put(as_json({"model": item.model_dump(mode="json")}))
    else:
        show_item(item.model_dump(mode="json", exclude_none=True, exclude_defaults=True))
    return 0


def _row(reference: str, item: CatalogItem) -> dict[str, object]:
    return {
        "model": reference,
        "kind": item.kind,
        "description": item.description,
        "provenance": str(item.provenance),
        "height_u": getattr(item, "height_u", None),
        "weight_kg": item.weight_kg,
    }


def _read(site: Path, model: str | None) -> dict[str, CatalogItem]:
    """Read one model or all; raises UsageError for an unknown one, SiteRefused for faulty files."""
    catalogue = Catalogue(site.parent if site.is_file() else site, Sources())
    names = catalogue.names()
    if model is not None and model not in names:
        raise UsageError(f"the catalogue has no model {model!r}", nearest(model, names, "models"))
    wanted = names if model is None else [model]
    items = catalogue.read({f"catalog.{name}": name for name in wanted})
    if catalogue.findings:
        places = Places({k: v for each in catalogue.documents for k, v in each.places.items()})
        found = Diagnostics(catalogue.findings).located(places)
        raise SiteRefused("the catalogue cannot be read", found)
    return items
