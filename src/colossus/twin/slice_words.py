"""What the operator may write after `--slice`: devices, racks, and parts of the site by number.

gpu-[0001-0004],a02         hosts, and all hosts of a rack
unit=3   pod=[1-2]          parts of the largest fabric, counted from 1; group=1 in a dragonfly
hall=h1  row=r01  stage=s2  where hosts stand, and when they come
pod=h1-p3  chassis=chassis-003  places of the site's own levels, and what is in a rack
unit-003   h1-p3            a book of `wiring sheets`, a place of any level: as --unit takes them
spine-[0001-0008]           switches beyond those that the hosts need
pod=1,thin=2                a thin cut: of what is named, the first two hosts of each unit
"""

import re
from dataclasses import dataclass

import numpy as np

from colossus.errors import RehearsalFailed
from colossus.fabric.hierarchy import racks_in
from colossus.fabric.location import standing_in
from colossus.fabric.model import Fabric
from colossus.fabric.numbered import HELD_BY, numbered, words_of
from colossus.fabric.paths import Mask, Rows
from colossus.inventory.nodeset import NodeSetError, expand, fold_short

EXAMPLES = "write it like gpu-[0001-0004], a01, unit=3, pod=1,thin=2 or hall=h1"
THIN = "thin"
MOST = 60
"""Characters of a list of names in a hint."""


@dataclass(frozen=True, slots=True)
class Named:
    """The devices that an expression names, by row."""

    hosts: Rows
    switches: Rows


def read_words(fabric: Fabric, configured: Mask, expression: str) -> Named:
    """Find what an expression names among the configured devices.

    Raises:
        RehearsalFailed: it makes no sense, names what is not there, or names no host.
    """
    try:
        words = expand(expression)
    except NodeSetError as fault:
        raise RehearsalFailed(f"--slice: {fault}", EXAMPLES) from None
    thin = [word.partition("=")[2] for word in words if word.startswith(f"{THIN}=")]
    found = np.zeros_like(configured)
    masks = {word: _mask(fabric, word) for word in words if not word.startswith(f"{THIN}=")}
    if unknown := [word for word, mask in masks.items() if mask is None]:
        raise RehearsalFailed(f"--slice: the site has no {', '.join(unknown)}", there_is(fabric))
    for word, mask in masks.items():
        assert mask is not None  # noqa: S101 — the unknown ones ended above
        if not (mask & configured).any():
            why = f"--slice: no role in {word} has a playbook, so nothing of it can be rehearsed"
            raise RehearsalFailed(why, "give the roles a `playbook` in cluster.yaml")
        found |= mask
    kinds = [known.kind if (known := fabric.site.roles.get(r)) else "" for r in fabric.roles]
    kind = np.asarray(kinds)[fabric.devices.role]
    hosts = found & configured & (kind == "compute")
    if thin:
        hosts = _thinned(fabric, hosts if found.any() else configured & (kind == "compute"), thin)
    if not hosts.any():
        raise RehearsalFailed(f"--slice: {expression} names no host", EXAMPLES)
    single = np.zeros_like(configured)
    single[[fabric.device_index[w] for w in words if w in fabric.device_index]] = True
    others = single & configured & (kind != "compute")
    return Named(np.flatnonzero(hosts), np.flatnonzero(others))


def _mask(fabric: Fabric, word: str) -> Mask | None:
    """Say which devices a word means; None for a word that means nothing."""
    devices = fabric.devices
    found = np.zeros(len(devices.names), dtype=np.bool_)
    if book := re.fullmatch(r"unit-0*([1-9]\d*)", word):
        word = f"unit={book[1]}"
    key, equals, value = word.partition("=")
    if word in fabric.device_index:
        found[fabric.device_index[word]] = True
    elif word in fabric.rack_index:
        found[devices.rack == fabric.rack_index[word]] = True
    elif equals and key in HELD_BY and value.isdigit():
        return _in_part(fabric, key, value)
    elif key == "stage" and value in fabric.stages:
        found[devices.stage == fabric.stages.index(value)] = True
    elif len(racks := racks_in(fabric.levels, word)):
        found[np.isin(devices.rack, racks)] = True
    else:
        return standing_in(fabric, key, value)
    return found


def there_is(fabric: Fabric) -> str:
    """Name the words that a slice of a site can be made of."""
    code = largest_fabric(fabric)
    parts = ((word, numbered(fabric, code, word).count) for word in words_of(fabric, code))
    found = [f"{word}=1 to {word}={count}" for word, count in parts]
    places = {each.level: each.names for each in fabric.levels}
    kept = {**places, "row": fabric.rows, "stage": fabric.stages}
    found += [f"{word}={fold_short(names, MOST)}" for word, names in kept.items() if names]
    return f"it has {', '.join(found)}, racks {fold_short(fabric.racks.names, MOST)}, and hosts"


def _in_part(fabric: Fabric, word: str, number: str) -> Mask | None:
    parts = numbered(fabric, largest_fabric(fabric), word)
    if not 0 < int(number) <= parts.count:
        return None
    return np.asarray(parts.of == int(number), dtype=np.bool_)


def largest_fabric(fabric: Fabric, links: Rows | None = None) -> int:
    """Give the fabric with most links, the management network apart: `unit=1` is a unit of it.

    links: count only these rows of the link table.
    """
    codes = fabric.links.fabric if links is None else fabric.links.fabric[links]
    counts = np.bincount(codes, minlength=len(fabric.fabrics))
    if fabric.site.access.fabric in fabric.fabrics:
        counts[fabric.fabrics.index(fabric.site.access.fabric)] = 0
    return int(np.argmax(counts))


def _thinned(fabric: Fabric, hosts: Mask, words: list[str]) -> Mask:
    """Leave the first hosts of each unit, or of each group of a dragonfly."""
    if len(words) != 1 or not words[0].isdigit() or int(words[0]) < 1:
        raise RehearsalFailed(f"--slice: {THIN}= wants one number from 1 on", EXAMPLES)
    rows = np.flatnonzero(hosts)
    code = largest_fabric(fabric)
    unit = numbered(fabric, code, next(iter(words_of(fabric, code)), "unit")).of[rows]
    order = np.lexsort((rows, unit))
    starts = np.searchsorted(unit[order], unit[order])
    kept = np.zeros_like(hosts)
    kept[rows[order][np.arange(len(rows)) - starts < int(words[0])]] = True
    return kept
