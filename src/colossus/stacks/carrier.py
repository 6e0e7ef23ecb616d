"""Carries one stack through the engine, in a process of its own: job on stdin, events on stdout.

A process per stack, because the SDK keeps its state per process and writes the chosen stack into a
workspace that two stacks must not share.
"""

import json
import os
import sys
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pulumi import automation as auto

from colossus.stacks.program import Declared, declare

PROJECT = "colossus"
OURS = "colossus:"
_COMPLAINTS: list[str] = []  # of the engine; said once, so its whole log need not be shown


@dataclass(frozen=True)
class Job:
    """One stack to bring to its state. home: folder that belongs to this stack alone.

    policy: folder of a policy pack; then the stack is only previewed and nothing is changed.
    """

    stack: str
    engine: str
    home: str
    environment: dict[str, str]
    resources: tuple[Declared, ...]
    policy: str = ""


def carry(job: Job) -> bool:
    """Bring a stack to its state; tell events on stdout. False where the engine ended badly."""
    stack = _open(job)
    _recover(stack)
    counts: Counter[str] = Counter()
    quiet: dict[str, Any] = {"on_output": lambda _line: None}
    try:
        if job.policy:
            stack.preview(policy_packs=[job.policy], on_event=_tell_policy, **quiet)
        else:
            stack.up(on_event=partial(_tell_event, counts), continue_on_error=True, **quiet)
    except auto.CommandError as fault:
        _tell("failed", text="" if _COMPLAINTS else _last_words(str(fault)))
        return False
    _tell("done", changes=dict(counts))
    return True


def _open(job: Job) -> auto.Stack:
    home = Path(job.home)
    (home / "work").mkdir(parents=True, exist_ok=True)
    options = auto.LocalWorkspaceOptions(
        work_dir=str(home / "work"),
        pulumi_home=str(home),
        pulumi_command=auto.PulumiCommand(root=job.engine),
        env_vars=job.environment,
        project_settings=auto.ProjectSettings(
            name=PROJECT,
            runtime="python",
            backend=auto.ProjectBackend(job.environment["PULUMI_BACKEND_URL"]),
        ),
    )
    return auto.create_or_select_stack(
        job.stack, project_name=PROJECT, program=lambda: declare(job.resources), opts=options
    )


def _recover(stack: auto.Stack) -> None:
    """Clear what a killed engine left: its lock, and operations of which nobody knows the end.

    Both are safe here: the journal's lease keeps two runs apart, and our creates and updates
    compare before they write, so that doing one again changes nothing.
    """
    try:
        state = stack.export_stack()
    except auto.CommandError as fault:
        raise SystemExit(_last_words(str(fault))) from fault
    locks = _dead_locks(stack)
    if locks:
        for lock in locks:
            lock.unlink(missing_ok=True)
        _tell("recovered", text=f"removed the lock of a dead engine on {stack.name}")
    deployment = dict(state.deployment or {})
    pending = deployment.pop("pending_operations", None)
    if pending:
        names = ", ".join(each["resource"]["urn"].rpartition("::")[2] for each in pending)
        stack.import_stack(auto.Deployment(version=state.version, deployment=deployment))
        _tell("recovered", text=f"begun by a killed engine and done again now: {names}")


def _dead_locks(stack: auto.Stack) -> list[Path]:
    """Give lock files of this stack whose process on this machine is gone."""
    backend = os.environ.get("PULUMI_BACKEND_URL", "")
    backend = stack.workspace.env_vars.get("PULUMI_BACKEND_URL", backend)
    if not backend.startswith("file://"):
        return []
    folder = Path(backend.removeprefix("file://")) / ".pulumi" / "locks"
    locks = folder.glob(f"organization/{PROJECT}/{stack.name}/*.json")
    return [lock for lock in locks if _is_dead(json.loads(lock.read_text("utf-8")))]


def _is_dead(lock: dict[str, Any]) -> bool:
    here = lock.get("hostname") == os.uname().nodename
    return here and not Path(f"/proc/{lock.get('pid')}").exists()


def _tell_event(counts: Counter[str], event: auto.EngineEvent) -> None:
    """Tell what becomes of our own resources; those of the engine itself are of no interest."""
    if event.res_outputs_event is not None:
        metadata = event.res_outputs_event.metadata
        if metadata.type.startswith(OURS):
            counts[str(metadata.op.value)] += 1
        _tell_step("done", metadata)
    elif event.resource_pre_event is not None:
        _tell_step("begun", event.resource_pre_event.metadata)
    elif event.res_op_failed_event is not None:
        _tell_step("failed", event.res_op_failed_event.metadata)
    elif event.diagnostic_event is not None and event.diagnostic_event.severity == "error":
        _COMPLAINTS.append(_last_words(event.diagnostic_event.message))
        _tell("error", text=_COMPLAINTS[-1])


def _tell_policy(event: auto.EngineEvent) -> None:
    """Tell what a policy has to say: advice, or why this may not be."""
    found = event.policy_event
    if found is not None:
        mandatory = found.enforcement_level == "mandatory"
        words = " ".join(found.message.split())
        if mandatory:
            _COMPLAINTS.append(words)
        _tell("refused" if mandatory else "advice", text=f"{found.policy_name}: {words}")


def _tell_step(what: str, metadata: Any) -> None:  # noqa: ANN401 - the SDK's type is not exported
    if metadata.type.startswith(OURS):
        name = metadata.urn.rpartition("::")[2]
        _tell(what, kind=metadata.type.rpartition(":")[2], name=name, op=str(metadata.op.value))


def _last_words(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " ".join(lines)[-2000:]


def _tell(what: str, **more: object) -> None:
    sys.stdout.write(json.dumps({"event": what, **more}) + "\n")
    sys.stdout.flush()


def main() -> int:
    """Read a job, carry it, give the exit status."""
    document = json.load(sys.stdin)
    resources = tuple(
        Declared(**{**each, "after": tuple(each["after"])}) for each in document.pop("resources")
    )
    return 0 if carry(Job(**document, resources=resources)) else 1


if __name__ == "__main__":
    sys.exit(main())
