"""Faults for a rehearsal: read from a file, injected into the twin, to be found by its phases.

One fault a line, as `twin break` takes them; `#` begins a comment:

    swap leaf-01:swp1s0 leaf-01:swp5s1
    dead gpu-0003:enp84s0
    down gpu-0007
"""

from dataclasses import dataclass

from colossus.errors import UsageError
from colossus.twin.base import End, Twin

WORDS = {"swap": 2, "dead": 1, "down": 1}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: what is done, to which ports or to which device."""

    kind: str
    objects: tuple[str, ...]

    def __str__(self) -> str:
        return " ".join((self.kind, *self.objects))

    def inject(self, twin: Twin) -> None:
        """Break it; raises ColossusError when the twin has no such port or device."""
        if self.kind == "swap":
            twin.swap(end_of(self.objects[0]), end_of(self.objects[1]))
        elif self.kind == "dead":
            twin.dead(end_of(self.objects[0]))
        else:
            twin.down_device(self.objects[0])


def end_of(word: str) -> End:
    """Read `DEVICE:INTERFACE`; raises UsageError."""
    node, colon, interface = word.partition(":")
    if not (node and colon and interface):
        raise UsageError(f"{word!r} is no port", "Write it like leaf-01:swp1s0.")
    return End(node, interface)


def parse_faults(text: str, file: str) -> tuple[Fault, ...]:
    """Read a file of faults; raises UsageError with every line that makes no sense."""
    faults, wrong = [], []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        if WORDS.get(words[0]) != len(words) - 1:
            wrong.append(f"{file}:{number}: {line.strip()!r}")
            continue
        if words[0] != "down":
            for word in words[1:]:
                end_of(word)
        faults.append(Fault(words[0], tuple(words[1:])))
    if wrong:
        raise UsageError(
            f"no faults: {'; '.join(wrong)}",
            "There are: swap PORT PORT, dead PORT, down DEVICE.",
        )
    return tuple(faults)
