"""Pydantic's complaints in the operator's words: code, one sentence, what to do.

A validator may raise `PydanticCustomError("some-code", ...)`: a type with a dash is a code of ours
and passes through.
"""

from collections.abc import Callable, Sequence
from difflib import get_close_matches

from pydantic_core import ErrorDetails

from colossus.inventory.words import NAME_PATTERN

Words = tuple[str, str, str]

_WANTED = {
    "string_type": "text",
    "string_sub_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number of sane size",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "date_type": "a date (2027-03-31)",
    "date_parsing": "a date (2027-03-31)",
    "date_from_datetime_parsing": "a date (2027-03-31)",
    "date_from_datetime_inexact": "a date (2027-03-31)",
    "ip_v4_address": "an IPv4 address (10.0.0.1)",
    "ip_v4_network": "an IPv4 prefix (10.0.0.0/24)",
    "ip_v4_interface": "an IPv4 address with prefix length (10.0.0.1/24)",
    "ip_v6_address": "an IPv6 address",
    "ip_v6_network": "an IPv6 prefix",
}
_BOUNDS = {
    "greater_than": ("gt", "more than {}"),
    "greater_than_equal": ("ge", "{} or more"),
    "less_than": ("lt", "less than {}"),
    "less_than_equal": ("le", "{} or less"),
    "multiple_of": ("multiple_of", "a multiple of {}"),
}
_LENGTHS = {
    "too_short": ("min_length", "has {actual_length} entries, at least {min_length} are needed"),
    "too_long": ("max_length", "has more than the {max_length} entries allowed"),
    "string_too_short": ("min_length", "is shorter than {min_length} characters"),
    "string_too_long": ("max_length", "is longer than {max_length} characters"),
}


# Near enough for a slip of the finger ('rwo' for 'row'), too far for another word altogether.
_NEAR = 0.65
# What a pattern means, for those that operators meet.
_FORMS = {
    NAME_PATTERN: "a name has lower-case letters, digits and inner dashes, at most 63",
}


def fault_words(
    steps: tuple[str | int, ...],
    details: Sequence[ErrorDetails],
    keys: Sequence[str],
) -> Words:
    """Give code, summary and hint for the complaints about one value.

    keys: the keys known beside the value, for the nearest match.
    """
    name = _name(steps)
    if len(details) > 1 and (wanted := _wanted_by_all(details)):
        return _not_wanted(name, wanted, details[0]["input"])
    if details[0]["type"] == "extra_forbidden":
        return "schema-unknown-key", f"{name} is not known here", nearest(str(steps[-1]), keys)
    return _words_of_one(name, details[0])


def _words_of_one(name: str, detail: ErrorDetails) -> Words:
    kind = detail["type"]
    if detail["loc"] and detail["loc"][-1] == "[key]":
        _, summary, hint = _bad_form("the key", detail)
        return "schema-bad-key", summary, hint
    if kind in ("missing", "union_tag_not_found"):
        return "schema-missing", f"{name} is missing", "add it here"
    if detail["input"] is None and not detail["loc"]:
        return "schema-wrong-type", "the file is empty", "`colossus init` writes a starter"
    if detail["input"] is None:
        return "schema-wrong-type", f"{name} is empty", "give a value, or remove the key"
    for kinds, words in _TABLES:
        if kind in kinds:
            return words(name, detail)
    if "-" in kind:
        return kind, detail["msg"], str(detail.get("ctx", {}).get("hint", ""))
    message = str(detail["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return "schema-value", message, ""


def _wrong_type(name: str, detail: ErrorDetails) -> Words:
    return _not_wanted(name, _WANTED[detail["type"]], detail["input"])


def _not_wanted(name: str, wanted: str, found: object) -> Words:
    one_value = "a list" in wanted and not isinstance(found, (dict, list))
    hint = f"write [{found}]" if one_value else ""
    return "schema-wrong-type", f"{name} must be {wanted}, not {shown(found)}", hint


def _out_of_range(name: str, detail: ErrorDetails) -> Words:
    key, words = _BOUNDS[detail["type"]]
    bound = words.format(detail.get("ctx", {}).get(key))
    return "schema-out-of-range", f"{name} is {shown(detail['input'])}; it must be {bound}", ""


def _wrong_length(name: str, detail: ErrorDetails) -> Words:
    words = _LENGTHS[detail["type"]][1].format(**detail.get("ctx", {}))
    return "schema-out-of-range", f"{name} {words}", ""


def _bad_form(name: str, detail: ErrorDetails) -> Words:
    pattern = detail.get("ctx", {}).get("pattern", "")
    return (
        "schema-bad-form",
        f"{name} is {shown(detail['input'])}, which is not of the form wanted here",
        _FORMS.get(pattern, f"it must match {pattern}"),
    )


def _not_a_choice(name: str, detail: ErrorDetails) -> Words:
    context = detail.get("ctx", {})
    listed = str(context.get("expected", context.get("expected_tags", "")))
    choices = [word.strip(" '") for word in listed.replace(" or ", ", ").split(",")]
    found = context.get("tag", detail["input"])
    return (
        "schema-not-a-choice",
        f"{name} is {shown(found)}, which is not a choice here",
        nearest(str(found), choices, "choices"),
    )


_TABLES: tuple[tuple[tuple[str, ...], Callable[[str, ErrorDetails], Words]], ...] = (
    (tuple(_WANTED), _wrong_type),
    (tuple(_BOUNDS), _out_of_range),
    (tuple(_LENGTHS), _wrong_length),
    (("string_pattern_mismatch",), _bad_form),
    (("literal_error", "enum", "union_tag_invalid"), _not_a_choice),
)


def _wanted_by_all(details: Sequence[ErrorDetails]) -> str:
    """Join what the branches of a union want; empty where one of them complains otherwise."""
    wanted: list[str] = []
    for detail in details:
        if detail["type"] in _WANTED:
            wanted.append(_WANTED[detail["type"]])
        elif detail["type"] in ("literal_error", "enum"):
            wanted.append(str(detail.get("ctx", {}).get("expected", "")))
        else:
            return ""
    return " or ".join(dict.fromkeys(wanted))


def _name(steps: tuple[str | int, ...]) -> str:
    """Name a value as the operator reads it: its key, or its place in a list."""
    if not steps:
        return "the file"
    last = steps[-1]
    if isinstance(last, str):
        return repr(last)
    lists = [step for step in steps if isinstance(step, str)]
    return f"item {last + 1} of {lists[-1]!r}" if lists else f"item {last + 1}"


def shown(value: object) -> str:
    """Show a value inside a sentence; collections by their kind, long text shortened."""
    if value is None:
        return "empty"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    limit = 60
    short = text if len(text) <= limit else f"{text[: limit - 1]}…"
    return short if isinstance(value, (int, float)) else repr(short)


def nearest(word: str, choices: Sequence[str], title: str = "known keys") -> str:
    """Give the hint for a word that is none of the choices: the nearest one, or all of them."""
    matches = get_close_matches(word, choices, n=1, cutoff=_NEAR)
    if matches:
        return f"did you mean {matches[0]!r}?"
    listed = ", ".join(choices)
    return f"{title}: {listed}" if listed else ""
