"""Books, cable lists, records and imports of 100,000 accelerators: measured, never asserted."""

import io
import os
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from time import perf_counter, process_time

import pytest

from colossus.diagnostics import Where
from colossus.fabric.model import Fabric
from colossus.fabric.whole import whole
from colossus.sheets.book import Floor, floor
from colossus.sheets.folder import write_sheets
from colossus.sheets.pdf_book import pdf_book
from colossus.sheets.printing import Make, printed
from colossus.sheets.tables import csv_sheets
from colossus.sheets.workbook import tables_xlsx
from colossus.sheets.xlsx_book import xlsx_book
from colossus.wiring.books import books
from colossus.wiring.cabling_import import Cell, Importer, Line
from colossus.wiring.changes import changes
from colossus.wiring.ends import end_rows
from colossus.wiring.record import planned_plugs
from colossus.wiring.rows import cable_rows
from tests.unit.sites import fabric_of

pytestmark = pytest.mark.bench

RAW_ROWS, RAW_CELLS = 100_000, 15


@contextmanager
def told(what: str) -> Iterator[None]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started, worked = perf_counter(), process_time()
    with together() as peak:
        yield
    wall, own = perf_counter() - started, process_time() - worked
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    others = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    sys.stdout.write(
        f"\nbench: {what}: {wall:.1f} s wall, CPU {own:.1f} s here and {others:.1f} s in others,"
        f" at most {max(peak) >> 10} MiB together\n"
    )


@contextmanager
def together() -> Iterator[list[int]]:
    """Collect what this process and its children hold, in KiB, shared pages counted once."""
    found, over = [_held()], Event()

    def watch() -> None:
        while not over.wait(0.5):
            found.append(_held())

    watcher = Thread(target=watch)
    watcher.start()
    yield found
    over.set()
    watcher.join()
    found.append(_held())


def _held() -> int:
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii").split()
    total = 0
    for process in ("self", *children):
        with suppress(OSError):
            rollup = Path(f"/proc/{process}/smaps_rollup").read_text("ascii")
            total += int(
                next(line for line in rollup.splitlines() if line[:4] == "Pss:").split()[1]
            )
    return total


@pytest.fixture(scope="module")
def fabric() -> Fabric:
    return whole(fabric_of(example="colossus-100k"), {}).fabric


@pytest.fixture(scope="module")
def prepared(fabric: Fabric) -> Floor:
    with told("rows, ends and pick list made ready"):
        return floor(fabric, 5.0)


def test_csv_of_every_rack(fabric: Fabric, tmp_path: Path) -> None:
    with told(f"CSV sheets of {len(fabric.racks.names):,} racks"):
        write_sheets(tmp_path / "csv", "csv", csv_sheets(fabric), whole=True)


@pytest.mark.parametrize(("kind", "make"), [("pdf", pdf_book), ("xlsx", xlsx_book)])
def test_books_of_every_rack(prepared: Floor, tmp_path: Path, kind: str, make: Make) -> None:
    shelf = books(prepared.fabric)
    with told(f"{len(shelf)} {kind} books, {len(prepared.rows.half):,} ends"):
        made = printed(prepared, shelf, make, "a4", lambda _done, _all: None)
        named = ((f"{name}.{kind}", content) for name, content in made)
        write_sheets(tmp_path / kind, kind, named, whole=True)


def test_the_raw_cost_of_the_pdf_library() -> None:
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(io.BytesIO(), pagesize=(842, 595))
    with told(f"ReportLab alone: {RAW_ROWS:,} lines of text"):
        for _ in range(RAW_ROWS // 38):
            body = canvas.beginText(28, 550)
            body.setFont("Courier", 7, 12)
            for line in range(38):
                body.textLine(f"{line:150d}")
            canvas.drawText(body)
            canvas.showPage()
        canvas.save()


def test_the_raw_cost_of_the_workbook_library() -> None:
    rows = ([f"{row} {cell}" for cell in range(RAW_CELLS)] for row in range(RAW_ROWS))
    with told(f"XlsxWriter alone: {RAW_ROWS:,} rows of {RAW_CELLS} cells"):
        tables_xlsx([("raw", ("x",) * RAW_CELLS, rows)])


def test_plugs_for_a_record(fabric: Fabric) -> None:
    with told("every plug listed for `wiring record`"):
        assert len(planned_plugs(fabric).legs) == len(end_rows(fabric).half)


def test_changes_of_the_whole_site(fabric: Fabric) -> None:
    with told("difference of two equal plans"):
        assert changes(fabric, fabric).marks == {}


@pytest.mark.parametrize("count", [8_000, 100_000])
def test_importing_a_customers_rows(fabric: Fabric, count: int) -> None:
    rows = cable_rows(fabric).columns
    names = ("a_device", "z_device")
    ports = ("a_interface", "z_interface")
    where = end_places(count)
    lines = []
    for row in range(count):
        cells = {name: rows[name][row] for name in names}
        cells |= {name.replace("interface", "port"): rows[name][row] for name in ports}
        if row % (count // 40) == 0:
            cells["a_device"] = f"no-such-{row}"
        lines.append(Line({name: Cell(text, where[row]) for name, text in cells.items()}))
    with told(f"import of {count:,} rows with 40 faults"):
        done = Importer(fabric).read(lines)
    assert len(done.findings) == 40


def end_places(count: int) -> list[Where]:
    return [Where(f"A{row}", "p2p.csv", row) for row in range(count)]
