"""Why a cord, a hose or a fixture is where it is."""

from functools import cache

import pytest

from colossus.fabric.model import Fabric
from colossus.fabric.whole import whole
from colossus.fabric.why_supply import why_supply
from tests.unit.sites import fabric_of


@cache
def rack() -> Fabric:
    """One NVL72 rack with its cords and hoses."""
    return whole(fabric_of(example="nvl72-rack"), {}).fabric


def told(word: str) -> list[tuple[str, str]]:
    return [(reason.what, reason.path) for reason in why_supply(rack(), word)]


@pytest.mark.parametrize(
    ("word", "first", "kind"),
    [
        ("cdu-01:psu-1", "cdu-01:psu-1 meets pdu-a01-a1:outlet-19 by cable VMMC-F6WZ", "cord"),
        ("VMMC-F6WZ", "cdu-01:psu-1 meets pdu-a01-a1:outlet-19 by cable VMMC-F6WZ", "cord"),
        ("tap-a01-b:outlet-1", "shelf-01:psu-1 meets tap-a01-b:outlet-1 by cable", "cord"),
        ("manifold-a01:return-1", "cdu-01:return meets manifold-a01:return-1 by cable", "hose"),
    ],
)
def test_a_run_is_explained_from_either_end_and_by_its_id(word: str, first: str, kind: str) -> None:
    (meets, path), (length, model) = told(word)
    assert meets.startswith(first)
    assert path in {"racks[0].pdus", "racks[0].devices"}
    assert length.startswith(f"it is a {kind} of ")
    assert model == "racks[0].model"


def test_a_fixture_stands_at_its_rack() -> None:
    assert told("manifold-a01") == [("manifold-a01 is at rack a01", "racks[0]")]


@pytest.mark.parametrize("word", ["oob-01", "oob-01:swp1", "no-such-thing", "oob-01:psu-9"])
def test_what_is_no_cord_is_not_explained_here(word: str) -> None:
    assert told(word) == []
