"""On the host: secrets arrive, and appear in nothing that comes back."""

import json
from pathlib import Path

import pytest

from tests.unit.transport.hosted import Host, outcomes

VALUE = b"canary-7f3a9c-value"


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def test_a_secret_is_written_and_compared(host: Host) -> None:
    key = host.secret("key", "file:munge.key", VALUE)
    assert outcomes(host.check(key)) == [("would-change", "create")]
    assert outcomes(host.apply(key)) == [("changed", "create")]
    assert host.root.joinpath("key").read_bytes() == VALUE
    assert host.root.joinpath("key").stat().st_mode & 0o777 == 0o600
    assert outcomes(host.apply(key)) == [("ok", "")]
    told = host.apply(key)
    assert told[0]["after"] == key.digest


@pytest.mark.parametrize("check", [True, False])
def test_no_answer_holds_a_secret(host: Host, *, check: bool) -> None:
    """Also not its old value, its digest, a difference, or what a validator says about it."""
    key = host.secret("key", "file:munge.key", VALUE)
    host.root.joinpath("key").write_bytes(b"older-" + VALUE)
    loud = host.secret("loud", "file:other", VALUE)
    loud.body["validate"] = ["sh", "-c", "cat {}; exit 1"]  # type: ignore[index]  # a test's body
    for last in ({key.id: key.digest}, {key.id: "0" * 64}, {}):
        done = host.sent(key, loud, check=check, last=last)
        assert VALUE not in done.stdout + done.stderr
        assert done.returncode == 0


def test_a_changed_secret_is_drift_without_a_difference(host: Host) -> None:
    key = host.secret("key", "file:munge.key", VALUE)
    host.apply(key)
    host.root.joinpath("key").write_bytes(b"something else")
    told = host.apply(key, last={key.id: key.digest})[0]
    assert told["outcome"] == "drifted"
    assert "diff" not in told


def test_without_the_value_only_rights_are_compared(host: Host) -> None:
    key = host.secret("key", "file:munge.key", VALUE)
    host.apply(key)
    host.secrets.clear()
    host.root.joinpath("key").write_bytes(b"something else")
    assert outcomes(host.check(key)) == [("ok", "")]
    host.root.joinpath("key").chmod(0o644)
    assert outcomes(host.check(key)) == [("would-change", "change")]
    assert outcomes(host.apply(key)) == [("failed", "change")]


def test_secrets_do_not_travel_in_arguments(host: Host) -> None:
    from colossus.transport.interpreter import command

    key = host.secret("key", "file:munge.key", VALUE)
    assert VALUE.decode() not in " ".join(command("sudo"))
    assert VALUE not in host.asked(key)  # as it is; base 64 inside the encrypted channel
    assert VALUE.decode() not in json.dumps(host.apply(key))
