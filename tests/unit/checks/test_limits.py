"""What no small site can break: Slurm's node limit; and how causes are found."""

from typing import Any

import pytest

from colossus.checks import scheduler
from colossus.checks.registry import attribute, run_checks
from colossus.diagnostics import Diagnostic, error
from tests.unit.fabric.sites import Edit, designed


def test_more_nodes_than_slurm_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "MAX_NODES", 7)
    (finding,) = scheduler.slurm_limits(designed().fabric)
    assert finding == error(
        "slurm-limits",
        "slurm.nodes",
        "8 nodes, Slurm counts at most 7",
        "split the site in two clusters",
    )


def cause(root: Diagnostic, consequence: Diagnostic) -> str:
    """Name what the second of two findings follows from."""
    return list(attribute([root, consequence]))[1].caused_by


@pytest.mark.parametrize(
    ("root", "consequence", "follows"),
    [
        ("fabrics.compute", "fabrics.compute.ends[0]", True),
        ("fabrics.compute", "fabrics.compute-2.ends[0]", False),
        ("fabrics.oob", "fabrics.compute.ends[0]", False),
        ("fabrics.oob", "slurm.nodes[0]", True),
    ],
)
def test_a_cause_is_in_the_same_fabric(root: str, consequence: str, follows: bool) -> None:  # noqa: FBT001 — a table row
    first = error("fabric-ports-exhausted", root, "too few")
    second = error("end-unconnected", consequence, "lost")
    expected = f"fabric-ports-exhausted at {root}" if follows else ""
    assert cause(first, second) == expected


def test_a_cause_is_in_the_same_rack_group() -> None:
    overlap = error("u-overlap", "racks[1].devices[0].u", "two at once")
    heavy = error("rack-weight", "racks[10].model", "too heavy")
    assert cause(overlap, heavy) == ""
    same = error("rack-weight", "racks[1].model", "too heavy")
    assert cause(overlap, same) == "u-overlap at racks[1].devices[0].u"


def test_findings_without_a_cause_stay_as_they_are() -> None:
    findings = [error("u-overlap", "racks[0]", "a"), error("feed-loss", "racks[0]", "b")]
    assert list(attribute(findings)) == findings


def emptied(document: dict[str, Any]) -> None:
    """Racks without anything in them."""
    document["slurm"] = None
    for group in document["racks"]:
        del group["pdus"]
        group["devices"] = []


def external(document: dict[str, Any]) -> None:
    """Fabrics that others cable."""
    document["slurm"] = None
    for fabric in document["fabrics"].values():
        fabric |= {"topology": "none", "external": True, "addresses": None}


@pytest.mark.parametrize(
    ("edit", "codes"),
    [(emptied, set[str]()), (external, {"management-uncabled", "target-unaddressed"})],
)
def test_checks_bear_with_nothing(edit: Edit, codes: set[str]) -> None:
    assert {finding.code for finding in run_checks(designed(edit))} == codes
