"""How a rehearsal's report is shown: for people, machines, test reports and pull requests."""

import sys
from collections.abc import Iterator
from enum import StrEnum
from xml.etree import ElementTree as ET

from colossus.cli.views.colour import painted
from colossus.cli.views.document import as_json
from colossus.cli.views.messages import put, say
from colossus.twin.report import Exempt, Phase, Report

EXEMPT_LINES = 12
CAUSES_SHOWN = 20
TWIN_ONLY = "twin only: production was not contacted"


class Format(StrEnum):
    """How the report is printed."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"
    GITHUB = "github"


def show_phase(phase: Phase) -> None:
    """Say that a phase ended: progress, on stderr."""
    word = painted("ok", "good", sys.stderr) if phase.ok else painted("FAILED", "error", sys.stderr)
    say(f"  {phase.name:<34} {word:<6} {phase.seconds:6.1f} s")
    for fault in phase.faults:
        say(f"    {fault}")


def show_report(report: Report, output: str) -> None:
    """Print the report."""
    if output == Format.JSON:
        put(as_json(report.document()))
    elif output == Format.JUNIT:
        put(as_junit(report))
    elif output == Format.GITHUB:
        put(as_github(report))
    else:
        put("\n".join(as_lines(report)))


def as_lines(report: Report) -> Iterator[str]:
    """Give the report as text for people."""
    yield f"rehearsal of {report.cluster}: {_verdict(report)}"
    yield from _twin(report)
    for cause in report.causes:
        yield f"  cause    {cause.kind}: {cause.summary}"
    yield f"  plan     {report.plan_digest[:16]}"
    share = f"{report.verbatim_percent:.0f} % of {report.steps}"
    yield f"  steps    {report.verbatim} verbatim ({share}), {_counts(report)}"
    yield from _exempt("substituted", report.substituted)
    yield from _exempt("not rehearsable", report.not_rehearsable)
    yield (
        f"  cables   {report.cables_seen} of {report.cables_expected} seen,"
        f" {len(report.cables_wrong)} wrong"
    )
    for verdict in report.cables_wrong[:CAUSES_SHOWN]:
        yield f"    {verdict['summary']}"
    yield from _slurm(report)
    if report.second_apply_changes is not None:
        yield f"  again    second apply: {report.second_apply_changes} changes"
    if report.predicted_equals_applied is not None:
        equal = "equal" if report.predicted_equals_applied else "DIFFER"
        yield f"  changes  predicted and applied {equal}"
    told = {verdict["summary"] for verdict in report.cables_wrong}
    told |= {cause.summary for cause in report.causes}
    for phase in report.phases:
        for fault in phase.faults:
            if fault not in told:
                yield f"  {phase.name}: {fault}"
    total = sum(phase.seconds for phase in report.phases)
    yield f"  time     {total:.1f} s: " + ", ".join(
        f"{phase.name} {phase.seconds:.1f}" for phase in report.phases
    )
    yield TWIN_ONLY


def _twin(report: Report) -> Iterator[str]:
    yield (
        f"  twin     tier {report.tier}, {report.accel}; {report.slice_hosts} hosts,"
        f" {report.slice_switches} switches, {report.slice_links} links"
        f" ({report.share_of_links:.1%} of the site's)"
    )
    for line in report.stands_for:
        yield f"    stands for: {line}"
    for line in report.cannot_show:
        yield f"    cannot show: {line}"


def _verdict(report: Report) -> str:
    return (
        painted("ok", "good", sys.stdout) if report.ok else painted("FAILED", "error", sys.stdout)
    )


def _counts(report: Report) -> str:
    return f"{len(report.substituted)} substituted, {len(report.not_rehearsable)} not rehearsable"


def _exempt(word: str, listed: list[Exempt]) -> Iterator[str]:
    for item in listed[:EXEMPT_LINES]:
        yield f"    {word}: {item.step}: {item.reason}"
    if len(listed) > EXEMPT_LINES:
        yield f"    {word}: {len(listed) - EXEMPT_LINES} more (--format json lists all)"


def _slurm(report: Report) -> Iterator[str]:
    if report.slurm_nodes:
        ended = "no job ran" if report.job_exit is None else f"job ended with {report.job_exit}"
        yield f"  slurm    {report.slurm_nodes} nodes idle, {ended}"


def as_junit(report: Report) -> str:
    """Give one test case per phase."""
    failures = sum(not phase.ok for phase in report.phases)
    suite = ET.Element(
        "testsuite",
        name=f"rehearsal of {report.cluster}",
        tests=str(len(report.phases)),
        failures=str(failures),
        time=f"{sum(phase.seconds for phase in report.phases):.2f}",
    )
    for phase in report.phases:
        case = ET.SubElement(suite, "testcase", name=phase.name, time=f"{phase.seconds:.2f}")
        if not phase.ok:
            failure = ET.SubElement(case, "failure", message=(phase.faults or ("failed",))[0])
            failure.text = "\n".join(phase.faults)
    return ET.tostring(suite, encoding="unicode", xml_declaration=True)


def _causes(report: Report) -> list[str]:
    """Say what is broken above everything else, as a list."""
    shown = [f"- `{cause.kind}` {cause.summary}" for cause in report.causes[:CAUSES_SHOWN]]
    left = len(report.causes) - len(shown)
    return [*shown, *([f"- and {left} more"] if left else []), *([""] if shown else [])]


def as_github(report: Report) -> str:
    """Give Markdown for a comment or a step summary, folded below the verdict."""
    mark = "passed" if report.ok else "FAILED"
    rows = [
        f"| {phase.name} | {'ok' if phase.ok else 'failed'} | {phase.seconds:.1f} s |"
        for phase in report.phases
    ]
    body = "\n".join(as_lines(report))
    return "\n".join(
        [
            f"### Rehearsal of {report.cluster}: {mark}",
            "",
            *_causes(report),
            "| phase | | time |",
            "| --- | --- | ---: |",
            *rows,
            "",
            "<details><summary>Report</summary>",
            "",
            "```text",
            body,
            "```",
            "</details>",
        ],
    )
