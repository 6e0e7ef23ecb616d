"""--allow-recable: what would move installed cables is a warning, and only that moves."""

from typing import Any

import pytest

from colossus.diagnostics import Severity
from colossus.fabric.design import Design, design
from colossus.inventory.locks import Lock
from colossus.inventory.site import Site
from colossus.load.site import load_site
from tests.unit.fabric.sites import ROOT, Edit, authored, cabling, decisions, designed, site
from tests.unit.fabric.test_growth import LEVELS, SERVICE, holding, rack


def recabled(edit: Edit, lock: Lock) -> Design:
    """Design an edited example whose installed cables may move."""
    known = load_site(ROOT / "examples" / "stanford-nlp").catalog
    return design(site(edit), known, lock, recable=True)


def codes(design: Design) -> list[tuple[str, str]]:
    return [(finding.severity.value, finding.code) for finding in design.findings]


def of(name: str, cables: dict[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    return {key: ends for key, ends in cables.items() if key.startswith(f"{name} ")}


def whole_cages(document: dict[str, Any]) -> None:
    """Four hosts at unsplit ports, so that none of the installed splitters stays."""
    del document["fabrics"]["compute"]["breakout"]
    document["racks"][0]["devices"][0]["u"] = [1, 7]


def two_switches(document: dict[str, Any]) -> None:
    holding({"a08": LEVELS})(document)


def second_switch_only(document: dict[str, Any]) -> None:
    two_switches(document)
    service = [dict(rule) for rule in SERVICE]
    service[1]["u"] = [35, 37]
    document["racks"][0] = rack("a01", LEVELS, service)


def test_a_new_shape_moves_what_it_must_and_warns() -> None:
    locked = designed().lock
    assert ("error", "lock-shape-changed") in codes(designed(whole_cages, locked))
    result = recabled(whole_cages, locked)
    assert codes(result) == [("warning", "lock-shape-changed")]
    # All four hosts find ports, the other fabric stays as it is, and the new lock knows.
    old, now = (cabling(made.fabric) for made in (designed(), result))
    assert {z for z, _ in of("compute", now).values()} == {f"leaf-01:swp{n}" for n in range(1, 33)}
    assert of("oob", now).items() <= of("oob", old).items()
    assert designed(whole_cages, result.lock).findings == ()


def test_only_the_cables_of_a_switch_that_is_gone_move() -> None:
    before = designed(two_switches)
    refused = designed(second_switch_only, before.lock)
    (finding,) = (f for f in refused.findings if f.code == "fabric-switch-gone")
    assert "64 installed cables" in finding.summary
    result = recabled(second_switch_only, before.lock)
    assert [f.code for f in result.findings if f.severity is Severity.WARNING] == [finding.code]
    old, new = cabling(before.fabric), cabling(result.fabric)
    moved = {key for key in old.keys() & new.keys() if old[key] != new[key]}
    assert len(moved) == 64
    assert all(old[key][0].startswith("leaf-01:") for key in moved)


@pytest.mark.parametrize("recable", [False, True])
def test_a_rack_in_the_middle_moves_nothing(recable: bool) -> None:  # noqa: FBT001 — a table row
    """The hosts of a rack put between two others are numbered after all that exist."""
    example = load_site(ROOT / "examples" / "hopper-8k")

    def with_racks(names: str, hosts: int) -> Site:
        document = dict(authored("hopper-8k"))
        first = dict(document["racks"][0])
        first["names"] = names
        first["devices"] = [{**first["devices"][0], "at_most": hosts}, *first["devices"][1:]]
        return Site.model_validate({**document, "racks": [first, *document["racks"][1:]]})

    before = design(with_racks("c[001-250]", 1000), example.catalog)
    inserted = with_racks("c[001-100],c251,c[101-250]", 1004)
    after = design(inserted, example.catalog, before.lock, recable=recable)
    assert after.findings == ()
    old, new = decisions(before.fabric), decisions(after.fabric)
    assert len(new) > len(old)
    assert {key: new[key] for key in old} == old
