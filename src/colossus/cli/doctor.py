"""Tell what this machine lacks, and for which command."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
import yaml

from colossus.cli.show import Format
from colossus.cli.views.doctor import show_capabilities
from colossus.cli.views.document import as_json
from colossus.cli.views.messages import put
from colossus.share import ShareMissing, share
from colossus.twin.missing import Missing
from colossus.twin.preflight import preflight
from colossus.twin.vm.budget import budget
from colossus.twin.vm.preflight import preflight_machines


@dataclass(frozen=True, slots=True)
class Capability:
    """Something Colossus can do here or not; find gives what is missing, uses what serves it."""

    name: str
    commands: str
    find: Callable[[], Iterator[Missing]]
    uses: Callable[[], str] = str


def doctor(
    output: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TEXT,
) -> int:
    """Tell what this machine lacks, and for which command. Changes nothing."""
    rows: list[dict[str, object]] = []
    for capability in CAPABILITIES:
        missing = list(capability.find())
        lacks = [{"summary": each.summary, "hint": each.hint} for each in missing]
        rows.append(
            {
                "capability": capability.name,
                "commands": capability.commands,
                "ready": not missing,
                "uses": capability.uses(),
                "missing": lacks,
            },
        )
    if output is Format.JSON:
        put(as_json({"capabilities": rows}))
    else:
        show_capabilities(rows)
    return 0


def _folders() -> Iterator[Missing]:
    for folder in ("inventory", "playbooks"):
        try:
            share(folder, Path.cwd())
        except ShareMissing as fault:
            yield Missing(fault.summary, fault.hint)


def _fast_yaml() -> Iterator[Missing]:
    if not hasattr(yaml, "CSafeLoader"):
        yield Missing(
            "PyYAML was built without libyaml: large sites load four times slower",
            "install the PyYAML wheel, or libyaml-dev before building it",
        )


def _git() -> Iterator[Missing]:
    yield from _tool("git", "apt-get install git, or compare with a folder: --base DIR")


def _namespaces() -> Iterator[Missing]:
    yield from preflight()


def _machines() -> Iterator[Missing]:
    yield from preflight_machines()


def _carried() -> str:
    """Say how many machines fit, and what they run on as far as is known without a trial."""
    kvm = os.access("/dev/kvm", os.R_OK | os.W_OK)
    runs = "hardware may run them: a trial boot decides" if kvm else "emulated: no /dev/kvm here"
    return f"{budget()}; {runs}"


def _pulumi() -> Iterator[Missing]:
    from colossus.stacks.engine import EngineMissing, find_engine

    try:
        find_engine()
    except EngineMissing as fault:
        yield Missing(fault.summary, fault.hint)


def _engine() -> str:
    from colossus.stacks.engine import EngineMissing, find_engine

    try:
        return str(find_engine())
    except EngineMissing:
        return ""


def _signing() -> Iterator[Missing]:
    yield from _tool("ssh-keygen", "apt-get install openssh-client")


def _tool(name: str, hint: str) -> Iterator[Missing]:
    if not shutil.which(name):
        yield Missing(f"{name} is not installed", hint)


# In the order in which an operator needs them.
CAPABILITIES = (
    Capability("site folders", "every command", _folders),
    Capability("fast reading of YAML", "every command", _fast_yaml),
    Capability("comparison with a revision", "check --base, plan --base", _git),
    Capability("twin of namespaces", "provision --dry-run, twin up", _namespaces),
    Capability("twin of machines", "provision --dry-run --twin vm", _machines, _carried),
    Capability("Pulumi engine", "provision --via pulumi", _pulumi, _engine),
    Capability("keys and signatures", "twin up, approved plans", _signing),
)
