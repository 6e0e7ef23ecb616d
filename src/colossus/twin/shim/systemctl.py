"""Stand in for systemctl inside a twin node, where systemd cannot run as PID 1.

It starts, stops and reloads the processes that the real unit files name, so what the plan renders
is what is rehearsed. It does not supervise. Every request is noted in /run/colossus-systemctl.log.
"""

import fcntl
import sys
import time
from collections.abc import Callable
from pathlib import Path

from colossus.twin.shim.starting import JobFailed, kill, run_all, start
from colossus.twin.shim.units import FOLDERS, STATE, Unit

LOG = Path("/run/colossus-systemctl.log")
NOT_FOUND, NOT_RUNNING, FAILED = 5, 3, 1


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _stop(unit: Unit) -> int:
    main = unit.main_pid()
    if main or unit.active() == "active":
        run_all(unit, "ExecStop", MAINPID=str(main))
    kill(unit, main)
    unit.remember("")
    return 0


def _start(unit: Unit) -> int:
    start(unit)
    return 0


def _restart(unit: Unit) -> int:
    _stop(unit)
    return _start(unit)


def _reload(unit: Unit) -> int:
    if not unit.every("ExecReload"):
        raise JobFailed(
            f"Failed to reload {unit.name}: Job type reload is not applicable for {unit.name}."
        )
    if unit.active() != "active":
        raise JobFailed(f"Failed to reload {unit.name}: {unit.name} is not active, cannot reload.")
    run_all(unit, "ExecReload", MAINPID=str(unit.main_pid()))
    return 0


def _reload_or_restart(unit: Unit) -> int:
    can_reload = unit.every("ExecReload") and unit.active() == "active"
    return _reload(unit) if can_reload else _restart(unit)


def _if_active(act: Callable[[Unit], int]) -> Callable[[Unit], int]:
    return lambda unit: act(unit) if unit.active() == "active" else 0


def _enable(unit: Unit) -> int:
    for link in unit.links():
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.is_symlink() and unit.path:
            link.symlink_to(unit.path)
    return 0


def _disable(unit: Unit) -> int:
    for link in unit.links():
        link.unlink(missing_ok=True)
    return 0


def _mask(unit: Unit) -> int:
    if not unit.masked:
        (FOLDERS[0] / unit.name).symlink_to("/dev/null")
    return 0


def _unmask(unit: Unit) -> int:
    if unit.masked and unit.path:
        unit.path.unlink()
    return 0


def _is_active(unit: Unit) -> int:
    _say(unit.active())
    return 0 if unit.active() == "active" else NOT_RUNNING


def _is_failed(unit: Unit) -> int:
    _say(unit.active())
    return 0 if unit.active() == "failed" else FAILED


def _is_enabled(unit: Unit) -> int:
    _say(unit.enabled())
    return 0 if unit.enabled() in {"enabled", "static"} else FAILED


def _reset_failed(unit: Unit) -> int:
    if unit.state() == "failed":
        unit.remember("")
    return 0


def _properties(unit: Unit) -> dict[str, str]:
    active = unit.active()
    sub = {"active": "running" if unit.main_pid() else "exited", "inactive": "dead"}
    found = {
        "Id": unit.name,
        "LoadState": "masked" if unit.masked else "loaded" if unit.path else "not-found",
        "ActiveState": active,
        "SubState": sub.get(active, "failed"),
        "UnitFileState": unit.enabled() if unit.path else "",
        "MainPID": str(unit.main_pid()),
        "FragmentPath": str(unit.path or ""),
        "DropInPaths": " ".join(str(path) for path in unit.drop_ins()),
        "NeedDaemonReload": "no",
        "Type": unit.kind,
    }
    return {**{key: " ".join(values) for key, values in unit.settings.items()}, **found}


def _show(unit: Unit, options: list[str]) -> int:
    wanted = [name for text in _values(options, "-p", "--property") for name in text.split(",")]
    for key, value in _properties(unit).items():
        if not wanted or key in wanted:
            _say(value if "--value" in options else f"{key}={value}")
    return 0


