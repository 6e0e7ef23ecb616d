"""Write a commented starter site into an empty folder."""

import re
import shutil
from pathlib import Path
from typing import Annotated

import typer

from colossus.cli.views.document import as_json
from colossus.cli.views.messages import put
from colossus.errors import UsageError
from colossus.inventory.words import NAME_PATTERN
from colossus.load.files import shown_path
from colossus.load.schemas import json_schema
from colossus.load.site import SITE_FILE
from colossus.load.writing import write_text
from colossus.share import share

SCHEMA_FILE = "cluster.schema.json"
_STARTER_NAME = "starter"


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder: new, or empty.")],
) -> int:
    """Write a commented starter site into an empty folder.

    Nothing is ever overwritten: a folder that holds anything is refused.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{shown_path(folder)} is a file", "name a new or empty folder")
    if folder.is_dir() and any(folder.iterdir()):
        raise UsageError(f"{shown_path(folder)} is not empty", "name a new or empty folder")
    starter = share("inventory") / "sites" / "starter"
    try:
        shutil.copytree(starter, folder, dirs_exist_ok=True)
    except OSError as problem:
        raise UsageError(f"{shown_path(folder)} cannot be written: {problem.strerror}") from problem
    site = folder / SITE_FILE
    write_text(site, _named(site.read_text(encoding="utf-8"), folder))
    write_text(folder / SCHEMA_FILE, as_json(json_schema("cluster")) + "\n")
    put(f"wrote {shown_path(site)}; next: colossus check {shown_path(folder)}")
    return 0


def _named(text: str, folder: Path) -> str:
    """Name the cluster after its folder, where that is a name."""
    name = folder.resolve().name
    if not re.fullmatch(NAME_PATTERN, name):
        return text
    return text.replace(_STARTER_NAME, name)
