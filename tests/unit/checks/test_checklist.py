"""Each check that the reference systems call for: code, page, a system in which it breaks alone.

`docs/checks/README.md` holds the table; COLOSSUS_UPDATE_GOLDEN=1 writes it again. That the systems
are clean as shipped: tests/golden (no check finds an error) and test_a_sound_site_gives_nothing.
"""

import os
from functools import cache
from pathlib import Path

import pytest
import yaml

from tests.unit.checks.broken import EXAMPLE
from tests.unit.checks.codes import FOLDER, codes

UPDATE = bool(os.environ.get("COLOSSUS_UPDATE_GOLDEN"))
CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
MARKS = ("<!-- generated: checks -->\n", "<!-- end -->\n")
CHECKLIST: tuple[tuple[str, str], ...] = (
    ("radix and ceiling of a Clos fabric", "clos-impossible"),
    ("divisibility", "clos-uneven"),
    ("stranded ports", "ports-stranded"),
    ("oversubscription per tier", "tier-oversubscribed"),
    ("components against planes", "components-differ"),
    ("rail purity", "rail-mixed"),
    ("scalable units", "unit-crossed"),
    ("plane independence, groups of cores", "plane-crossed"),
    ("pods", "pod-crossed"),
    ("links per pair of switches", "links-uneven"),
    ("tier rule", "tier-skipped"),
    ("dual-ToR rule", "nic-ports-together"),
    ("dragonflies", "dragonfly-impossible"),
    ("tile meshes", "mesh-impossible tile-misplaced"),
    ("NVLink domains", "nvlink-impossible"),
    ("port once", "port-used-twice"),
    ("speed", "speed-mismatch"),
    ("connector", "connector-mismatch"),
    ("breakout", "breakout-unsupported"),
    ("cage power", "cage-power"),
    ("reach of a cable", "cable-too-long"),
    ("addresses", "address-clash address-outside-prefix address-reserved gateway-clash"),
    ("networks", "prefix-overlap"),
    ("AS numbers", "asn-clash asn-not-private"),
    ("names", "name-clash"),
    ("U overlap", "u-overlap u-outside-rack"),
    ("depth", "depth-exceeds-rack"),
    ("rack weight", "rack-weight"),
    ("power per rack", "rack-power"),
    ("power with a feed lost", "feed-loss hall-feed-power feeds-unsplit"),
    ("power of a busbar", "busbar-overload"),
    ("power per phase, a feed lost", "phase-overload"),
    ("inlet amps", "inlet-overload"),
    ("outlets", "outlets-exhausted outlet-unfit outlet-used-twice"),
    ("CDU capacity", "rack-cooling"),
    ("coolant flow", "coolant-flow"),
    ("heat into the air", "rear-door-heat"),
    ("site power against its phases", "site-power"),
    ("provenance of power, weight, cooling", "provenance-weak"),
    ("out-of-band ports", "rack-ports-exhausted rack-without-switch management-uncabled"),
    ("Slurm limits", "slurm-limits slurm-timeout-short"),
    ("NVL72 block sizes", "slurm-block-size"),
    ("InfiniBand LIDs per subnet", "infiniband-lids"),
    ("places between halls and racks", "level-overfull level-uneven"),
    ("reserved ports", "reserved-taken reserved-unknown"),
    ("growth", "lock-shape-changed lock-ports-changed fabric-switch-gone"),
)


@cache
def alone() -> dict[str, tuple[str, str]]:
    """Give each code that is the only root of a case: the case, and the system it breaks."""
    found: dict[str, tuple[str, str]] = {}
    for path in CASES:
        case = yaml.safe_load(path.read_text(encoding="utf-8"))
        roots = _roots(case["findings"])
        for standing in case.get("standing", []):
            roots.remove(standing)
        if len(roots) == 1:
            found.setdefault(roots[0], (path.name, case.get("example", EXAMPLE)))
    return found


def _roots(text: str) -> list[str]:
    roots: list[str] = []
    for line in text.splitlines():
        if not line.startswith(" "):
            roots.append(line.split()[1])
        elif line.startswith("  follows from "):
            roots.pop()
    return roots


def row(what: str, code: str) -> str:
    case, example = alone()[code]
    return f"| {what} | [{code}]({code}.md) | {example} | {case} |"


def table() -> str:
    rows = [row(what, code) for what, words in CHECKLIST for code in words.split()]
    head = "| check | code | system it breaks in | case under tests/unit/checks/cases |"
    return "\n".join([head, "| --- | --- | --- | --- |", *rows, ""])


@pytest.mark.parametrize("code", sorted(codes()))
def test_each_code_is_the_one_root_of_a_fault_in_a_shipped_system(code: str) -> None:
    assert code in alone()


def test_the_table_is_current() -> None:
    path = FOLDER / "README.md"
    text = path.read_text(encoding="utf-8")
    before, rest = text.split(MARKS[0])
    _, after = rest.split(MARKS[1])
    fresh = before + MARKS[0] + table() + MARKS[1] + after
    if UPDATE:
        path.write_text(fresh, encoding="utf-8")
    assert UPDATE or text == fresh, "COLOSSUS_UPDATE_GOLDEN=1 writes it again"
