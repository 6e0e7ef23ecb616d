"""Report every finding about a site."""

import re
from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from colossus.checks.provenance import verdicts
from colossus.cli.opening import AllowRecable, Inventory, Opened, StageName, designed
from colossus.cli.views.findings import show_findings
from colossus.diagnostics import Diagnostic, Diagnostics, Severity
from colossus.errors import CheckFailed, InventoryRefused
from colossus.inventory.words import Provenance
from colossus.load.revision import load_revision
from colossus.load.site import Loaded, load_site

# Two findings are the same though the lines they name have moved.
_LINE = re.compile(r"\bline \d+")


class Required(StrEnum):
    """How sure facts may be asked to be; any fact is sure enough to be assumed."""

    PUBLIC = Provenance.PUBLIC.value
    INFERRED = Provenance.INFERRED.value


class Format(StrEnum):
    """How findings are printed."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    JUNIT = "junit"
    GITHUB = "github"


def check(
    inventory: Inventory,
    output: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TEXT,
    base: Annotated[
        str,
        typer.Option("--base", metavar="REV|DIR", help="Only what is new since then."),
    ] = "",
    stage: StageName = "",
    require_provenance: Annotated[
        Required | None,
        typer.Option(help="Fail where power, weight or cooling rest on facts less sure than this."),
    ] = None,
    *,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail too.")] = False,
    allow_recable: AllowRecable = False,
) -> int:
    """Report every finding about a site.

    Exit 0: none, or only warnings and notes; 10: the site cannot be loaded; 11: it loads, but a
    check found an error. Verdicts on power, weight and cooling say how sure their facts are.
    """
    loaded = load_site(inventory)
    required = Provenance(require_provenance) if require_provenance else None
    site = _designed(loaded, stage, recable=allow_recable)
    findings = _findings(loaded, site, required)
    if base:
        findings = new_since(findings, _findings_before(inventory, base, stage, required))
    show_findings(findings, str(output), verdicts(site.designed.fabric) if site else {})
    return _status(loaded, findings, strict=strict)


def _findings_before(
    inventory: Path, base: str, stage: str, required: Provenance | None
) -> Diagnostics:
    loaded = load_revision(inventory, base)
    stages = [each.name for each in loaded.site.stages] if loaded.site else []
    # A stage that only the new inventory knows: then the earlier one counts as a whole.
    return all_findings(loaded, stage if stage in stages else "", required)


def all_findings(loaded: Loaded, stage: str, required: Provenance | None = None) -> Diagnostics:
    """Give the findings of loading and, where the site loads, of designing and checking it."""
    return _findings(loaded, _designed(loaded, stage), required)


def _designed(loaded: Loaded, stage: str, *, recable: bool = False) -> Opened | None:
    refused = loaded.site is None or loaded.diagnostics.failed
    return None if refused else designed(loaded, stage, recable=recable)


def _findings(loaded: Loaded, site: Opened | None, required: Provenance | None) -> Diagnostics:
    return site.findings(required) if site else loaded.diagnostics


def new_since(findings: Diagnostics, before: Diagnostics) -> Diagnostics:
    """Leave out what was found before; lines may have moved, so code and summary identify."""
    known = Counter(map(_identity, before))
    new: list[Diagnostic] = []
    for finding in findings:
        identity = _identity(finding)
        if known[identity]:
            known[identity] -= 1
        else:
            new.append(finding)
    return Diagnostics(new)


def _identity(finding: Diagnostic) -> tuple[str, str, str]:
    return (str(finding.severity), finding.code, _LINE.sub("line", finding.summary))


def _status(loaded: Loaded, findings: Diagnostics, *, strict: bool) -> int:
    """Give the exit status; with `--base`, only new findings count."""
    failed = findings.failed or (strict and bool(findings.count(Severity.WARNING)))
    if not failed:
        return 0
    refused = loaded.site is None or loaded.diagnostics.failed
    return InventoryRefused.exit_status if refused else CheckFailed.exit_status
