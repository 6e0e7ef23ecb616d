"""On the host: services, asked and switched through systemd.

Part of the program that is sent to hosts: standard library only, valid for Python 3.6. A call of
systemctl costs a host more than all its files together, and a reload of systemd as much as a start
of a service: all services are asked about at once, and systemd reads unit files again only when
they changed.
"""

from colossus.transport.interpreter.state import LIST_BYTES, Item, must, run

SERVICE_SECONDS = 180
RELOAD = ["systemctl", "daemon-reload"]
SHOW = ["systemctl", "show", "-p", "LoadState,ActiveState,NeedDaemonReload"]
SWITCHABLE = ("enabled", "enabled-runtime", "disabled", "masked", "masked-runtime", "bad")
# What systemd and its generators make units of: a part of the path tells.
SOURCES = ("/systemd/", "/init.d/", "/etc/fstab")


def ask_services(items: "list[Item]") -> None:
    """Ask once what systemd knows of the units that items are about."""
    names = [item.body["name"] for item in items]
    if not names:
        return
    told = show(names)
    if len(told) != len(names):  # one of the names makes no sense to systemctl
        told = [(show([name]) or [{}])[0] for name in names]
    for item, known in zip(items, told):
        item.known = known
    there = [item for item in items if item.known.get("LoadState") == "loaded"]
    for item, state in zip(there, enabled([item.body["name"] for item in there])):
        item.known["UnitFileState"] = state


def show(names: "list[str]") -> "list[dict[str, str]]":
    """Give the properties of units, in this order."""
    said = run([*SHOW, "--", *names], most=LIST_BYTES)[1]
    return [
        dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        for block in said.split("\n\n")
        if block
    ]


def enabled(names: "list[str]") -> "list[str]":
    """Give the state of unit files, in this order.

    Not by `show`: of a loaded unit systemd remembers it, however its links are by now.
    """
    if not names:
        return []
    asked = ["systemctl", "is-enabled", "--"]
    said = run([*asked, *names], most=LIST_BYTES)[1].splitlines()
    if len(said) == len(names):
        return said
    # It ends at the first unit without a file.
    return [run([*asked, name])[1] for name in names]


def look_service(item: Item) -> str:
    """Whether the unit runs and is enabled; what the body leaves open does not count."""
    if item.known.get("LoadState") != "loaded":
        return ""
    enabled = item.known.get("UnitFileState") == "enabled"
    if item.known.get("UnitFileState") not in SWITCHABLE:
        # static, generated: neither enabling nor disabling helps
        enabled = item.body.get("enabled")
    # "reloading" and "activating": on its way.
    running = item.known.get("ActiveState") in ("active", "reloading", "activating")
    found = {"running": running, "enabled": enabled}
    return item.state(**{k: v for k, v in found.items() if item.body.get(k) is not None})


def make_service(item: Item) -> None:
    """Enable, start, stop, restart or reload the unit, as the item's action and body say."""
    name, body = item.body["name"], item.body
    if item.unread:
        must(RELOAD, SERVICE_SECONDS)
    if item.action not in ("restart", "reload"):
        switch(item)
        if body.get("running") is False:
            must(["systemctl", "stop", "--", name], SERVICE_SECONDS)
    if body.get("running"):
        # A restart also of what its own package has started meanwhile: it may not have read the
        # files that came after.
        verb = "reload-or-restart" if item.action == "reload" else "restart"
        must(["systemctl", verb, "--", name], SERVICE_SECONDS)


def switch(item: Item) -> None:
    """Enable or disable the unit for the next boot, unless it is so already."""
    wanted = item.body.get("enabled")
    # One that was not there when everything was compared came with its package's own state.
    known = item.known.get("UnitFileState")
    if wanted is None or (known is not None and (known == "enabled") == wanted):
        return
    verb = "enable" if wanted else "disable"
    must(["systemctl", verb, "--no-reload", "--", item.body["name"]], SERVICE_SECONDS)


def unread_after(item: Item, *, before: bool) -> bool:
    """Whether systemd has yet to read changed unit files, now that this was done."""
    if item.kind == "service" or item.body.get("argv") == RELOAD:
        return False
    path = item.body.get("path", "")
    return before or item.kind == "package" or any(part in path for part in SOURCES)
