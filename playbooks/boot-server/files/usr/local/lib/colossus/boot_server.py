"""Tell hosts that boot over the network what to load: their local disk, unless one is armed.

    serve            answer HTTP (the unit colossus-boot does this)
    arm HOST [SECONDS]   the next netboot of HOST within so many seconds (3600) installs it; its
                     seed, a tar, is read from standard input
    disarm HOST      take that back
    list             who is armed, as JSON

A host is known by the address that DHCP gave it. Arming is consumed by the first netboot, its seed
is given out once, to that host, for a token that the boot script carries. Nothing here is written
by a plan: hosts.json says what each host would load, never that it should. Needs Python 3.10.
"""

import json
import os
import re
import secrets
import shutil
import sys
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

SETTINGS = Path(os.environ.get("COLOSSUS_BOOT_SETTINGS", "/etc/colossus/boot/hosts.json"))
STATE = Path(os.environ.get("COLOSSUS_BOOT_STATE", "/var/lib/colossus-boot"))
SECONDS = 3600
# A host fetches its seed after kernel, initrd and root.
SEED_SECONDS = 1800
LONGEST_SEED = 1 << 20
PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")

LOCAL_DISK = """\
#!ipxe
echo Colossus: {host} is not armed: local disk
iseq ${{platform}} efi && exit 1 ||
sanboot --no-describe --drive 0x80 || exit 1
"""


def settings() -> dict[str, Any]:
    """Read what the plan says of each host; read anew each time, so a new plan counts at once."""
    found: dict[str, Any] = json.loads(SETTINGS.read_text(encoding="utf-8"))
    return found


def arm(host: str, seconds: int, seed: bytes) -> None:
    """Arm one host for its next netboot; an earlier arming of it is replaced."""
    if host not in settings()["hosts"]:
        raise SystemExit(f"{host}: no such host boots from here")
    if not seed or len(seed) > LONGEST_SEED:
        raise SystemExit(f"the seed has {len(seed)} bytes; 1 to {LONGEST_SEED} are right")
    disarm(host)
    token = secrets.token_hex(16)
    _write(STATE / "seeds" / token, seed)
    armed = {"token": token, "until": int(time.time()) + seconds}
    _write(STATE / "armed" / host, json.dumps(armed).encode())


def disarm(host: str) -> None:
    """Forget that a host is armed; nothing to do if it is not."""
    armed = _take(STATE / "armed" / host)
    if armed:
        _take(STATE / "seeds" / json.loads(armed.decode())["token"])


def armed_hosts() -> dict[str, int]:
    """Give host → seconds that are left, of those that are armed."""
    now = int(time.time())
    found = {}
    for path in sorted((STATE / "armed").glob("*")):
        left = json.loads(path.read_text(encoding="utf-8"))["until"] - now
        if left > 0:
            found[path.name] = left
    return found


def script_for(address: str) -> tuple[str, str]:
    """Give host and boot script for who asks from this address; consumes the arming."""
    known = settings()
    host = next((n for n, each in known["hosts"].items() if each["address"] == address), None)
    if host is None:
        return "unknown", LOCAL_DISK.format(host=address)
    armed = _take(STATE / "armed" / host)
    arming = json.loads(armed.decode()) if armed else {"until": 0}
    if arming["until"] < time.time():
        _take(STATE / "seeds" / arming.get("token", "none"))
        return host, LOCAL_DISK.format(host=host)
    # From now on the token is only good for this address, and not for long.
    seed = STATE / "seeds" / arming["token"]
    seed.rename(seed.with_name(f"{arming['token']}@{address}"))
    server = f"http://{known['server']}:{known['port']}"
    return host, install_script(host, known["hosts"][host], server, arming["token"])


def install_script(host: str, each: Mapping[str, Any], server: str, token: str) -> str:
    """Give the script that loads an image; the seed comes last, so no fault before burns it."""
    images = f"{server}/images/{each['image']}"
    words = " ".join([f"colossus.disk={each['disk']}", *each["arguments"]])
    return "\n".join(
        [
            "#!ipxe",
            f"echo Colossus: installing {host}",
            f"kernel {images}/{each['kernel']} initrd=initrd {words}",
            f"initrd --name initrd {images}/{each['initrd']}",
            *(f"initrd {images}/{name} {path}" for path, name in each["files"].items()),
            f"initrd {server}/seed/{token} /seed.tar",
            "boot",
            "",
        ]
    )


def seed_for(token: str, address: str) -> bytes | None:
    """Give the seed of a token, once, to the host that was told it; None for anybody else."""
    path = STATE / "seeds" / f"{token}@{address}"
    if path.is_file() and time.time() - path.stat().st_ctime > SEED_SECONDS:
        _take(path)
    return _take(path)


def _take(path: Path) -> bytes | None:
    """Read and remove a file; of several who try, one gets it. None if it is not there."""
    mine = path.with_name(f"{path.name}.taken-{secrets.token_hex(4)}")
    try:
        path.rename(mine)
    except FileNotFoundError:
        return None
    content = mine.read_bytes()
    mine.unlink()
    return content


def _write(path: Path, content: bytes) -> None:
    """Write a file whole, owned by whoever owns the state (the server, while root arms)."""
    owner = STATE.stat()
    if not path.parent.is_dir():
        path.parent.mkdir(mode=0o700, parents=True)
        os.chown(path.parent, owner.st_uid, owner.st_gid)
    fresh = path.with_name(f".{path.name}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.chown(fresh, owner.st_uid, owner.st_gid)
    fresh.rename(path)


class Answer(BaseHTTPRequestHandler):
    """One request."""

    server_version = "colossus-boot"
    sys_version = ""
    timeout = 60

    def do_GET(self) -> None:
        """Answer /boot, /seed/TOKEN and /images/IMAGE/FILE."""
        parts = [part for part in self.path.partition("?")[0].split("/") if part]
        address = str(self.client_address[0])
        match parts if all(PART.fullmatch(part) for part in parts) else ():
            case ["boot"]:
                host, script = script_for(address)
                self.log_message("%s: %s", host, script.splitlines()[1])
                self._give(script.encode())
            case ["seed", token]:
                self._give(seed_for(token, address))
            case ["images", image, file]:
                self._give_file(Path(settings()["images"]) / image / file)
            case _:
                self.send_error(404)

    def _give(self, content: bytes | None) -> None:
        if content is None:
            self.send_error(404)
            return
        self._head(len(content))
        self.wfile.write(content)

    def _give_file(self, path: Path) -> None:
        try:
            file = path.open("rb")
        except OSError:
            self.send_error(404)
            return
        with file:
            self._head(os.fstat(file.fileno()).st_size)
            shutil.copyfileobj(file, self.wfile, 1 << 18)

    def _head(self, length: int) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(length))
        self.end_headers()


def main(words: list[str]) -> None:
    """Do what the first word says."""
    if words[:1] == ["serve"]:
        ThreadingHTTPServer(("", settings()["port"]), Answer).serve_forever()
    elif words[:1] == ["arm"]:
        seconds = int(words[2]) if words[2:] else SECONDS
        arm(words[1], seconds, sys.stdin.buffer.read(LONGEST_SEED + 1))
    elif words[:1] == ["disarm"]:
        disarm(words[1])
    elif words == ["list"]:
        sys.stdout.write(json.dumps(armed_hosts()) + "\n")
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
