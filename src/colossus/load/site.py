"""An inventory folder into models, with every finding and its line.

INV is a folder with `cluster.yaml`, or that file. Beside it may lie `cluster.lock`, `assets.csv`
and a `catalog/` folder that wins over the shipped catalogue, model by model. Only models that the
site refers to are read.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from colossus.diagnostics import Diagnostics, Places
from colossus.inventory.assets import Asset
from colossus.inventory.catalog import CatalogItem
from colossus.inventory.locks import Lock
from colossus.inventory.parts import NO_PARTS, Parts
from colossus.inventory.references import resolve
from colossus.inventory.site import Site
from colossus.load.assets import load_assets
from colossus.load.catalog import Catalogue
from colossus.load.files import Sources, shown_path
from colossus.load.parts import load_parts
from colossus.load.refused import SiteRefused
from colossus.load.schema import validated
from colossus.load.yaml import Document, Value, joined
from colossus.share import share

SITE_FILE = "cluster.yaml"
LOCK_FILE = "cluster.lock"

_SITE: TypeAdapter[Site] = TypeAdapter(Site)
_LOCK: TypeAdapter[Lock] = TypeAdapter(Lock)


@dataclass(frozen=True)
class Loaded:
    """What was read: the models as far as they are valid, and everything found on the way.

    site is None when it cannot be built. catalog holds the models the site refers to and that are
    valid. Paths of places: those of cluster.yaml bare (`racks[0].u`), `lock`, `assets` and
    `catalog.<vendor>/<model>` before those of the other files. folder holds cluster.yaml. digest
    is the SHA-256 of every file read.
    """

    site: Site | None
    catalog: dict[str, CatalogItem]
    lock: Lock | None
    places: Places
    diagnostics: Diagnostics
    folder: Path
    digest: str
    assets: tuple[Asset, ...] = ()
    parts: Parts = NO_PARTS

    def accepted(self) -> Site:
        """Give the site when nothing is wrong with it.

        Raises:
            SiteRefused: at least one error was found.
        """
        if self.site is None or self.diagnostics.failed:
            raise SiteRefused(f"{shown_path(self.folder)} cannot be loaded", self.diagnostics)
        return self.site


def load_site(path: Path, shown_below: Path | None = None) -> Loaded:
    """Read an inventory: YAML, lock and catalogue into models. Never raises for what is in them.

    shown_below: a folder left out of the file names in findings (a revision's scratch copy).
    """
    folder = path.parent if path.is_file() else path
    file = path if path.is_file() else path / SITE_FILE
    with _without_collector():
        return _load(folder, file, Sources(shown_below))


def _load(folder: Path, file: Path, sources: Sources) -> Loaded:
    document = sources.read(file, SITE_FILE)
    documents, findings = [document], list(document.findings)
    site: Site | None = None
    if not _unparsed(document):
        site, faults = validated(_SITE, document)
        findings += faults
    lock = None
    if (folder / LOCK_FILE).is_file():
        lock_document = sources.read(folder / LOCK_FILE, LOCK_FILE, root="lock")
        documents.append(lock_document)
        findings += lock_document.findings
        if not _unparsed(lock_document):
            lock, faults = validated(_LOCK, lock_document, root="lock")
            findings += faults
    assets, assets_document = load_assets(folder, sources)
    documents.append(assets_document)
    findings += assets_document.findings
    parts, parts_documents, parts_findings = load_parts(folder, sources)
    documents += parts_documents
    findings += parts_findings
    catalogue = Catalogue(folder, sources)
    models = dict(_models_named(document.value))
    items = catalogue.read(models)
    findings += catalogue.findings
    if site is not None:
        missing = {path for path, model in models.items() if model not in items}
        dangling = resolve(site, items, _playbooks(folder))
        # A model that is missing or faulty has been reported with the whole catalogue in mind.
        findings += [each for each in dangling if each.where.path not in missing]
    places = Places(_places([*documents, *catalogue.documents]))
    return Loaded(
        site=site,
        catalog=items,
        lock=lock,
        places=places,
        diagnostics=Diagnostics(findings).located(places),
        folder=folder,
        digest=sources.digest(),
        assets=assets,
        parts=parts,
    )


def _playbooks(folder: Path) -> set[str]:
    """Give the names of the playbooks that the site could use: its own and the shipped ones."""
    roots = (folder / "playbooks", share("playbooks", folder))
    return {path.parent.name for root in roots for path in root.glob("*/playbook.yaml")}


def _unparsed(document: Document) -> bool:
    """Whether there is nothing to validate because the reader has refused the file."""
    return document.value is None and bool(document.findings)


def _places(documents: list[Document]) -> dict[str, tuple[str, int, int]]:
    merged: dict[str, tuple[str, int, int]] = {}
    for document in documents:
        merged |= document.places
    return merged


def _models_named(value: Value, path: str = "") -> Iterator[tuple[str, str]]:
    """Find every `model: vendor/model`; give its authored path and the reference."""
    if isinstance(value, dict):
        for key, entry in value.items():
            below = joined(path, key)
            if key == "model" and isinstance(entry, str):
                yield below, entry
            yield from _models_named(entry, below)
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _models_named(entry, f"{path}[{index}]")


@contextmanager
def _without_collector() -> Iterator[None]:
    """Switch the cyclic collector off: it doubles the time of reading and finds nothing here."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
