"""Folded host names, as Slurm and ClusterShell write them: `gpu-[0001-0448,0450]`.

Only the last number of a name is folded, which is what Slurm's own output does
(facts: Slurm accepts several brackets but folds only the last number). `expand` accepts
several brackets in one word.
"""

import re
from collections.abc import Collection, Iterable
from itertools import product
from math import prod

MAX_NAMES = 1_000_000
_BRACKET = re.compile(r"\[([^\[\]]*)\]")
_RANGE = re.compile(r"(\d+)(?:-(\d+))?")
_UNNUMBERED = -1
_TAIL_NUMBER = re.compile(r"^(.*?)(\d+)(\D*)$", re.DOTALL)


class NodeSetError(ValueError):
    """The folded form makes no sense; the message says which part."""


def expand(folded: str) -> list[str]:
    """Expand `a[01-02],b` into names, in the order written.

    Raises NodeSetError for reversed, unbalanced, non-numeric or oversized ranges.
    """
    names: list[str] = []
    for word in _split(folded):
        choices = _choices(word)
        if len(names) + prod(map(len, choices)) > MAX_NAMES:
            message = f"{folded!r} names more than {MAX_NAMES} objects"
            raise NodeSetError(message)
        names.extend("".join(choice) for choice in product(*choices))
    return names


def fold(names: Iterable[str]) -> str:
    """Fold names into one word per prefix; sorted by prefix and number, without duplicates."""
    groups: dict[tuple[str, str, int], set[int]] = {}
    plain: list[str] = []
    for name in dict.fromkeys(names):
        numbered = _numbered(name)
        if numbered is None:
            plain.append(name)
        else:
            prefix, suffix, width, value = numbered
            groups.setdefault((prefix, suffix, width), set()).add(value)
    _merge_padded(groups)
    words = [(name, "", 0, 0, name) for name in plain]
    words += [
        (prefix, suffix, min(numbers), width, _fold_group((prefix, suffix, width), numbers))
        for (prefix, suffix, width), numbers in groups.items()
    ]
    return ",".join(word[-1] for word in sorted(words))


def fold_in_order(names: Iterable[str]) -> str:
    """Fold rising neighbours only, so that `expand` gives the very same sequence again."""
    runs: list[tuple[str, str, int, range]] = []
    for name in names:
        prefix, suffix, width, value = _numbered(name) or (name, "", _UNNUMBERED, 0)
        if runs and _carries_on(runs[-1], prefix, suffix, (width, value)):
            *_, run_width, span = runs[-1]
            runs[-1] = (prefix, suffix, run_width, range(span.start, value + 1))
        else:
            runs.append((prefix, suffix, width, range(value, value + 1)))
    return ",".join(
        prefix if width == _UNNUMBERED else _fold_group((prefix, suffix, width), span)
        for prefix, suffix, width, span in runs
    )


def _carries_on(
    run: tuple[str, str, int, range],
    prefix: str,
    suffix: str,
    number: tuple[int, int],
) -> bool:
    """Whether the next number, written as it is, continues the run."""
    run_prefix, run_suffix, run_width, span = run
    width, value = number
    same = (run_prefix, run_suffix, span.stop) == (prefix, suffix, value)
    fits = width == run_width or (width == 0 and 0 < run_width <= len(str(value)))
    return same and width != _UNNUMBERED and fits


def _numbered(name: str) -> tuple[str, str, int, int] | None:
    """Take a name apart: what stands before and after its last number, its padding, its value."""
    match = _TAIL_NUMBER.match(name)
    if match is None:
        return None
    prefix, digits, suffix = match.groups()
    padded = len(digits) > 1 and digits.startswith("0")
    return prefix, suffix, len(digits) if padded else 0, int(digits)


def fold_short(names: Iterable[str], characters: int = 160) -> str:
    """Fold names for a sentence: what would be longer is cut at a comma, and counted."""
    folded = fold(names)
    if len(folded) <= characters:
        return folded
    cut = folded.rfind(",", 0, characters)
    head = folded[: cut if cut > 0 else characters]
    if head.count("[") > head.count("]"):
        head += "]"
    left = len(expand(folded)) - len(expand(head)) if cut > 0 else 0
    return f"{head} and {left} more" if left else f"{head}..."


def _merge_padded(groups: dict[tuple[str, str, int], set[int]]) -> None:
    """Join 0099 and 0100 (no leading zero of its own) where the width agrees."""
    for (prefix, suffix, width), numbers in list(groups.items()):
        if not width or (prefix, suffix, 0) not in groups:
            continue
        loose = groups[prefix, suffix, 0]
        fitting = {number for number in loose if len(str(number)) == width}
        numbers.update(fitting)
        loose -= fitting
        if not loose:
            del groups[prefix, suffix, 0]


def _fold_group(key: tuple[str, str, int], numbers: Collection[int]) -> str:
    prefix, suffix, width = key
    runs: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    texts = [
        f"{low:0{width}d}" if low == high else f"{low:0{width}d}-{high:0{width}d}"
        for low, high in runs
    ]
    if len(numbers) == 1:
        return f"{prefix}{texts[0]}{suffix}"
    return f"{prefix}[{','.join(texts)}]{suffix}"


def _split(folded: str) -> list[str]:
    """Split at commas outside brackets."""
    words, depth, word = [], 0, ""
    for character in folded:
        depth += (character == "[") - (character == "]")
        if depth not in (0, 1):
            message = f"unbalanced brackets in {folded!r}"
            raise NodeSetError(message)
        if character == "," and not depth:
            words.append(word)
            word = ""
        else:
            word += character
    if depth:
        message = f"unbalanced brackets in {folded!r}"
        raise NodeSetError(message)
    words.append(word)
    stripped = [word.strip() for word in words]
    if not all(stripped):
        message = f"empty name in {folded!r}"
        raise NodeSetError(message)
    return stripped


def _choices(word: str) -> list[list[str]]:
    """Give what each piece of a word can be: itself, or the numbers of its bracket."""
    pieces = _BRACKET.split(word)
    return [[piece] if index % 2 == 0 else _numbers(piece) for index, piece in enumerate(pieces)]


def _numbers(text: str) -> list[str]:
    numbers: list[str] = []
    for part in text.split(","):
        match = _RANGE.fullmatch(part.strip())
        if match is None:
            message = f"{part!r} is not a number or a range like 01-08"
            raise NodeSetError(message)
        low, high = match.group(1), match.group(2) or match.group(1)
        if int(high) < int(low):
            message = f"range {part!r} runs backwards"
            raise NodeSetError(message)
        if int(high) - int(low) >= MAX_NAMES:
            message = f"range {part!r} names more than {MAX_NAMES} objects"
            raise NodeSetError(message)
        width = len(low) if len(low) > 1 and low.startswith("0") else 0
        numbers.extend(f"{number:0{width}d}" for number in range(int(low), int(high) + 1))
    return numbers
