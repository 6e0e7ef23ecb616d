"""Large sites on their smallest slice: racks that route out of band, most of them not there."""

import json
from pathlib import Path

import pytest

from tests.twin.sites import Desk

pytestmark = pytest.mark.twin


def test_a_slice_whose_racks_route_is_rehearsed_and_proved(desk: Desk, checkout: Path) -> None:
    """Hosts and controllers stand in racks of their own; one rack's switch is in the slice."""
    report = desk.folder / "report.json"
    site = checkout / "examples" / "superpod-h100-2su"
    done = desk.run(
        "provision", site, "--dry-run", "--twin", "ns", "--slice", "auto", "--report", report
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(report.read_text("utf-8"))
    phases = {phase["name"]: phase["ok"] for phase in found["phases"]}
    assert all(phases.values())
    # The rack's switch and the pair above it speak BGP; the other racks are joined by the twin.
    assert phases["switches route"]
    assert found["slurm"] == {"nodes": 2, "job_exit": 0}
    assert found["second_apply_changes"] == 0
    assert found["predicted_equals_applied"]
    assert found["cables"]["expected"] == found["cables"]["seen"]
    assert found["cables"]["wrong"] == []
    assert desk.twins() == []
