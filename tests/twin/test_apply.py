"""Applying to a twin that is up: killed and resumed, edited by hand, with a host that is off."""

import signal

import pytest

from tests.twin.sites import Desk

pytestmark = pytest.mark.twin

EDITED = "/etc/security/limits.d/60-colossus.conf"


def asked_of_systemd(desk: Desk, host: str) -> list[str]:
    done = desk.run("twin", "exec", host, "--", "cat", "/run/colossus-systemctl.log")
    assert done.returncode == 0, done.stderr
    return [line.split(" ", 1)[1] for line in done.stdout.splitlines() if " show " not in line]


def test_a_killed_apply_is_resumed_and_a_manual_edit_is_found(desk: Desk) -> None:
    site = desk.site("killed")
    assert desk.run("twin", "up", site).returncode == 0
    apply = ("provision", site, "--connect", "twin", "--yes")
    killed = desk.run(*apply, COLOSSUS_CRASH_AT="event-received:110")
    assert killed.returncode == -signal.SIGKILL
    assert "killed" in desk.run("runs", "list").stdout
    resumed = desk.report("runs", "resume")
    assert resumed["status"] == "done"
    assert len(resumed["hosts"]) < 11  # what was done before the kill is not done again
    again = desk.run(*apply)
    assert again.returncode == 0, again.stderr
    assert "Nothing to do" in again.stdout
    for host in ("ctl-01", "gpu-0001", "gpu-0008"):
        starts = [line for line in asked_of_systemd(desk, host) if line.startswith("start")]
        assert starts == list(dict.fromkeys(starts))  # nothing was started twice
    assert desk.run("twin", "exec", "ctl-01", "--", "srun", "-N8", "hostname").returncode == 0

    desk.run("twin", "exec", "gpu-0003", "--", "sh", "-c", f"echo '# by hand' >> {EDITED}")
    found = desk.report("drift", site, "--connect", "twin", status=13)
    (difference,) = found["differences"]
    assert (difference["host"], difference["kind"]) == ("gpu-0003", "drifted")
    assert "-# by hand" in difference["diff"]
    kept = desk.run(*apply)
    assert kept.returncode == 14
    assert "-# by hand" in kept.stderr
    assert desk.run(*apply, "--overwrite-drift").returncode == 0
    assert desk.run("drift", site, "--connect", "twin").returncode == 0


def test_a_host_that_is_off_blocks_nobody(desk: Desk) -> None:
    site = desk.site("dark")
    assert desk.run("twin", "up", site).returncode == 0
    assert desk.run("twin", "break", "down", "gpu-0004").returncode == 0
    done = desk.report("provision", site, "--connect", "twin", "--yes", status=14)
    statuses = {name: state["status"] for name, state in done["hosts"].items()}
    assert statuses.pop("gpu-0004") == "unreachable"
    assert set(statuses.values()) == {"done"}
    assert len(statuses) == 10
    jobs = desk.run("twin", "exec", "ctl-01", "--", "srun", "-N7", "hostname")
    assert len(jobs.stdout.split()) == 7
    left = desk.report("runs", "resume", status=14)
    assert set(left["hosts"]) == {"gpu-0004"}
