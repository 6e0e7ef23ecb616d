"""Which device of the plan each asset is: found by rack and U, or by its name among several."""

from collections import defaultdict

from colossus.fabric.model import PDU_ROLE, Fabric


def asset_devices(fabric: Fabric) -> dict[int, int]:
    """Give place in the list of assets → device row, of every asset that is exactly one device."""
    if not fabric.assets:
        return {}
    standing: dict[tuple[str, int], list[int]] = defaultdict(list)
    for row in range(len(fabric.devices.names)):
        if fabric.roles[fabric.devices.role[row]] != PDU_ROLE:
            rack = fabric.racks.names[fabric.devices.rack[row]]
            standing[rack, int(fabric.devices.u[row])].append(row)
    found = {}
    for place, asset in enumerate(fabric.assets):
        rows = standing[asset.rack, asset.u]
        if asset.device is not None:
            rows = [row for row in rows if fabric.devices.names[row] == asset.device]
        if len(rows) == 1:
            found[place] = rows[0]
    return found


def macs_of(fabric: Fabric) -> dict[int, dict[str, str]]:
    """Give device row → interface → MAC address, as far as assets say it."""
    return {
        device: dict(fabric.assets[place].macs) for place, device in asset_devices(fabric).items()
    }
