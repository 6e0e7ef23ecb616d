"""The program that hosts get: old enough Python, one round trip, triggers, memory."""

import ast
import json
import subprocess
import time
import zlib
from pathlib import Path

import pytest

from colossus.plan.resource import Json, Resource
from colossus.transport.interpreter import PARTS, bare, command, packed
from tests.unit.transport.hosted import Host, changes, lines, outcomes


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def run(host: Host, name: str, on: tuple[str, ...] = (), **guard: Json) -> Resource:
    argv: list[Json] = ["sh", "-c", f"echo {name} >> {host.root}/log"]
    return Resource(f"command:{name}", "command", {"argv": argv, **guard}, on)


def log(host: Host) -> list[str]:
    return list(lines(host.root / "log"))


def test_it_is_python_3_6() -> None:
    """Syntax only; what was added to the library after 3.6 is listed here by hand."""
    folder = Path(__file__).parents[3] / "src/colossus/transport/interpreter"
    later = ("capture_output", "text=True", "removeprefix", "dataclass", "from __future__")
    for part in PARTS:
        text = (folder / f"{part}.py").read_text()
        ast.parse(text, feature_version=(3, 6))
        assert [word for word in later if word in text] == []


def test_it_travels_light_and_whole() -> None:
    length, _, squeezed = packed().partition(b"\n")
    assert int(length) == len(squeezed) < 10_000
    assert '"""' not in zlib.decompress(squeezed).decode()
    assert bare('"""x"""\n\n# y\ndef f():\n    """z\n    z"""\n    return 1  # kept\n') == (
        "0\ndef f():\n    0\n    return 1  # kept\n"
    )


def test_it_starts_the_systems_own_python() -> None:
    assert command()[:4] == ("/usr/bin/python3", "-I", "-S", "-E")
    assert command("sudo")[:4] == ("sudo", "-n", "--", "/usr/bin/python3")


def test_one_request_is_answered_line_by_line(host: Host) -> None:
    wanted = host.file("f", "grüße\n")
    done = host.sent(wanted, run(host, "it", (wanted.id,)), check=False)
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert outcomes(told[:2]) == [("changed", "create"), ("changed", "run")]
    assert told[2] == {"end": 2}
    assert host.root.joinpath("f").read_text() == "grüße\n"


def test_triggers_run_once_per_change_and_are_foretold(host: Host) -> None:
    conf, other = host.file("conf", "1"), host.file("other", "1")
    wanted = (conf, other, run(host, "reload", (conf.id, other.id)), run(host, "never", ("x:y",)))
    foretold = changes(host.check(*wanted))
    assert foretold == changes(host.apply(*wanted))
    assert log(host) == ["reload"]
    assert changes(host.apply(*wanted)) == set()
    assert log(host) == ["reload"]


def test_triggers_follow_each_other(host: Host) -> None:
    conf = host.file("conf", "1")
    first, second = run(host, "first", (conf.id,)), run(host, "second", ("command:first",))
    foretold = changes(host.check(conf, first, second))
    assert changes(host.apply(conf, first, second)) == foretold
    assert log(host) == ["first", "second"]


def test_guards_decide_and_triggers_overrule_them(host: Host) -> None:
    made = run(host, "made", creates=f"{host.root}/log")
    unless = run(host, "unless", unless=["grep", "-q", "unless", f"{host.root}/log"])
    assert outcomes(host.apply(made, unless)) == [("changed", "run"), ("changed", "run")]
    assert outcomes(host.apply(made, unless)) == [("ok", ""), ("ok", "")]
    conf = host.file("conf", "1")
    again = run(host, "made", (conf.id,), creates=f"{host.root}/log")
    assert outcomes(host.apply(conf, again))[1] == ("changed", "run")


def test_a_guard_is_asked_again_right_before_the_act(host: Host) -> None:
    """What an earlier resource already achieved is not done a second time."""
    first = run(host, "first", creates=f"{host.root}/log")
    second = run(host, "second", creates=f"{host.root}/log")
    assert outcomes(host.apply(first, second)) == [("changed", "run"), ("ok", "")]
    assert log(host) == ["first"]


def test_checks_are_asked_until_well_and_never_in_check_mode(host: Host) -> None:
    body: dict[str, Json] = {
        "argv": ["sh", "-c", f"echo x >> {host.root}/log; test $(wc -l < {host.root}/log) -ge 3"],
        "retries": 5,
        "interval_seconds": 0.01,
        "timeout_seconds": 5,
    }
    health = Resource("check:health", "check", body)
    assert outcomes(host.check(health)) == [("skipped", "")]
    assert outcomes(host.apply(health)) == [("ok", "run")]
    assert log(host) == ["x"] * 3
    sick = Resource("check:sick", "check", {**body, "argv": ["false"], "retries": 2})
    told = host.apply(sick, host.file("f", "x"))
    assert outcomes(told) == [("failed", "run"), ("skipped", "")]
    assert "after 2 tries" in told[0]["message"]


