"""The master cable list with what the floor reported: pulled, connected, by whom, when, serials.

A cable is `connected` when both its plugs are in (of a splitter: this leg's), `pulled` when one is;
else it keeps the status that the plan gives it. Words: facts of the master list.
"""

from collections.abc import Iterator
from dataclasses import replace

from colossus.fabric.model import Fabric
from colossus.wiring.ports import texts
from colossus.wiring.record import PlannedPlugs, Record, planned_plugs
from colossus.wiring.rows import CableRows

CONNECTED, PULLED = "connected", "pulled"
_FILLED = ("status", "installed_by", "installed_at", "note")
_KEYS = ("cable_id", "a_device", "a_interface", "z_device", "z_interface", "status")


def with_record(rows: CableRows, fabric: Fabric, record: Record) -> CableRows:
    """Fill in what was reported; the same rows where nothing was."""
    if not (len(rows) and (record.plugs or record.proposals)):
        return rows
    planned = planned_plugs(fabric)
    told = list(zip(*_told(rows, planned, record), strict=True))
    filled = {name: texts(values) for name, values in zip(_FILLED, told, strict=True)}
    return replace(rows, columns={**rows.columns, **filled})


def _told(
    rows: CableRows, planned: PlannedPlugs, record: Record
) -> Iterator[tuple[str, str, str, str]]:
    """Give status, by whom, when and note of each row."""
    columns = (rows.columns[name].tolist() for name in _KEYS)
    for cable, *ends, status in zip(*columns, strict=True):
        legs = [(cable, ends[0], ends[1]), (cable, ends[2], ends[3])]
        plugs = [planned.legs.get(leg, leg) for leg in legs]
        done = [each for plug in plugs if (each := record.plugs.get(plug)) is not None]
        deviating = [found for plug in plugs if (found := record.proposals.get(plug)) is not None]
        words = [f"serial {serial}" for serial in _distinct(each.serial for each in done)]
        words += [f"{found.device}: in port {found.used_port}" for found in deviating]
        yield (
            (status, PULLED, CONNECTED)[len(done)],
            " + ".join(_distinct(each.by for each in done)),
            max((each.date for each in done), default=""),
            "; ".join(words),
        )


def _distinct(words: Iterator[str]) -> list[str]:
    return [word for word in dict.fromkeys(words) if word]
