"""Every folder an operator edits says what belongs there and how to add one."""

from tests.house.sources import files, folders

OPERATORS = ("inventory", "playbooks", "infra", "examples")


def without_readme(wanted: tuple[str, ...]) -> list[str]:
    return [folder for folder in wanted if f"{folder}/README.md" not in files()]


def test_the_folders_operators_own_have_a_readme() -> None:
    assert without_readme(OPERATORS) == []


def test_every_playbook_has_a_readme_and_its_resources() -> None:
    playbooks = folders("playbooks")
    assert without_readme(playbooks) == []
    assert [p for p in playbooks if f"{p}/playbook.yaml" not in files()] == []


def test_every_vendor_of_the_catalogue_has_a_readme() -> None:
    assert without_readme(folders("inventory/catalog")) == []


def test_every_example_has_a_readme_and_a_cluster() -> None:
    examples = folders("examples")
    assert without_readme(examples) == []
    assert [e for e in examples if f"{e}/cluster.yaml" not in files()] == []
