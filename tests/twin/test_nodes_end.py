"""However a twin ends - down, Ctrl-C, an error, kill -9 of the tool - nothing of it is left."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from colossus.errors import RehearsalFailed
from colossus.twin import cleanup, state
from colossus.twin.base import TwinCable
from colossus.twin.namespaces import NamespaceTwin
from tests.twin.namespace_specs import small_spec

pytestmark = pytest.mark.twin

# Builds a twin, says so, and waits to be killed.
BUILDER = """
import sys, time
from pathlib import Path
from colossus.twin.namespaces import NamespaceTwin
from tests.twin.namespace_specs import small_spec
lasting, twins = sys.argv[1] == "lasting", Path(sys.argv[2])
twin = NamespaceTwin(small_spec("test-end"), lasting=lasting, twins=twins)
if sys.argv[3] == "with":
    with twin:
        print("built", flush=True)
        time.sleep(60)
twin.up()
print("built", flush=True)
time.sleep(60)
"""


@pytest.fixture
def twins(tmp_path: Path) -> Iterator[Path]:
    """A folder of twins of this test's own; whatever it leaves there is removed."""
    yield tmp_path / "twins"
    for name in state.names(tmp_path / "twins"):
        cleanup.remove(name, tmp_path / "twins")


def builder(twins: Path, checkout: Path, how: str = "", kind: str = "") -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", BUILDER, how or "attached", str(twins), kind or "up"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=checkout,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "built\n"
    return process


def stop(process: subprocess.Popen[str], number: int) -> None:
    process.send_signal(number)
    process.wait(30)
    assert process.stdout is not None
    process.stdout.close()


def spaces(lives: list[state.Life]) -> set[str]:
    """The net namespaces that hold up a twin."""
    return {str(Path(f"/proc/{life.pid}/ns/net").readlink()) for life in lives}


def left_in(namespaces: set[str]) -> list[str]:
    """Processes that are still in one of these namespaces."""
    found = []
    for path in Path("/proc").glob("[0-9]*/ns/net"):
        try:
            if str(path.readlink()) in namespaces:
                found.append(path.parts[2])
        except OSError:
            continue
    return found


def assert_gone(namespaces: set[str], twins: Path, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while left_in(namespaces) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left_in(namespaces) == []
    assert str(twins) not in Path("/proc/self/mountinfo").read_text(encoding="utf-8")


def lives(twins: Path) -> list[state.Life]:
    now = state.load("test-end", twins)
    assert now is not None
    return now.lives()


def test_down_leaves_nothing(twins: Path) -> None:
    with NamespaceTwin(small_spec("test-end"), twins=twins) as twin:
        inside = spaces(lives(twins))
        assert len(inside) == 5
        twin.exec("gpu1", ["sh", "-c", "setsid --fork sleep 300 </dev/null >/dev/null 2>&1"])
        assert len(left_in(inside)) > 5
    assert_gone(inside, twins)
    assert not (twins / "test-end").exists()


def test_a_rehearsal_killed_by_kill_9_takes_its_nodes_with_it(twins: Path, checkout: Path) -> None:
    process = builder(twins, checkout)
    inside = spaces(lives(twins))
    stop(process, signal.SIGKILL)
    assert_gone(inside, twins)
    assert cleanup.sweep(twins) == ["test-end"]
    assert not (twins / "test-end").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_polite_signal_removes_everything(twins: Path, checkout: Path, number: int) -> None:
    process = builder(twins, checkout, kind="with")
    inside = spaces(lives(twins))
    stop(process, number)
    assert_gone(inside, twins)
    assert not (twins / "test-end").exists()


def test_a_lasting_twin_outlives_its_tool_and_is_found_again(twins: Path, checkout: Path) -> None:
    process = builder(twins, checkout, "lasting")
    found = lives(twins)
    inside = spaces(found)
    stop(process, signal.SIGKILL)
    assert cleanup.sweep(twins) == []
    twin = NamespaceTwin(small_spec("test-end"), twins=twins)
    assert twin.exec("gpu1", ["hostname"]).text == "gpu1\n"
    with twin.connect("gpu2") as connection:
        assert connection.recv(7) == b"SSH-2.0"
    assert twin.status().lasting
    assert cleanup.remove_all(twins) == (["test-end"], [])
    assert_gone(inside, twins)


def test_removing_all_spares_a_rehearsal_in_progress(twins: Path) -> None:
    with NamespaceTwin(small_spec("test-end"), twins=twins) as twin:
        assert cleanup.remove_all(twins) == ([], ["test-end"])
        assert len(twin.status().up) == 4


def test_a_recycled_process_number_is_not_ours(twins: Path) -> None:
    with subprocess.Popen(["sleep", "300"]) as bystander:
        other = state.Life(bystander.pid, 1)
        stale = state.TwinState(small_spec("test-end"), other, lasting=False, nodes={"gpu1": other})
        state.save(stale, twins)
        assert cleanup.remove_all(twins) == (["test-end"], [])
        assert bystander.poll() is None
        bystander.kill()


def test_a_node_that_dies_while_booting_says_why(twins: Path) -> None:
    good = small_spec("test-end")
    bad = replace(good.nodes[1], kernel_settings=("vm.no_such_setting",))
    with pytest.raises(RehearsalFailed) as raised:
        NamespaceTwin(replace(good, nodes=(good.nodes[0], bad, *good.nodes[2:])), twins=twins).up()
    assert raised.value.summary == (
        "twin node gpu2 did not start: cat: proc/sys/vm/no_such_setting: No such file or directory"
    )
    assert not (twins / "test-end").exists()


def test_an_image_that_is_not_there_is_named(twins: Path, tmp_path: Path) -> None:
    with pytest.raises(RehearsalFailed) as raised:
        NamespaceTwin(small_spec("test-end"), twins=twins, image=tmp_path / "none").up()
    assert raised.value.summary == f"the twin's image {tmp_path / 'none'} does not exist"


def test_a_build_that_fails_leaves_nothing(twins: Path) -> None:
    good = small_spec("test-end")
    same = TwinCable("X", "gpu1", "enp9s0", "leaf1", "lo")
    bad = replace(good, cables=(*good.cables, same))
    with pytest.raises(RehearsalFailed) as raised:
        NamespaceTwin(bad, twins=twins).up()
    assert raised.value.summary.startswith("ip: ")
    assert not (twins / "test-end").exists()
