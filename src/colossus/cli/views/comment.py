"""The one comment on a change: new findings, the folded plan, the rehearsal; below a host's limit.

Its first line is a marker by which a later run finds the comment again, to update it in place.
What does not fit is folded further: first the diffs go, then rows, then groups; the job's artefacts
have all of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from colossus.cli.views.plan_github import as_markdown
from colossus.cli.views.plan_text import Diffs
from colossus.cli.views.rehearsal import as_github
from colossus.diagnostics import Diagnostic, Diagnostics, Severity, counted
from colossus.plan.model import Plan
from colossus.twin.report import Report

LIMIT = 65_000
"""Characters; GitHub refuses a comment of more than 65,536."""
MOST_FINDINGS = 30
LEVELS: tuple[tuple[bool, int | None, int | None], ...] = (
    (True, None, None),
    (False, None, None),
    (False, 40, 60),
    (False, 8, 30),
    (False, 0, 30),
)
"""How far a plan is folded, the fullest first: with diffs, rows per group, groups."""
CUT = "\n\nCut here: the job's artefacts have the rest.\n"


@dataclass(frozen=True)
class Told:
    """What the comment is about. plan: None where the site does not pass its checks.

    report: None where no rehearsal came to its end.
    """

    cluster: str
    findings: Diagnostics
    plan: Plan | None
    diffs: Diffs
    report: Report | None


def as_comment(told: Told, limit: int = LIMIT) -> str:
    """Give the comment as Markdown, shorter than the limit."""
    for level in LEVELS:
        text = "\n".join(_lines(told, *level)) + "\n"
        if len(text) < limit:
            return text
    return _cut(text, limit)


def marker(cluster: str) -> str:
    """Give the line by which the comment is known."""
    return f"<!-- colossus: {cluster} -->"


def _lines(told: Told, with_diffs: bool, rows: int | None, groups: int | None) -> Iterator[str]:
    yield marker(told.cluster)
    yield f"## Colossus: {told.cluster}"
    yield ""
    yield from _findings(told.findings)
    yield ""
    if told.plan is None:
        yield "No plan: the site does not pass its checks."
    else:
        yield as_markdown(told.plan, told.diffs if with_diffs else {}, rows, groups)
    yield ""
    if told.report is None:
        yield "No rehearsal came to its end; the job's log says why."
    else:
        yield as_github(told.report)


def _findings(findings: Diagnostics) -> Iterator[str]:
    counts = [(findings.count(each), str(each)) for each in Severity]
    words = ", ".join(counted(count, word) for count, word in counts if count)
    yield f"**Check:** {words or 'no findings'} that this change brings."
    worst = sorted(findings, key=lambda finding: list(Severity).index(finding.severity))
    if worst:
        yield ""
    for finding in worst[:MOST_FINDINGS]:
        yield f"- {finding.severity} `{finding.code}` {_sentence(finding)}"
    if len(worst) > MOST_FINDINGS:
        yield f"- and {len(worst) - MOST_FINDINGS} more"


def _sentence(finding: Diagnostic) -> str:
    text = f"{finding.where}: {finding.summary}" if str(finding.where) else finding.summary
    return text.replace("<", "&lt;").replace("\n", " ")[:500]


def _cut(text: str, limit: int) -> str:
    """Cut at a line, and close what is open there."""
    kept = text[: limit - 200]
    kept = kept[: kept.rfind("\n")]
    if kept.count("\n```") % 2:
        kept += "\n```"
    open_folds = kept.count("<details>") - kept.count("</details>")
    return kept + "\n</details>" * open_folds + CUT
