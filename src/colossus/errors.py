"""Everything that can end a command early, and the exit status it ends with.

    ColossusError            1   unexpected, and the root of the tree
    ├── InventoryRefused    10   the site cannot be loaded (syntax, schema, reference)
    ├── CheckFailed         11   loaded, but at least one check found an error
    ├── TransportFailed     12   a target cannot be reached or refuses us
    ├── Drifted             13   drift, or not wired as planned
    ├── ApplyFailed         14   the plan was applied only in part
    ├── RehearsalFailed     15   the rehearsal failed, or is not possible here
    ├── PlanRefused         16   the plan is stale or not approved
    └── UsageError          64   the command line makes no sense

Source of the numbers: the outside contract, section "Exit status".
"""

from typing import ClassVar


class ColossusError(Exception):
    """Something went wrong; the message is for the operator, the hint says what to do about it."""

    exit_status: ClassVar[int] = 1

    def __init__(self, summary: str, hint: str = "") -> None:
        super().__init__(summary)
        self.summary = summary
        self.hint = hint


class InventoryRefused(ColossusError):
    """The inventory cannot be loaded."""

    exit_status = 10


class CheckFailed(ColossusError):
    """The inventory loads, but a check found an error."""

    exit_status = 11


class TransportFailed(ColossusError):
    """A target cannot be reached, or refuses us."""

    exit_status = 12


class Drifted(ColossusError):
    """What was found differs from what was planned."""

    exit_status = 13


class ApplyFailed(ColossusError):
    """At least one host could not be brought to its planned state."""

    exit_status = 14


class RehearsalFailed(ColossusError):
    """The rehearsal failed, or this machine cannot run it."""

    exit_status = 15


class PlanRefused(ColossusError):
    """The plan is stale, damaged or not approved."""

    exit_status = 16


class UsageError(ColossusError):
    """The command line makes no sense."""

    exit_status = 64
