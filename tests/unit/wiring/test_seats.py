"""What the cable list says of slots: a card's own, a blade's seat, a tray's tile."""

from colossus.wiring.rows import cable_rows
from tests.unit.sites import fabric_of


def test_the_cable_list_names_slots_of_blades_and_tiles() -> None:
    frontier = cable_rows(fabric_of(example="frontier")).columns
    seat = dict(zip(frontier["a_device"].tolist(), frontier["a_slot"].tolist(), strict=True))
    assert seat["frontier09472"] == "chassis-592.8.2"
    assert seat["ctl-01"] == ""
    dojo = cable_rows(fabric_of(example="dojo-exapod")).columns
    tiles = dict(zip(dojo["a_interface"].tolist(), dojo["a_slot"].tolist(), strict=True))
    assert tiles["t2e"] == "tile-2"
