"""The cable list of every example as committed; COLOSSUS_UPDATE_GOLDEN=1 writes it again.

Without the revision, which changes with every byte of the inventory.
"""

import os
from dataclasses import replace

import pytest

from colossus.fabric.whole import whole
from colossus.sheets.tables import cables_csv
from tests.unit.sites import ROOT, fabric_of


@pytest.mark.parametrize("example", ["stanford-nlp", "grok1-node"])
def test_the_cable_list_is_as_committed(example: str) -> None:
    committed = ROOT / "examples" / example / "expected" / "cables.csv"
    fabric = replace(fabric_of(example=example), digest="")
    text = cables_csv(whole(fabric, {}).fabric)
    if os.environ.get("COLOSSUS_UPDATE_GOLDEN"):
        committed.write_text(text, encoding="utf-8")
    assert text == committed.read_text(encoding="utf-8")
