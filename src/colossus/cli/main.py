"""Colossus: GPU clusters from one model. Plan, check, rehearse, apply, compare.

The frame of the command line. Each command is a module of this package, imported only when it is
the one asked for, so that `colossus --help` stays under 0.3 s. A module defines a function with
the command's name, or `app`, a Typer with subcommands; either returns the exit status (none = 0).
"""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import FrameType
from typing import Annotated, NoReturn

import typer

from colossus import __version__
from colossus.cli.views import messages
from colossus.errors import ColossusError, UsageError

# Every fault of the parser (unknown option, missing argument, bad value) derives from this class,
# which Typer does not export by name.
_PARSER_FAULT = typer.BadParameter.__bases__[0]
_INTERRUPTED = 130
_TERMINATED = 143


@dataclass(frozen=True, slots=True)
class Command:
    """One line of the help page; the module is imported only when the command runs."""

    name: str
    summary: str
    panel: str

    @property
    def module(self) -> str:
        """Where the command is written."""
        return f"colossus.cli.{self.name}"


_SITE = "The site"
_WORK = "The work"
_FLOOR = "The floor"
_MORE = "More"

# In the order of the help page: what an operator needs first comes first.
COMMANDS = (
    Command("init", "Write a commented starter site into an empty folder.", _SITE),
    Command("check", "Report every finding about a site.", _SITE),
    Command("show", "Show what follows from a site: summary, racks, addresses, ports.", _SITE),
    Command("why", "Tell which rule, file and line decided something.", _SITE),
    Command("lock", "Fix the decisions that a built site rests on.", _SITE),
    Command("render", "Write every configuration file into a folder.", _WORK),
    Command("plan", "Show what would change, and why.", _WORK),
    Command("provision", "Rehearse the plan, or apply it to the hosts.", _WORK),
    Command(
        "drift",
        "Compare files, packages and services of every host with the plan; only reads.",
        _WORK,
    ),
    Command(
        "comment",
        "Write the comment for a change: new findings, the folded plan, the rehearsal.",
        _MORE,
    ),
    Command("runs", "List, show and resume runs from the journal.", _WORK),
    Command("twin", "Build the virtual cluster and work on it by hand.", _WORK),
    Command("bmc", "Power, boot order and installation of hosts through their BMCs.", _WORK),
    Command("wiring", "Write wiring sheets, export cables, verify what was cabled.", _FLOOR),
    Command("verify", "Compare the cables that were built with those planned.", _FLOOR),
    Command("catalog", "List, show and import hardware models.", _MORE),
    Command("schema", "Print the JSON Schema that editors use.", _MORE),
    Command("doctor", "Tell what this machine lacks, and for which command.", _MORE),
)


def main() -> int:
    """Run the command line; give the exit status of the contract."""
    signal.signal(signal.SIGTERM, _terminate)
    return run(sys.argv[1:])


def run(arguments: Sequence[str]) -> int:
    """Run with these arguments; give the exit status."""
    words = list(arguments) or ["--help"]
    try:
        group = typer.main.get_command(application(words))
        status = group.main(args=words, prog_name="colossus", standalone_mode=False)
        return status if isinstance(status, int) else 0
    except ColossusError as fault:
        messages.refusal(fault)
        return fault.exit_status
    except (KeyboardInterrupt, typer.Abort):
        messages.say("interrupted")
        return _INTERRUPTED
    except Exception as fault:  # noqa: BLE001 - the frame: the last place before the operator
        return _unexpected(fault)


def _unexpected(fault: Exception) -> int:
    if isinstance(fault, _PARSER_FAULT):
        messages.usage(fault)
        return UsageError.exit_status
    messages.unexpected(fault, with_traceback=bool(os.environ.get("COLOSSUS_DEBUG")))
    return ColossusError.exit_status


def _terminate(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 - Python's signature
    """End like Ctrl-C does, so that what was built is torn down on `kill` too."""
    sys.exit(_TERMINATED)


def application(arguments: Sequence[str]) -> typer.Typer:
    """Build the command tree; only the command named in the arguments is imported."""
    app = typer.Typer(name="colossus", help=_help())
    app.callback()(_options)
    words = [*arguments, *os.environ.get("COMP_WORDS", "").split()[1:]]
    wanted = next((word for word in words if not word.startswith("-")), "")
    for command in COMMANDS:
        if command.name == wanted:
            _add(app, command)
        else:
            app.command(command.name, help=command.summary, rich_help_panel=command.panel)(_stub)
    return app


def _add(app: typer.Typer, command: Command) -> None:
    module = import_module(command.module)
    if hasattr(module, "app"):
        app.add_typer(module.app, name=command.name, rich_help_panel=command.panel)
    else:
        function: Callable[..., int | None] = getattr(module, command.name)
        app.command(command.name, rich_help_panel=command.panel)(function)


def _stub() -> None:
    """Stand in the help page for a command that is not the one asked for."""


def _help() -> str:
    return (__doc__ or "").partition("\n")[0]


def _version(*, wanted: bool) -> None:
    if wanted:
        messages.put(__version__)
        raise typer.Exit


def _options(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", callback=_version, is_eager=True),
    ] = False,
) -> None:
    """Take the options before the command."""
