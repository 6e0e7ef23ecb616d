"""One thing broken in a reference system at a time: exactly one root finding names it.

Beside the cases, which compare every word on small systems, these rows show that the large ones
give one root as well, however many racks and hosts a fault touches. Notes are no faults.
"""

from pathlib import Path
from typing import Any

import pytest

from colossus.diagnostics import Severity
from tests.unit.checks.broken import found

DGX = "nvidia/dgx-h100"
TRAY = "nvidia/gb200-compute-tray"


def setting(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 — any YAML
    """Edit cluster.yaml; `__` stands for a dot."""
    return {"set": {key.replace("__", "."): value for key, value in changes.items()}}


def in_rack(path: str, value: object) -> dict[str, Any]:
    return {"set": {f"racks[{path}": value}}


def hardware(model: str, **changes: object) -> dict[str, Any]:
    """Edit a catalogue entry; `__` stands for a dot."""
    return {"catalog": {model: {key.replace("__", "."): value for key, value in changes.items()}}}


FAULTS: list[tuple[str, str, dict[str, Any]]] = [
    ("superpod-h100-2su", "rack-weight", hardware("generic/rack-48u-800", load_kg=450)),
    ("superpod-h100-2su", "depth-exceeds-rack", hardware(DGX, depth_mm=1200)),
    (
        "superpod-h100-2su",
        "feed-loss",
        hardware(DGX, power__nominal_watts=20000, power__max_watts=24000),
    ),
    (
        "superpod-h100-2su",
        "fabric-switches-missing",
        in_rack("1].devices[0].u", {"first": 1, "step": 2, "count": 7}),
    ),
    ("superpod-h100-2su", "clos-impossible", setting(fabrics__compute__clos__hosts_per_unit=40)),
    ("hopper-8k", "speed-mismatch", {"catalog": {DGX: {"ports[0].speed": "200G"}}}),
    ("hopper-8k", "rack-ports-exhausted", {"catalog": {"nvidia/sn2201": {"ports[0].count": 6}}}),
    ("hopper-8k", "fabric-switches-missing", in_rack("1].devices[0].at_most", 200)),
    ("eagle", "u-overlap", hardware("microsoft/nd-h100-v5", height_u=12)),
    ("eagle", "rack-outside-row", {"set": {"halls[0].racks_per_row": 23}}),
    ("eagle", "inlet-overload", hardware("microsoft/nd-h100-v5", power__supplies__inlet_amps=5)),
    ("oci-16k", "name-clash", setting(roles__spine__name="leaf-{n:03d}")),
    ("openai-25k", "components-differ", setting(fabrics__compute__components=1)),
    ("atlas900-4k", "rack-power", hardware("huawei/atlas-800t-a2", power__max_watts=20000)),
    (
        "atlas900-4k",
        "fabric-switches-missing",
        {"catalog": {"huawei/xh16800-576": {"ports[0].count": 48}}},
    ),
    ("frontier", "tier-oversubscribed", in_rack("0].names", "x[1000-1072]")),
    ("aurora", "rack-weight", hardware("intel/exascale-compute-blade", weight_kg=2000)),
    ("dojo-exapod", "components-differ", setting(fabrics__tile__mesh__cabinets=9)),
    ("dojo-exapod", "u-overlap", hardware("tesla/dojo-tray", height_u=20)),
    ("nvl72-rack", "fabric-ports-exhausted", setting(fabrics__frontend__ports_per_switch=32)),
    ("blackwell-2k", "rack-weight", hardware(TRAY, weight_kg=132)),
    ("blackwell-2k", "rack-cooling", hardware("supermicro/lcs-scdu-250l4001", capacity_kw=60)),
]


@pytest.mark.parametrize(
    ("example", "code", "edits"),
    FAULTS,
    ids=[f"{example}-{code}-{n}" for n, (example, code, _) in enumerate(FAULTS)],
)
def test_one_fault_is_one_root(
    example: str, code: str, edits: dict[str, Any], tmp_path: Path
) -> None:
    findings = found({"example": example, **edits}, tmp_path)
    roots = [each for each in findings if not each.caused_by]
    assert [each.code for each in roots if each.severity is not Severity.NOTE] == [code]
    assert all(each.where.line for each in roots)
