"""Folded names: round trips, order, refusals, and agreement with the field's own folding."""

import pytest
from ClusterShell.NodeSet import NodeSet
from hypothesis import given
from hypothesis import strategies as st

from colossus.inventory.nodeset import MAX_NAMES, NodeSetError, expand, fold, fold_in_order

PREFIXES = st.sampled_from(["a", "gpu-", "pdu-a01-b", "r1-0-x", "leaf"])
SUFFIXES = st.sampled_from(["", "-ib", "x"])
NUMBERS = st.one_of(
    st.integers(0, 120).map(str),
    st.integers(0, 120).map(lambda n: f"{n:02d}"),
    st.integers(9_900, 10_100).map(lambda n: f"{n:04d}"),
)
NUMBERED = st.tuples(PREFIXES, NUMBERS, SUFFIXES).map("".join)
NAMES = st.lists(st.one_of(NUMBERED, st.sampled_from(["login", "x", "head"])), max_size=40)


@given(NAMES)
def test_folding_loses_and_adds_nothing(names: list[str]) -> None:
    folded = fold(names)
    assert sorted(expand(folded) if folded else []) == sorted(set(names))


@given(NAMES)
def test_folding_is_canonical(names: list[str]) -> None:
    assert fold(reversed(names)) == fold(names)
    assert fold(expand(fold(names)) if names else []) == fold(names)


@given(NAMES.filter(bool))
def test_folding_in_order_keeps_the_sequence(names: list[str]) -> None:
    assert expand(fold_in_order(names)) == names


@given(st.lists(st.tuples(PREFIXES, st.integers(0, 999)), min_size=1, max_size=40))
def test_we_read_what_clustershell_folds(pairs: list[tuple[str, int]]) -> None:
    names = [f"{prefix}{number:03d}" for prefix, number in pairs]
    theirs = NodeSet.fromlist(names)
    assert sorted(expand(str(theirs))) == sorted(theirs)


@given(st.lists(st.tuples(PREFIXES, st.integers(0, 999)), min_size=1, max_size=40))
def test_clustershell_reads_what_we_fold(pairs: list[tuple[str, int]]) -> None:
    names = [f"{prefix}{number:03d}" for prefix, number in pairs]
    assert sorted(NodeSet(fold(names))) == sorted(set(names))


@pytest.mark.parametrize(
    ("names", "folded"),
    [
        (["gpu-0001", "gpu-0002", "gpu-0004"], "gpu-[0001-0002,0004]"),
        (["gpu-0099", "gpu-0100"], "gpu-[0099-0100]"),
        (["gpu-9999", "gpu-10000"], "gpu-[9999-10000]"),
        (["gpu-0001", "gpu-10000"], "gpu-0001,gpu-10000"),
        (["a1", "a01"], "a1,a01"),
        (["a0", "a1", "a10"], "a[0-1,10]"),
        (["b", "a2", "a1", "a1"], "a[1-2],b"),
        (["a1-ib", "a2-ib"], "a[1-2]-ib"),
        ([], ""),
    ],
)
def test_fold(names: list[str], folded: str) -> None:
    assert fold(names) == folded


@pytest.mark.parametrize(
    ("names", "folded"),
    [
        (["a08", "a09", "a10"], "a[08-10]"),
        (["a98", "a99", "a100"], "a[98-100]"),
        (["a08", "a99", "a100"], "a08,a[99-100]"),
        (["gpu-9999", "gpu-10000"], "gpu-[9999-10000]"),
        (["a2", "a1"], "a2,a1"),
        (["a1", "a1"], "a1,a1"),
        (["a1", "a02"], "a1,a02"),
        (["x", "x", "a1"], "x,x,a1"),
    ],
)
def test_fold_in_order(names: list[str], folded: str) -> None:
    assert fold_in_order(names) == folded


@pytest.mark.parametrize(
    ("folded", "names"),
    [
        ("a[08-10]", ["a08", "a09", "a10"]),
        ("a[2,1]", ["a2", "a1"]),
        ("r[1-2]-[01-02]", ["r1-01", "r1-02", "r2-01", "r2-02"]),
        (" a1 , b ", ["a1", "b"]),
        ("a[98-101]", ["a98", "a99", "a100", "a101"]),
        ("a[099-101]", ["a099", "a100", "a101"]),
    ],
)
def test_expand(folded: str, names: list[str]) -> None:
    assert expand(folded) == names


@pytest.mark.parametrize(
    ("folded", "message"),
    [
        ("a[3-1]", "range '3-1' runs backwards"),
        ("a[1-2", "unbalanced brackets in 'a[1-2'"),
        ("a1-2]", "unbalanced brackets in 'a1-2]'"),
        ("a[[1-2]]", "unbalanced brackets in 'a[[1-2]]'"),
        ("a[1-x]", "'1-x' is not a number or a range like 01-08"),
        ("a[]", "'' is not a number or a range like 01-08"),
        ("a,,b", "empty name in 'a,,b'"),
        ("", "empty name in ''"),
        ("a[1-2000000]", f"range '1-2000000' names more than {MAX_NAMES} objects"),
        ("a[1-2000][1-2000]", f"'a[1-2000][1-2000]' names more than {MAX_NAMES} objects"),
        (
            "a[1-600000],b[1-600000]",
            f"'a[1-600000],b[1-600000]' names more than {MAX_NAMES} objects",
        ),
    ],
)
def test_nonsense_is_refused(folded: str, message: str) -> None:
    with pytest.raises(NodeSetError) as refused:
        expand(folded)
    assert str(refused.value) == message
