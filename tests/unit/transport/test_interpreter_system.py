"""On the host: packages, services, accounts, kernel settings; stand-ins for its programs."""

import os
import pwd
from collections.abc import Callable
from pathlib import Path

import pytest

from colossus.inventory.playbook import Kind
from colossus.plan.resource import Json, Resource
from colossus.transport.interpreter import state, system
from tests.unit.transport.hosted import Host, outcomes

Program = Callable[[str, str], None]
ASKED = ("systemctl show", "systemctl is-enabled", "dpkg-query")


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


@pytest.fixture
def program(host: Host, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Give a function that puts a shell script in the place of a system's program."""
    folder = host.root / "bin"
    folder.mkdir()
    monkeypatch.setattr(state, "PATH", f"{folder}:/usr/bin:/bin")

    def make(name: str, script: str) -> None:
        path = folder / name
        path.write_text(f'#!/bin/sh\ncd {host.root}\nprintf "%s\\n" "{name} $*" >> log\n{script}\n')
        path.chmod(0o755)

    return make


def resource(kind: Kind, body: dict[str, Json], on: tuple[str, ...] = ()) -> Resource:
    return Resource(f"{kind}:{body.get('name', 'it')}", kind, body, on)


def said(host: Host) -> list[str]:
    log = host.root / "log"
    lines = log.read_text().splitlines() if log.exists() else []
    log.unlink(missing_ok=True)
    return [line for line in lines if not line.startswith(ASKED)]


APT = "test -e updated || exit 100; echo slurmd >> installed"
QUERY = 'test -e installed && sed "s/.*/installed & &/" installed; exit 1'


def test_packages_are_installed_only_when_missing(host: Host, program: Program) -> None:
    program("dpkg-query", QUERY)
    program("apt-get", 'case "$*" in *update*) touch updated ;; *) ' + APT + " ;; esac")
    wanted = resource("package", {"names": ["munge", "slurmd"]})
    host.root.joinpath("installed").write_text("munge\n")
    assert outcomes(host.check(wanted)) == [("would-change", "change")]
    assert said(host) == []
    assert outcomes(host.apply(wanted)) == [("changed", "change")]
    calls = said(host)
    assert [call.split()[1] for call in calls] == ["-y", "-q", "-y"]
    assert calls[0].endswith("install munge slurmd --no-upgrade")
    assert "--force-confold" in calls[0]
    assert outcomes(host.apply(wanted)) == [("ok", "")]


def test_a_package_that_cannot_be_had_fails_with_apts_words(host: Host, program: Program) -> None:
    program("dpkg-query", "exit 1")
    program("apt-get", 'echo "Unable to locate package"; exit 100')
    told = host.apply(resource("package", {"names": ["x"]}))
    assert outcomes(told) == [("failed", "create")]
    assert "Unable to locate package" in told[0]["message"]


SYSTEMCTL = """
unit=$(eval echo \\${$#})
case "$1" in
show) echo "LoadState=$(cat load)"; echo "ActiveState=$(cat active)"
      echo "NeedDaemonReload=$(cat changed || echo no)" ;;
is-enabled) cat enabled ;;
daemon-reload) rm -f changed ;;
start|restart|reload-or-restart) echo active > active ;;
stop) echo inactive > active ;;
enable) echo enabled > enabled ;;
disable) echo disabled > enabled ;;
esac
"""


@pytest.fixture
def unit(host: Host, program: Program) -> Callable[[str, str, str], None]:
    program("systemctl", SYSTEMCTL)

    def be(load: str, active: str, enabled: str) -> None:
        for name, value in (("load", load), ("active", active), ("enabled", enabled)):
            host.root.joinpath(name).write_text(value + "\n")

    return be


Unit = Callable[[str, str, str], None]


def service(on: tuple[str, ...] = (), **body: Json) -> Resource:
    wanted: dict[str, Json] = {"running": True, "enabled": True, "on_change": "restart", **body}
    return resource("service", {"name": "slurmd", **wanted}, on)


@pytest.mark.parametrize(
    ("found", "wanted", "calls"),
    [
        (("loaded", "active", "enabled"), service(), []),
        (("loaded", "active", "static"), service(), []),
        (("loaded", "active", "static"), service(enabled=False), []),
        (
            ("loaded", "inactive", "disabled"),
            service(),
            ["enable --no-reload -- slurmd", "restart -- slurmd"],
        ),
        (
            ("loaded", "active", "enabled"),
            service(running=False, enabled=False),
            ["disable --no-reload -- slurmd", "stop -- slurmd"],
        ),
        (
            ("loaded", "failed", "enabled"),
            service(enabled=None),
            ["restart -- slurmd"],
        ),
        (("loaded", "inactive", "enabled"), service(running=None), []),
    ],
)
def test_services_are_brought_to_their_state(
    host: Host, unit: Unit, found: tuple[str, str, str], wanted: Resource, calls: list[str]
) -> None:
    unit(*found)
    foretold = outcomes(host.check(wanted))
    assert said(host) == []
    done = outcomes(host.apply(wanted))
    assert [action for _, action in done] == [action for _, action in foretold]
    assert [call.partition(" ")[2] for call in said(host)] == calls
    assert outcomes(host.apply(wanted)) == [("ok", "")]


@pytest.mark.parametrize(
    ("on_change", "action", "verb"),
    [("restart", "restart", "restart"), ("reload", "reload", "reload-or-restart")],
)
def test_a_running_service_follows_its_files(
    host: Host, unit: Unit, on_change: str, action: str, verb: str
) -> None:
    unit("loaded", "active", "enabled")
    conf = host.file("conf", "x")
    wanted = service((conf.id,), on_change=on_change)
    assert outcomes(host.check(conf, wanted))[1] == ("would-change", action)
    assert outcomes(host.apply(conf, wanted))[1] == ("changed", action)
    assert said(host) == [f"systemctl {verb} -- slurmd"]


def reload_units(on: str) -> Resource:
    return Resource("command:reload", "command", {"argv": ["systemctl", "daemon-reload"]}, (on,))


@pytest.mark.parametrize(
    ("path", "reloads"),
    [
        ("etc/systemd/system/slurmd.service.d/x.conf", 1),
        ("etc/systemd/system/slurmd.service", 1),
        ("etc/slurm/slurm.conf", 0),
    ],
)
def test_systemd_reads_its_files_again_once_after_they_changed(
    host: Host, unit: Unit, path: str, reloads: int
) -> None:
    unit("loaded", "active", "enabled")
    conf = host.file(path, "x")
    munge = Resource("service:munge", "service", {"name": "munge", **service().body}, (conf.id,))
    assert outcomes(host.apply(conf, service((conf.id,)), munge)) == [
        ("changed", "create"),
        ("changed", "restart"),
        ("changed", "restart"),
    ]
    calls = [*["systemctl daemon-reload"] * reloads, *["systemctl restart -- slurmd"] * 2]
    assert said(host) == calls


def test_a_reload_of_the_playbooks_own_is_enough(host: Host, unit: Unit) -> None:
    unit("loaded", "active", "enabled")
    conf = host.file("etc/systemd/system/slurmd.service.d/x.conf", "x")
    told = host.apply(conf, reload_units(conf.id), service((conf.id,)))
    assert outcomes(told)[1:] == [("changed", "run"), ("changed", "restart")]
    assert said(host) == ["systemctl daemon-reload", "systemctl restart -- slurmd"]


def test_what_a_killed_run_wrote_is_read_by_systemd(host: Host, unit: Unit) -> None:
    """The file is as wanted by now; only systemd still knows that it has not read it."""
    unit("loaded", "inactive", "enabled")
    host.root.joinpath("changed").write_text("yes")
    assert outcomes(host.apply(service())) == [("changed", "change")]
    assert said(host) == ["systemctl daemon-reload", "systemctl restart -- slurmd"]
    unit("loaded", "active", "enabled")
    wanted = service(("file:/etc/slurm.conf",))
    assert outcomes(host.apply(wanted, pending={wanted.id: "r0"})) == [("changed", "restart")]
    assert said(host) == ["systemctl daemon-reload", "systemctl restart -- slurmd"]


def test_all_services_and_packages_are_asked_about_at_once(host: Host, program: Program) -> None:
    program("dpkg-query", "echo installed munge munge; echo installed frr frr; exit 1")
    program("systemctl", SEVERAL)
    wanted = [
        resource("package", {"names": ["munge"]}),
        resource("package", {"names": ["frr", "absent"]}),
        *(resource("service", {**service().body, "name": name}) for name in ("a", "b", "c")),
    ]
    assert outcomes(host.check(*wanted)) == [
        ("ok", ""),
        ("would-change", "change"),
        ("ok", ""),
        ("would-change", "create"),
        ("would-change", "change"),
    ]
    log = (host.root / "log").read_text().splitlines()
    assert [line.partition(" -- ")[2] for line in log if "systemctl" in line] == ["a b c", "a c"]
    assert sum("dpkg-query" in line for line in log) == 1


SEVERAL = """
known() { echo "LoadState=$1"; echo "ActiveState=active"; }
case "$1" in
show) known loaded; echo; known not-found; echo; known loaded ;;
is-enabled) echo enabled; echo disabled ;;
esac
"""


def test_units_that_systemctl_stops_at_are_asked_about_one_by_one(
    host: Host, program: Program
) -> None:
    """It knows the state of a's file; b runs without one, so nothing can be enabled; c is none."""
    program("systemctl", STOPS)
    wanted = [
        resource("service", {**service().body, "name": name, "enabled": name == "b"})
        for name in ("a", "b", "c")
    ]
    told = outcomes(host.check(*wanted))
    assert told == [("would-change", "change"), ("ok", ""), ("would-change", "create")]


STOPS = """
for unit; do
    case "$1 $unit" in
    "show c") echo "Failed to parse c"; exit 1 ;;
    show*[ab]) echo "LoadState=loaded"; echo "ActiveState=active"; echo ;;
    "is-enabled b") echo "Failed to get unit file state for b"; exit 1 ;;
    "is-enabled a") echo enabled ;;
    esac
done
"""


def test_a_service_that_is_to_ignore_its_files_does(host: Host, unit: Unit) -> None:
    unit("loaded", "active", "enabled")
    conf = host.file("conf", "x")
    assert outcomes(host.apply(conf, service((conf.id,), on_change="none")))[1] == ("ok", "")


def test_a_service_started_by_its_package_reads_the_files_that_came_after(
    host: Host, unit: Unit, program: Program
) -> None:
    """It did not run when everything was compared; it runs now, with what it found before."""
    unit("not-found", "inactive", "")
    program("dpkg-query", QUERY)
    program("apt-get", "echo slurmd >> installed; echo loaded > load; echo active > active")
    package = resource("package", {"names": ["slurmd"]})
    conf = host.file("conf", "x")
    told = outcomes(host.apply(package, conf, service((conf.id,))))
    assert told == [("changed", "create")] * 3
    assert said(host)[-2:] == [
        "systemctl enable --no-reload -- slurmd",
        "systemctl restart -- slurmd",
    ]


def test_accounts_are_added_with_their_group(host: Host, program: Program) -> None:
    program("useradd", "")
    program("usermod", "")
    program("groupadd", "")
    body: dict[str, Json] = {"home": "/nonexistent", "shell": "/usr/sbin/nologin", "system": True}
    wanted = resource("user", {"name": "cld-none", "uid": 64031, "group": "cld-none", **body})
    assert outcomes(host.check(wanted)) == [("would-change", "create")]
    assert outcomes(host.apply(wanted)) == [("changed", "create")]
    assert said(host) == [
        "groupadd --system --gid 64031 cld-none",
        "useradd --system --no-create-home --uid 64031 --gid cld-none --home-dir /nonexistent"
        " --shell /usr/sbin/nologin cld-none",
    ]
    me = pwd.getpwuid(0)
    mine: dict[str, Json] = {"name": "root", "home": me.pw_dir, "shell": me.pw_shell, "uid": None}
    same = resource("user", mine)
    assert outcomes(host.apply(same)) == [("ok", "")]
    other = resource("user", {**mine, "home": "/elsewhere"})
    assert outcomes(host.apply(other)) == [("changed", "change")]
    assert said(host) == [f"usermod --home /elsewhere --shell {me.pw_shell} root"]


@pytest.fixture
def proc(host: Host, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = host.root / "proc"
    folder.joinpath("sys/net/ipv4/conf/eth0.100").mkdir(parents=True)
    folder.joinpath("self").mkdir()
    monkeypatch.setattr(system, "PROC", str(folder))
    return folder


@pytest.mark.parametrize(
    "key", ["net.ipv4.conf.eth0/100.rp_filter", "net/ipv4/conf/eth0.100/rp_filter"]
)
def test_kernel_settings_are_live(host: Host, proc: Path, key: str) -> None:
    place = proc / "sys/net/ipv4/conf/eth0.100/rp_filter"
    place.write_text("1\n")
    wanted = resource("sysctl", {"key": key, "value": "2"})
    assert outcomes(host.check(wanted)) == [("would-change", "change")]
    assert outcomes(host.apply(wanted)) == [("changed", "change")]
    assert place.read_text() == "2\n"
    assert outcomes(host.apply(wanted)) == [("ok", "")]


def test_blanks_in_kernel_settings_do_not_count(host: Host, proc: Path) -> None:
    (proc / "sys/net/range").write_text("32768\t60999\n")
    wanted = resource("sysctl", {"key": "net.range", "value": "32768 60999"})
    assert outcomes(host.apply(wanted)) == [("ok", "")]


@pytest.mark.parametrize("key", ["net..x", "..", "net/../x"])
def test_keys_lead_nowhere_else(host: Host, proc: Path, key: str) -> None:
    assert proc.exists()
    assert outcomes(host.apply(resource("sysctl", {"key": key, "value": "1"})))[0][0] == "failed"


def test_modules_loaded_or_built_in_are_left(
    host: Host, proc: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    program("modprobe", "")
    (proc / "modules").write_text("nvme_core 1 0 - Live 0x0\n")
    builtin = host.root / "modules" / os.uname().release
    builtin.mkdir(parents=True)
    builtin.joinpath("modules.builtin").write_text("kernel/drivers/net/dummy-x.ko\n")
    monkeypatch.setattr(system, "MODULES", str(host.root / "modules"))
    wanted = [resource("module", {"name": name}) for name in ("nvme-core", "dummy_x", "ib_umad")]
    assert outcomes(host.apply(*wanted)) == [("ok", ""), ("ok", ""), ("changed", "create")]
    assert said(host) == ["modprobe -- ib_umad"]


def mount(path: str, source: str, options: str) -> Resource:
    body = {"path": path, "source": source, "fstype": "nfs4", "options": options}
    return resource("mount", dict(body))


@pytest.fixture
def mounts(host: Host, proc: Path, program: Program) -> Host:
    program("mount", "")
    (proc / "self/mountinfo").write_text(MOUNTED)
    return host


MOUNTED = "36 1 0:31 / /home rw,nosuid,relatime shared:1 - nfs4 store:/home rw,vers=4.2\n"


@pytest.mark.parametrize(
    ("wanted", "told", "calls"),
    [
        (("store:/home", "nosuid,vers=4.2,_netdev"), ("ok", ""), []),
        (("store:/home", "defaults"), ("ok", ""), []),
        (("store:/home", "ro"), ("changed", "change"), ["mount -o remount,ro /home"]),
        (("other:/home", "rw"), ("failed", "change"), []),
    ],
)
def test_mounts(
    mounts: Host, wanted: tuple[str, str], told: tuple[str, str], calls: list[str]
) -> None:
    assert outcomes(mounts.apply(mount("/home", *wanted))) == [told]
    assert said(mounts) == calls


def test_what_is_not_mounted_is(mounts: Host) -> None:
    place = mounts.at("scratch")
    wanted = mount(place, "store:/s", "ro")
    assert outcomes(mounts.check(wanted)) == [("would-change", "create")]
    assert not Path(place).exists()
    assert outcomes(mounts.apply(wanted)) == [("changed", "create")]
    assert said(mounts) == [f"mount -t nfs4 -o ro store:/s {place}"]
