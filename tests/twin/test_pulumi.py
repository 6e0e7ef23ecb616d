"""The real Pulumi engine on a twin: the same state as over SSH, refreshed, repaired, killed."""

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from colossus.stacks.store import Place
from tests.twin.plain_pulumi import PlainPulumi
from tests.twin.sites import Desk

pytestmark = [
    pytest.mark.twin,
    pytest.mark.pulumi,
    pytest.mark.usefixtures("no_pulumi_settings"),
]

EDITED = "/etc/security/limits.d/60-colossus.conf"
CLUSTER = "stanford-nlp"
CROSSED = """
cable_overrides:
  - {port: "gpu-0005:enp84s0", meets: "leaf-01:swp21s0", reason: left so}
  - {port: "gpu-0005:enp75s0", meets: "leaf-01:swp21s1", reason: left so}
  - {port: "gpu-0006:enp84s0", meets: "leaf-01:swp17s0", reason: left so}
  - {port: "gpu-0006:enp75s0", meets: "leaf-01:swp17s1", reason: left so}
"""
HOSTS = ("oob-01", "leaf-01", "ctl-01", "gpu-0001", "gpu-0005", "gpu-0008")
# What plan files say of themselves and what daemons write is no part of the configuration.
LISTING = (
    "cd /etc && find . -xdev -type f ! -name '*.key' ! -name 'ssh_host_*' ! -name machine-id"
    " ! -name mtab -print0 | sort -z | xargs -0 sha256sum"
)


def pulumi_on(desk: Desk, part: str, stack: str, site: str) -> PlainPulumi:
    """Give the plain `pulumi` command on a stack of the twin."""
    folder = desk.folder / "twins" / CLUSTER / "pulumi"
    pulumi = PlainPulumi(desk, part, Place(CLUSTER, "", folder.parent / "journal.sqlite", folder))
    pulumi("stack", "select", stack)
    pulumi.set("inventory", desk.folder / site)
    pulumi.set("connect", "twin")
    return pulumi


def listings(desk: Desk) -> dict[str, str]:
    found = {}
    for host in HOSTS:
        done = desk.run("twin", "exec", host, "--", "sh", "-c", LISTING)
        assert done.returncode == 0, done.stderr
        found[host] = done.stdout
    return found


def test_pulumi_leaves_the_same_state_as_ssh(desk: Desk) -> None:
    site = desk.site("both")
    assert desk.run("twin", "up", site).returncode == 0
    provision = ("provision", site, "--connect", "twin", "--yes")
    assert desk.run(*provision).returncode == 0
    over_ssh = listings(desk)
    assert desk.run("twin", "down").returncode == 0

    assert desk.run("twin", "up", site).returncode == 0
    first = desk.run(*provision, "--via", "pulumi")
    assert first.returncode == 0, first.stderr
    assert "[racks-1] Rack a01 created" in first.stderr
    assert listings(desk) == over_ssh
    again = desk.run(*provision, "--via", "pulumi")
    assert again.returncode == 0, again.stderr
    assert "Nothing to do" in again.stdout
    assert "[control] nothing changed" in again.stderr
    assert "[racks-1] nothing changed" in again.stderr

    racks = pulumi_on(desk, "racks", "racks-1", "both")
    edited_by_hand(desk, site, racks)
    destroyed_and_again(desk, racks, over_ssh)
    removed_with_a_label(desk, racks)


def edited_by_hand(desk: Desk, site: Path, racks: PlainPulumi) -> None:
    racks("preview", "--expect-no-changes")
    desk.run("twin", "exec", "gpu-0003", "--", "sh", "-c", f"echo '# by hand' >> {EDITED}")
    assert "1 updated" in racks("refresh", "--yes")
    seen = racks("preview", "--diff")
    assert EDITED in seen
    assert "gpu-0003" in seen
    racks("up", "--yes", "--skip-preview")
    assert desk.run("drift", site, "--connect", "twin").returncode == 0
    racks("preview", "--expect-no-changes")


def destroyed_and_again(desk: Desk, racks: PlainPulumi, over_ssh: dict[str, str]) -> None:
    state = racks("stack", "export")
    assert "munge.key" in state  # which file it is
    assert "content" not in state  # and nothing of what is in it
    racks("destroy", "--yes", "--skip-preview")
    assert "a01" not in racks("stack", "export")
    assert listings(desk) == over_ssh  # a destroy forgets, and leaves hosts as they are
    assert "Rack a02 created" in racks("up", "--yes", "--skip-preview")
    assert listings(desk) == over_ssh


def removed_with_a_label(desk: Desk, racks: PlainPulumi) -> None:
    """Taking files off hosts needs a word in the settings, and the policy pack asks for a label."""
    policy = str(desk.checkout / "infra" / "policy")
    racks.set("onDestroy", "remove")
    refused = racks("preview", "--policy-pack", policy, status=1)
    assert 'a01: onDestroy is remove without the label destroyable: "true"' in refused
    racks("config", "set", "--path", "colossus:labels.destroyable", "true")
    racks("up", "--yes", "--skip-preview", "--policy-pack", policy)
    racks("destroy", "--yes", "--skip-preview")
    assert desk.run("twin", "exec", "gpu-0003", "--", "test", "-e", EDITED).returncode == 1


