"""The end of every comparison of cables: print it, and fail where it is not as planned."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from colossus.cli.views.document import as_json
from colossus.cli.views.findings import as_text
from colossus.cli.views.messages import put, say
from colossus.cli.views.wiring import show_comparison
from colossus.diagnostics import Diagnostics
from colossus.errors import Drifted, UsageError
from colossus.fabric.model import Fabric
from colossus.load.observed import ObservationRefused, contradictions
from colossus.load.writing import write_bytes
from colossus.wiring.observed import Heard, Sighting
from colossus.wiring.owners import identify
from colossus.wiring.report import Report
from colossus.wiring.verdicts import compare

_MOST_NAMED = 5
ORDERS = (".pdf", ".html", ".csv")


class Format(StrEnum):
    """How a comparison is printed."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Printed:
    """How a comparison is printed; order: a file for the work order, size: its paper."""

    output: Format = Format.TEXT
    order: Path | None = None
    size: str = "a4"


def check_order(order: Path | None) -> None:
    """Refuse a work order that cannot be printed, before anything is asked."""
    if order is not None and order.suffix not in ORDERS:
        kinds = ", ".join(ORDERS)
        raise UsageError(
            f"a work order is not printed as {order.name}", f"Its name ends in {kinds}."
        )


def compare_and_print(
    fabric: Fabric, sightings: Sequence[Sighting], printed: Printed, heard: Sequence[Heard] = ()
) -> int:
    """Compare and print; gives 0. heard: addresses of MAC tables, for the asset list.

    Raises:
        Drifted: not as planned; after the document was printed.
        ObservationRefused: a port is said to see two neighbours.
    """
    identified = identify(fabric, sightings, heard)
    if identified.findings:
        say(as_text(Diagnostics(identified.findings)))
    report = compare(fabric, identified.sightings)
    if report.contradicted:
        raise ObservationRefused(contradictions(report.contradicted))
    if printed.output is Format.JSON:
        put(as_json(report.document()))
    else:
        show_comparison(fabric, report)
    if report.unclear:
        named = ", ".join(report.unclear[:_MOST_NAMED])
        say(f"note: {named} may mean several ports, so it was not used; name the interface")
    if not report.as_planned:
        _write_order(fabric, report, printed)
        count = len(report.verdicts)
        faults = "1 fault" if count == 1 else f"{count} faults"
        raise Drifted(f"not wired as planned: {faults}")
    if printed.order is not None:
        say(f"nothing to do, so {printed.order} was not written")
    return 0


def _write_order(fabric: Fabric, report: Report, printed: Printed) -> None:
    """Write the work order; rows of racks and plugs as on the sheets."""
    from colossus.sheets.order import order_csv, order_of
    from colossus.sheets.order_page import order_page
    from colossus.sheets.order_pdf import order_pdf

    if printed.order is None:
        return
    order = order_of(fabric, report)
    if printed.order.suffix == ".pdf":
        content = order_pdf(order, printed.size)
    elif printed.order.suffix == ".html":
        content = order_page(order).encode()
    else:
        content = order_csv(order)
    write_bytes(printed.order, content)
    say(f"wrote {printed.order}: {len(order.tasks):,} plugs to move in {len(order.racks):,} racks")
