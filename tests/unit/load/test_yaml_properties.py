"""Properties of the dialect: what is written as JSON is read back, and nothing makes it crash."""

import json
import string

from hypothesis import given
from hypothesis import strategies as st

from colossus.load.yaml import MAX_BYTES, Value, plain_value, read_yaml

words = st.text(alphabet=string.printable[:95] + "äß€", max_size=12)
plain = st.text(alphabet=string.ascii_lowercase, min_size=1, max_size=6)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | words,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(words.filter(lambda w: w != "<<"), inner)
    ),
    max_leaves=20,
)


@given(values)
def test_json_is_read_as_json(value: Value) -> None:
    """YAML 1.2 contains JSON; indentation and line breaks may not matter."""
    document = read_yaml(json.dumps(value, indent=1).encode(), "f")
    assert document.findings == []
    assert document.value == value


@given(st.recursive(words, lambda inner: st.dictionaries(plain, inner), max_leaves=20))
def test_every_key_is_found_where_it_stands(value: Value) -> None:
    text = json.dumps({"top": value}, indent=1)
    document = read_yaml(text.encode(), "f")
    lines = text.splitlines()
    assert "top" in document.keys
    for path, (_, line, column) in document.keys.items():
        assert lines[line - 1][column - 1 :].startswith(json.dumps(path.rpartition(".")[2]))


@given(st.binary(max_size=200))
def test_any_bytes_give_a_value_or_a_finding_of_the_dialect(content: bytes) -> None:
    document = read_yaml(content, "f")
    assert all(finding.code.startswith("yaml-") for finding in document.findings)
    assert all(place[0] == "f" for place in document.places.values())


@given(st.text(alphabet="-: \n[]{}&*a1!|>'\"#%@`?,", max_size=60))
def test_any_text_gives_a_value_or_a_finding(text: str) -> None:
    document = read_yaml(text.encode(), "f")
    for finding in document.findings:
        assert finding.summary
        assert finding.hint
        assert 1 <= finding.where.line <= text.count("\n") + 2


@given(st.text(alphabet=string.digits + "+-.eExXo_:", min_size=1, max_size=12))
def test_what_is_not_text_keeps_its_source_text(text: str) -> None:
    document = read_yaml(f"- {text}\n".encode(), "f")
    if isinstance(document.value, list) and isinstance(document.value[0], int | float):
        assert document.texts["[0]"] == text
        assert plain_value(text) == document.value[0]


def test_the_size_is_bounded() -> None:
    (finding,) = read_yaml(b"#" * (MAX_BYTES + 1), "f").findings
    assert finding.code == "yaml-too-large"


def test_depth_cannot_hurt_the_parser() -> None:
    (finding,) = read_yaml(b"[" * (MAX_BYTES - 1), "f").findings
    assert finding.code == "yaml-too-deep"
