"""The one YAML dialect: YAML 1.2 core, read strictly, every value with its file, line and column.

What differs from PyYAML's defaults, and why (each has cost somebody a night):

- `no`, `on`, `22:22`, `10:20:30:40:50:55`, `2026-01-02` are text; only `true`, `false`, `null`, `~`
  and the numbers of the 1.2 core schema mean something else. Keys are always text.
- A plain scalar that reads as a number or truth value keeps its source text beside its value
  (`Document.texts`). Whoever validates asks for the text where a string is wanted, so that
  `version: 22.05`, `rack: 12e4` and `serial: 0123` stay what the operator wrote.
- A key given twice, a tag, a merge key (`<<`) and a second document are findings.
- Size, depth and the number of values are bounded; an alias is replayed and counted, so a bomb of
  nested aliases ends as a finding.

All findings of a file are collected; a syntax error ends the reading of that file, and what was
found before it is kept. Source of the number forms: YAML 1.2.2, section 10.3.2.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

import yaml

from colossus.diagnostics import Diagnostic, Severity, Where
from colossus.load.words import syntax_words

type_of_loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

MAX_BYTES = 2 * 1024 * 1024  # the largest real site is under 300 lines; a lab dump is a mistake
MAX_DEPTH = 32  # models nest eight deep; the parser's C stack must never be at stake
MAX_VALUES = 200_000  # replayed aliases included

Value = None | bool | int | float | str | list["Value"] | dict[str, "Value"]
Place = tuple[str, int, int]

_INTEGER = re.compile(r"[-+]?[0-9]{1,64}")
_OCTAL = re.compile(r"0o[0-7]{1,64}")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]{1,64}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,4})?")
_INFINITE = re.compile(r"([-+]?)\.(inf|Inf|INF)")
_WORDS: dict[str, None | bool | float] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}


@dataclass(slots=True)
class Document:
    """One file as read: plain Python values, and where each of them stands.

    value is None when nothing could be read; findings then says why.
    places: authored path → place (of the key, for a mapping or list under a key; else of the
    value). keys: path → place of the key itself. texts: path → source text of a plain number or
    truth value.
    """

    file: str
    value: Value = None
    places: dict[str, Place] = field(default_factory=dict)
    keys: dict[str, Place] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    findings: list[Diagnostic] = field(default_factory=list)

    def refuse(self, code: str, path: str, place: Place, summary: str, hint: str) -> None:
        """Add an error finding at a place."""
        where = Where(path, *place)
        self.findings.append(Diagnostic(Severity.ERROR, code, where, summary, hint))


def plain_value(text: str) -> None | bool | int | float | str:
    """Give what an unquoted scalar means by the YAML 1.2 core schema."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _OCTAL.fullmatch(text) or _HEXADECIMAL.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    if infinite := _INFINITE.fullmatch(text):
        return float(f"{infinite.group(1)}inf")
    return text


def joined(path: str, key: str) -> str:
    """Give the authored path of a key below a path."""
    return f"{path}.{key}" if path else key


def read_yaml(content: bytes, file: str, root: str = "") -> Document:
    """Read one YAML file; `root` is the authored path of its top (empty for cluster.yaml)."""
    document = Document(file)
    start: Place = (file, 1, 1)
    document.places[root] = start
    if len(content) > MAX_BYTES:
        document.refuse(
            "yaml-too-large",
            root,
            start,
            f"the file has more than {MAX_BYTES:,} bytes",
            "describe racks by rule and count instead of listing every device",
        )
        return document
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        document.refuse(
            "yaml-encoding",
            root,
            (file, line, 0),
            f"the byte {content[fault.start]:#04x} on line {line} is not UTF-8",
            "save the file as UTF-8",
        )
        return document
    composer = _Composer(document, _events(text, document, root))
    composer.compose(root)
    return document


def _events(text: str, document: Document, root: str) -> list[yaml.Event]:
    """Split the text into parser events; a syntax error ends the list and becomes a finding."""
    events: list[yaml.Event] = []
    depth = 0
    try:
        for event in islice(yaml.parse(text, Loader=type_of_loader), 3 * MAX_VALUES):
            events.append(event)
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH + 1:  # the scanner is quadratic in depth; composing says so
                break
    except yaml.YAMLError as fault:
        place, summary, hint = syntax_words(fault, text, document.file)
        document.refuse("yaml-syntax", root, place, summary, hint)
    return events


class _Ended(Exception):
    """Not an error by itself: the events ended early, or a bound was reached."""


