"""The interfaces of a NetBox record as rows of equal ports.

Names are taken apart at their numbers: `swp1` … `swp32` is one row, `IB1/1/1` … `IB1/32/2` a row
of 32 cages with two halves each, `Ethernet0, 4, 8` a row that counts in fours. What a row lacks
inside its own numbering is listed; whether it is long enough is for the lint to say.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import gcd

from colossus.load.netbox_types import Plug

_NUMBER = re.compile(r"([0-9]+)")
_LETTER = re.compile(r"(?<=[0-9])([a-h])$")
# What stands for numbers and letters in a stem must not stand there by itself.
_OWN_SIGNS = str.maketrans("{}#", "()-")
_WIDEST_GAP = 64
_STRANGE = re.compile(r"[^A-Za-z0-9_./{}-]+")
_MOST_HALVES = 8
Numbers = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """One interface as listed: its place in the record, and its name taken apart.

    stem: the name with `{}` for each number; a last letter (etp1a) counts as a number from 0.
    """

    place: int
    name: str
    plug: Plug
    stem: str
    numbers: Numbers


@dataclass(slots=True)
class Row:
    """Equal ports that count on: cage numbers first, first + step, …; halves empty when unsplit.

    pattern: the name with `{cage}` and, where split, `{half}`; missing: names it skips.
    """

    plug: Plug
    pattern: str
    first: int
    step: int
    cages: int
    halves: Numbers = ()
    members: list[Listed] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def listed(self) -> int:
        """How many ports the record lists."""
        return len(self.members)

    @property
    def renamed(self) -> list[str]:
        """Names that cannot be written as they are: blanks, colons, leading zeros."""
        return [
            each.name
            for each in self.members
            if _STRANGE.search(each.name) or _name(each.stem, each.numbers) != each.name
        ]

    @property
    def plain_pattern(self) -> str:
        """The pattern without what an interface name must not hold, such as blanks and colons."""
        return _STRANGE.sub("-", self.pattern).strip("-")

    @property
    def lettered(self) -> bool:
        """Whether its halves are letters."""
        return bool(self.halves) and self.members[0].stem.endswith("#{}")


def taken_apart(place: int, name: str, plug: Plug) -> Listed:
    """Take a name apart at its numbers."""
    lettered = _LETTER.sub(lambda found: f"#{ord(found[1]) - ord('a')}", name.translate(_OWN_SIGNS))
    parts = _NUMBER.split(lettered)
    stem = "".join("{}" if place % 2 else part for place, part in enumerate(parts))
    return Listed(place, name, plug, stem, tuple(int(part) for part in parts[1::2]))


def rows_of(listed: Sequence[Listed]) -> list[Row]:
    """Group interfaces into rows, in the record's order."""
    families: dict[tuple[str, Plug], list[Listed]] = {}
    for each in listed:
        families.setdefault((each.stem, each.plug), []).append(each)
    known = {(each.stem, each.numbers) for each in listed}
    return [row for family in families.values() for row in _rows(family, known)]


def _rows(family: list[Listed], known: set[tuple[str, Numbers]]) -> Iterator[Row]:
    """Split a family of one stem until at most a cage number and a half vary."""
    varying = [
        place
        for place in range(len(family[0].numbers))
        if len({each.numbers[place] for each in family}) > 1
    ]
    cage, half = _cage_and_half(family, varying)
    if len(varying) > 1 and half is None:
        outer: dict[int, list[Listed]] = {}
        for each in family:
            outer.setdefault(each.numbers[varying[0]], []).append(each)
        for part in outer.values():
            yield from _rows(part, known)
        return
    for run in _runs(family, cage, known):
        yield _row(run, cage, half)


def _cage_and_half(family: list[Listed], varying: list[int]) -> tuple[int, int | None]:
    """Give the places of the cage number and, where cages are split, of the half."""
    last = len(family[0].numbers) - 1
    lettered = family[0].stem.endswith("#{}")
    if lettered and last > 0:
        return last - 1, last
    if len(varying) == 2:  # noqa: PLR2004 — cage and half
        cage, half = varying
        halves = {each.numbers[half] for each in family}
        if len(halves) <= _MOST_HALVES and min(halves) <= 1 and half == cage + 1:
            return cage, half
    return (varying[-1] if varying else last), None


def _runs(
    family: list[Listed],
    cage: int,
    known: set[tuple[str, Numbers]],
) -> Iterator[list[Listed]]:
    """Cut a family where another type has taken over the numbers in between."""
    if cage < 0:  # names without any number
        yield from ([each] for each in family)
        return
    ordered = sorted(family, key=lambda each: each.numbers)
    step = _step([each.numbers[cage] for each in ordered])
    run = [ordered[0]]
    for before, each in pairwise(ordered):
        between = range(before.numbers[cage] + step, each.numbers[cage], step)
        if len(between) > _WIDEST_GAP or any(
            (each.stem, _at(each.numbers, cage, number)) in known for number in between
        ):
            yield run
            run = []
        run.append(each)
    yield run


def _at(numbers: Numbers, place: int, number: int) -> Numbers:
    return (*numbers[:place], number, *numbers[place + 1 :])


def _step(values: Sequence[int]) -> int:
    distinct = sorted(set(values))
    return gcd(*(b - a for a, b in pairwise(distinct))) or 1


def _row(run: list[Listed], cage: int, half: int | None) -> Row:
    one = run[0]
    if cage < 0:
        return Row(one.plug, one.name, 1, 1, 1, members=run)
    values = sorted({each.numbers[cage] for each in run})
    step = _step(values)
    halves = () if half is None else tuple(sorted({each.numbers[half] for each in run}))
    cages = range(values[0], values[-1] + 1, step)
    there = {each.numbers for each in run}
    wanted = [_at(one.numbers, cage, number) for number in cages]
    if half is not None:
        wanted = [_at(numbers, half, each) for numbers in wanted for each in halves]
    return Row(
        plug=one.plug,
        pattern=_pattern(one, cage, half),
        first=values[0],
        step=step,
        cages=len(cages),
        halves=halves,
        members=run,
        missing=[_name(one.stem, numbers) for numbers in wanted if numbers not in there],
    )


def _pattern(one: Listed, cage: int, half: int | None) -> str:
    words = [str(number) for number in one.numbers]
    words[cage] = "{cage}"
    if half is not None:
        words[half] = "{half}"
    return one.stem.replace("#{}", "{}").format(*words)


def _name(stem: str, numbers: Numbers) -> str:
    if stem.endswith("#{}"):
        letter = chr(ord("a") + numbers[-1])
        return f"{stem[:-3].format(*numbers[:-1])}{letter}"
    return stem.format(*numbers)
