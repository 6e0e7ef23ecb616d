"""Playbooks joined with what they include, and what is refused there."""

from collections.abc import Mapping
from typing import Any

import pytest

from colossus.inventory.playbook import Playbook, PlaybookFolder
from colossus.render.refused import RenderRefused
from colossus.render.resolve import resolve


def folder(name: str, **authored: Any) -> PlaybookFolder:  # noqa: ANN401 - any authored YAML
    playbook = Playbook.model_validate({"description": name, **authored})
    lines = {f"resources[{index}]": 10 + index for index in range(9)} | {"twin[0]": 5}
    return PlaybookFolder(name, f"playbooks/{name}", playbook, {}, lines)


def books(*folders: PlaybookFolder) -> Mapping[str, PlaybookFolder]:
    return {each.name: each for each in folders}


def refused(found: Mapping[str, PlaybookFolder], name: str) -> list[str]:
    with pytest.raises(RenderRefused) as caught:
        resolve(found, name)
    return [f"{f.where} {f.code}: {f.summary}" for f in caught.value.findings]


def hosts(**more: object) -> dict[str, object]:
    return {"file": "/etc/hosts", "reason": "names resolve", **more}


def service(*on: str) -> dict[str, object]:
    return {"service": "x", "reason": "it runs", "on": list(on)}


def test_included_entries_come_first_and_once() -> None:
    found = books(
        folder("base", resources=[hosts()]),
        folder(
            "net",
            include=["base"],
            resources=[{"package": "net", "names": ["x"], "reason": "needed"}],
        ),
        folder("host", include=["base", "net"], resources=[service("file:/etc/hosts")]),
    )
    assert [placed.key for placed in resolve(found, "host").entries] == [
        "file:/etc/hosts",
        "package:net",
        "service:x",
    ]


def test_a_circle_of_includes_ends() -> None:
    found = books(folder("a", include=["b"], resources=[hosts()]), folder("b", include=["a"]))
    assert len(resolve(found, "a").entries) == 1


def test_a_resource_given_twice_is_refused() -> None:
    found = books(folder("a", include=["b"], resources=[hosts()]), folder("b", resources=[hosts()]))
    assert refused(found, "a") == [
        "playbooks/a/playbook.yaml:10 playbook-resource-twice: file:/etc/hosts is given here and in"
        " playbooks/b/playbook.yaml:10",
    ]


def test_variants_for_different_capabilities_are_allowed() -> None:
    found = books(folder("a", resources=[hosts(when="slurm"), hosts(when="routed")]))
    assert len(resolve(found, "a").entries) == 2


def test_a_trigger_that_comes_later_is_refused() -> None:
    found = books(folder("a", resources=[service("file:/etc/hosts"), hosts()]))
    assert refused(found, "a") == [
        "playbooks/a/playbook.yaml:10 playbook-trigger-unknown: service:x is triggered by"
        " file:/etc/hosts, which is no earlier resource",
    ]


SETTING = {"settings": {"/etc/x": {"a": 1, "b": 2}}}
TWIN = [{"file": "/etc/x", "key": "a", "value": 9, "reason": "too slow otherwise"}]


def test_the_overlay_replaces_exactly_what_is_listed() -> None:
    found = books(folder("base", twin=TWIN, **SETTING), folder("a", include=["base"]))
    plain, twin = resolve(found, "a"), resolve(found, "a", "twin")
    assert (plain.settings, plain.substituted) == ({"/etc/x": {"a": 1, "b": 2}}, ())
    assert twin.settings == {"/etc/x": {"a": 9, "b": 2}}
    assert [str(each) for each in twin.substituted] == [
        "x a: 9 in place of 1 (too slow otherwise)",
    ]


def test_a_substitution_of_no_setting_is_refused() -> None:
    found = books(folder("a", twin=TWIN))
    assert refused(found, "a") == [
        "playbooks/a/playbook.yaml:5 playbook-twin-unknown: the twin replaces a of /etc/x,"
        " which is no setting",
    ]


def test_an_includer_overrides_settings() -> None:
    found = books(
        folder("base", **SETTING),
        folder("a", include=["base"], settings={"/etc/x": {"b": 3}}),
    )
    assert resolve(found, "a").settings == {"/etc/x": {"a": 1, "b": 3}}
