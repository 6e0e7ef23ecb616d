"""Lines for the operator: results on stdout, messages on stderr."""

import sys
import traceback
from typing import Protocol, TextIO, cast

from colossus.cli.views.colour import painted, printable
from colossus.errors import ColossusError


class ParserFault(Protocol):
    """What the parser raises: it knows how to show itself with the usage line."""

    def show(self, file: TextIO | None = None) -> None:
        """Print usage and fault."""


def put(text: str) -> None:
    """Print a result."""
    print(text)


def say(text: str) -> None:
    """Print a message; results before it are written first, so that a log keeps the order."""
    sys.stdout.flush()
    print(text, file=sys.stderr)


def refusal(fault: ColossusError) -> None:
    """Print why a command ended, with its findings where it carries some, and the cure."""
    findings = getattr(fault, "findings", None)
    if findings is not None:
        from colossus.cli.views.findings import as_text

        say(as_text(findings, colour_of=sys.stderr))
    say(f"{painted('error', 'error', sys.stderr)}: {printable(fault.summary)}")
    if fault.hint:
        say(f"  {printable(fault.hint)}")


def usage(fault: Exception) -> None:
    """Print what the parser has to say about the command line."""
    cast("ParserFault", fault).show(sys.stderr)


def unexpected(fault: Exception, *, with_traceback: bool) -> None:
    """Print a fault of Colossus itself."""
    if with_traceback:
        traceback.print_exception(fault, file=sys.stderr)
    kind = type(fault).__name__
    say(f"{painted('error', 'error', sys.stderr)}: unexpected {kind}: {printable(str(fault))}")
    if not with_traceback:
        say("  This is a fault of Colossus. COLOSSUS_DEBUG=1 prints where it happened.")
