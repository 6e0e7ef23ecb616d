"""A work order on paper: what was found, every move once, and the sheets of just those cables."""

import csv
import io
import re

import pytest
from pypdf import PdfReader

from colossus.fabric.model import Fabric
from colossus.sheets.order import CSV_COLUMNS, Order, order_csv, order_of
from colossus.sheets.order_page import order_page
from colossus.sheets.order_pdf import order_pdf
from colossus.wiring.verdicts import compare
from tests.unit.wiring.fabrics import Seen, connect, example, planned, sightings


def made_wrong() -> tuple[Fabric, Seen]:
    """A swapped pair, a dead cable, an extra one and a stranger."""
    fabric = example()
    seen = dict(planned(fabric))
    one, other = ("gpu-0001", "enp84s0"), ("gpu-0005", "enp84s0")
    far = seen[one], seen[other]
    assert far[0]
    assert far[1]
    connect(seen, one, far[1])
    connect(seen, other, far[0])
    dead = ("gpu-0002", "enp84s0")
    end = seen[dead]
    assert end
    seen[dead] = seen[end] = None
    connect(seen, ("oob-01", "swp40"), ("oob-01", "swp41"))
    connect(seen, ("gpu-0003", "enp84s0"), ("gpu-0099", "enp1s0"))
    return fabric, {port: there for port, there in seen.items() if port[0] != "gpu-0099"}


@pytest.fixture(scope="module")
def order() -> Order:
    fabric, seen = made_wrong()
    return order_of(fabric, compare(fabric, sightings(seen)))


def text_of(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


@pytest.mark.parametrize("size", ["a4", "letter"])
def test_a_pdf_says_all_of_it_and_numbers_its_pages(order: Order, size: str) -> None:
    pages = text_of(order_pdf(order, size))
    for number, page in enumerate(pages, 1):
        assert f"page {number} of {len(pages)}" in page
        assert "cabled by" in page
        assert "checked by" in page
    whole = "\n".join(pages)
    plain = re.sub(r"\s+", " ", whole)
    for number, (kind, words) in enumerate(order.findings(), 1):
        assert f"{number}. {kind}: {words}" in plain
    for row in order.moves():
        assert re.search(rf"{row[0]} +{row[1]} +{row[2]} +{re.escape(row[3])}", whole)
    assert "found" in pages[0]
    assert "1 swapped" in pages[0]


def test_the_sheets_of_a_work_order_have_just_the_cables_at_fault(order: Order) -> None:
    cables = {cable for verdict in order.report.verdicts for cable in verdict.cables}
    sheets = list(order.sheets())
    assert {row["cable_id"] for sheet in sheets for row in sheet.rows} == cables
    assert [sheet.name for sheet in sheets] == order.racks == ["a01", "a02"]
    moved = {task.cable_id for task in order.tasks if task.cable_id}
    notes = {(row["cable_id"] in moved, row["note"]) for sheet in sheets for row in sheet.rows}
    assert notes == {(True, "MOVE"), (False, "LOOK")}


def test_a_page_holds_every_verdict_and_move(order: Order) -> None:
    page = order_page(order)
    for _, words in order.findings():
        assert words.replace("'", "&#x27;") in page
    assert page.count('class="tick"') >= len(order.tasks) + len(order.report.verdicts)
    assert page.count("out; coil it and label it") == 2
    assert page.startswith("<!DOCTYPE html>")


def test_a_table_has_a_row_per_plug(order: Order) -> None:
    rows = list(csv.DictReader(io.StringIO(order_csv(order).decode())))
    assert list(rows[0]) == list(CSV_COLUMNS)
    assert len(rows) == len(order.tasks)
    moves = [(row["cable_id"], row["from_device"], row["to_device"]) for row in rows]
    assert len([move for move in moves if move[0]]) >= 2
    assert {move[1] for move in moves if not move[0]} == {"oob-01"}
    assert all(row["from_u"] for row in rows if row["from_rack"])


def test_the_same_comparison_gives_the_same_bytes(order: Order) -> None:
    assert order_pdf(order, "a4") == order_pdf(order, "a4")


def test_hundreds_of_faults_run_over_pages() -> None:
    fabric = example()
    seen: Seen = dict.fromkeys(planned(fabric))
    order = order_of(fabric, compare(fabric, sightings(seen)))
    pages = text_of(order_pdf(order, "letter"))
    words = "\n".join(pages)
    for number in range(1, len(order.report.verdicts) + 1):
        assert f"{number}. dead" in words
    assert "plugs to move" not in pages[1]