def _status(unit: Unit) -> int:
    values = _properties(unit)
    _say(f"{unit.name} - {unit.one('Description')}")
    _say(f"     Loaded: {values['LoadState']} ({values['FragmentPath']}; {unit.enabled()})")
    _say(f"     Active: {values['ActiveState']} ({values['SubState']})")
    _say(f"   Main PID: {values['MainPID']}")
    return 0 if values["ActiveState"] == "active" else NOT_RUNNING


def _cat(unit: Unit) -> int:
    for path in (unit.path, *unit.drop_ins()):
        if path:
            _say(f"# {path}\n{path.read_text(encoding='utf-8')}")
    return 0


VERBS: dict[str, Callable[[Unit], int]] = {
    "start": _start,
    "stop": _stop,
    "restart": _restart,
    "reload": _reload,
    "reload-or-restart": _reload_or_restart,
    "try-restart": _if_active(_restart),
    "try-reload-or-restart": _if_active(_reload_or_restart),
    "enable": _enable,
    "disable": _disable,
    "mask": _mask,
    "unmask": _unmask,
    "is-active": _is_active,
    "is-failed": _is_failed,
    "is-enabled": _is_enabled,
    "reset-failed": _reset_failed,
    "status": _status,
    "cat": _cat,
}
# Without a unit's file these still have an answer; the others say that it is not found.
WITHOUT_FILE = {"is-active", "is-failed", "reset-failed", "stop"}
# systemd reads unit files when told to; this reads them at every call.
NOTHING_TO_DO = {"daemon-reload", "daemon-reexec", "is-system-running"}


def _values(options: list[str], short: str, long: str) -> list[str]:
    found = [text.partition("=")[2] for text in options if text.startswith(f"{long}=")]
    return found + [text[len(short) :] for text in options if text.startswith(short)]


def _split(argv: list[str]) -> tuple[str, list[str], list[str]]:
    """Split arguments into verb, units and options; `-p NAME` becomes `-pNAME`."""
    words: list[str] = []
    options: list[str] = []
    rest = iter(argv)
    for word in rest:
        if word in {"-p", "-t", "-n", "-o"}:
            options.append(word + next(rest, ""))
        elif word.startswith("-"):
            options.append(word)
        else:
            words.append(word)
    return (words[0] if words else ""), words[1:], options


def _ask(verb: str, name: str, options: list[str]) -> int:
    """Do one verb on one unit, with a lock against another call on the same unit."""
    unit = Unit(name)
    if not (unit.path or verb in WITHOUT_FILE or verb == "show"):
        sys.stderr.write(f"Unit {unit.name} could not be found.\n")
        return NOT_FOUND
    STATE.mkdir(exist_ok=True)
    with (STATE / f"{unit.name}.lock").open("w") as lock:
        if not verb.startswith(("is-", "show", "status", "cat")):
            fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            status = _show(unit, options) if verb == "show" else VERBS[verb](unit)
            if "--now" in options and verb in {"enable", "disable", "mask"}:
                status = _start(unit) if verb == "enable" else _stop(unit)
        except JobFailed as failure:
            sys.stderr.write(f"{failure}\n")
            return FAILED
    return status


def _statuses(verb: str, names: list[str], options: list[str]) -> list[int]:
    if verb == "is-system-running":
        _say("running")
    if verb in NOTHING_TO_DO:
        return [0]
    if verb not in VERBS and verb != "show":
        sys.stderr.write(f"The twin's systemctl does not know the verb {verb!r}.\n")
        return [FAILED]
    statuses = []
    for number, name in enumerate(names):
        if verb == "show" and number:
            _say("")
        statuses.append(_ask(verb, name, options))
    return statuses


def main(argv: list[str]) -> int:
    """Do what systemctl was asked, note it in the log, and return its exit status."""
    verb, names, options = _split(argv)
    if options and {"-q", "--quiet"} & set(options):
        sys.stdout = Path("/dev/null").open("w")  # noqa: SIM115 - open until this program ends
    begun = time.strftime("%Y-%m-%dT%H:%M:%S")
    statuses = _statuses(verb, names, options)
    # `is-active A B` succeeds if any is active; everything else fails if any fails.
    status = min(statuses, default=0) if verb.startswith("is-") else max(statuses, default=0)
    with LOG.open("a", encoding="utf-8") as log:
        log.write(f"{begun} {' '.join(argv)} -> {status}\n")
    return status
