"""A work order as one HTML file that prints: what was found, the moves, the sheets of the racks."""

from colossus.sheets.markup import Markup, document, join, table, tag
from colossus.sheets.order import MOVE_HEADINGS, Order
from colossus.sheets.rack_page import BOX, rack_sections


def order_page(order: Order) -> str:
    """Write a work order."""
    moves = [(BOX, *row) for row in order.moves()]
    found = [(BOX, kind, words) for kind, words in order.findings()]
    name = order.ready.fabric.site.cluster
    facts = (join([tag("dt", what), tag("dd", words)]) for what, words in order.facts())
    body = join(
        [
            tag(
                "header",
                tag("div", tag("b", f"{name}: work order"), class_="what"),
                tag("div", order.ready.which, class_="which"),
            ),
            tag("dl", *facts),
            tag("h2", "What was found"),
            table(("", "kind", "where"), found, "small wrapped"),
            tag("h2", "Plugs to move; where they trade places, take all of them out first")
            if moves
            else Markup(""),
            table(("", *MOVE_HEADINGS), moves, "small wrapped") if moves else Markup(""),
        ]
    )
    racks = [rack_sections(sheet) for sheet in order.sheets()]
    return document(
        f"{name} work order", join([tag("section", body, class_="index order"), *racks])
    )
