"""Findings: what is wrong, where it stands, and how to cure it.

Checks and loaders collect findings instead of raising, so that one run reports every fault.
Pure code knows only the *path* of an authored value (`racks[0].devices[1].u`); the loader, which
has seen the file, adds file and line with `Places`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

SEVERITY_ORDER = ("error", "warning", "note")


class Severity(StrEnum):
    """How bad a finding is: an error fails the check, a warning does so under `--strict`."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Where:
    """A place in the authored inventory; file and line are empty until `Places` filled them in.

    line and column count from 1; 0 means unknown.
    """

    path: str = ""
    file: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Give `file:line`, or the path where no file is known."""
        if not self.file:
            return self.path
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    code is a stable slug (`port-used-twice`) with a page under docs/checks/.
    caused_by names the root finding ("code at place") when this one only follows from it.
    provenance: of the least sure fact that a verdict on power, weight or cooling rests on;
    rests_on names these facts.
    """

    severity: Severity
    code: str
    where: Where
    summary: str
    hint: str = ""
    caused_by: str = ""
    provenance: str = ""
    rests_on: str = ""


def error(code: str, path: str, summary: str, hint: str = "") -> Diagnostic:
    """Make an error finding at an authored path."""
    return Diagnostic(Severity.ERROR, code, Where(path), summary, hint)


def warning(code: str, path: str, summary: str, hint: str = "") -> Diagnostic:
    """Make a warning finding at an authored path."""
    return Diagnostic(Severity.WARNING, code, Where(path), summary, hint)


def note(code: str, path: str, summary: str, hint: str = "") -> Diagnostic:
    """Make a note at an authored path: worth knowing, nothing to cure."""
    return Diagnostic(Severity.NOTE, code, Where(path), summary, hint)


def counted(count: int, noun: str) -> str:
    """Write a number with its noun: `1 host`, `8 hosts`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


@dataclass(frozen=True, slots=True)
class Places:
    """Where each authored path stands: path → (file, line, column)."""

    known: Mapping[str, tuple[str, int, int]] = field(default_factory=dict)

    def find(self, path: str) -> Where:
        """Give the place of a path, or of its nearest enclosing path that is known."""
        candidate = path
        while candidate not in self.known and candidate:
            cut = max(candidate.rfind("."), candidate.rfind("["))
            candidate = candidate[: max(cut, 0)]
        file, line, column = self.known.get(candidate, ("", 0, 0))
        return Where(path, file, line, column)

    def locate(self, finding: Diagnostic) -> Diagnostic:
        """Give the finding with file and line filled in, unless it has them already."""
        return (
            finding if finding.where.file else replace(finding, where=self.find(finding.where.path))
        )


class Diagnostics:
    """An ordered collection of findings; iteration is by severity, file, line, code, summary."""

    def __init__(self, findings: Iterable[Diagnostic] = ()) -> None:
        self._findings = list(dict.fromkeys(findings))

    def add(self, finding: Diagnostic) -> None:
        """Add one finding, unless the very same is there already."""
        if finding not in self._findings:
            self._findings.append(finding)

    def extend(self, findings: Iterable[Diagnostic]) -> None:
        """Add several findings."""
        self._findings = list(dict.fromkeys([*self._findings, *findings]))

    def located(self, places: Places) -> "Diagnostics":
        """Give the same findings with file and line filled in."""
        return Diagnostics(places.locate(finding) for finding in self._findings)

    def __iter__(self) -> Iterator[Diagnostic]:
        """Go through the findings, worst first, then in file order."""
        return iter(
            sorted(
                self._findings,
                key=lambda f: (
                    SEVERITY_ORDER.index(f.severity),
                    f.where.file,
                    f.where.line,
                    f.code,
                    f.where.path,
                    f.summary,
                ),
            ),
        )

    def __len__(self) -> int:
        """Count the findings."""
        return len(self._findings)

    def count(self, severity: Severity) -> int:
        """Count the findings of one severity."""
        return sum(finding.severity is severity for finding in self._findings)

    @property
    def failed(self) -> bool:
        """Whether at least one finding is an error."""
        return any(finding.severity is Severity.ERROR for finding in self._findings)
