"""The whole way: a plan, a real sshd, the interpreter, the journal, a resume; no secret told."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from colossus.apply.engine import Wish
from colossus.apply.over_ssh import apply_over_ssh, reach_from, resume_over_ssh, ssh_means
from colossus.apply.sqlite import SqliteJournal
from colossus.cli.main import run as colossus
from colossus.errors import PlanRefused
from colossus.observe.live import observe_live
from colossus.plan.resource import Desired, Json, Resource, Target
from colossus.transport.endpoints import Reach
from tests.unit.apply.site import CANARY, desired, file, journal_in, plan_of, target
from tests.unit.transport.own_server import serve_own
from tests.unit.transport.server import Server, keygen, needs_sshd, public, serve

pytestmark = pytest.mark.needs_root
OPENSSH = pytest.param(serve, id="openssh", marks=needs_sshd)


@pytest.fixture(scope="module", params=[OPENSSH, pytest.param(serve_own, id="own")])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    with request.param(tmp_path_factory.mktemp("sshd")) as started:
        yield started
    for left in (*Path("/run/colossus").glob("ran-r-*"), Path("/run/colossus/token-little")):
        left.unlink(missing_ok=True)


@pytest.fixture
def reach(server: Server, tmp_path: Path) -> Reach:
    """Two hosts are known with the right key, a third one with another."""
    keygen(tmp_path / "stranger")
    lines = [f"[127.0.0.{n}]:{server.port} {server.host_key}" for n in (1, 2)]
    lines.append(f"[127.0.0.3]:{server.port} {public(tmp_path / 'stranger')}")
    (tmp_path / "known_hosts").write_text("\n".join(lines) + "\n")
    secret = tmp_path / "munge.key"
    secret.write_text(CANARY)
    secret.chmod(0o600)
    return Reach(
        folder=str(tmp_path),
        user="root",
        port=server.port,
        key=f"file:{server.folder / 'client_key'}",
        known_hosts="known_hosts",
        become="none",
        domain="test",
        concurrency=4,
    )


def wanted(folder: Path, text: str = "one\n") -> Desired:
    targets: list[Target] = []
    for n in (1, 2, 3):
        root = folder / f"gpu-{n}"
        rights: dict[str, Json] = {"mode": "0600", "owner": "root", "group": "root"}
        key = {"path": f"{root}/key", **rights, "secret": "file:munge.key"}
        argv: list[Json] = ["sh", "-c", f"echo run >> {root}/log"]
        conf = file(f"{root}/conf", text)
        resources = (
            conf,
            Resource(f"file:{root}/key", "file", key),
            Resource(f"command:refresh-{n}", "command", {"argv": argv}, (conf.id,)),
        )
        targets.append(replace(target(f"gpu-{n}", resources), address=f"127.0.0.{n}/24"))
    return desired(*targets, texts=(text,))


def test_a_changed_host_key_stops_that_host_alone(reach: Reach, tmp_path: Path) -> None:
    journal, plan = journal_in(tmp_path), plan_of(wanted(tmp_path))
    outcome = apply_over_ssh(plan, reach, journal, Wish())
    assert {name: state.status for name, state in outcome.hosts.items()} == {
        "gpu-1": "done",
        "gpu-2": "done",
        "gpu-3": "unreachable",
    }
    assert "which is not the known one" in outcome.hosts["gpu-3"].error
    assert not (tmp_path / "gpu-3").exists()
    assert (tmp_path / "gpu-1/key").read_text() == CANARY

    # Its key is set right; the resume needs nothing but the journal, and asks that host alone.
    good = (tmp_path / "known_hosts").read_text().splitlines()[0].replace("0.1]", "0.3]")
    (tmp_path / "known_hosts").write_text(good)
    run = journal.run(outcome.run)
    again = resume_over_ssh(run, journal)
    assert set(again.hosts) == {"gpu-3"}
    assert again.status == "done"
    assert (tmp_path / "gpu-1/log").read_text() == (tmp_path / "gpu-3/log").read_text() == "run\n"
    assert plan_of(wanted(tmp_path), journal.last_applied("little")).steps == ()
    journal.close()


def test_the_commands_show_and_resume_a_run(
    reach: Reach,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    journal, plan = journal_in(tmp_path), plan_of(wanted(tmp_path))
    apply_over_ssh(plan, reach, journal, Wish())
    journal.close()
    monkeypatch.setenv("COLOSSUS_JOURNAL", str(journal.path))
    assert colossus(["runs", "list"]) == 0
    assert "2 of 3" in capsys.readouterr().out
    assert colossus(["runs", "resume"]) == 14
    captured = capsys.readouterr()
    assert "unreachable: gpu-3: " in captured.out
    assert "1 hosts are not as planned: gpu-3" in captured.err
    (tmp_path / "known_hosts").write_text(f"[127.0.0.3]:{reach.port} {server_key(tmp_path)}\n")
    assert colossus(["runs", "resume"]) == 0
    assert colossus(["runs", "show", "--format", "json"]) == 0
    shown = capsys.readouterr()
    assert '"status": "done"' in shown.out
    assert colossus(["runs", "show", "r-none"]) == 1
    told = "".join((*captured, *shown, *capsys.readouterr()))
    assert CANARY not in told


def server_key(folder: Path) -> str:
    """The right key, as the two good lines of the file have it."""
    return (folder / "known_hosts").read_text().splitlines()[0].partition(" ")[2]


def test_no_secret_stays_anywhere(
    reach: Reach, server: Server, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    journal, plan = journal_in(tmp_path), plan_of(wanted(tmp_path))
    outcome = apply_over_ssh(plan, reach, journal, Wish())
    (tmp_path / "gpu-1/key").write_text("somebody wrote here")
    changed = plan_of(wanted(tmp_path, "two\n"), journal.last_applied("little"))
    second = apply_over_ssh(changed, reach, journal, Wish())
    assert second.hosts["gpu-1"].status == "drifted"
    kept = [path.read_bytes() for path in journal.path.parent.iterdir()]
    kept.append((server.folder / "log").read_bytes())
    kept.append(repr((outcome, second, journal.events(journal.run(second.run)))).encode())
    kept.extend(text.encode() for text in capfd.readouterr())
    assert all(CANARY.encode() not in each for each in kept)
    journal.close()


def test_observing_reads_and_never_writes(reach: Reach, tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    here = wanted(tmp_path)
    means = ssh_means(here.targets.values(), reach)
    before = observe_live(here, means.executor, means.endpoints)
    assert not (tmp_path / "gpu-1").exists()
    assert len(before.changes()) == 6
    assert set(before.faults) == {"gpu-3"}
    apply_over_ssh(plan_of(here), reach, journal, Wish())
    (tmp_path / "gpu-2/conf").write_text("by hand\n")
    (tmp_path / "gpu-1/conf").unlink()
    found = observe_live(here, means.executor, means.endpoints, last=journal.last_applied("little"))
    assert set(found.drifted()) == {"gpu-1", "gpu-2"}
    assert "-by hand" in found.drifted()["gpu-2"][0].diff
    assert found.state["gpu-1"][f"file:{tmp_path}/gpu-1/conf"] == ""
    live = plan_of(here, found.state, against="live")
    assert {step.action for step in live.steps} >= {"create", "change"}
    journal.close()


def test_a_run_that_went_elsewhere_is_not_resumed_over_ssh() -> None:
    with pytest.raises(PlanRefused, match="does not say how run r-1 reached its hosts"):
        reach_from({"connect": "twin"}, "r-1")


def test_the_journal_opens_again(reach: Reach, tmp_path: Path) -> None:
    journal, plan = journal_in(tmp_path), plan_of(wanted(tmp_path))
    outcome = apply_over_ssh(plan, reach, journal, Wish())
    journal.close()
    again = SqliteJournal(journal.path)
    assert again.run(outcome.run).reach["known_hosts"] == "known_hosts"
    again.close()