class _Composer:
    """Builds values from the events of one file, by index, so that aliases are replayed."""

    def __init__(self, document: Document, events: list[yaml.Event]) -> None:
        self.document = document
        self.events = events
        self.anchors: dict[str, int] = {}
        self.composed = 0

    def compose(self, root: str) -> None:
        """Build the one document of the file."""
        starts = self._starts_of_documents()
        first = next(starts, None)
        if first is None:
            return
        try:
            self.document.value, _ = self._value(first + 1, root, 0)
        except _Ended:
            return
        second = next(starts, None)
        if second is not None:
            self.document.refuse(
                "yaml-several-documents",
                root,
                self._place(self.events[second]),
                "a second document begins here; a file holds one",
                "remove the '---' line, or move what follows into a file of its own",
            )

    def _starts_of_documents(self) -> Iterator[int]:
        return (
            index
            for index, event in enumerate(self.events)
            if isinstance(event, yaml.DocumentStartEvent)
        )

    def _place(self, event: yaml.Event) -> Place:
        mark = event.start_mark
        if mark is None:  # the parser marks every event; its types do not say so
            return (self.document.file, 0, 0)
        return (self.document.file, mark.line + 1, mark.column + 1)

    def _event(self, index: int) -> yaml.Event:
        if index >= len(self.events):
            raise _Ended
        return self.events[index]

    def _value(self, index: int, path: str, depth: int) -> tuple[Value, int]:
        """Build the value that begins at an event; give it and the index behind it."""
        event = self._event(index)
        self._bound(event, path, depth)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, path, depth), index + 1
        self.document.places.setdefault(path, self._place(event))
        if isinstance(event, yaml.NodeEvent):
            self._refuse_tag(event, path)
        value: Value
        if isinstance(event, yaml.ScalarEvent):
            value, behind = self._scalar(event, path), index + 1
        elif isinstance(event, yaml.SequenceStartEvent):
            value, behind = self._sequence(index + 1, path, depth)
        else:
            value, behind = self._mapping(index + 1, path, depth)
        # Only now, so that an anchor can never be used inside itself.
        if anchor := getattr(event, "anchor", None):
            self.anchors[anchor] = index
        return value, behind

    def _bound(self, event: yaml.Event, path: str, depth: int) -> None:
        self.composed += 1
        if self.composed > MAX_VALUES:
            self.document.refuse(
                "yaml-too-large",
                path,
                self._place(event),
                f"more than {MAX_VALUES:,} values, aliases counted each time they are used",
                "describe racks by rule and count instead of repeating blocks",
            )
            raise _Ended
        if depth > MAX_DEPTH:
            self.document.refuse(
                "yaml-too-deep",
                path,
                self._place(event),
                f"values are nested more than {MAX_DEPTH} deep here",
                "check the brackets and the indentation of this line",
            )
            raise _Ended

    def _refuse_tag(self, event: yaml.NodeEvent, path: str) -> None:
        tag = getattr(event, "tag", None)
        if tag is None:
            return
        shown = tag.replace("tag:yaml.org,2002:", "!!")
        self.document.refuse(
            "yaml-tag",
            path,
            self._place(event),
            f"the tag {shown!r} is not allowed",
            "remove it; quote the value if it must be text",
        )

    def _alias(self, event: yaml.AliasEvent, path: str, depth: int) -> Value:
        if event.anchor not in self.anchors:
            self.document.refuse(
                "yaml-unknown-alias",
                path,
                self._place(event),
                f"'*{event.anchor}' refers to an anchor that is not defined before it",
                f"define '&{event.anchor}' above this line, or write the value out",
            )
            return None
        value, _ = self._value(self.anchors[event.anchor], path, depth + 1)
        return value

    def _scalar(self, event: yaml.ScalarEvent, path: str) -> Value:
        text = str(event.value)
        if event.style:  # quoted or block: always text
            return text
        value = plain_value(text)
        if value is not None and not isinstance(value, str):
            self.document.texts[path] = text
        return value

    def _sequence(self, index: int, path: str, depth: int) -> tuple[Value, int]:
        items: list[Value] = []
        while not isinstance(self._event(index), yaml.SequenceEndEvent):
            item, index = self._value(index, f"{path}[{len(items)}]", depth + 1)
            items.append(item)
        return items, index + 1

    def _mapping(self, index: int, path: str, depth: int) -> tuple[Value, int]:
        entries: dict[str, Value] = {}
        while not isinstance(event := self._event(index), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self._refuse_key(event, path)
                _, index = self._value(index, joined(path, "?"), depth + 1)
                _, index = self._value(index, joined(path, "?"), depth + 1)
                continue
            key = str(event.value)
            below = joined(path, key)
            if self._accepts_key(event, key, below, entries):
                self._record_key(event, index + 1, below)
                entries[key], index = self._value(index + 1, below, depth + 1)
            else:
                _, index = self._value(index + 1, f"{below}?", depth + 1)
        return entries, index + 1

    def _record_key(self, event: yaml.Event, behind: int, path: str) -> None:
        """Note the key's place; a mapping or list is found at its key, a scalar where it stands."""
        place = self._place(event)
        self.document.keys[path] = place
        if not isinstance(self._event(behind), yaml.ScalarEvent):
            self.document.places[path] = place

    def _refuse_key(self, event: yaml.Event, path: str) -> None:
        self.document.refuse(
            "yaml-key",
            path,
            self._place(event),
            "a key must be plain text, not a list, a mapping or an alias",
            "write the key as a word; quote a value that begins with '{', '[' or '*'",
        )

    def _accepts_key(
        self,
        event: yaml.ScalarEvent,
        key: str,
        path: str,
        entries: dict[str, Value],
    ) -> bool:
        """Whether a key may be used; a second use or a merge key becomes a finding."""
        self._refuse_tag(event, path)
        if key == "<<" and not event.style:
            self.document.refuse(
                "yaml-merge-key",
                path,
                self._place(event),
                "merge keys ('<<') are not part of this dialect",
                "write the keys out, or give the value once by rule and count",
            )
            return False
        if key in entries:
            first = self.document.keys[path][1]
            self.document.refuse(
                "yaml-duplicate-key",
                path,
                self._place(event),
                f"{key!r} is given twice: first on line {first}, again here",
                "keep one of the two",
            )
            return False
        return True
