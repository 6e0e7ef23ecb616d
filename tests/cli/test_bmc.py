"""`colossus bmc`: asks first, refuses what is active, tells every BMC that does not answer."""

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from colossus.cli.main import run
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
