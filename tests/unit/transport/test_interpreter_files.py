"""On the host: files, directories and links are made as wanted, and nobody leads a write astray."""

import os
from pathlib import Path

import pytest

from tests.unit.transport.hosted import Host, after, changes, outcomes


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_each_kind_is_made_checked_and_left_alone(host: Host) -> None:
    wanted = (
        host.directory("etc/app", "0750"),
        host.file("etc/app/conf", "text\n", "0640"),
        host.link("etc/current", "app/conf"),
        host.absent("etc/old"),
    )
    host.root.joinpath("etc").mkdir()
    host.root.joinpath("etc/old").write_text("x")
    foretold = host.check(*wanted)
    assert outcomes(foretold) == [
        ("would-change", "create"),
        ("would-change", "create"),
        ("would-change", "create"),
        ("would-change", "delete"),
    ]
    assert not host.root.joinpath("etc/app").exists()
    done = host.apply(*wanted)
    assert changes(done) == changes(foretold)
    assert after(done) == {each.id: each.digest for each in wanted}
    assert host.root.joinpath("etc/current").read_text() == "text\n"
    assert host.root.joinpath("etc/app/conf").stat().st_mode & 0o7777 == 0o640
    assert host.root.joinpath("etc/app").stat().st_mode & 0o7777 == 0o750
    assert not host.root.joinpath("etc/old").exists()
    assert outcomes(host.apply(*wanted)) == [("ok", "")] * 4
    assert names(host.root / "etc/app") == ["conf"]  # no candidate is left behind


def test_parents_are_made_for_everybody_to_enter(host: Host) -> None:
    host.apply(host.file("a/b/c", "x"))
    assert host.root.joinpath("a/b").stat().st_mode & 0o777 == 0o755


def test_a_mode_alone_is_a_change(host: Host) -> None:
    host.apply(host.file("f", "x", "0644"))
    wanted = host.file("f", "x", "0600")
    told = host.apply(wanted, last={wanted.id: host.file("f", "x", "0644").digest})
    assert outcomes(told) == [("changed", "change")]
    assert host.root.joinpath("f").stat().st_mode & 0o777 == 0o600


def test_how_a_file_is_tried_is_no_state(host: Host) -> None:
    host.apply(host.file("f", "x"))
    tried = host.file("f", "x", validate=["false", "{}"])
    assert outcomes(host.apply(tried)) == [("ok", "")]


def test_a_refused_candidate_never_reaches_its_place(host: Host) -> None:
    host.apply(host.file("f", "good"))
    wanted = host.file("f", "bad", validate=["grep", "-q", "good", "{}"])
    (told,) = host.apply(wanted, host.file("g", "later"))[:1]
    assert told["outcome"] == "failed"
    assert "grep -q good" in told["message"]
    assert host.root.joinpath("f").read_text() == "good"
    assert names(host.root) == [".memory", "f"]


def test_the_validator_sees_the_candidate(host: Host) -> None:
    wanted = host.file("f", "good", validate=["grep", "-q", "good", "{}"])
    assert outcomes(host.apply(wanted)) == [("changed", "create")]


def test_after_a_failure_nothing_more_is_done(host: Host) -> None:
    host.root.joinpath("d").mkdir()
    told = host.apply(host.file("d", "not a folder"), host.file("g", "x"))
    assert outcomes(told) == [("failed", "change"), ("skipped", "")]
    assert not host.root.joinpath("g").exists()


def test_a_manual_edit_is_shown_and_kept(host: Host) -> None:
    first = host.file("f", "one\ntwo\n")
    host.apply(first)
    host.root.joinpath("f").write_text("one\n2\n")
    wanted = host.file("f", "one\nthree\n")
    last = {wanted.id: first.digest}
    for told in (host.check(wanted, last=last)[0], host.apply(wanted, last=last)[0]):
        assert told["outcome"] == "drifted"
        assert told["before"] == told["after"] != first.digest
        assert "-2" in told["diff"].splitlines()
        assert "+three" in told["diff"].splitlines()
    assert host.root.joinpath("f").read_text() == "one\n2\n"
    told = host.apply(wanted, last=last, overwrite_drift=True)[0]
    assert told["outcome"] == "changed"
    assert host.root.joinpath("f").read_text() == "one\nthree\n"


