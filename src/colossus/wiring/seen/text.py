"""Texts as people save them from a terminal: whose they are, and one part per command.

A prompt line (`admin@leaf-01:~$ show lldp table`, `leaf-01# show lldp neighbors detail`) says which
device speaks from there on; without one, the file's name does.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from colossus.wiring.observed import Parsed, Sighting, fault, several
from colossus.wiring.seen.words import plain_address

_PROMPT = re.compile(
    r"^(?:[\w.-]+@)?([A-Za-z0-9][\w.-]*)(?::[^$#>]*)?[$#>] ?((?:sudo )?[a-z][\w-]*(?: .*)?)?$"
)
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Part:
    """What one command printed. first: its first line in the file; device may be empty."""

    device: str
    command: str
    first: int
    lines: tuple[str, ...]

    def numbered(self) -> Iterator[tuple[int, str]]:
        """Give each line with its number in the file."""
        return enumerate(self.lines, self.first)

    def has(self, pattern: re.Pattern[str]) -> bool:
        """Whether a line matches from its beginning."""
        return any(pattern.match(line) for line in self.lines)


def parts(text: str) -> list[Part]:
    """Cut a text at its prompts; parts in which nothing is printed are left out."""
    found: list[Part] = []
    device, command, first = "", "", 1
    held: list[str] = []
    lines = [_ANSI.sub("", line).rstrip() for line in text.split("\n")]
    for number, line in enumerate(lines, 1):
        prompt = _PROMPT.match(line)
        if prompt is None:
            held.append(line)
            continue
        found.append(Part(device, command, first, tuple(held)))
        device, command, first = prompt[1], prompt[2] or "", number + 1
        held = []
    found.append(Part(device, command, first, tuple(held)))
    return [part for part in found if any(part.lines)]


def gathered(told: Iterable[tuple[int, Sighting | None]], file: str, complaint: str) -> Parsed:
    """Keep one neighbour per port: the last one, but a name rather than a bare address.

    told: with its line; None where it could not be understood, which is a fault. An adapter and
    the host it sits in may both speak on one port.
    """
    parsed = Parsed([], [])
    seen: dict[str, Sighting] = {}
    for line, one in told:
        if one is None:
            parsed.findings.append(fault(file, "", complaint, line))
            continue
        former = seen.setdefault(one.port, one)
        nameless = [bool(each.address) and is_nameless(each) for each in (former, one)]
        if former != one and nameless[0] == nameless[1]:
            parsed.findings.append(several(file, "", one, former, line))
        if nameless[0] >= nameless[1]:
            seen[one.port] = one
    parsed.sightings.extend(seen.values())
    return parsed


def is_nameless(one: Sighting) -> bool:
    """Whether a neighbour gave no name of its own, only an address."""
    return one.neighbour is None or plain_address(one.neighbour) == one.address


def ruler_spans(line: str) -> list[tuple[int, int]]:
    """Give the columns of a ruler of dashes (`-----  ---`), if there are several."""
    if not re.fullmatch(r" *-+(?: +-+)+ *", line):
        return []
    starts = [found.start() for found in re.finditer(r"-+", line)]
    return list(zip(starts, [*starts[1:], -1], strict=True))


def cells(line: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    """Cut a line of a table at its ruler's columns."""
    return [(line[start:] if end < 0 else line[start:end]).strip() for start, end in spans]
