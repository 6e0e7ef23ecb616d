"""From names to numbers: which port a report means, by interface, by printed number, or a stranger.

A host's `1` may be its first NIC port, its management port or its BMC. What the far end is tells
which: a planned pair first, else a port of the same kind as the far end's planned partner. Names
that InfiniBand tools and the Cable Validation Tool use (`P14`, `mlx5_3/P1`, `rail3`) come last.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.model import Fabric
from colossus.fabric.tables import Index
from colossus.wiring import dialects
from colossus.wiring.observed import Sighting
from colossus.wiring.ports import PortTexts

Key = tuple[str, str]
Numbers = NDArray[np.int32]


class Numbered(NamedTuple):
    """Reports in numbers: own sees other; quiet are the ports without a link.

    unclear: reports without a link whose printed number could mean several ports.
    """

    own: Numbers
    other: Numbers
    quiet: Numbers
    unclear: list[Sighting]


class Numbering:
    """Numbers of ports: rows of the plan's ports, and from there on what a report adds.

    added: (device, port) of the additions, sorted, once `of` has run.
    """

    def __init__(self, fabric: Fabric, texts: PortTexts, planned: Index) -> None:
        self.fabric = fabric
        self.texts = texts
        self.planned = planned
        keys = zip(texts.device.tolist(), texts.interface.tolist(), strict=True)
        self.known = dict(zip(keys, range(len(planned)), strict=True))
        self.added: dict[Key, int] = {}

    def of(self, sightings: Sequence[Sighting]) -> Numbered:
        """Number every report."""
        told = [
            self._named(one) if one.aka else one for one in sightings if one.neighbour is not None
        ]
        silent = [one for one in sightings if one.neighbour is None]
        own = self._rows([(one.device, one.port) for one in told])
        other = self._rows([(one.neighbour or "", one.neighbour_port or "") for one in told])
        quiet = self._rows([(one.device, one.port) for one in silent])
        self._settle(told, own, other)
        unclear = [one for one, row in zip(silent, quiet, strict=True) if row < 0]
        final = self._sorted()
        return Numbered(final[own], final[other], final[quiet[quiet >= 0]], unclear)

    def added_devices(self) -> Numbers:
        """Give the device row of each addition; -1 for a stranger."""
        index = self.fabric.device_index
        return np.asarray([index.get(device, -1) for device, _ in self.added], dtype=np.int32)

    def _rows(self, keys: list[Key]) -> Numbers:
        """Number ports by (device, port); -1 where a printed number could mean several ports."""
        found = list(map(self.known.get, keys))
        return np.asarray(
            [
                self._resolve(*key) if row is None else row
                for row, key in zip(found, keys, strict=True)
            ],
            dtype=np.int32,
        )

    def _resolve(self, device: str, port: str) -> int:
        device = self._device(device)
        row = self.known.get((device, port))
        if row is not None:
            return row
        rows = self.printed.get((device, port), [])
        if len(rows) > 1:
            return -1
        if rows:
            return rows[0]
        row = self.spoken.get((device, port))
        if row is not None:
            return row
        return self.added.setdefault((device, port), len(self.planned) + len(self.added))

    def _device(self, device: str) -> str:
        """Give the model's name of a device; LLDP may tell it with domain or in capitals."""
        short = device.partition(".")[0].lower()
        index = self.fabric.device_index
        return short if device not in index and short in index else device

    @cached_property
    def printed(self) -> dict[Key, list[int]]:
        """The planned ports by (device, printed number)."""
        found: dict[Key, list[int]] = {}
        keys = zip(self.texts.device.tolist(), self.texts.port.tolist(), strict=True)
        for row, key in enumerate(keys):
            found.setdefault(key, []).append(row)
        return found

    @cached_property
    def spoken(self) -> dict[Key, int]:
        """The planned ports by the names that other tools give them."""
        found: dict[Key, int] = {}
        devices = self.texts.device.tolist()
        for namer in (dialects.cvt_ethernet, dialects.ibdm):
            names = namer(self.fabric).tolist()
            found |= dict(zip(zip(devices, names, strict=True), range(len(names)), strict=True))
        return found

    def _named(self, one: Sighting) -> Sighting:
        """Call the neighbour's port by that of its names which the plan knows."""
        device = self._device(one.neighbour or "")
        for port in (one.neighbour_port or "", one.aka):
            key = device, port
            if key in self.known or key in self.printed or key in self.spoken:
                return one._replace(neighbour_port=port)
        return one

    def _settle(self, told: list[Sighting], own: Numbers, other: Numbers) -> None:
        """Decide what printed numbers mean: planned pairs first, then what is left over."""
        rows = np.flatnonzero((own < 0) | (other < 0)).tolist()
        choices = {row: self._choices(told[row], int(own[row]), int(other[row])) for row in rows}
        left = []
        for row in rows:
            pair = next((p for p in choices[row] if self._partner(p[0]) == p[1]), None)
            if pair:
                own[row], other[row] = pair
            else:
                left.append(row)
        if left:
            self._guess(left, told, choices, own, other)

    def _guess(
        self,
        left: list[int],
        told: list[Sighting],
        choices: dict[int, list[tuple[int, int]]],
        own: Numbers,
        other: Numbers,
    ) -> None:
        """Settle what no planned pair explains: what the far end says too, then what is free."""
        sure = (own >= 0) & (other >= 0)
        met = dict(zip(own[sure].tolist(), other[sure].tolist(), strict=True))
        met |= {far: port for port, far in met.items()}

        def unlikely(pair: tuple[int, int]) -> tuple[int, bool, int, int]:
            agreed = met.get(pair[0]) == pair[1]
            clash = pair[0] in met or pair[1] in met
            return (0 if agreed else 1 + clash, *self._unlikely(pair))

        for row in sorted(left, key=lambda row: told[row]):
            pair = min(choices[row], key=unlikely)
            own[row], other[row] = pair
            met[pair[0]], met[pair[1]] = pair[1], pair[0]

    def _choices(self, one: Sighting, own: int, other: int) -> list[tuple[int, int]]:
        near = [own] if own >= 0 else self.printed[self._device(one.device), one.port]
        key = self._device(one.neighbour or ""), one.neighbour_port or ""
        far = [other] if other >= 0 else self.printed[key]
        return [(port, neighbour) for port in near for neighbour in far]

    def _unlikely(self, pair: tuple[int, int]) -> tuple[bool, int, int]:
        """Rate a guess: the planned partner of either end should be of the other end's kind."""
        kinds = [self._kind(port) for port in pair]
        partners = [self._kind(self._partner(port)) for port in pair]
        return (kinds[0] != partners[1] and kinds[1] != partners[0], *pair)

    def _partner(self, port: int) -> int:
        return int(self.planned[port]) if port < len(self.planned) else -1

    def _kind(self, port: int) -> str:
        return self.fabric.port_row(port).name if 0 <= port < len(self.planned) else ""

    def _sorted(self) -> Numbers:
        """Sort the additions by name, so that input order never matters; give old → new number."""
        first = len(self.planned)
        final = np.arange(first + len(self.added), dtype=np.int32)
        ordered = {key: first + place for place, key in enumerate(sorted(self.added))}
        for key, row in self.added.items():
            final[row] = ordered[key]
        self.added = ordered
        return final
