"""The frame: exit statuses of the contract, help, interrupts, unexpected faults."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import typer

import colossus
from colossus import errors
from colossus.cli import main as frame
from colossus.errors import ColossusError

COLOSSUS = Path(sys.executable).with_name("colossus")


def started(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COLOSSUS, *arguments], check=False, capture_output=True, text=True, cwd=cwd
    )


def raising(fault: BaseException) -> typer.Typer:
    """An application whose only command ends in a fault."""
    app = typer.Typer()
    app.callback()(lambda: None)

    @app.command("fail")
    def fail() -> None:
        raise fault

    return app


@pytest.mark.parametrize(
    "arguments",
    [
        ["nosuch"],
        ["--nosuch"],
        ["check"],
        ["check", "a", "b"],
        ["check", ".", "--format", "nosuch"],
        ["check", ".", "--nosuch"],
        ["show", ".", "nosuch"],
        ["catalog"],
        ["catalog", "nosuch"],
    ],
    ids=" ".join,
)
def test_a_command_line_that_makes_no_sense_is_64(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert frame.run(arguments) == 64
    assert "Usage: colossus" in "".join(capsys.readouterr())


def test_the_parsers_own_2_never_leaves_the_program() -> None:
    ran = started("--nosuch")
    assert ran.returncode == 64
    assert ran.stdout == ""
    assert "No such option: --nosuch" in ran.stderr


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("ColossusError", 1),
        ("InventoryRefused", 10),
        ("CheckFailed", 11),
        ("TransportFailed", 12),
        ("Drifted", 13),
        ("ApplyFailed", 14),
        ("RehearsalFailed", 15),
        ("PlanRefused", 16),
        ("UsageError", 64),
    ],
)
def test_every_error_of_the_tree_has_its_status(
    name: str,
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fault: ColossusError = getattr(errors, name)("what is wrong", "what to do")
    monkeypatch.setattr(frame, "application", lambda _: raising(fault))
    assert frame.run(["fail"]) == status
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "error: what is wrong\n  what to do\n"


def test_ctrl_c_is_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(frame, "application", lambda _: raising(KeyboardInterrupt()))
    assert frame.run(["fail"]) == 130
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("debug", ["", "1"])
def test_an_unexpected_fault_is_1_and_shows_its_trace_only_on_request(
    debug: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLOSSUS_DEBUG", debug)
    monkeypatch.setattr(frame, "application", lambda _: raising(RuntimeError("boom")))
    assert frame.run(["fail"]) == 1
    shown = capsys.readouterr().err
    assert "unexpected RuntimeError: boom" in shown
    assert ("Traceback" in shown) is bool(debug)


def test_a_status_that_a_command_returns_is_the_status(monkeypatch: pytest.MonkeyPatch) -> None:
    app = typer.Typer()
    app.callback()(lambda: None)
    app.command("two")(lambda: 2)
    monkeypatch.setattr(frame, "application", lambda _: app)
    assert frame.run(["two"]) == 2


def test_without_a_command_there_is_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert frame.run([]) == 0
    assert "Usage: colossus" in capsys.readouterr().out


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert frame.run(["--version"]) == 0
    assert capsys.readouterr().out.strip() == colossus.__version__


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert frame.run(["--help"]) == 0
    shown = capsys.readouterr().out
    assert [each.name for each in frame.COMMANDS if each.name not in shown] == []


@pytest.mark.parametrize("command", frame.COMMANDS, ids=lambda command: command.name)
def test_every_command_has_its_own_help_with_the_line_of_the_table(
    command: frame.Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert frame.run([command.name, "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert f"Usage: colossus {command.name}" in shown
    assert command.summary.rstrip(".") in shown


def test_output_in_a_pipe_has_no_colour() -> None:
    ran = started("check", "nowhere")
    assert ran.returncode == 10
    assert "\x1b" not in ran.stdout + ran.stderr


SLEEP = """
import sys, time, typer
from colossus.cli import main as frame
def wait() -> None:
    try:
        print("waiting", flush=True)
        time.sleep(60)
    finally:
        print("torn down", flush=True)
app = typer.Typer()
app.callback()(lambda: None)
app.command("wait")(wait)
frame.application = lambda _: app
sys.argv = ["colossus", "wait"]
sys.exit(frame.main())
"""


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["term", "int"]
)
def test_a_signal_ends_the_command_after_its_cleaning_up(number: int, status: int) -> None:
    with subprocess.Popen([sys.executable, "-c", SLEEP], stdout=subprocess.PIPE, text=True) as ran:
        assert ran.stdout is not None
        assert ran.stdout.readline() == "waiting\n"
        ran.send_signal(number)
        assert ran.stdout.read() == "torn down\n"
    assert ran.returncode == status
