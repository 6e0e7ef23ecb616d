"""Books for the floor: every plug once, on both papers, in both formats; only what changed."""

import io
from collections import Counter
from functools import cache

import pytest
from pypdf import PdfReader

from colossus.fabric.model import Fabric
from colossus.fabric.tables import BUILT_IN, MEDIA
from colossus.fabric.whole import whole
from colossus.sheets.book import Since, floor
from colossus.sheets.paper import HEIGHT, SIZES, WIDTH, shortened
from colossus.sheets.pdf_book import pdf_book
from colossus.sheets.plugs import plugs_of
from colossus.sheets.printing import printed
from colossus.sheets.workbook import read_xlsx, workbook
from colossus.sheets.xlsx_book import HEADINGS, _Styles, xlsx_book
from colossus.wiring.books import books
from colossus.wiring.changes import changes
from colossus.wiring.ends import end_rows
from tests.unit.sites import fabric_of, third_rack

EXAMPLES = ("stanford-nlp", "superpod-h100-1su", "nvl72-rack")


@cache
def cabled(example: str) -> Fabric:
    """An example with its power cords and coolant hoses."""
    return whole(fabric_of(example=example), {}).fabric


def pulled(fabric: Fabric) -> list[str]:
    """The ids of what people pull: all but what came with its rack."""
    built_in = MEDIA.index(BUILT_IN)
    pairs = zip(fabric.cables.ids, fabric.cables.medium.tolist(), strict=True)
    return [name for name, medium in pairs if medium != built_in]


def plugs(fabric: Fabric) -> Counter[str]:
    """Cable id → how many plugs it has in the racks: two, or more at a splitter."""
    rows = end_rows(fabric)
    return Counter(
        plug.first["cable_id"]
        for rack in range(len(fabric.racks.names))
        for plug in plugs_of(rows.rack(rack))
    )


@cache
def pages(example: str, size: str) -> list[str]:
    ready = floor(cabled(example), 5.0)
    return [
        page.extract_text()
        for book in books(ready.fabric)
        for page in PdfReader(io.BytesIO(pdf_book(ready, book, size))).pages
    ]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("example", EXAMPLES)
def test_the_pdf_says_every_cable_once_per_end(example: str, size: str) -> None:
    fabric = cabled(example)
    words = Counter(word for page in pages(example, size) for word in page.split())
    assert {name: words[name] for name in pulled(fabric)} == plugs(fabric)
    kinds = {fabric.medium(cable) for cable in range(len(fabric.cables.ids))}
    assert "CORD" in kinds
    assert ("HOSE" in kinds) == (example == "nvl72-rack")


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_workbook_says_every_cable_once_per_end(example: str) -> None:
    fabric, ready = cabled(example), floor(cabled(example))
    cells: Counter[str] = Counter()
    for book in books(fabric):
        for rows in read_xlsx(xlsx_book(ready, book, "a4")).values():
            cells.update(cell for row in rows for cell in row)
    assert {name: cells[name] for name in pulled(fabric)} == plugs(fabric)


def test_pages_are_numbered_to_the_last() -> None:
    told = [page.split("page ")[1].split("\n")[0] for page in pages("stanford-nlp", "a4")]
    assert told == [f"{number} of {len(told)}" for number in range(1, len(told) + 1)]


def test_the_headings_stand_on_every_page_of_plugs() -> None:
    for page in pages("superpod-h100-1su", "letter"):
        if "swp" in page:
            assert "label at this end" in page
            assert "cabled by" in page


def test_both_papers_have_room_for_the_page() -> None:
    for wide, high in SIZES.values():
        assert wide - WIDTH >= 2 * 25
        assert high - HEIGHT >= 2 * 25


def test_the_cover_has_counts_and_what_is_superseded() -> None:
    cover = pages("stanford-nlp", "a4")[0]
    for words in ("hall main", "250", "109", "every earlier sheet of these racks"):
        assert words in cover


def test_a_rack_sheet_has_the_columns_to_fill_in() -> None:
    ready = floor(fabric_of())
    (book,) = books(ready.fabric)
    sheets = read_xlsx(xlsx_book(ready, book, "letter"))
    assert list(sheets) == ["Cover", "Pick list", "Elevations", "a01", "a02"]
    assert tuple(sheets["a01"][0]) == HEADINGS
    assert len(sheets["a01"]) == 101


def test_many_processes_print_the_same_bytes_as_one() -> None:
    ready = floor(fabric_of(example="superpod-h100-2su"))
    shelf = books(ready.fabric)
    assert [book.name for book in shelf][:2] == ["unit-1", "unit-2"]
    told: list[tuple[int, int]] = []
    made = dict(printed(ready, shelf, pdf_book, "a4", lambda done, of: told.append((done, of))))
    assert made == {book.name: pdf_book(ready, book, "a4") for book in shelf}
    assert told == [(number, len(shelf)) for number in range(1, len(shelf) + 1)]


def test_since_prints_only_what_changed() -> None:
    old, new = fabric_of(), fabric_of(third_rack)
    difference = changes(old, new)
    assert difference.counts["removed"] == 0
    ready = floor(new, 0.0, Since(old, difference))
    text = " ".join(
        page.extract_text()
        for book in books(new)
        for page in PdfReader(io.BytesIO(pdf_book(ready, book, "a4"))).pages
    )
    printed_ids = {name for name in new.cables.ids if name in text}
    assert printed_ids == set(difference.marks)
    assert printed_ids == set(new.cables.ids) - set(old.cables.ids)


def test_since_prints_what_comes_out_where_it_was() -> None:
    old, new = fabric_of(third_rack), fabric_of()
    ready = floor(new, 0.0, Since(old, changes(old, new)))
    (book,) = books(new)
    names = [row["cable_id"] for sheet in ready.sheets(book.racks) for row in sheet.rows]
    assert set(names) <= changes(old, new).gone
    notes = {row["note"] for sheet in ready.sheets(book.racks) for row in sheet.rows}
    assert notes <= {"REMOVE"}


def test_nothing_changed_prints_nothing() -> None:
    fabric = fabric_of()
    ready = floor(fabric, 0.0, Since(fabric, changes(fabric, fabric)))
    (book,) = books(fabric)
    assert pdf_book(ready, book, "a4") == b""
    assert xlsx_book(ready, book, "a4") == b""


@pytest.mark.parametrize(
    ("words", "most", "short"), [("leaf-01", 7, "leaf-01"), ("a-very-long-name", 9, "a-v…-name")]
)
def test_long_names_keep_their_ends(words: str, most: int, short: str) -> None:
    assert shortened(words, most) == short
    assert len(short) <= most


def test_sheet_names_are_what_excel_takes() -> None:
    stream = io.BytesIO()
    with workbook(stream) as made:
        styles = _Styles(made, "a4")
        for name in ("Cover", "cover", "a/b", "r" * 40, "r" * 40):
            styles.sheet(name)
    names = list(read_xlsx(stream.getvalue()))
    assert names == ["Cover", "cover~2", "a-b", "r" * 31, "r" * 27 + "~2"]
