"""Route lengths: how far each link runs over the floor (facts: systems.md 5.13).

Up to the tray, along the row, across at the nearer row end, down again; inside a rack straight up
or down. All links at once, in metres.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.layout import Layout
from colossus.fabric.measures import IN_RACK_SLACK_METRES, LATERAL_METRES, height_of
from colossus.fabric.tables import Index, PortTable
from colossus.inventory.catalog import CatalogItem, Rack
from colossus.inventory.site import Site


@dataclass(frozen=True, slots=True)
class Ends:
    """Links before they have cables: port rows of both ends and the fabric of each."""

    ports: PortTable
    a: Index
    z: Index
    fabric: Index


def routes(
    site: Site,
    layout: Layout,
    ends: Ends,
    catalog: dict[str, CatalogItem],
) -> NDArray[np.float64]:
    """Route length of every link in metres, all at once."""
    racks, halls = layout.racks, site.halls
    width = np.asarray([_rack_width(site, int(group), catalog) for group in racks.group])
    x = (racks.position - 0.5) * width
    hall_row = np.asarray(
        [
            halls[hall].rows.index(layout.rows[row])
            for hall, row in zip(racks.hall, racks.row, strict=True)
        ],
    )

    def column(values: list[float]) -> NDArray[np.float64]:
        return np.asarray(values)[racks.hall[rack_a]]

    device_a, device_z = ends.ports.device[ends.a], ends.ports.device[ends.z]
    rack_a, rack_z = layout.devices.rack[device_a], layout.devices.rack[device_z]
    height_a, height_z = (
        height_of(layout.devices.u[device_a]),
        height_of(layout.devices.u[device_z]),
    )
    tray = column([hall.tray_height_m for hall in halls])
    climb = (tray - height_a) + (tray - height_z) + 2 * column([hall.exit_rise_m for hall in halls])
    rows_apart = np.abs(hall_row[rack_a] - hall_row[rack_z])
    same_row = np.abs(x[rack_a] - x[rack_z])
    far_end = column([hall.racks_per_row for hall in halls]) * np.maximum(
        width[rack_a], width[rack_z]
    )
    around = np.minimum(x[rack_a] + x[rack_z], 2 * far_end - x[rack_a] - x[rack_z])
    pitch = column([hall.row_pitch_m for hall in halls])
    along = np.where(rows_apart == 0, same_row, around + rows_apart * pitch)
    inside = np.abs(height_a - height_z)
    return 2 * LATERAL_METRES + np.where(rack_a == rack_z, inside, climb + along)


def _rack_width(site: Site, group: int, catalog: dict[str, CatalogItem]) -> float:
    item = catalog[site.racks[group].model]
    assert isinstance(item, Rack)  # noqa: S101 — references were resolved before the design
    return float(item.width_mm) / 1000


def slacks(site: Site, layout: Layout, ends: Ends) -> NDArray[np.float64]:
    """Service slack of every link: the hall's own, or a little inside a rack."""
    device = ends.ports.device
    rack_a, rack_z = (layout.devices.rack[device[side]] for side in (ends.a, ends.z))
    hall = np.asarray([hall.service_slack_m for hall in site.halls])
    return np.where(rack_a == rack_z, IN_RACK_SLACK_METRES, hall[layout.racks.hall[rack_a]])
