"""How sure the figures of some racks are: as sure as their own devices' facts, no less."""

from colossus.checks.provenance import racks_basis, verdicts
from colossus.inventory.words import Provenance
from tests.unit.fabric.sites import catalog, designed


def test_racks_rest_on_their_own_devices() -> None:
    """The rack of hosts and switches rests on the assumed figures of a switch, the other not."""
    fabric = designed().fabric
    whole = verdicts(fabric)["cooling"]
    each = [racks_basis(fabric, "cooling", [rack]) for rack in range(2)]
    assert {basis.provenance for basis in each} == {Provenance.ASSUMED}
    assert set(whole.weak) == {fact for basis in each for fact in basis.weak}
    assert any("nvidia/sn2201" in fact for fact in each[0].weak)
    assert not any("nvidia/sn2201" in fact for fact in each[1].weak)


def test_public_facts_are_as_sure_as_can_be() -> None:
    """No facts that count, no doubt: an empty row rests on nothing."""
    assert catalog()
    assert racks_basis(designed().fabric, "cooling", []).provenance is Provenance.PUBLIC
