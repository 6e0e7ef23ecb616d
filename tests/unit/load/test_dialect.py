"""The YAML dialect on a corpus: `dialect/*.case` is a file, a line `===`, and what it must give.

Adding a case is adding a file. The outcome is every finding as printed, or each value with its
path when nothing is wrong.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from colossus.cli.views.findings import as_text
from colossus.diagnostics import Diagnostics
from colossus.load.yaml import Document, Value, joined, read_yaml

CASES = sorted((Path(__file__).parent / "dialect").glob("*.case"))


def leaves(document: Document, value: Value, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from leaves(document, entry, joined(path, key))
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from leaves(document, entry, f"{path}[{index}]")
    else:
        text = document.texts.get(path)
        yield f"{path} = {value!r}" + (f" from {text!r}" if text else "")


def outcome(content: bytes) -> str:
    document = read_yaml(content, "cluster.yaml")
    if document.findings:
        return as_text(Diagnostics(document.findings))
    return "\n".join(leaves(document, document.value, ""))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_case(case: Path) -> None:
    content, _, wanted = case.read_bytes().partition(b"\n===\n")
    assert outcome(content + b"\n") == wanted.decode().rstrip("\n")


def test_the_corpus_is_there() -> None:
    assert len(CASES) > 20
