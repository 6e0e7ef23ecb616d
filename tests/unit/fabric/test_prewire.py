"""Cables of hosts that are still to come: planned with them, or pulled ahead with their leaf."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

from colossus.fabric.model import Fabric
from colossus.fabric.tables import STATUSES
from tests.unit.sites import fabric_of

HOST = "dgx-031"


def made(*, prewire: bool) -> Fabric:
    def edit(site: dict[str, Any]) -> None:
        site["fabrics"]["compute"]["clos"]["prewire"] = prewire
        site["overrides"] = [{"devices": HOST, "status": "planned", "reason": "comes in spring"}]

    return fabric_of(edit, example="superpod-h100-1su")


def statuses(fabric: Fabric) -> dict[str, Counter[str]]:
    """Fabric → how many cables of the host have which status."""
    host = fabric.device_index[HOST]
    mine = fabric.ports.device[fabric.links.a] == host
    found: dict[str, Counter[str]] = {}
    for row in np.unique(fabric.links.cable[mine]).tolist():
        name = fabric.fabrics[fabric.cables.fabric[row]]
        found.setdefault(name, Counter())[STATUSES[fabric.cables.status[row]]] += 1
    return found


@pytest.mark.parametrize(("prewire", "status"), [(False, "planned"), (True, "active")])
def test_only_the_prewired_fabric_is_pulled_ahead(*, prewire: bool, status: str) -> None:
    found = statuses(made(prewire=prewire))
    assert set(found["compute"]) == {status}
    assert set(found["oob"]) == {"planned"}


def test_prewiring_plans_no_other_cable() -> None:
    ahead, after = made(prewire=True), made(prewire=False)
    assert ahead.cables.ids == after.cables.ids
    others = np.flatnonzero(ahead.cables.status != after.cables.status)
    assert len(others) == sum(statuses(ahead)["compute"].values())