def test_what_the_plan_does_not_cover_is_drift(host: Host) -> None:
    wanted = host.file("f", "one")
    told = host.apply(wanted, last={wanted.id: wanted.digest}, planned=frozenset())
    assert outcomes(told) == [("drifted", "")]


def test_differences_are_bounded(host: Host) -> None:
    wanted = host.file("f", "".join(f"{n}\n" for n in range(5000)))
    host.root.joinpath("f").write_text("x" * 100_000)
    told = host.check(wanted, last={wanted.id: "0" * 64})[0]
    assert len(told["diff"].splitlines()) <= 41
    assert len(told["diff"]) < 12_000
    host.root.joinpath("f").write_bytes(b"\0\1")
    assert "not text" in host.check(wanted, last={wanted.id: "0" * 64})[0]["diff"]


def test_a_link_in_the_last_place_is_replaced_not_followed(host: Host) -> None:
    victim = host.root / "victim"
    victim.write_text("precious")
    host.root.joinpath("f").symlink_to(victim)
    assert outcomes(host.apply(host.file("f", "new"))) == [("changed", "change")]
    assert victim.read_text() == "precious"
    assert not host.root.joinpath("f").is_symlink()


@pytest.mark.needs_root
def test_a_link_that_somebody_else_made_is_not_followed(host: Host) -> None:
    """A user prepares a link where root is about to write: nothing is written beyond it."""
    target = host.root / "etc"
    target.mkdir()
    link = host.root / "home"
    link.symlink_to(target)
    os.chown(link, 12345, 12345, follow_symlinks=False)
    told = host.apply(host.file("home/conf", "x"))[0]
    assert told["outcome"] == "failed"
    assert "a link that user 12345 made" in told["message"]
    assert names(target) == []
    os.chown(link, os.geteuid(), os.getegid(), follow_symlinks=False)
    assert outcomes(host.apply(host.file("home/conf", "x"))) == [("changed", "create")]


def test_links_of_the_system_itself_are_followed(host: Host) -> None:
    host.root.joinpath("usr/lib").mkdir(parents=True)
    host.root.joinpath("lib").symlink_to("usr/lib")
    host.root.joinpath("deep").symlink_to(host.root / "lib")
    assert outcomes(host.apply(host.file("deep/f", "x"))) == [("changed", "create")]
    assert host.root.joinpath("usr/lib/f").read_text() == "x"


def test_links_in_a_circle_end(host: Host) -> None:
    host.root.joinpath("a").symlink_to("b")
    host.root.joinpath("b").symlink_to("a")
    told = host.apply(host.file("a/f", "x"))[0]
    assert told["outcome"] == "failed"
    assert "too many links" in told["message"]


@pytest.mark.parametrize("path", ["relative", "/a/../b", "/", "/a\0b"])
def test_paths_that_are_not_plain_are_refused(host: Host, path: str) -> None:
    wanted = host.absent("x")
    object.__setattr__(wanted, "body", {"path": path})
    told = host.apply(wanted)[0]
    assert told["outcome"] == "failed"
    assert "plain path" in told["message"]


def test_a_pipe_in_the_place_of_a_file_does_not_hang(host: Host) -> None:
    os.mkfifo(host.root / "f")
    assert outcomes(host.apply(host.file("f", "x"))) == [("changed", "change")]
    assert host.root.joinpath("f").read_text() == "x"


def test_retired_files_go_edited_ones_stay(host: Host) -> None:
    from colossus.transport.request import Retired

    ours, edited = host.file("ours", "x"), host.file("edited", "x")
    secret = host.secret("key", "file:key", b"value")
    folder, full = host.directory("folder"), host.directory("full")
    host.apply(ours, edited, secret, folder, full)
    host.root.joinpath("edited").write_text("by hand")
    host.root.joinpath("full/kept").write_text("by hand")
    gone = [Retired(each.id, each.digest) for each in (ours, edited, folder)]
    gone.append(Retired(secret.id, secret.digest, "file:key"))
    told = host.apply(remove=[*gone, Retired("package:x", "0" * 64)])
    assert outcomes(told) == [
        ("changed", "delete"),
        ("drifted", ""),
        ("changed", "delete"),
        ("changed", "delete"),
    ]
    assert names(host.root) == [".memory", "edited", "full"]
    assert outcomes(host.apply(remove=[Retired(full.id, full.digest)])) == [("failed", "delete")]
    assert outcomes(host.apply(remove=gone[:1])) == [("ok", "")]
