"""Hardware models by reference: `vendor/model` is the file `catalog/<vendor>/<model>.yaml`.

A site's own `catalog/` wins over the shipped one, model by model.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import TypeAdapter

from colossus.diagnostics import Diagnostic, Severity, Where, error
from colossus.inventory.catalog import CatalogItem
from colossus.load.faults import nearest
from colossus.load.files import Sources
from colossus.load.schema import validated
from colossus.load.yaml import Document
from colossus.share import share

_ITEM: TypeAdapter[CatalogItem] = TypeAdapter(CatalogItem)
# A reference becomes a path, so nothing else may reach the file system.
_REFERENCE = re.compile(r"[a-z0-9][a-z0-9.-]*/[a-z0-9][a-z0-9.+-]*")


class Catalogue:
    """The catalogue as one site sees it; findings and documents collect what reading showed."""

    def __init__(self, folder: Path, sources: Sources) -> None:
        self._folders = (folder / "catalog", share("inventory", folder) / "catalog")
        self._sources = sources
        self.findings: list[Diagnostic] = []
        self.documents: list[Document] = []

    def names(self) -> list[str]:
        """Give every model there is, as references, sorted."""
        found = {
            f"{path.parent.name}/{path.stem}"
            for folder in self._folders
            for path in folder.glob("*/*.yaml")
        }
        return sorted(found)

    def read(self, references: Mapping[str, str]) -> dict[str, CatalogItem]:
        """Read the models referred to (authored path → reference); a missing one is a finding."""
        items: dict[str, CatalogItem] = {}
        seen: set[str] = set()
        for path, reference in references.items():
            if not _REFERENCE.fullmatch(reference):
                continue  # the site's own schema says so
            file = self._file(reference)
            if file is None:
                self.findings.append(self._unknown(path, reference))
            elif reference not in seen:
                seen.add(reference)
                item = self._item(file, reference)
                if item is not None:
                    items[reference] = item
        return items

    def _file(self, reference: str) -> Path | None:
        candidates = (folder / f"{reference}.yaml" for folder in self._folders)
        return next((file for file in candidates if file.is_file()), None)

    def _item(self, file: Path, reference: str) -> CatalogItem | None:
        root = f"catalog.{reference}"
        document = self._sources.read(file, f"catalog/{reference}.yaml", root)
        self.documents.append(document)
        self.findings += document.findings
        if document.value is None and document.findings:
            return None
        item, faults = validated(_ITEM, document, root)
        self.findings += faults
        if item is not None and f"{item.vendor}/{item.model}" != reference:
            self.findings.append(_misnamed(document, root, reference))
        return item

    def _unknown(self, path: str, reference: str) -> Diagnostic:
        return error(
            "reference-unknown",
            path,
            f"the catalogue has no model {reference!r}",
            nearest(reference, self.names(), "models"),
        )


def _misnamed(document: Document, root: str, reference: str) -> Diagnostic:
    return Diagnostic(
        Severity.ERROR,
        "catalog-name",
        Where(root, *document.places[f"{root}.model"]),
        f"the file of {reference!r} describes another vendor or model",
        "make vendor and model those of the folder and file name",
    )
