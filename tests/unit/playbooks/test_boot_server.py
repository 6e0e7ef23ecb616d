"""The boot server's program: armed once, consumed once, for one address, and only by an act."""

import io
import json
import runpy
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

PROGRAM = "playbooks/boot-server/files/usr/local/lib/colossus/boot_server.py"
HOST = {
    "address": "127.0.0.1",
    "image": "debian-12",
    "kernel": "vmlinuz",
    "initrd": "initrd",
    "files": {"/root.squashfs": "root.squashfs"},
    "disk": "/dev/vda",
    "arguments": ["console=ttyS0"],
}


class Server:
    """The program with its settings and state in a folder, and a client at 127.0.0.1."""

    def __init__(self, names: SimpleNamespace, folder: Path) -> None:
        self.names = names
        self.state = folder / "state"
        self.url = ""

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"{self.url}{path}", timeout=5) as answer:  # noqa: S310 - always http
            content: bytes = answer.read()
            return content

    def script(self) -> str:
        return self.get("/boot").decode()

    def arm(self, host: str = "gpu-0001", seconds: int = 60, seed: bytes = b"seed") -> None:
        self.names.arm(host, seconds, seed)

    def files(self) -> list[str]:
        return sorted(str(p.relative_to(self.state)) for p in self.state.rglob("*") if p.is_file())


@pytest.fixture
def server(checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    images = tmp_path / "images" / "debian-12"
    images.mkdir(parents=True)
    (images / "vmlinuz").write_bytes(b"kernel")
    (tmp_path / "secret").write_text("not to be had")
    (tmp_path / "state").mkdir()
    hosts = {"gpu-0001": HOST, "gpu-0002": {**HOST, "address": "127.0.0.2"}}
    settings = {"server": "127.0.0.1", "port": 8080, "images": str(images.parent), "hosts": hosts}
    (tmp_path / "hosts.json").write_text(json.dumps(settings))
    monkeypatch.setenv("COLOSSUS_BOOT_SETTINGS", str(tmp_path / "hosts.json"))
    monkeypatch.setenv("COLOSSUS_BOOT_STATE", str(tmp_path / "state"))
    names: dict[str, Any] = runpy.run_path(str(checkout / PROGRAM))
    made = Server(SimpleNamespace(**names), tmp_path)
    quiet = type("Quiet", (names["Answer"],), {"log_message": lambda *_: None})
    web = ThreadingHTTPServer(("127.0.0.1", 0), quiet)
    made.url = f"http://127.0.0.1:{web.server_port}"
    thread = threading.Thread(target=web.serve_forever, args=(0.01,))
    thread.start()
    yield made
    web.shutdown()
    thread.join()
    web.server_close()


def status(server: Server, path: str) -> int:
    with pytest.raises(urllib.error.HTTPError) as refused:
        server.get(path)
    refused.value.close()
    return refused.value.code


def test_a_host_that_is_not_armed_gets_its_disk(server: Server) -> None:
    script = server.script()
    assert "gpu-0001 is not armed: local disk" in script
    assert "sanboot --no-describe --drive 0x80" in script
    assert "kernel" not in script


def test_an_armed_host_is_installed_once(server: Server) -> None:
    server.arm()
    assert list(server.names.armed_hosts()) == ["gpu-0001"]
    script = server.script().splitlines()
    images = "http://127.0.0.1:8080/images/debian-12"
    assert script[:5] == [
        "#!ipxe",
        "echo Colossus: installing gpu-0001",
        f"kernel {images}/vmlinuz initrd=initrd colossus.disk=/dev/vda console=ttyS0",
        f"initrd --name initrd {images}/initrd",
        f"initrd {images}/root.squashfs /root.squashfs",
    ]
    assert "local disk" in server.script()
    assert server.names.armed_hosts() == {}
    seed = script[5].split()[1].removeprefix("http://127.0.0.1:8080")
    assert script[5].endswith(" /seed.tar")
    assert server.get(seed) == b"seed"
    assert status(server, seed) == 404
    assert server.files() == []


def test_arming_one_arms_no_other(server: Server) -> None:
    server.arm("gpu-0002")
    assert "gpu-0001 is not armed" in server.script()
    assert list(server.names.armed_hosts()) == ["gpu-0002"]


def test_arming_runs_out(server: Server) -> None:
    server.arm(seconds=-1)
    assert server.names.armed_hosts() == {}
    assert "is not armed" in server.script()
    assert server.files() == []


def test_a_seed_is_for_the_host_that_was_told_its_token(server: Server) -> None:
    server.arm()
    token = json.loads((server.state / "armed" / "gpu-0001").read_text())["token"]
    assert status(server, f"/seed/{token}") == 404  # nobody was told it yet
    server.names.script_for("127.0.0.2")
    host, script = server.names.script_for("127.0.0.1")
    assert (host, token in script) == ("gpu-0001", True)
    assert server.names.seed_for(token, "127.0.0.2") is None
    assert server.names.seed_for(token, "127.0.0.1") == b"seed"


def test_arming_again_replaces_and_disarming_forgets(server: Server) -> None:
    server.arm(seed=b"one")
    server.arm(seed=b"two")
    assert len(server.files()) == 2
    server.names.disarm("gpu-0001")
    server.names.disarm("gpu-0001")
    assert server.files() == []


def test_only_known_hosts_and_sane_seeds_are_armed(server: Server) -> None:
    with pytest.raises(SystemExit, match="gpu-0009: no such host boots from here"):
        server.arm("gpu-0009")
    with pytest.raises(SystemExit, match="the seed has 0 bytes"):
        server.arm(seed=b"")
    assert server.files() == []


def test_images_are_given_and_nothing_beside_them(server: Server) -> None:
    assert server.get("/images/debian-12/vmlinuz") == b"kernel"
    for path in ("/images/debian-12/none", "/images/../secret", "/images/%2e%2e/secret", "/secret"):
        assert status(server, path) == 404


def test_the_command_arms_from_standard_input(
    server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"tar")))
    server.names.main(["arm", "gpu-0001", "120"])
    server.names.main(["list"])
    assert 100 < json.loads(capsys.readouterr().out)["gpu-0001"] <= 120
    server.names.main(["disarm", "gpu-0001"])
    with pytest.raises(SystemExit, match="serve"):
        server.names.main(["dance"])
