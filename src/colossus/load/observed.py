"""Observation files into sightings; formats are recognised by content: `wiring.seen.formats`."""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from colossus.diagnostics import Diagnostic, Diagnostics, Severity, Where
from colossus.errors import InventoryRefused
from colossus.load.files import shown_path
from colossus.wiring.observed import FORMATS, Heard, Parsed, Sighting
from colossus.wiring.seen.formats import Read, read_document, read_text

MAX_BYTES = 256 * 1024 * 1024
"""740,000 ports of the largest site are 90 MB."""
_ENTRY = re.compile(r"^\[([0-9]+)\]")
_BETWEEN = re.compile(r"[\s,]*")


WORKBOOK = b"PK"
"""How every .xlsx begins."""
Tables = Callable[[Path], Parsed | None]


class Observed(NamedTuple):
    """What files said, what is odd about them, and addresses that only an asset list explains."""

    sightings: list[Sighting]
    findings: Diagnostics
    heard: tuple[Heard, ...] = ()


class ObservationRefused(InventoryRefused):
    """An observation file cannot be used; `findings` says where and why."""

    def __init__(self, findings: Diagnostics) -> None:
        super().__init__(
            "the observation cannot be used, so nothing was compared",
            "A comparison with half an observation would call working cables dead.",
        )
        self.findings = findings


def load_observed(
    paths: Iterable[Path], devices: Collection[str] = (), tables: Tables = lambda _: None
) -> Observed:
    """Read observation files of any format, recognised by their content.

    A file that does not say whose ports it lists is named after the device (`gpu-0001.json`); where
    devices are given, it must be one of them. tables reads workbooks and CSV; None = no such table.

    Raises:
        ObservationRefused: with every fault of every file.
    """
    sightings: list[Sighting] = []
    heard: list[Heard] = []
    findings: list[Diagnostic] = []
    names = frozenset(name.lower() for name in devices)
    for path in paths:
        parsed = _read(path, names, tables)
        sightings += parsed.sightings
        heard += parsed.heard
        findings += parsed.findings
    found = Diagnostics(findings)
    if found.failed:
        raise ObservationRefused(found)
    return Observed(sightings, found, tuple(heard))


def contradictions(found: Iterable[tuple[str, Sequence[str]]]) -> Diagnostics:
    """Give a finding per port that was said to see different neighbours."""
    return Diagnostics(
        Diagnostic(
            Severity.ERROR,
            "observation-contradiction",
            Where(port),
            f"{port} is said to see {' and '.join(neighbours)}",
            "Leave out the older of the two.",
        )
        for port, neighbours in found
    )


def _read(path: Path, devices: Collection[str], tables: Tables) -> Parsed:
    file = shown_path(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            return _refused(file, f"the file is larger than {MAX_BYTES >> 20} MiB")
        content = path.read_bytes()
    except OSError as problem:
        reason = (problem.strerror or str(problem)).lower()
        return _refused(file, f"the file cannot be read: {reason}")
    if content.startswith(WORKBOOK):
        return tables(path) or _refused(file, "no sheet has a table of cables")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _refused(file, "the file is neither a workbook nor UTF-8 text")
    owner = path.name.partition(".")[0]
    if text.lstrip()[:1] in ("[", "{", '"', ""):
        read = _document(text, owner, file)
    else:
        read = read_text(text, owner, file)
        table = None if read.known else tables(path)
        if table is not None:
            return table
    if read.named and devices and owner.lower() not in devices:
        return _unowned(file, owner, devices)
    return read.parsed


def _document(text: str, owner: str, file: str) -> Read:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as problem:
        parsed = _refused(file, f"not JSON: {problem.msg}", problem.lineno)
    except (ValueError, RecursionError) as problem:
        parsed = _refused(file, f"not usable as JSON: {problem}")
    else:
        read = read_document(value, owner, file)
        placed = list(_with_lines(read.parsed.findings, text))
        return replace(read, parsed=read.parsed._replace(findings=placed))
    return Read(parsed, named=False)


def _unowned(file: str, owner: str, devices: Collection[str]) -> Parsed:
    near = get_close_matches(owner.lower(), devices, n=1)
    meant = f" or did you mean {near[0]}?" if near else ""
    words = f"whose ports are these? The plan has no device {owner}"
    where, hint = Where("", file), f"Name the file after its device, as leaf-01.txt;{meant}"
    hint = hint if near else hint.rstrip(";") + "."
    return Parsed([], [Diagnostic(Severity.ERROR, "observation-whose", where, words, hint)])


def _refused(file: str, words: str, line: int = 0) -> Parsed:
    where = Where("", file, line)
    return Parsed([], [Diagnostic(Severity.ERROR, "observation-format", where, words, FORMATS)])


def _with_lines(findings: Iterable[Diagnostic], text: str) -> Iterator[Diagnostic]:
    """Add the line of the entry to each finding that names one."""
    numbered = [(finding, _ENTRY.match(finding.where.path)) for finding in findings]
    wanted = {int(entry.group(1)) for _, entry in numbered if entry}
    lines = _lines_of(text, wanted) if wanted else {}
    for finding, entry in numbered:
        line = lines.get(int(entry.group(1)), 0) if entry else 0
        yield replace(finding, where=replace(finding.where, line=line))


def _lines_of(text: str, wanted: set[int]) -> dict[int, int]:
    """Find the lines on which entries of a JSON list begin; counted from 1."""
    decoder, last = json.JSONDecoder(), max(wanted)
    at, line, counted = text.index("[") + 1, 1, 0
    lines: dict[int, int] = {}
    for index in range(last + 1):
        blank = _BETWEEN.match(text, at)
        at = blank.end() if blank else at
        line += text.count("\n", counted, at)
        counted = at
        if index in wanted:
            lines[index] = line
        _, at = decoder.raw_decode(text, at)
    return lines