def test_a_command_that_hangs_ends_and_a_daemon_does_not_hold_it_up(host: Host) -> None:
    slow = Resource("command:slow", "command", {"argv": ["sleep", "60"], "timeout_seconds": 0.1})
    told = host.apply(slow, pending={slow.id: "r"})
    assert told[0]["outcome"] == "failed"
    assert "no end after 0.1 s" in told[0]["message"]
    argv: list[Json] = ["sh", "-c", "sleep 3 & echo started"]
    daemon = Resource("command:daemon", "command", {"argv": argv})
    begun = time.monotonic()
    assert outcomes(host.apply(daemon, pending={daemon.id: "r"})) == [("changed", "run")]
    assert time.monotonic() - begun < 3


def test_what_is_owed_is_run_unless_this_host_remembers_that_it_ran(host: Host) -> None:
    conf = host.file("conf", "1")
    trigger = run(host, "trigger", (conf.id,))
    assert outcomes(host.apply(conf, trigger, run="r-1")) == [
        ("changed", "create"),
        ("changed", "run"),
    ]
    # The controller was killed before it heard of it, and asks again.
    again = host.apply(conf, trigger, run="r-1", pending={trigger.id: "r-1"})
    assert outcomes(again) == [("ok", ""), ("ok", "")]
    # Another run owes it: that one this host never saw.
    other = host.apply(conf, trigger, run="r-2", pending={trigger.id: "r-0"})
    assert outcomes(other) == [("ok", ""), ("changed", "run")]
    assert log(host) == ["trigger", "trigger"]


def test_a_second_change_owes_the_trigger_again(host: Host) -> None:
    """Ran in the first attempt, then a change and a kill in the second: the third must run it."""
    trigger = run(host, "trigger", (host.file("conf", "1").id,))
    host.apply(host.file("conf", "1"), trigger, run="r-1")
    breaks = Resource("check:no", "check", {"argv": ["false"]})
    changed = host.file("conf", "2")
    told = host.apply(changed, breaks, trigger, run="r-1", last={changed.id: "0" * 64})
    assert [event["outcome"] for event in told] == ["drifted", "failed", "skipped"]
    told = host.apply(changed, breaks, trigger, run="r-1")
    assert [event["outcome"] for event in told] == ["changed", "failed", "skipped"]
    told = host.apply(changed, trigger, run="r-1", pending={trigger.id: "r-1"})
    assert outcomes(told) == [("ok", ""), ("changed", "run")]


def test_two_runs_on_one_host_wait_for_each_other(host: Host) -> None:
    argv: list[Json] = [
        "sh",
        "-c",
        f"echo in >> {host.root}/log; sleep 0.5; echo out >> {host.root}/log",
    ]
    slow = Resource("command:slow", "command", {"argv": argv}, ("file:/etc/conf",))
    asked = host.asked(slow, check=False, run="r", pending={slow.id: "r"})
    runs = [
        subprocess.Popen(command(), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        for _ in range(2)
    ]
    for each in runs:
        assert each.stdin is not None
        each.stdin.write(asked)
        each.stdin.close()
    assert [each.wait() for each in runs] == [0, 0]
    # The second finds in the host's memory that this run triggered it already.
    assert log(host) == ["in", "out"]


def test_a_run_whose_lease_went_to_another_is_refused(host: Host) -> None:
    wanted = host.file("f", "x")
    host.apply(wanted, token=7)
    done = host.sent(host.file("f", "y"), check=False, token=6)
    assert json.loads(done.stdout) == {"refused": "a later run holds the lease of test"}
    assert host.root.joinpath("f").read_text() == "x"


def test_the_host_goes_on_when_nobody_listens_any_more(host: Host) -> None:
    wanted = [host.file(f"f{n}", "x" * 1000) for n in range(20)]
    asked = host.asked(*wanted, check=False)
    program = subprocess.Popen(command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert program.stdin is not None
    assert program.stdout is not None
    program.stdout.close()  # the controller is gone
    program.stdin.write(asked)
    program.stdin.close()
    assert program.wait() == 0
    assert all(host.root.joinpath(f"f{n}").exists() for n in range(20))
