"""Addresses and names as several formats write them, in one form."""

import re

_MAC = re.compile(
    r"(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}|(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}", re.IGNORECASE
)
_NODE = re.compile(r"[A-Z0-9]+;([^:]+):")
_BOARD = re.compile(r"[A-Z0-9]+;([^:]+):[^/]*/[LS][0-9]+")
_HCA = re.compile(r"(\S+) HCA-([0-9]+)")


def is_address(text: str) -> bool:
    """Whether a text is a MAC address: `aa:bb:…`, `aa-bb-…` or `aabb.ccdd.eeff`."""
    return _MAC.fullmatch(text) is not None


def plain_address(text: str) -> str:
    """Write a MAC address or GUID in small letters without separators."""
    return re.sub(r"[^0-9a-f]", "", text.lower().removeprefix("0x"))


def director(description: str) -> str:
    """Give the director of a node description that is one of its boards: `MF0;d-01:CS8500/L01/U1`.

    Empty for everything else.
    """
    board = _BOARD.match(description)
    return board[1] if board else ""


def node_name(description: str) -> tuple[str, str]:
    """Give device and adapter of an InfiniBand node description.

    `leaf-01` and `MF0;leaf-01:MQM9700/U1` are switches; `gpu-0001 mlx5_3` is a host's adapter, and
    so is `gpu-0001 HCA-4`, which counts from 1.
    """
    managed = _NODE.match(description)
    if managed:
        return managed[1], ""
    numbered = _HCA.fullmatch(description)
    if numbered:
        return numbered[1], f"mlx5_{int(numbered[2]) - 1}"
    device, _, adapter = description.partition(" ")
    return device, adapter
