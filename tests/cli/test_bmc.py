"""`colossus bmc`: asks first, refuses what is active, tells every BMC that does not answer."""

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from colossus.apply.seed import Newcomer
from colossus.cli import installing
from colossus.cli.main import run
from colossus.transport.keys import new_private_key
from colossus.transport.redfish import Redfish
from colossus.twin.metal.bmc import USER, Emulator
from colossus.twin.metal.machine import MetalSpec

MAC = "52:54:00:30:00:02"
LOCAL = (
    ("10.30.0.", "127.30.0."),
    (
        "access:\n  user: root\n  key: file:~/.ssh/id_ed25519\n",
        f"bmc: {{user: {USER}, password: file:bmc-password, scheme: http, port: 8123,"
        " login: basic, timeout_seconds: 5}\n"
        "access:\n  user: root\n  key: file:key\n",
    ),
)


@pytest.fixture
def site(checkout: Path, tmp_path: Path) -> Path:
    """The smallest example, its management network on this machine's loopback."""
    text = (checkout / "examples" / "grok1-node" / "cluster.yaml").read_text("utf-8")
    for old, new in LOCAL:
        assert old in text
        text = text.replace(old, new)
    (tmp_path / "cluster.yaml").write_text(text, "utf-8")
    (tmp_path / "assets.csv").write_text(f"rack,u,serial,macs\nr1-01,1,S1,eno1={MAC}\n")
    password(tmp_path, "none")
    return tmp_path


def password(site: Path, words: str) -> None:
    path = site / "bmc-password"
    path.touch(mode=0o600)
    path.write_text(f"{words}\n", "utf-8")


@pytest.fixture
def emulator(site: Path) -> Iterator[Emulator]:
    with TemporaryDirectory(prefix="bmc-") as short:
        machine = MetalSpec("node-01", f"{short}/m", MAC)
        with Emulator(Path(short), (machine,), address="127.30.0.40", port=8123) as made:
            password(site, made.password)
            yield made


@pytest.mark.usefixtures("emulator")
def test_machines_are_shown(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bmc", "show", str(site)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "host     power  next boot",
        "node-01  off    disk",
    ]
    assert run(["bmc", "show", str(site), "r1-01", "--format", "json"]) == 0
    (machine,) = json.loads(capsys.readouterr().out)["machines"]
    assert machine["macs"] == {MAC: MAC}


@pytest.mark.usefixtures("emulator")
def test_the_next_boot_is_chosen(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bmc", "boot", str(site), "node-01", "network", "--yes"]) == 0
    assert "next boot from network: node-01" in capsys.readouterr().err
    assert run(["bmc", "show", str(site)]) == 0
    assert "node-01  off    network" in capsys.readouterr().out
    assert run(["bmc", "power", str(site), "node-01", "off", "--yes"]) == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("power", "node-01", "off"), "nothing was done (power off: node-01)"),
        (("boot", "node-01", "disk"), "nothing was done (next boot from disk: node-01)"),
        (("power", "node-09", "on"), "no host or rack is called node-09"),
        (("install", "node-01", "--yes"), "node-01 is active: an install would overwrite its disk"),
        (("armed",), "the site has no boot server"),
    ],
)
def test_what_makes_no_sense_is_refused(
    site: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], told: str
) -> None:
    command, *rest = words
    assert run(["bmc", command, str(site), *rest]) == 64
    assert told in capsys.readouterr().err


def test_a_bmc_that_does_not_answer_is_named(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["bmc", "power", str(site), "node-01", "on", "--yes"]) == 12
    told = capsys.readouterr().err
    assert "the BMC of node-01 (http://127.30.0.40:8123) cannot be asked" in told
    assert "power on: no host" in told


def test_a_site_without_access_to_bmcs_says_what_to_add(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (site / "cluster.yaml").read_text("utf-8")
    cut = "\n".join(line for line in text.splitlines() if not line.startswith("bmc:"))
    (site / "cluster.yaml").write_text(f"{cut}\n", "utf-8")
    assert run(["bmc", "show", str(site)]) == 10
    assert "Add `bmc: {user: admin" in capsys.readouterr().err


class Recorder:
    """A boot server that only remembers."""

    def __init__(self) -> None:
        self.done: list[tuple[str, str]] = []

    def armed(self) -> dict[str, int]:
        return {}

    def arm(self, host: Newcomer, seconds: int) -> None:
        self.done.append(("arm", f"{host.name} {seconds}"))

    def disarm(self, host: str) -> None:
        self.done.append(("disarm", host))


BOOTING = (
    "overrides:\n  - {devices: node-01, status: staged, reason: new}\n"
    "boot:\n  server_role: boot\n  images: {debian: {}}\n  roles: {compute: {image: debian}}\n"
)


@pytest.fixture
def booting(site: Path, monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """The site with a boot server that only remembers, and a host to be installed."""
    text = (site / "cluster.yaml").read_text("utf-8")
    role = '  boot: {kind: service, model: supermicro/sys-111c-nr, name: "boot-{n:02d}"}\n'
    for old, new in (
        ("roles:\n", f"roles:\n{role}"),
        ("      - {role: oob", "      - {role: boot, u: [40]}\n      - {role: oob"),
        ("      - {role: pdu", "      - {role: boot, ports: [mgmt, bmc]}\n      - {role: pdu"),
        (
            "      ranges:\n",
            "      ranges:\n        - {role: boot, port: mgmt, first: 127.30.0.60}\n",
        ),
        ("access:\n", f"{BOOTING}\naccess:\n"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    (site / "cluster.yaml").write_text(text, "utf-8")
    (site / "key").touch(mode=0o600)
    (site / "key").write_bytes(new_private_key())
    (site / "known_hosts").write_text("node-01 ssh-ed25519 b2xkIQ==\n", "utf-8")
    recorder = Recorder()
    monkeypatch.setattr(installing, "boot_server", lambda _site: recorder)
    return recorder


def test_an_install_arms_learns_the_key_and_boots(
    site: Path, booting: Recorder, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(Redfish, "boot_once", lambda _bmc, source: asked.append(str(source)))
    monkeypatch.setattr(Redfish, "set_power", lambda _bmc, wanted: asked.append(str(wanted)))
    del emulator
    assert run(["bmc", "install", str(site), "node-01", "--yes", "--within", "600"]) == 0
    assert booting.done == [("arm", "node-01 600")]
    assert asked == ["network", "cycle"]
    (line,) = (site / "known_hosts").read_text("utf-8").splitlines()
    assert line.startswith("node-01,node-01.grok.example,127.30.0.20 ssh-ed25519 AAAA")


def test_a_host_that_gets_no_power_is_disarmed_and_its_old_key_stays(
    site: Path, booting: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["bmc", "install", str(site), "node-01", "--yes"]) == 12
    assert "the BMC of node-01 (http://127.30.0.40:8123) cannot be asked" in capsys.readouterr().err
    assert booting.done == [("arm", "node-01 3600"), ("disarm", "node-01")]
    assert (site / "known_hosts").read_text("utf-8") == "node-01 ssh-ed25519 b2xkIQ==\n"
