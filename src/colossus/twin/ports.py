"""What the interfaces of a node are set to, read and put back with `ip`."""

import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from colossus.errors import RehearsalFailed
from colossus.twin.nodes import in_network

IP_SECONDS = 120.0
# Routes set by hand or by ifupdown2, which calls its gateway "kernel". The kernel's own (without a
# gateway) and FRR's come back by themselves.
KEPT_PROTOCOLS = {"boot", "static", "kernel"}


def ip_batch(lines: Sequence[str], pid: int | None = None, *, force: bool = False) -> None:
    """Run `ip -batch` commands, in a node's network if its process is given.

    force: go on after a command that fails, and do not complain.

    Raises:
        RehearsalFailed: a command failed; the message is what ip said.
    """
    argv = ["ip", *(["-force"] if force else []), "-batch", "-"]
    done = subprocess.run(
        argv if pid is None else in_network(pid, argv),
        input="\n".join([*lines, ""]),
        capture_output=True,
        text=True,
        timeout=IP_SECONDS,
        check=False,
    )
    if done.returncode and not force:
        raise RehearsalFailed(f"ip: {done.stderr.strip()}")


def _ask(pid: int, *words: str) -> Any:  # noqa: ANN401 - what ip prints as JSON has no fixed shape
    done = subprocess.run(
        in_network(pid, ["ip", "-json", *words]),
        capture_output=True,
        text=True,
        timeout=IP_SECONDS,
        check=False,
    )
    if done.returncode:
        raise RehearsalFailed(f"ip {' '.join(words)}: {done.stderr.strip()}")
    return json.loads(done.stdout or "[]")


def port_settings(pid: int) -> dict[str, tuple[str, ...]]:
    """Return the commands that restore every interface of a process's net namespace, by name."""
    routes = [
        (family, route)
        for family in ("-4", "-6")
        for route in _ask(pid, family, "route", "show")
        # ip leaves "boot" out.
        if (protocol := route.get("protocol", "boot")) in KEPT_PROTOCOLS
        and ("gateway" in route or protocol != "kernel")
    ]
    return {
        link["ifname"]: tuple(_restoring(link, routes)) for link in _ask(pid, "address", "show")
    }


def _restoring(
    link: Mapping[str, Any], routes: Iterable[tuple[str, Mapping[str, Any]]]
) -> Iterable[str]:
    name = link["ifname"]
    yield f"link set {name} mtu {link['mtu']}"
    if "master" in link:
        yield f"link set {name} master {link['master']}"
    for address in link.get("addr_info", []):
        # The kernel makes link-local addresses from the MAC, which is kept.
        if not (address["family"] == "inet6" and address["scope"] == "link"):
            yield f"address add {address['local']}/{address['prefixlen']} dev {name}"
    if "UP" in link["flags"]:
        yield f"link set {name} up"
    for family, route in routes:
        if route.get("dev") == name:
            via = f"via {route['gateway']}" if "gateway" in route else ""
            metric = f"metric {route['metric']}" if "metric" in route else ""
            # The family is in the destination, except for the default route.
            prefix = "::/0" if family == "-6" else "0.0.0.0/0"
            target = prefix if route["dst"] == "default" else route["dst"]
            onlink = "onlink" if "onlink" in route.get("flags", []) else ""
            yield f"route replace {target} {via} dev {name} {metric} {onlink}"
