"""Ids of cables: a pure function of the two ends, eight Crockford base-32 characters of a hash."""

import hashlib
from collections.abc import Container

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def identify(
    keys: list[str],
    salted: dict[str, int],
    settled: Container[str] = (),
) -> tuple[tuple[str, ...], dict[str, int]]:
    """Hash each cable's ends; a collision is told apart by a salt that the lock keeps.

    settled holds the cables that are installed: their ids are given first, so that a new cable
    gets the salt.
    """
    plain = tuple(cable_id(key) for key in keys)
    if not salted and len(set(plain)) == len(plain):
        return plain, {}
    taken: dict[str, str] = {}
    salts = dict(salted)
    order = sorted(
        range(len(keys)),
        key=lambda row: (keys[row] not in settled, keys[row] not in salted, keys[row]),
    )
    ids = [""] * len(keys)
    for row in order:
        key, salt = keys[row], salted.get(keys[row], 0)
        while taken.setdefault(cable_id(key, salt), key) != key:
            salt += 1
        ids[row] = cable_id(key, salt)
        if salt:
            salts[key] = salt
    return tuple(ids), salts


def cable_id(key: str, salt: int = 0) -> str:
    """Forty bits of BLAKE2b as `K7M2-9QXD`."""
    text = f"{key}#{salt}" if salt else key
    number = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=5).digest(), "big")
    letters = "".join(CROCKFORD[number >> shift & 31] for shift in range(35, -5, -5))
    return f"{letters[:4]}-{letters[4:]}"
