"""The end of every comparison of cables: print it, and fail where it is not as planned."""

from collections.abc import Sequence
from enum import StrEnum

from colossus.cli.views.document import as_json
from colossus.cli.views.findings import as_text
from colossus.cli.views.messages import put, say
from colossus.cli.views.wiring import show_comparison
from colossus.diagnostics import Diagnostics
from colossus.errors import Drifted
from colossus.fabric.model import Fabric
from colossus.load.observed import ObservationRefused, contradictions
from colossus.wiring.observed import Heard, Sighting
from colossus.wiring.owners import identify
from colossus.wiring.verdicts import compare

_MOST_NAMED = 5


class Format(StrEnum):
    """How a comparison is printed."""

    TEXT = "text"
    JSON = "json"


def compare_and_print(
    fabric: Fabric,
    sightings: Sequence[Sighting],
    output: Format,
    heard: Sequence[Heard] = (),
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
    if output is Format.JSON:
        put(as_json(report.document()))
    else:
        show_comparison(fabric, report)
    if report.unclear:
        named = ", ".join(report.unclear[:_MOST_NAMED])
        say(f"note: {named} may mean several ports, so it was not used; name the interface")
    if not report.as_planned:
        count = len(report.verdicts)
        faults = "1 fault" if count == 1 else f"{count} faults"
        raise Drifted(f"not wired as planned: {faults}")
    return 0
