"""Splitters, cables of several links and built-in ones are told apart wherever they are bought."""

from typing import Any

import pytest

from colossus.fabric.model import Fabric
from colossus.sheets.plugs import plugs_of
from colossus.wiring.bill import bill
from colossus.wiring.ends import end_rows
from colossus.wiring.forms import form_words, forms
from colossus.wiring.picks import pick_list
from tests.unit.sites import fabric_of


def two_cabinets(document: dict[str, Any]) -> None:
    document["racks"][0]["names"] = "c[01-02]"


def frontier() -> Fabric:
    return fabric_of(two_cabinets, example="frontier")


@pytest.mark.parametrize(
    ("fabric", "found"),
    [
        (frontier(), {"host-switch": {-2, 1}, "local": {1}, "global": {-2}}),
        (fabric_of(), {"host-switch": {2, 1}}),
        (
            fabric_of(example="nvl72-rack"),
            {"gpu-nvswitch": {1}, "host-switch": {2}, "host-leaf": {1}, "leaf-spine": {1}},
        ),
    ],
    ids=["frontier", "stanford-nlp", "nvl72-rack"],
)
def test_forms(fabric: Fabric, found: dict[str, set[int]]) -> None:
    form = forms(fabric)
    told: dict[str, set[int]] = {}
    for row in range(len(fabric.links.a)):
        link = fabric.link(row)
        told.setdefault(link.tier, set()).add(int(form[fabric.links.cable[row]]))
    assert told == found


@pytest.mark.parametrize(
    ("form", "words"), [(1, "DAC"), (2, "DAC splitter 1:2"), (-2, "DAC of 2 links")]
)
def test_words(form: int, words: str) -> None:
    assert form_words("DAC", form) == words


def test_nothing_of_a_dragonfly_is_ordered_as_a_splitter() -> None:
    fabric = frontier()
    ordered = {pick.what for pick in pick_list(fabric, 0)}
    ordered |= {line.medium for line in bill(fabric, 0) if line.item == "cable"}
    assert ordered == {"CAT6A", "DAC", "DAC of 2 links", "ACC", "MMF of 2 links"}


def test_nothing_built_in_is_ordered() -> None:
    fabric = fabric_of(example="nvl72-rack")
    splitters = {"DAC splitter 1:2", "ACC splitter 1:2"}
    assert {pick.what for pick in pick_list(fabric, 0)} == {"CAT6A", "DAC", *splitters}
    ordered = {line.medium for line in bill(fabric, 0) if line.item == "cable"}
    assert ordered == {"CAT6A", "DAC", *splitters}


def test_the_sheet_calls_a_cable_of_two_links_so_at_both_ends() -> None:
    fabric = frontier()
    plugs = list(plugs_of(end_rows(fabric).rack(0)))
    whole = [plug for plug in plugs if plug.whole]
    # 128 nodes with two cables each, both ends in the rack; two cables to the other cabinet
    assert len(whole) == 2 * 256 + 2
    assert {plug.cable.rpartition(", ")[2] for plug in whole} == {"2 links"}
    assert not [plug for plug in plugs if plug.splits]
