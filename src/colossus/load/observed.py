"""Observation files into sightings: the neutral JSON form and `lldpcli -f json0`, by content."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from colossus.diagnostics import Diagnostic, Diagnostics, Severity, Where
from colossus.errors import InventoryRefused
from colossus.load.files import shown_path
from colossus.wiring.observed import Parsed, Sighting, is_lldpcli, parse_lldpcli, parse_neutral

MAX_BYTES = 256 * 1024 * 1024
"""740,000 ports of the largest site are 90 MB."""
_ENTRY = re.compile(r"^\[([0-9]+)\]")
_BETWEEN = re.compile(r"[\s,]*")


class ObservationRefused(InventoryRefused):
    """An observation file cannot be used; `findings` says where and why."""

    def __init__(self, findings: Diagnostics) -> None:
        super().__init__(
            "the observation cannot be used, so nothing was compared",
            "A comparison with half an observation would call working cables dead.",
        )
        self.findings = findings


def load_observed(paths: Iterable[Path]) -> tuple[list[Sighting], Diagnostics]:
    """Read observation files; gives the sightings and what is odd about them.

    A file of `lldpcli` says nothing about whose it is: its name does (`gpu-0001.json`).

    Raises:
        ObservationRefused: with every fault of every file.
    """
    sightings: list[Sighting] = []
    findings: list[Diagnostic] = []
    for path in paths:
        parsed = _read(path)
        sightings += parsed.sightings
        findings += parsed.findings
    found = Diagnostics(findings)
    if found.failed:
        raise ObservationRefused(found)
    return sightings, found


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


def _read(path: Path) -> Parsed:
    file = shown_path(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            return _refused(file, f"the file is larger than {MAX_BYTES >> 20} MiB")
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return _refused(file, "the file is not UTF-8 text")
    except OSError as problem:
        reason = (problem.strerror or str(problem)).lower()
        return _refused(file, f"the file cannot be read: {reason}")
    try:
        value = json.loads(text)
    except json.JSONDecodeError as problem:
        return _refused(file, f"not JSON: {problem.msg}", problem.lineno)
    except (ValueError, RecursionError) as problem:
        return _refused(file, f"not usable as JSON: {problem}")
    if is_lldpcli(value):
        return parse_lldpcli(value, path.name.partition(".")[0], file)
    parsed = parse_neutral(value, file)
    return Parsed(parsed.sightings, list(_with_lines(parsed.findings, text)))


def _refused(file: str, words: str, line: int = 0) -> Parsed:
    where = Where("", file, line)
    hint = "Formats: docs/wiring.md, section Observations."
    return Parsed([], [Diagnostic(Severity.ERROR, "observation-format", where, words, hint)])


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
