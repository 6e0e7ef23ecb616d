"""Findings as text, JSON, SARIF, JUnit or GitHub annotations."""

import sys
from collections import Counter
from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Any, TextIO

from colossus.checks.provenance import Basis
from colossus.cli.views.colour import painted, printable
from colossus.cli.views.document import as_json
from colossus.cli.views.findings_ci import as_github, as_junit, as_sarif
from colossus.diagnostics import SEVERITY_ORDER, Diagnostic, Diagnostics, Severity

Verdicts = Mapping[str, Basis]
# Nobody reads the 21st line about the same thing; the other formats list them all.
_MOST_OF_A_CODE = 20


def as_text(findings: Diagnostics, colour_of: TextIO | None = None) -> str:
    """Give one paragraph per finding, worst first, and a last line that counts them.

    What only follows from another finding of the file comes after those that do not.
    """
    lines: list[str] = []
    ordered = sorted(
        findings,
        key=lambda f: (SEVERITY_ORDER.index(f.severity), f.where.file, bool(f.caused_by)),
    )
    for _, same_file in groupby(ordered, key=lambda f: (f.severity, f.where.file)):
        told: dict[str, int] = {}
        for finding in same_file:
            told[finding.code] = told.get(finding.code, 0) + 1
            if told[finding.code] <= _MOST_OF_A_CODE:
                lines += _paragraph(finding, colour_of)
        lines += [
            f"    and {count - _MOST_OF_A_CODE} more {code}; `--format json` lists all"
            for code, count in told.items()
            if count > _MOST_OF_A_CODE
        ]
    lines.append(_tally(findings))
    return "\n".join(lines)


def _paragraph(finding: Diagnostic, colour_of: TextIO | None) -> list[str]:
    head = painted(f"{finding.severity}[{finding.code}]", finding.severity, colour_of)
    place = str(finding.where)
    told = f"{place}: {finding.summary}" if place else finding.summary
    lines = [f"{head} {printable(told)}"]
    below = {
        "at": finding.where.path if finding.where.file else "",
        "hint:": finding.hint,
        "rests on": finding.rests_on,
        "follows from": finding.caused_by,
    }
    lines += [f"    {word} {printable(text)}" for word, text in below.items() if text]
    return lines


def _tally(findings: Diagnostics) -> str:
    if not len(findings):
        return "no findings"
    roots = Counter(finding.severity for finding in findings if not finding.caused_by)
    parts = [f"{n} {word}{'s' if n > 1 else ''}" for word in Severity if (n := roots[word])]
    following = len(findings) - roots.total()
    if following:
        parts.append(f"{following} more that only follow{'s' if following == 1 else ''}")
    return ", ".join(parts)


def as_document(findings: Diagnostics, verdicts: Verdicts) -> str:
    """Give the JSON document of the contract, and what the verdicts rest on."""
    rests = {
        subject: {"provenance": str(basis.provenance), "facts": list(basis.weak)}
        for subject, basis in verdicts.items()
    }
    return as_json(listed(findings) | ({"verdicts": rests} if rests else {}))


def listed(findings: Diagnostics) -> dict[str, Any]:
    """Give the findings and their counts as the contract's documents hold them."""
    counts = {str(severity): findings.count(severity) for severity in Severity}
    return {"findings": [_row(finding) for finding in findings], "counts": counts}


def _row(finding: Diagnostic) -> dict[str, Any]:
    row: dict[str, Any] = {
        "severity": str(finding.severity),
        "code": finding.code,
        "file": finding.where.file,
        "line": finding.where.line,
        "path": finding.where.path,
        "summary": finding.summary,
        "hint": finding.hint,
    }
    for key in ("caused_by", "provenance", "rests_on"):
        row |= {key: value} if (value := getattr(finding, key)) else {}
    return row


FORMATS: dict[str, Callable[[Diagnostics], str]] = {
    "sarif": as_sarif,
    "junit": as_junit,
    "github": as_github,
}


def show_findings(findings: Diagnostics, form: str, verdicts: Verdicts) -> None:
    """Print the findings on stdout in one of the forms.

    verdicts: what those on power, weight and cooling rest on; empty where the site does not load.
    """
    if form == "json":
        print(as_document(findings, verdicts))
    elif form == "text":
        print(as_text(findings, colour_of=sys.stdout))
        if verdicts:
            words = (f"{subject} {basis.provenance}" for subject, basis in verdicts.items())
            print(f"least sure facts: {', '.join(words)}")
    else:
        print(FORMATS[form](findings))
