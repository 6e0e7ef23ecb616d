"""What paper says of places: slots of cards, seats of blades, tiles, the array of a book."""

from colossus.wiring.books import books
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


def test_the_book_of_a_unit_says_where_it_stands() -> None:
    titles = [book.title for book in books(fabric_of(example="colossus-100k"))]
    assert titles[0] == "scalable unit 1, array h1-p1-a1"
    assert titles[195] == "scalable unit 196, array h4-p7-a7"
    assert titles[196:] == ["hall h1", "hall h2", "hall h3", "hall h4"]
