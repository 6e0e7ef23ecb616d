"""The largest system: cables between spines and cores exchanged, and found by the invariants.

Sources: issue of the reference systems; facts, fabric.md (fault sensitivity): counts of ports and
links stay the same, so only the rules on planes and on links per pair can see it.
"""

from functools import cache

import pytest

from colossus.checks.registry import run_checks
from colossus.diagnostics import Diagnostic
from colossus.fabric.design import design
from colossus.inventory.site import CableOverride
from colossus.load.site import Loaded, load_site
from tests.unit.fabric.sites import ROOT


@cache
def colossus() -> Loaded:
    """Load the example once."""
    return load_site(ROOT / "examples" / "colossus-100k")


def roots_with(*pairs: tuple[str, str]) -> list[Diagnostic]:
    """Give the errors that have no cause, of the example with these plugs exchanged."""
    overrides = tuple(CableOverride(port=a, meets=z, reason="a slip") for a, z in pairs)
    site = colossus().accepted().model_copy(update={"cable_overrides": overrides})
    found = run_checks(design(site, colossus().catalog, colossus().lock))
    return [each for each in found if not each.caused_by and each.severity == "error"]


@pytest.mark.parametrize(
    ("code", "pairs", "named"),
    [
        (
            "plane-crossed",
            [("spine-0001:33/1", "core-0017:1/1"), ("spine-0002:33/1", "core-0001:1/1")],
            ("spine-0001", "core-0017"),
        ),
        (
            "links-uneven",
            [("spine-0001:33/1", "core-0002:3/1"), ("spine-0065:35/1", "core-0001:1/1")],
            ("spine-0001", "core-0002"),
        ),
    ],
    ids=["between core groups", "between cores of one group"],
)
def test_exchanged_cables_to_the_cores_are_one_root_finding(
    code: str, pairs: list[tuple[str, str]], named: tuple[str, str]
) -> None:
    (root,) = roots_with(*pairs)
    assert root.code == code
    assert root.where.path == "cable_overrides[0]"
    assert all(word in root.summary for word in named)
