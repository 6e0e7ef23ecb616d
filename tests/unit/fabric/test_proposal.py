"""What the planner would choose for a fabric whose shape is pinned."""

from typing import Any

import pytest

from colossus.fabric.proposal import why_pinned
from tests.unit.sites import fabric_of


@pytest.mark.parametrize(
    ("example", "words"),
    [
        # Half of the cores: without the pins, pods are as large as a spine's ports let them be.
        ("openai-25k", "1,256 leaves, 1,280 spines, 640 cores in pods of 20 units"),
        ("eagle", "480 leaves, 480 spines, 256 cores in pods of 4 units"),
    ],
)
def test_the_proposal_stands_beside_what_is_pinned(example: str, words: str) -> None:
    (reason,) = why_pinned(fabric_of(example=example, locked=False), "compute")
    assert reason.what == f"without pins it would be {words}"
    assert reason.path == "fabrics.compute.clos.pins"


def test_what_cannot_be_without_its_pins_says_so() -> None:
    """Directors pinned as cores: one plane of 40-port switches has no shape of its own."""

    def small_cores(site: dict[str, Any]) -> None:
        tiers = site["fabrics"]["compute"]["clos"]["tiers"]
        tiers["core"] = {**tiers["spine"], "up": None}

    fabric = fabric_of(small_cores, example="openai-25k-directors", locked=False)
    (reason,) = why_pinned(fabric, "compute")
    assert "nothing: 25,120 ports to hosts are wanted" in reason.what


@pytest.mark.parametrize(
    ("example", "fabric"),
    [("superpod-h100-1su", "compute"), ("stanford-nlp", "compute"), ("stanford-nlp", "nowhere")],
)
def test_without_pins_there_is_nothing_to_say(example: str, fabric: str) -> None:
    assert why_pinned(fabric_of(example=example), fabric) == []
