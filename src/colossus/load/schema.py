"""Values against the pydantic models, every fault as a finding in the operator's words.

A model is validated at most twice: where the first pass wanted text and the value is a plain
number or truth value, the second pass gets the source text that the reader kept. So
`version: 22.05` is the text `22.05` for a model that wants text, and a number for one that wants
a number, and no model needs to know about YAML.
"""

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from colossus.diagnostics import Diagnostic, Severity, Where
from colossus.load.faults import fault_words
from colossus.load.known import Shape, known_keys
from colossus.load.yaml import Document, Value, joined

Model = TypeVar("Model")

# The complaints that source text can cure: text, or one of some texts, was wanted.
_WANTS_TEXT = ("string_type", "literal_error", "enum")
# Complaints about a list or mapping as a whole.
_OF_THE_WHOLE = frozenset(
    {"too_short", "list_type", "tuple_type", "dict_type", "model_type", "model_attributes_type"},
)
_MEANT = re.compile(r"did you mean '(.+)'\?")
Step = str | int


@dataclass(frozen=True, slots=True)
class _Fault:
    """One complaint of pydantic, at the steps that lead to it in the authored value."""

    steps: tuple[Step, ...]
    details: ErrorDetails


def validated(
    adapter: Shape[Model],
    document: Document,
    root: str = "",
) -> tuple[Model | None, list[Diagnostic]]:
    """Validate a document; give the model, or None and what is wrong with it."""
    model, faults = _attempt(adapter, document.value)
    replaced, value = _with_source_text(faults, document, root)
    if replaced:
        first = faults
        model, second = _attempt(adapter, value)
        # Text did not help there either: complain about the number the operator sees.
        unhelped = {fault.steps for fault in second} & replaced
        faults = [fault for fault in second if fault.steps not in unhelped]
        faults += [fault for fault in first if fault.steps in unhelped]
    return model, _findings(faults, adapter, document, root)


def _attempt(
    adapter: Shape[Model],
    value: Value,
) -> tuple[Model | None, list[_Fault]]:
    try:
        return adapter.validate_python(value), []
    except ValidationError as problem:
        details = problem.errors(include_url=False)
        return None, [_Fault(_authored_steps(value, each), each) for each in details]


def _authored_steps(value: Value, details: ErrorDetails) -> tuple[Step, ...]:
    """Turn pydantic's location into steps through the authored value.

    Pydantic adds the tags of unions and the names of validators; whatever leads nowhere in the
    value is such a tag, except the last step of a missing key.
    """
    steps: list[Step] = []
    here = value
    for index, step in enumerate(details["loc"]):
        last = index == len(details["loc"]) - 1
        if isinstance(here, dict) and str(step) in here:
            steps.append(str(step))
            here = here[str(step)]
        elif isinstance(here, list) and isinstance(step, int) and step < len(here):
            steps.append(step)
            here = here[step]
        elif last and details["type"] == "missing":
            steps.append(step)
    if details["type"].startswith("union_tag"):
        steps.append(str(details["ctx"]["discriminator"]).strip("'"))
    return tuple(steps)


def _with_source_text(
    faults: Sequence[_Fault],
    document: Document,
    root: str,
) -> tuple[set[tuple[Step, ...]], Value]:
    """Give the steps where source text can replace a value, and the value with it replaced."""
    texts = {
        fault.steps: document.texts[path]
        for fault in faults
        if fault.details["type"] in _WANTS_TEXT
        and (path := path_of(fault.steps, root)) in document.texts
    }
    if not texts:
        return set(), document.value
    value = deepcopy(document.value)
    for steps, text in texts.items():
        _replace(value, steps, text)
    return set(texts), value


def _replace(value: Value, steps: tuple[Step, ...], text: str) -> None:
    here = value
    for step in steps[:-1]:
        here = here[step]  # type: ignore[index] # these steps led through `value`
    here[steps[-1]] = text  # type: ignore[index] # as above


def path_of(steps: tuple[Step, ...], root: str = "") -> str:
    """Write steps as an authored path: `racks[0].devices[1].u`."""
    path = root
    for step in steps:
        path = f"{path}[{step}]" if isinstance(step, int) else joined(path, step)
    return path


def _findings(
    faults: Sequence[_Fault],
    adapter: Shape[Model],
    document: Document,
    root: str,
) -> list[Diagnostic]:
    """Translate the faults; several about one value (the branches of a union) become one."""
    grouped: dict[tuple[Step, ...], list[ErrorDetails]] = {}
    for fault in faults:
        grouped.setdefault(fault.steps, []).append(fault.details)
    read_faults = {finding.where.path for finding in document.findings}
    findings: list[Diagnostic] = []
    for steps, details in grouped.items():
        path = path_of(steps, root)
        # One root finding per fault: the reader has said it already, or an entry's own fault
        # makes its list too short.
        if path in read_faults or _only_follows(steps, details, grouped):
            continue
        keys = known_keys(adapter, document.value, steps)
        code, summary, hint = fault_words(steps, details, keys)
        where = Where(path, *_place(document, path, code))
        findings.append(Diagnostic(Severity.ERROR, code, where, summary, hint))
    return _with_causes(findings)


def _only_follows(
    steps: tuple[Step, ...],
    details: Sequence[ErrorDetails],
    grouped: Mapping[tuple[Step, ...], object],
) -> bool:
    """Whether complaints about a whole value only follow from faults of its parts.

    A list is too short because pydantic left its faulty entries out, or a value with a faulty
    part is also not what another branch of the union wants.
    """
    of_the_whole = all(detail["type"] in _OF_THE_WHOLE for detail in details)
    return of_the_whole and any(
        len(other) > len(steps) and other[: len(steps)] == steps for other in grouped
    )


def _with_causes(findings: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Mark a missing key as the consequence of its own misspelling beside it."""
    misspelled = {
        joined(_parent(finding.where.path), meant.group(1)): finding
        for finding in findings
        if finding.code == "schema-unknown-key" and (meant := _MEANT.match(finding.hint))
    }
    return [
        replace(finding, caused_by=f"{root.code} at {root.where}")
        if finding.code == "schema-missing" and (root := misspelled.get(finding.where.path))
        else finding
        for finding in findings
    ]


def _parent(path: str) -> str:
    return path.rpartition(".")[0]


def _place(document: Document, path: str, code: str) -> tuple[str, int, int]:
    """Give where a fault stands: an unknown key at the key, everything else at its value."""
    if code in ("schema-unknown-key", "schema-bad-key") and path in document.keys:
        return document.keys[path]
    while path not in document.places and path:
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return document.places.get(path, (document.file, 0, 0))
