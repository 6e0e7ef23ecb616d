"""Which links an export holds, under the names of its consumer; and back from names to links."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from colossus.errors import InventoryRefused
from colossus.fabric.model import Fabric
from colossus.inventory.catalog import Switch
from colossus.wiring.dialects import Namer
from colossus.wiring.rows import CableRows, cable_rows

Pair = tuple[str, str, str, str]
"""Device and port of one end, device and port of the other."""
Files = Mapping[str, bytes]
"""File name → content; the name is empty where the export is one file."""


class ExportUnread(InventoryRefused):
    """An export names a port that the plan does not have."""


@dataclass(frozen=True)
class Cabling:
    """The links of an export in floor order. protocols: of the fabrics it takes, none = all."""

    fabric: Fabric
    namer: Namer
    protocols: frozenset[str] = frozenset()

    @cached_property
    def kept(self) -> NDArray[np.intp]:
        """Rows of the cable list that the export holds."""
        fabrics = self.fabric.site.fabrics
        taken = [
            not self.protocols or fabrics[name].protocol in self.protocols
            for name in self.fabric.fabrics
        ]
        wanted = np.array(taken, dtype=np.bool_)[self.fabric.links.fabric[self._rows.link]]
        return np.flatnonzero(wanted)

    @cached_property
    def links(self) -> list[int]:
        """Rows of `Fabric.links` that the export holds, in floor order."""
        chosen: list[int] = self._rows.link[self.kept].tolist()
        return chosen

    @cached_property
    def pairs(self) -> list[Pair]:
        """Both ends of each link under the consumer's names."""
        names, links = self.namer(self.fabric), self.fabric.links
        columns = [
            self.column("a_device"),
            names[links.a[self.links]].tolist() if self.links else [],
            self.column("z_device"),
            names[links.z[self.links]].tolist() if self.links else [],
        ]
        return list(zip(*columns, strict=True))

    @cached_property
    def switches(self) -> frozenset[str]:
        """Names of the devices that are switches."""
        kinds = [isinstance(self.fabric.catalog[model], Switch) for model in self.fabric.models]
        devices = self.fabric.devices
        named = zip(devices.names, devices.model.tolist(), strict=True)
        return frozenset(name for name, model in named if kinds[model])

    @cached_property
    def _rows(self) -> CableRows:
        return cable_rows(self.fabric)

    def column(self, name: str) -> list[str]:
        """Give a column of the cable list for the links of the export."""
        values: list[str] = self._rows.columns[name][self.kept].tolist()
        return values

    def links_of(self, pairs: Iterable[Pair]) -> list[int]:
        """Give the links (rows of `Fabric.links`) that an export names, each once, sorted.

        Raises:
            ExportUnread: a pair of ports is no link of the plan.
        """
        known = {}
        for link, (a, port_a, z, port_z) in zip(self.links, self.pairs, strict=True):
            known[a, port_a, z, port_z] = known[z, port_z, a, port_a] = link
        found = set()
        for pair in pairs:
            if pair not in known:
                a, port_a, z, port_z = pair
                raise ExportUnread(f"the plan has no link {a}:{port_a} – {z}:{port_z}")
            found.add(known[pair])
        return sorted(found)


Write = Callable[[Cabling], dict[str, bytes]]
Read = Callable[[Files], Iterable[Pair]]
