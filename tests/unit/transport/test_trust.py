"""Whom we trust and what we keep to ourselves: known hosts, secret references, redaction."""

import base64
import copy
import hashlib
import hmac
import json
import pickle
from pathlib import Path

import pytest

from colossus.errors import InventoryRefused
from colossus.inventory.site import Access
from colossus.transport.endpoints import Reach, endpoints_of
from colossus.transport.known_hosts import parse_known_hosts
from colossus.transport.redact import redactor
from colossus.transport.secrets import Secret, SecretRefused, resolve
from tests.unit.apply.site import target

KEY, OTHER = (base64.b64encode(name).decode() for name in (b"a key", b"another"))


def hashed(name: str) -> str:
    salt = b"0123456789abcdef0123"
    digest = hmac.new(salt, name.encode(), hashlib.sha1).digest()
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


@pytest.mark.parametrize(
    ("line", "name", "port", "known"),
    [
        (f"gpu-1 ssh-ed25519 {KEY}", "gpu-1", 22, True),
        (f"gpu-1 ssh-ed25519 {KEY}", "gpu-10", 22, False),
        (f"gpu-1,10.0.0.1 ssh-ed25519 {KEY} comment", "10.0.0.1", 22, True),
        (f"gpu-* ssh-ed25519 {KEY}", "gpu-0042", 22, True),
        (f"!gpu-1,gpu-* ssh-ed25519 {KEY}", "gpu-1", 22, False),
        (f"gpu-1 ssh-ed25519 {KEY}", "gpu-1", 2222, False),
        (f"[gpu-1]:2222 ssh-ed25519 {KEY}", "gpu-1", 2222, True),
        (f"{hashed('gpu-1')} ssh-ed25519 {KEY}", "gpu-1", 22, True),
        (f"{hashed('gpu-1')} ssh-ed25519 {KEY}", "gpu-2", 22, False),
        (f"@cert-authority * ssh-ed25519 {KEY}", "gpu-1", 22, False),
        (f"@revoked gpu-1 ssh-ed25519 {KEY}\ngpu-1 ssh-ed25519 {KEY}", "gpu-1", 22, False),
        (f"# gpu-1 ssh-ed25519 {KEY}\n\n", "gpu-1", 22, False),
    ],
)
def test_known_hosts_are_read_as_openssh_does(
    line: str, name: str, port: int, *, known: bool
) -> None:
    keys = parse_known_hosts(line).keys_of([name], port)
    assert keys == ((f"ssh-ed25519 {KEY}",) if known else ())


def test_each_key_once_whatever_name_it_is_known_by() -> None:
    known = parse_known_hosts(f"a ssh-ed25519 {KEY}\nb ssh-ed25519 {KEY}\nb ssh-rsa {OTHER}")
    assert known.keys_of(["a", "b"]) == (f"ssh-ed25519 {KEY}", f"ssh-rsa {OTHER}")


@pytest.mark.parametrize("line", ["gpu-1", "gpu-1 ssh-ed25519", "gpu-1 ssh-ed25519 n%t-base64"])
def test_a_damaged_line_is_named(line: str) -> None:
    with pytest.raises(InventoryRefused, match="known_hosts:2: not a host key"):
        parse_known_hosts(f"# fine\n{line}")


def test_endpoints_follow_the_access_settings(tmp_path: Path) -> None:
    (tmp_path / "known_hosts").write_text(f"gpu-1.site.test ssh-ed25519 {KEY}\n")
    access = Access(key="file:key", user="ops", become="sudo")
    reach = Reach(
        folder=str(tmp_path),
        user=access.user,
        port=access.port,
        key=access.key,
        known_hosts=access.known_hosts,
        become=access.become,
        domain="site.test",
        concurrency=access.concurrency,
    )
    found = endpoints_of([target("gpu-1", ()), target("gpu-2", ())], reach)
    assert found["gpu-1"].host_keys == (f"ssh-ed25519 {KEY}",)
    assert found["gpu-2"].host_keys == ()
    assert (found["gpu-1"].user, found["gpu-1"].become) == ("ops", "sudo")


def test_a_secret_tells_itself_to_nobody() -> None:
    secret = Secret(b"value")
    shown = f"{secret} {secret!r} {secret!s} {secret:>20} {[secret]}"
    assert "value" not in shown
    assert "********" in shown
    for serialise in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="does not leave this program"):
            serialise(secret)
    with pytest.raises(TypeError):
        json.dumps(secret)
    assert secret.reveal() == b"value"


def test_secrets_come_from_the_environment_and_from_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUNGE", "value")
    (tmp_path / "key").write_bytes(b"\0binary\n")
    (tmp_path / "key").chmod(0o600)
    assert resolve("env:MUNGE", tmp_path).reveal() == b"value"
    assert resolve("file:key", tmp_path).reveal() == b"\0binary\n"
    assert resolve(f"file:{tmp_path}/key", Path("/")).reveal() == b"\0binary\n"


def test_programs_are_asked_for_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("COLOSSUS_AGE_IDENTITY", "/identity")
    for name in ("age", "sops", "vault", "keyring"):
        (tmp_path / name).write_text('#!/bin/sh\necho "$0 $*" | sed "s/.*bin.sh //"\n')
        (tmp_path / name).chmod(0o755)
    asked = {
        ref: resolve(ref, Path("/inv")).reveal().decode()
        for ref in (
            "age:key.age",
            "sops:all.yaml#munge",
            "vault:secret/munge#key",
            "keyring:colossus/munge",
        )
    }
    words = {ref: said.replace(f"{tmp_path}/", "").strip() for ref, said in asked.items()}
    assert words == {
        "age:key.age": "age --decrypt --identity /identity /inv/key.age",
        "sops:all.yaml#munge": 'sops decrypt --extract ["munge"] /inv/all.yaml',
        "vault:secret/munge#key": "vault kv get -field=key secret/munge",
        "keyring:colossus/munge": "keyring get colossus munge",
    }


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("env:COLOSSUS_NO_SUCH", "the environment has no COLOSSUS_NO_SUCH"),
        ("file:nowhere", "nowhere: No such file or directory"),
        ("file:open", "is open to everybody"),
        ("age:x", "needs the program `age`"),
        ("password:x", "is no secret reference"),
        ("plain", "is no secret reference"),
    ],
)
def test_what_cannot_be_resolved_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference: str, reason: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "open").write_text("x")
    (tmp_path / "open").chmod(0o644)
    with pytest.raises(SecretRefused) as refused:
        resolve(reference, tmp_path)
    assert reason in refused.value.summary
    assert refused.value.hint


def test_a_failing_program_is_not_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    (tmp_path / "vault").write_text("#!/bin/sh\necho canary; echo canary >&2; exit 2\n")
    (tmp_path / "vault").chmod(0o755)
    with pytest.raises(SecretRefused) as refused:
        resolve("vault:a#b", tmp_path)
    assert "canary" not in refused.value.summary + refused.value.hint


def test_values_that_slipped_into_text_are_struck_out() -> None:
    strike = redactor([Secret(b"hunter22\n"), Secret(b"abc"), Secret(b"one-line\ntwo-line")])
    encoded = base64.b64encode(b"hunter22\n").decode()
    text = f"hunter22 and {encoded}, abc, one-line or two-line"
    assert strike(text) == "******** and ********, abc, ******** or ********"
