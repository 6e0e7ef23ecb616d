"""List, show and import hardware models."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from colossus.cli.show import Format
from colossus.cli.views.catalog import show_import, show_item, show_items
from colossus.cli.views.document import as_json
from colossus.cli.views.messages import put
from colossus.diagnostics import Diagnostics, Places
from colossus.errors import InventoryRefused, UsageError
from colossus.inventory.catalog import CatalogItem, Mounted, Switch
from colossus.load.catalog import Catalogue
from colossus.load.faults import nearest
from colossus.load.files import Sources, shown_path
from colossus.load.netbox import import_record
from colossus.load.refused import SiteRefused
from colossus.load.writing import write_text

app = typer.Typer(help="List, show and import hardware models.", no_args_is_help=True)

Site = Annotated[
    Path,
    typer.Option("--site", metavar="INV", help="Include the models of this site's catalog/."),
]
Output = Annotated[Format, typer.Option("--format", help="How to print.")]


class Kind(StrEnum):
    """What a record describes, where it does not show."""

    SERVER = "server"
    SWITCH = "switch"


@app.command("list")
def list_models(
    site: Site = Path(),
    output: Output = Format.TEXT,
    kind: Annotated[
        str, typer.Option("--kind", help="Only servers, switches, racks, …: `--kind switch`.")
    ] = "",
) -> int:
    """List every hardware model: the shipped ones and the site's own."""
    items = _read(site, None)
    kinds = sorted({item.kind for item in items.values()})
    if kind and kind not in kinds:
        raise UsageError(f"the catalogue has no kind {kind!r}", nearest(kind, kinds, "kinds"))
    rows = [_row(name, item) for name, item in items.items() if kind in ("", item.kind)]
    if output is Format.JSON:
        put(as_json({"models": rows}))
    else:
        show_items(rows)
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


@app.command("import")
def import_model(
    record: Annotated[Path, typer.Argument(metavar="FILE", help="A NetBox device type, as YAML.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Write DIR/<vendor>/<model>.yaml."),
    ] = None,
    kind: Annotated[Kind | None, typer.Option("--kind", help="What the device is.")] = None,
    site: Site = Path(),
    output: Output = Format.TEXT,
    *,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file.")] = False,
) -> int:
    """Convert a NetBox device type to our form and say what is doubtful about it.

    Exit 0: converted, perhaps with warnings; 10: it cannot be converted. Without --out the model
    is printed.
    """
    document = Sources().read(record, record.name)
    imported = import_record(document, _read(site, None), kind.value if kind else None)
    file = None
    if out is not None and imported.text:
        file = out / f"{imported.name}.yaml"
        if file.exists() and not overwrite:
            raise UsageError(f"{shown_path(file)} exists", "--overwrite replaces it")
        write_text(file, imported.text)
    show_import(imported, shown_path(file) if file else "", as_document=output is Format.JSON)
    return 0 if imported.text else InventoryRefused.exit_status


def _row(reference: str, item: CatalogItem) -> dict[str, object]:
    return {
        "model": reference,
        "kind": item.kind,
        "description": item.description,
        "provenance": str(item.provenance),
        "height_u": getattr(item, "height_u", None),
        "weight_kg": item.weight_kg,
        "max_watts": item.power.max_watts if isinstance(item, Mounted) else None,
        "radix": _radix(item),
    }


def _radix(item: CatalogItem) -> int | None:
    """Give the ports of a switch when its cages are split as far as they go."""
    if not isinstance(item, Switch):
        return None
    return max((group.radix for group in item.ports), default=None)


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
