"""Ids of cables: a pure function of the two ends, eight Crockford base-32 characters of a hash."""

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from hashlib import blake2b

import numpy as np

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SHIFTS = np.arange(35, -5, -5)
_DASH_AT = 4


def identify(
    keys: list[str],
    salted: dict[str, int],
    settled: Container[str] = (),
    taken: Iterable[str] = (),
) -> tuple[tuple[str, ...], dict[str, int]]:
    """Hash each cable's ends; a collision is told apart by a salt that the lock keeps.

    settled holds the cables that are installed: their ids are given first, so that a new cable
    gets the salt. taken: ids that others have already.
    """
    ids = _words([forty_bits(key, salted.get(key, 0)) for key in keys])
    others = frozenset(taken)
    if len(set(ids)) == len(ids) and others.isdisjoint(ids):
        return tuple(ids), dict(salted)
    times = Counter(ids)
    doubled = [row for row, word in enumerate(ids) if times[word] > 1 or word in others]
    doubled.sort(key=lambda row: (keys[row] not in settled, keys[row] not in salted, keys[row]))
    owned = others | {word for word, count in times.items() if count == 1}
    salts, given = dict(salted), set[str]()
    for row in doubled:
        key, salt = keys[row], salted.get(keys[row], 0)
        while (word := cable_id(key, salt)) in owned or word in given:
            salt += 1
        ids[row] = word
        given.add(word)
        if salt:
            salts[key] = salt
    return tuple(ids), salts


def cable_id(key: str, salt: int = 0) -> str:
    """Write forty bits of a hash as `K7M2-9QXD`."""
    return _words([forty_bits(key, salt)])[0]


def forty_bits(key: str, salt: int = 0) -> int:
    """Hash the ends of a cable with BLAKE2b."""
    text = f"{key}#{salt}" if salt else key
    return int.from_bytes(blake2b(text.encode(), digest_size=5).digest(), "big")


def _words(numbers: Sequence[int]) -> list[str]:
    """Write numbers of forty bits, all at once."""
    digits = np.asarray(numbers, dtype=np.int64)[:, None] >> _SHIFTS & 31
    letters = np.frombuffer(CROCKFORD.encode(), dtype=np.uint8)[digits]
    dashed = np.insert(letters, _DASH_AT, ord("-"), axis=1)
    words: list[str] = np.ascontiguousarray(dashed).view("S9").astype("U9").ravel().tolist()
    return words
