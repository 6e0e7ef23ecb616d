"""Reports of the UFM Cable Validation Tool (`GET /cablevalidation/report/validation`).

A report tells what is wrong by that tool's plan and not what is plugged where, so it names devices
and gives no neighbours; its topology as found (`.topo`, a point-to-point table) does.
"""

from colossus.diagnostics import Diagnostic, Severity, Where
from colossus.wiring.observed import Parsed, fault, plain

_NAMED = 4
"""So many words of an issue are shown."""


def is_report(value: object) -> bool:
    """Whether it is a validation report."""
    return isinstance(value, dict) and value.get("report") == "ValidationReport"


def parse_report(value: object, _device: str, file: str) -> Parsed:
    """Tell every device that it names, and why; none of it is a sighting."""
    parsed = Parsed([], [])
    issues = value.get("issues") if isinstance(value, dict) else None
    if not isinstance(issues, list):
        parsed.findings.append(fault(file, "issues", "a list of devices is expected here"))
        return parsed
    for index, entry in enumerate(issues):
        place = f"issues[{index}]"
        device = entry.get("node_desc") if isinstance(entry, dict) else None
        told = entry.get("issues") if isinstance(entry, dict) else None
        if not (isinstance(device, str) and plain(device) and isinstance(told, list)):
            parsed.findings.append(fault(file, place, "a device needs node_desc and issues"))
            continue
        parsed.findings.extend(
            _told(file, f"{place}.issues[{row}]", device, issue) for row, issue in enumerate(told)
        )
    return parsed


def _told(file: str, place: str, device: str, issue: object) -> Diagnostic:
    words = issue if isinstance(issue, list) else [issue]
    said = " ".join(str(word)[:80] for word in words[:_NAMED])
    if not (said and said.isprintable()):
        return fault(file, place, "an issue is not printable")
    return Diagnostic(
        Severity.WARNING,
        "observation-reported",
        Where(place, file),
        f"{place}: the Cable Validation Tool says of {device}: {said}",
        "It is its verdict and no neighbour: give what the tool found, as .topo or as a table.",
    )
