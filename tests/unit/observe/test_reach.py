"""Which addresses are asked from where, and what silence means."""

import subprocess
from pathlib import Path

import pytest

from colossus.fabric.design import design
from colossus.fabric.model import Fabric
from colossus.load.site import load_site
from colossus.observe import reach

ROOT = Path(__file__).resolve().parents[3]


def fabric(path: str) -> Fabric:
    loaded = load_site(ROOT / path)
    return design(loaded.accepted(), loaded.catalog, loaded.lock).fabric


def test_every_rail_of_every_host_is_asked_in_a_ring() -> None:
    hosts = [f"gpu-000{n}" for n in range(1, 9)]
    asked = reach.questions(fabric("examples/stanford-nlp"), hosts)
    assert {host: len(told) for host, told in asked.items()} == dict.fromkeys(hosts, 8)
    told = [address for addresses in asked.values() for address in addresses]
    assert len(set(told)) == 64
    assert asked["gpu-0008"][0] == "10.64.0.1"


def test_networks_that_nothing_joins_have_rings_of_their_own() -> None:
    grown = fabric("tests/fixtures/stanford-nlp-growth")
    hosts = [f"gpu-{n:04d}" for n in range(1, 13)]
    asked = reach.questions(grown, hosts)
    assert asked["gpu-0008"][0] == "10.64.0.1"
    assert asked["gpu-0012"][0] == "10.64.0.17"


def test_a_single_host_asks_its_switch() -> None:
    asked = reach.questions(fabric("examples/stanford-nlp"), ["gpu-0003"])
    assert asked["gpu-0003"][0] == "10.64.0.4"


def test_silence_is_named() -> None:
    asked = {"a": ("10.0.0.1", "10.0.0.2"), "b": ("10.0.0.3",)}
    assert reach.silent(asked, {"a": "10.0.0.2\n"}) == [
        "a gets no answer from 10.0.0.1",
        "b gets no answer from 10.0.0.3",
    ]


@pytest.mark.parametrize(("source", "words"), [("", ""), ("10.9.9.9", "-I 10.9.9.9 ")])
def test_the_command_prints_what_answers(tmp_path: Path, source: str, words: str) -> None:
    """A stand-in for ping notes its words and answers for one address only."""
    ping = tmp_path / "ping"
    ping.write_text(
        f'#!/bin/sh\necho "$*" >> {tmp_path}/asked\nfor last; do :; done\n[ "$last" = 10.0.0.2 ]\n',
    )
    ping.chmod(0o755)
    argv = reach.ask(["10.0.0.1", "10.0.0.2"], source)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    done = subprocess.run(argv, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == "10.0.0.2\n"
    asked = sorted((tmp_path / "asked").read_text("utf-8").splitlines())
    assert asked == [f"{words}-c 1 -W 1 -q 10.0.0.{n}" for n in (1, 2)]
