"""On the host: packages, users, kernel settings, mounts, commands and health checks.

Part of the program that is sent to hosts: standard library only, valid for Python 3.6. Each kind
has a `look_` (a digest of what is so now; empty when it is not there at all) and a `make_`.
"""

import grp
import os
import pwd

from colossus.transport.interpreter.state import LIST_BYTES, Item, ResourceFailed, must, run, wait

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PROC = "/proc"
MODULES = "/lib/modules"
APT = "apt-get -y -q --no-install-recommends -o DPkg::Lock::Timeout=120"
APT += " -o Dpkg::Options::=--force-confold -o Dpkg::Options::=--force-confdef install"
APT_SECONDS, COMMAND_SECONDS, GUARD_SECONDS = 1800, 300, 60
OPTIONS_FIELD = 5  # of a line of mountinfo
# Words of an fstab line that steer mount(8) and that the kernel does not list afterwards.
NOT_LISTED = ("defaults", "auto", "noauto", "nofail", "_netdev", "user", "nouser")


def read_text(path: str) -> str:
    """Read a small file of the kernel's; empty when there is none."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def ask_packages(items: "list[Item]") -> None:
    """Ask once which of the packages that items want are installed."""
    names = sorted({name for item in items for name in item.body["names"]})
    if not names:
        return
    form = "-f=${db:Status-Status} ${Package} ${binary:Package}\\n"
    said = run(["dpkg-query", "-W", form, *names], most=LIST_BYTES)[1]
    words = [line.split() for line in said.splitlines() if line.startswith("installed ")]
    installed = {name: line[0] for line in words for name in line[1:]}
    for item in items:
        item.known = installed


def look_package(item: Item) -> str:
    """Which of the wanted packages are installed."""
    found = [name for name in item.body["names"] if name in item.known]
    return item.state(names=found) if found else ""


def make_package(item: Item) -> None:
    """Install what is missing; never upgrade in passing what is there."""
    argv = [*APT.split(), *item.body["names"], "--no-upgrade"]
    if run(argv, APT_SECONDS)[0] != 0:
        must(["apt-get", "-q", "update"], APT_SECONDS)
        must(argv, APT_SECONDS)


def look_user(item: Item) -> str:
    """What the account looks like now."""
    try:
        account = pwd.getpwnam(item.body["name"])
    except KeyError:
        return ""
    found = {"uid": account.pw_uid, "home": account.pw_dir, "shell": account.pw_shell}
    try:
        found["group"] = grp.getgrgid(account.pw_gid).gr_name
    except KeyError:
        found["group"] = str(account.pw_gid)
    # A field that is left out or null is left to the system.
    return item.state(**{k: v for k, v in found.items() if item.body.get(k) is not None})


def make_user(item: Item) -> None:
    """Add the account and its group, or change what differs."""
    body, name = item.body, item.body["name"]
    flags = {"uid": "--uid", "group": "--gid", "home": "--home-dir", "shell": "--shell"}
    if item.found:
        flags["home"] = "--home"
    argv = [w for k, flag in flags.items() if body.get(k) is not None for w in (flag, str(body[k]))]
    group = body.get("group")
    if group is not None and not str(group).isdigit() and not has_group(group):
        gid = ["--gid", str(body["uid"])] if group == name and body.get("uid") is not None else []
        must(["groupadd", *(["--system"] if body.get("system") else []), *gid, group])
    if item.found:
        must(["usermod", *argv, name])
        return
    kind = ["--system", "--no-create-home"] if body.get("system") else ["--create-home"]
    must(["useradd", *kind, *argv, name])


def has_group(name: str) -> bool:
    """Tell whether the host knows a group."""
    try:
        grp.getgrnam(name)
    except KeyError:
        return False
    return True


def sysctl_path(key: str) -> str:
    """Where the kernel keeps a setting; as sysctl(8), the first separator decides which it is."""
    slashes = "/" in key.split(".", 1)[0]
    parts = [part.replace("/", ".") for part in key.split("/" if slashes else ".")]
    if not all(parts) or ".." in parts or "." in parts:
        raise ResourceFailed(f"{key!r} is no kernel setting")
    return os.path.join(PROC, "sys", *parts)


def look_sysctl(item: Item) -> str:
    """The live value, blanks folded."""
    path = sysctl_path(item.body["key"])
    if not os.path.exists(path):
        return ""
    wanted = str(item.body["value"])
    value = " ".join(read_text(path).split())
    return item.desired if value == " ".join(wanted.split()) else item.state(value=value)


def make_sysctl(item: Item) -> None:
    """Set the live value; the file that makes it last is a resource of its own."""
    with open(sysctl_path(item.body["key"]), "w", encoding="utf-8") as file:
        file.write(f"{item.body['value']}\n")


def look_module(item: Item) -> str:
    """Whether the module is loaded or built into the kernel."""
    name = item.body["name"].replace("-", "_")
    loaded = (line.split(" ", 1)[0] for line in read_text(PROC + "/modules").splitlines())
    if name in loaded:
        return item.desired
    builtin = read_text(os.path.join(MODULES, os.uname().release, "modules.builtin"))
    names = (line.rsplit("/", 1)[-1].split(".", 1)[0] for line in builtin.splitlines())
    return item.desired if name in {n.replace("-", "_") for n in names} else ""


def make_module(item: Item) -> None:
    """Load the module."""
    must(["modprobe", "--", item.body["name"]])


def mounted(path: str) -> "list[str] | None":
    """Source, type and options of what is mounted last at a path; None when nothing is."""
    found = None
    for line in read_text(PROC + "/self/mountinfo").splitlines():
        here, _, there = line.partition(" - ")
        fields, more = here.split(), there.split()
        if (
            len(fields) > OPTIONS_FIELD
            and len(more) > 1
            and unescape(fields[4]) == path.rstrip("/")
        ):
            found = [unescape(more[1]), more[0], ",".join([fields[OPTIONS_FIELD], *more[2:]])]
    return found


def unescape(text: str) -> str:
    """Undo the octal escapes of mountinfo."""
    for code, char in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, char)
    return text


def look_mount(item: Item) -> str:
    """What is mounted at the path; wanted options count when they are among the real ones."""
    body = item.body
    found = mounted(body["path"])
    if found is None:
        return ""
    wanted = [word for word in body["options"].split(",") if word]
    if "bind" in wanted or "rbind" in wanted:
        return item.desired  # the kernel names the file system below, not the folder
    real = found[2].split(",")
    hidden = [word for word in wanted if word in NOT_LISTED or word.startswith("x-")]
    if all(word in real or word in hidden for word in wanted):
        found[2] = body["options"]
    return item.state(source=found[0], fstype=found[1], options=found[2])


def make_mount(item: Item) -> None:
    """Mount it, or mount it again with other options; never over something else."""
    body = item.body
    found = mounted(body["path"])
    if found is None:
        os.makedirs(body["path"], 0o755, exist_ok=True)
        kind = ["-t", body["fstype"]] if body["fstype"] not in ("", "none") else []
        must(["mount", *kind, "-o", body["options"] or "defaults", body["source"], body["path"]])
    elif found[:2] == [body["source"], body["fstype"]]:
        must(["mount", "-o", "remount," + body["options"], body["path"]])
    else:
        raise ResourceFailed(f"{found[0]} of type {found[1]} is mounted there")


def needs_run(body: "dict[str, Any]") -> bool:
    """Whether a command's guard asks for it; a command without a guard is only ever triggered."""
    if body.get("creates"):
        return not os.path.lexists(body["creates"])
    if body.get("unless"):
        return run(body["unless"], GUARD_SECONDS)[0] != 0
    return False


def look_command(item: Item) -> str:
    """A guarded command is as desired when its guard says so; others have no state."""
    return "" if needs_run(item.body) else item.desired


def make_command(item: Item) -> None:
    """Run the command."""
    must(item.body["argv"], item.body.get("timeout_seconds") or COMMAND_SECONDS)


def make_check(item: Item) -> None:
    """Ask until it is well, as often as the check says."""
    body = item.body
    tries = max(1, int(body.get("retries") or 1))
    for left in range(tries - 1, -1, -1):
        status, said = run(body["argv"], body.get("timeout_seconds") or COMMAND_SECONDS)
        if status == 0:
            return
        if left:
            wait(body.get("interval_seconds") or 1)
    asked = " ".join(body["argv"])
    raise ResourceFailed(f"`{asked}` ended with {status} after {tries} tries: {said}")
