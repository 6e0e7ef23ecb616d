"""`plan --live` on real nodes: it reads only, names a manual edit and shows what it is."""

import pytest

from tests.twin.sites import Desk

pytestmark = pytest.mark.twin


def test_a_manual_edit_is_found_and_shown(desk: Desk) -> None:
    site = desk.site("nlp")
    live = ("plan", site, "--live", "--connect", "twin", "--detailed-exitcode")
    assert desk.run("twin", "up", site, "--slice", "gpu-0001").returncode == 0
    before = desk.report(*live, status=2)
    assert before["against"] == "live"
    assert before["summary"]["hosts_changed"] == 4

    applied = desk.run("provision", site, "--connect", "twin", "--yes")
    assert applied.returncode == 0, applied.stderr
    assert desk.report(*live)["steps"] == []

    edit = "echo 10.9.9.9 by-hand >>/etc/hosts"
    assert desk.run("twin", "exec", "gpu-0001", "--", "sh", "-c", edit).returncode == 0
    found = desk.run(*live)
    assert found.returncode == 2
    assert "  ~ /etc/hosts" in found.stdout
    assert "-10.9.9.9 by-hand" in found.stdout
    assert "hosts: 0 new, 1 changed, 3 untouched" in found.stdout
    assert found.stderr.splitlines() == [
        "drift: gpu-0001 file:/etc/hosts: changed outside Colossus since it was last applied",
    ]
    kept = desk.run("twin", "exec", "gpu-0001", "--", "tail", "-1", "/etc/hosts")
    assert kept.stdout == "10.9.9.9 by-hand\n"
