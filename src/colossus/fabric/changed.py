"""Which devices a change of the site touches: those that are new, gone, moved, or cabled anew.

What a change of a playbook or of Slurm's settings does is the same on all devices of a role, so
any one of them shows it; only what tells single devices apart is compared here.
"""

import numpy as np

from colossus.fabric.model import Fabric

Device = tuple[object, ...]


def changed_devices(old: Fabric, new: Fabric) -> frozenset[str]:
    """Name the devices of the new fabric that are not as in the old one."""
    before, now = _devices(old), _devices(new)
    found = {name for name, what in now.items() if before.get(name) != what}
    known = set(old.cables.ids)
    fresh = np.asarray([identity not in known for identity in new.cables.ids], dtype=np.bool_)
    gone = set(old.cables.ids) - set(new.cables.ids)
    found |= _ends(new, fresh)
    found |= _ends(old, np.asarray([each in gone for each in old.cables.ids], dtype=np.bool_))
    found |= {name for name, _ in _addresses(new) ^ _addresses(old)}
    return frozenset(found & now.keys())


def _devices(fabric: Fabric) -> dict[str, Device]:
    """Give what each device is and where it stands."""
    table = fabric.devices
    rows = zip(
        (fabric.roles[code] for code in table.role.tolist()),
        (fabric.models[code] for code in table.model.tolist()),
        (fabric.racks.names[code] for code in table.rack.tolist()),
        table.u.tolist(),
        table.present.tolist(),
        strict=True,
    )
    return dict(zip(table.names, rows, strict=True))


def _ends(fabric: Fabric, cables: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> set[str]:
    links = cables[fabric.links.cable] if len(cables) else np.zeros(0, dtype=np.bool_)
    ports = np.concatenate([fabric.links.a[links], fabric.links.z[links]])
    return {fabric.devices.names[row] for row in np.unique(fabric.ports.device[ports])}


def _addresses(fabric: Fabric) -> set[tuple[str, tuple[int, int, int]]]:
    """Give every address with its device; a port counts by its place, not by its row."""
    table, ports = fabric.addresses, fabric.ports
    place = np.where(table.port >= 0, ports.cage[table.port] * 64 + ports.lane[table.port], -1)
    values = zip(place.tolist(), table.address.tolist(), table.prefix_length.tolist(), strict=True)
    names = (fabric.devices.names[row] for row in table.device.tolist())
    return set(zip(names, values, strict=True))
