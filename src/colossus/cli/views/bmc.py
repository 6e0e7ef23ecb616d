"""How machines are shown, as their BMCs describe them."""

from collections.abc import Mapping
from dataclasses import asdict
from enum import StrEnum

from colossus.cli.views.document import as_json
from colossus.cli.views.messages import put, say
from colossus.cli.views.table import show_table
from colossus.transport.redfish import Machine

COLUMNS = {
    "name": "host",
    "power": "power",
    "boot_from": "next boot",
    "health": "health",
    "model": "model",
    "serial": "serial",
    "as_planned": "as in assets.csv",
    "bios": "BIOS",
}


class Format(StrEnum):
    """How machines are printed."""

    TEXT = "text"
    JSON = "json"


def show_machines(found: Mapping[str, Machine], serials: Mapping[str, str], output: str) -> None:
    """Print machines; serials: what assets say, to be compared with what each machine says."""
    if output == "json":
        put(as_json({"machines": [asdict(machine) for machine in found.values()]}))
        return
    rows = [
        {**asdict(each), "as_planned": _compared(each.serial, serials.get(name, ""))}
        for name, each in found.items()
    ]
    show_table(rows, COLUMNS)


def show_armed(armed: Mapping[str, int]) -> None:
    """Print who is armed."""
    if not armed:
        say("no host is armed")
    for host, seconds in armed.items():
        put(f"{host}: armed, forgotten in {seconds} s")


def _compared(said: str, planned: str) -> str:
    if not said or not planned:
        return ""
    return "yes" if said == planned else f"no: {planned}"
