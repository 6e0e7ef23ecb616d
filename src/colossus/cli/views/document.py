"""JSON documents: sorted keys, and the version of their shape in each."""

import json
from collections.abc import Mapping
from typing import Any

SCHEMA_VERSION = 1


def as_json(body: Mapping[str, Any]) -> str:
    """Give a JSON document with `schema_version`; the same body gives the same bytes."""
    document = {"schema_version": SCHEMA_VERSION, **body}
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False)
