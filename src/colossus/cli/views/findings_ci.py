"""Findings for CI systems: SARIF 2.1.0, JUnit XML, GitHub annotations."""

import json
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from colossus import __version__
from colossus.diagnostics import Diagnostic, Diagnostics, Severity

_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
# GitHub shows 10 annotations of each kind per step and drops the rest without a word.
_MOST_ANNOTATIONS = 10
_GITHUB_KINDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def as_sarif(findings: Diagnostics) -> str:
    """Give a SARIF 2.1.0 log with one run and one rule per code."""
    codes = sorted({finding.code for finding in findings})
    rules = [{"id": code, "helpUri": f"docs/checks/{code}.md"} for code in codes]
    driver = {"name": "colossus", "version": __version__, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(finding, codes) for finding in findings],
    }
    log = {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, sort_keys=True, ensure_ascii=False)


def _sarif_result(finding: Diagnostic, codes: list[str]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": codes.index(finding.code),
        "level": str(finding.severity),
        "message": {"text": _sentence(finding)},
        "partialFingerprints": {"codeAndPath/v1": f"{finding.code}:{finding.where.path}"},
    }
    place: dict[str, Any] = {}
    if finding.where.file:
        place["physicalLocation"] = {"artifactLocation": {"uri": finding.where.file}}
        if finding.where.line:
            region = {"startLine": finding.where.line}
            if finding.where.column:
                region["startColumn"] = finding.where.column
            place["physicalLocation"]["region"] = region
    if finding.where.path:
        place["logicalLocations"] = [{"fullyQualifiedName": finding.where.path}]
    return result | ({"locations": [place]} if place else {})


def as_junit(findings: Diagnostics) -> str:
    """Give a JUnit report: one case per finding, failed for errors; one passed case for none."""
    failures = findings.count(Severity.ERROR)
    cases = [_junit_case(finding) for finding in findings]
    cases = cases or ['    <testcase classname="colossus.check" name="no findings"/>']
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<testsuites tests="{len(cases)}" failures="{failures}">',
            f'  <testsuite name="colossus check" tests="{len(cases)}" failures="{failures}">',
            *cases,
            "  </testsuite>",
            "</testsuites>",
        ],
    )


def _junit_case(finding: Diagnostic) -> str:
    name = f"{finding.where} {finding.summary}".strip()
    head = (
        f"    <testcase classname={quoteattr(f'colossus.check.{finding.code}')}"
        f" name={quoteattr(_printable(name))}"
    )
    if finding.where.file:
        head += f' file={quoteattr(finding.where.file)} line="{finding.where.line}"'
    text = escape(_printable(f"{finding.where}: {_sentence(finding)}"))
    if finding.severity is Severity.ERROR:
        message = quoteattr(_printable(finding.summary))
        return f"{head}>\n      <failure message={message}>{text}</failure>\n    </testcase>"
    return f"{head}>\n      <system-out>{text}</system-out>\n    </testcase>"


def as_github(findings: Diagnostics) -> str:
    """Give workflow commands, at most 10 of each kind; the last one counts what is left out."""
    lines: list[str] = []
    for severity, kind in _GITHUB_KINDS.items():
        same = [finding for finding in findings if finding.severity is severity]
        told = same if len(same) <= _MOST_ANNOTATIONS else same[: _MOST_ANNOTATIONS - 1]
        lines += [_annotation(kind, finding) for finding in told]
        if left := len(same) - len(told):
            lines.append(f"::{kind} title=colossus check::{left} more; `--format text` lists all")
    return "\n".join(lines)


def _annotation(kind: str, finding: Diagnostic) -> str:
    properties = {"title": finding.code}
    if finding.where.file:
        properties = {"file": finding.where.file, "line": str(finding.where.line or 1)} | properties
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{kind} {listed}::{_message(_sentence(finding))}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")


def _sentence(finding: Diagnostic) -> str:
    rests = f"; rests on {finding.rests_on}" if finding.rests_on else ""
    return f"{finding.summary} ({finding.hint}){rests}" if finding.hint else finding.summary + rests


def _printable(text: str) -> str:
    """Leave out what XML 1.0 cannot carry."""
    return "".join(letter for letter in text if letter.isprintable() or letter in "\n\t")
