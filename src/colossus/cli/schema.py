"""Print the JSON Schema that editors use."""

from enum import StrEnum
from typing import Annotated

import typer

from colossus.cli.views.document import as_json
from colossus.cli.views.messages import put
from colossus.load.schemas import json_schema


class Kind(StrEnum):
    """Which files the schema describes."""

    CLUSTER = "cluster"
    CATALOG = "catalog"
    PLAYBOOK = "playbook"
    LOCK = "lock"
    PARTS = "parts"


def schema(
    kind: Annotated[Kind, typer.Argument(metavar="[KIND]", help="Of which file.")] = Kind.CLUSTER,
) -> int:
    """Print the JSON Schema that editors use.

    `# yaml-language-server: $schema=FILE` on the first line of a YAML file names it.
    """
    put(as_json(json_schema(kind)))
    return 0