def test_one_host_is_limited_and_one_rack_is_updated(desk: Desk) -> None:
    site = desk.site("update")
    assert desk.run("twin", "up", site).returncode == 0
    provision = ("provision", site, "--connect", "twin", "--yes", "--via", "pulumi")
    limited = desk.report(*provision, "--limit", "gpu-0001,ctl-01")
    assert set(limited["hosts"]) == {"gpu-0001", "ctl-01"}
    whole = desk.report(*provision)
    assert set(whole["hosts"]).isdisjoint({"gpu-0001", "ctl-01"})
    assert len(whole["hosts"]) == 9


def test_a_changed_site_updates_one_rack_and_its_switch(desk: Desk) -> None:
    """Two cables of a02 are crossed in the site: its rack and the leaf change, and nothing else."""
    site = desk.site("changed")
    assert desk.run("twin", "up", site).returncode == 0
    provision = ("provision", site, "--connect", "twin", "--yes", "--via", "pulumi")
    assert desk.run(*provision).returncode == 0
    with (site / "cluster.yaml").open("a", encoding="utf-8") as file:
        file.write(CROSSED)
    changed = desk.run(*provision)
    assert changed.returncode == 0, changed.stderr
    assert "[racks-1] Rack a02 updated" in changed.stderr
    assert "[control] Switch leaf-01 updated" in changed.stderr
    assert not re.search(r"(a01|ctl-01|oob-01) (updated|created|deleted)", changed.stderr)
    assert "3 changed, 8 untouched" in changed.stdout
    again = desk.run(*provision)
    assert "Nothing to do" in again.stdout
    assert "[racks-1] nothing changed" in again.stderr


def test_a_policy_pack_refuses_before_any_host_is_asked(desk: Desk) -> None:
    site = desk.site("policy")
    assert desk.run("twin", "up", site).returncode == 0
    policy = desk.checkout / "infra" / "policy"
    provision = ("provision", site, "--connect", "twin", "--yes", "--via", "pulumi")
    refused = desk.run(*provision, "--policy", policy, COLOSSUS_CAPACITY_FLOOR="9")
    assert refused.returncode == 16, refused.stderr
    assert "8 hosts are fewer than the floor of 9" in refused.stderr
    assert desk.run("runs", "list", "--format", "json").stdout.count('"id"') == 0
    allowed = desk.run(*provision, "--policy", policy, COLOSSUS_CAPACITY_FLOOR="8")
    assert allowed.returncode == 0, allowed.stderr
    assert "ctl-01 has no standby" in allowed.stderr


def test_a_killed_provider_is_recovered_by_the_same_command(desk: Desk) -> None:
    site = desk.site("provider-killed")
    assert desk.run("twin", "up", site).returncode == 0
    provision = ("provision", site, "--connect", "twin", "--yes", "--via", "pulumi")
    killed = desk.run(*provision, COLOSSUS_CRASH_AT="event-received:60")
    assert killed.returncode == 14, killed.stderr
    again = desk.run(*provision)
    assert again.returncode == 0, again.stderr
    assert desk.run("drift", site, "--connect", "twin").returncode == 0


def test_a_killed_engine_is_recovered_by_the_same_command(desk: Desk) -> None:
    site = desk.site("engine-killed")
    assert desk.run("twin", "up", site).returncode == 0
    provision = ("provision", site, "--connect", "twin", "--yes", "--via", "pulumi")
    running = desk.start(*provision)
    os.kill(engine_of(desk, running), signal.SIGKILL)
    _, messages = running.communicate(timeout=300)
    assert running.returncode == 14, messages
    again = desk.run(*provision)
    assert again.returncode == 0, again.stderr
    assert "lock of a dead engine" in again.stderr
    assert "done again now" in again.stderr
    assert desk.run("drift", site, "--connect", "twin").returncode == 0


def engine_of(desk: Desk, running: subprocess.Popen[str]) -> int:
    """Wait until one of our resources is being created, as the state says; give the engine."""
    stacks = desk.folder / "twins" / CLUSTER / "pulumi" / "stacks" / ".pulumi"
    state = stacks / "stacks" / "colossus" / "control.json"
    while running.poll() is None:
        if state.is_file() and any(kind.startswith("colossus:") for kind in creating(state)):
            (lock,) = (stacks / "locks").rglob("*.json")
            return int(json.loads(lock.read_text("utf-8"))["pid"])
        time.sleep(0.02)
    pytest.fail("no resource was made")


def creating(state: Path) -> list[str]:
    """Give the types that are being created; the engine's own take too little time to be met."""
    latest = json.loads(state.read_text("utf-8"))["checkpoint"]["latest"] or {}
    pending = latest.get("pending_operations") or []
    return [each["resource"]["type"] for each in pending if each["type"] == "creating"]
