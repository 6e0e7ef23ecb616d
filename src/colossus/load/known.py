"""Which keys a model knows at a place, for hints like "did you mean `rack`?".

Asked of the JSON Schema that editors get too, so that hints and editors agree. Used only once
something is wrong: making the schema costs milliseconds.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Protocol, TypeVar

Schema = dict[str, Any]
Model_co = TypeVar("Model_co", covariant=True)


class Shape(Protocol[Model_co]):
    """What validates values and knows its JSON Schema: pydantic's `TypeAdapter`."""

    def validate_python(self, value: Any, /) -> Model_co:  # noqa: ANN401 - as pydantic has it
        """Give the model of a plain value, or raise pydantic's ValidationError."""

    def json_schema(self) -> Schema:
        """Give the JSON Schema of the model."""

    def __hash__(self) -> int: ...


def known_keys(adapter: Shape[object], value: object, steps: Sequence[str | int]) -> list[str]:
    """Give the keys known beside the last step, or in the root for no steps.

    Where several models are possible, those that contradict the value's literals are left out.
    """
    schema = _schema_of(adapter)
    candidates = list(_alternatives(schema, schema, value))
    for step in steps[:-1]:
        value = _below(value, step)
        candidates = [
            alternative
            for candidate in candidates
            for alternative in _alternatives(schema, _step(candidate, step), value)
        ]
    keys = [key for candidate in candidates for key in candidate.get("properties", {})]
    return list(dict.fromkeys(keys))


@cache
def _schema_of(adapter: Shape[object]) -> Schema:
    return adapter.json_schema()


def _below(value: object, step: str | int) -> object:
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None


def _step(candidate: Schema, step: str | int) -> Schema:
    """Give the schema of one entry or item."""
    if isinstance(step, int):
        return dict(candidate.get("items", {}))
    properties = candidate.get("properties", {})
    if step in properties:
        return dict(properties[step])
    others = candidate.get("additionalProperties")
    return dict(others) if isinstance(others, dict) else {}


def _alternatives(root: Schema, schema: Schema, value: object) -> Iterator[Schema]:
    """Resolve references and unions into plain schemas that may describe the value."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rsplit("/", 1)[1]
        yield from _alternatives(root, root["$defs"][name], value)
        return
    branches = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]
    if not branches:
        if not _contradicts(schema, value):
            yield schema
        return
    for branch in branches:
        yield from _alternatives(root, branch, value)


def _contradicts(schema: Schema, value: object) -> bool:
    """Whether a literal of the schema (`kind: server`) differs from the value's."""
    if not isinstance(value, dict):
        return False
    return any(
        key in value and value[key] != part["const"]
        for key, part in schema.get("properties", {}).items()
        if "const" in part
    )
