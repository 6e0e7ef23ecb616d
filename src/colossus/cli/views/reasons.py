"""Why an object is as it is: what was decided, by which rule, and where that stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from colossus.diagnostics import Where


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision with the place of the authored value behind it."""

    what: str
    rule: str
    where: Where

    def row(self) -> dict[str, object]:
        """Give it as a JSON object."""
        return {
            "what": self.what,
            "rule": self.rule,
            "path": self.where.path,
            "file": self.where.file,
            "line": self.where.line,
        }


def show_decisions(decisions: Sequence[Decision]) -> None:
    """Print each rule once, below everything that it decided."""
    for (rule, where), decided in groupby(decisions, key=lambda each: (each.rule, each.where)):
        for decision in decided:
            print(decision.what)
        print(f"    because {rule}")
        print(f"    {where}  {where.path}")
