"""The rehearsal's report: what counts as ok, and the contract's document."""

import json
from dataclasses import replace

import pytest

from colossus.errors import UsageError
from colossus.twin.report import (
    MODEL_TIER,
    Cause,
    Exempt,
    Injected,
    Phase,
    Report,
    read_report,
)


def good() -> Report:
    report = Report("c", "ns", "none", "d1", job_exit=0, slurm_nodes=2, second_apply_changes=0)
    report.predicted_equals_applied = True
    report.phases.append(Phase("apply the plan", ok=True, seconds=1.234))
    return report


def test_a_good_report_is_ok() -> None:
    assert good().ok


def test_a_site_without_slurm_can_be_ok() -> None:
    report = good()
    report.job_exit = None
    assert report.ok


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("job_exit", 1),
        ("second_apply_changes", 1),
        ("second_apply_changes", None),
        ("predicted_equals_applied", False),
        ("predicted_equals_applied", None),
        ("cables_wrong", [{"kind": "swapped"}]),
        ("phases", []),
        ("phases", [Phase("cables", ok=False, seconds=0.0)]),
    ],
)
def test_anything_that_failed_or_was_not_tried_is_not_ok(field: str, value: object) -> None:
    report = good()
    setattr(report, field, value)
    assert not report.ok


def test_the_model_tier_proves_only_its_phases() -> None:
    report = replace(good(), tier=MODEL_TIER)
    report.predicted_equals_applied = None
    assert report.ok
    report.phases.append(Phase("plan", ok=False, seconds=0.0))
    assert not report.ok


def test_the_document_has_the_keys_of_the_contract() -> None:
    document = good().document()
    assert set(document) >= {
        *("schema_version", "tier", "accel", "plan_digest", "slice", "phases", "steps"),
        *("cables", "slurm", "second_apply_changes", "predicted_equals_applied", "ok"),
    }
    assert document["slurm"] == {"nodes": 2, "job_exit": 0}
    (phase,) = document["phases"] if isinstance(document["phases"], list) else ({},)
    assert phase["name"] == "apply the plan"
    assert phase["seconds"] == pytest.approx(1.23)


def test_a_report_is_read_back_as_it_was_written() -> None:
    report = good()
    report.phases = [Phase("cables", ok=False, seconds=1.5, faults=("one", "two"))]
    report.steps, report.verbatim = 3, 2
    report.substituted = [Exempt("a/package:b", "the image has it")]
    report.causes = [Cause("slow", ("gpu-1",), "gpu-1 is slow", ("gpu-1:eth0",))]
    report.injected = [Injected("slow gpu-1", found=True)]
    report.stands_for, report.cannot_show = ("compute: 1 unit",), ("speed",)
    again = read_report(json.dumps(report.document()), "report.json")
    assert again.document() == report.document()
    assert again.verbatim_percent == pytest.approx(66.7)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"slice": 3}'])
def test_what_is_no_report_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"r\.json is no report"):
        read_report(text, "r.json")
