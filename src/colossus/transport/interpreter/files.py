"""On the host: files, directories and links, compared and written.

Part of the program that is sent to hosts: standard library only, valid for Python 3.6. Every path
is walked with open directories, and a link on the way counts only if root (or who runs this) owns
it, so that nobody on the host can lead a write elsewhere.
"""

import contextlib
import grp
import hashlib
import os
import pwd
import stat

from colossus.transport.interpreter.state import Item, ResourceFailed, must, run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
MOST_LINKS = 40  # as the kernel's own limit
DIFF_BYTES, DIFF_LINES, DIFF_WIDTH = 256 * 1024, 40, 200


def open_parent(path: str, *, make: bool) -> "tuple[int, str]":
    """Open the folder that holds `path`; give its descriptor and the last name.

    Raises FileNotFoundError when a folder on the way is missing and is not to be made (0755).
    """
    parts = [part for part in path.split("/") if part and part != "."]
    if not path.startswith("/") or not parts or ".." in parts or "\0" in path:
        raise ResourceFailed(f"{path!r} is not an absolute, plain path")
    ahead = parts[-2::-1]
    folder = os.open("/", FOLDER)
    try:
        for _ in range(len(parts) * 2 + MOST_LINKS * 10):
            if not ahead:
                return folder, parts[-1]
            folder = step(folder, ahead, make=make)
    except BaseException:
        os.close(folder)
        raise
    os.close(folder)
    raise ResourceFailed(f"too many links on the way to {path}")


def step(folder: int, ahead: "list[str]", *, make: bool) -> int:
    """Go one folder on; a link that may be followed puts its own parts ahead."""
    part = ahead.pop()
    try:
        found = os.stat(part, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        if not make:
            raise
        os.mkdir(part, 0o755, dir_fd=folder)
        found = os.stat(part, dir_fd=folder, follow_symlinks=False)
    if stat.S_ISLNK(found.st_mode):
        if found.st_uid not in (0, os.geteuid()):
            raise ResourceFailed(f"{part} on the way is a link that user {found.st_uid} made")
        to = os.readlink(part, dir_fd=folder)
        ahead.extend(name for name in reversed(to.split("/")) if name and name != ".")
        if not to.startswith("/"):
            return folder
        entered = os.open("/", FOLDER)
    else:
        entered = os.open(part, FOLDER, dir_fd=folder)
    os.close(folder)
    return entered


def owner_of(wanted: str, uid: int) -> str:
    """Name an owner; a wanted name or number that means this user stays as it was written."""
    if wanted.isdigit():
        return wanted if int(wanted) == uid else str(uid)
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def group_of(wanted: str, gid: int) -> str:
    """Name a group, as `owner_of` names a user."""
    if wanted.isdigit():
        return wanted if int(wanted) == gid else str(gid)
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def ids_of(body: "dict[str, Any]") -> "tuple[int, int]":
    """Look up the numbers of the wanted owner and group."""
    owner, group = body["owner"], body["group"]
    try:
        uid = int(owner) if owner.isdigit() else pwd.getpwnam(owner).pw_uid
        gid = int(group) if group.isdigit() else grp.getgrnam(group).gr_gid
    except KeyError as fault:
        raise ResourceFailed(f"no such owner or group: {fault}") from fault
    return uid, gid


def read(folder: int, name: str) -> bytes:
    """Read a regular file, whatever somebody may put in its place meanwhile."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with open(os.open(name, flags, dir_fd=folder), "rb") as file:
        return file.read()


def look_path(item: Item) -> str:
    """Digest of what is at a path now; empty when nothing is."""
    try:
        folder, name = open_parent(item.body["path"], make=False)
    except (FileNotFoundError, NotADirectoryError):
        return item.desired if item.kind == "absent" else ""
    try:
        return describe(item, folder, name, os.stat(name, dir_fd=folder, follow_symlinks=False))
    except FileNotFoundError:
        return item.desired if item.kind == "absent" else ""
    finally:
        os.close(folder)


def describe(item: Item, folder: int, name: str, found: os.stat_result) -> str:
    """Digest of one thing in a folder, in the words of the wanted body."""
    kind = stat.S_IFMT(found.st_mode)
    wanted = {"file": stat.S_IFREG, "directory": stat.S_IFDIR, "link": stat.S_IFLNK}
    if kind != wanted.get(item.kind):
        return item.state(found=kind)
    if item.kind == "link":
        return item.state(to=os.readlink(name, dir_fd=folder))
    rights = {
        "mode": f"{stat.S_IMODE(found.st_mode):04o}",
        "owner": owner_of(item.body["owner"], found.st_uid),
        "group": group_of(item.body["group"], found.st_gid),
    }
    if item.kind == "directory":
        return item.state(**rights)
    content = read(folder, name)
    if "secret" not in item.body:
        return item.state(content=hashlib.sha256(content).hexdigest(), **rights)
    # Not even a digest of what else is there: it may be an earlier secret. A request without the
    # secret (one that only reads, or removes) compares the rights alone.
    same = item.secret is None or content == item.secret
    return item.state(secret=item.body["secret"] if same else "differs", **rights)


def write_file(item: Item, blobs: "dict[str, str]") -> None:
    """Write a file beside its place, try it, and move it there in one step."""
    uid, gid = ids_of(item.body)
    content = item.secret if "secret" in item.body else blobs[item.body["content"]].encode()
    if content is None:
        raise ResourceFailed(f"the secret {item.body['secret']} did not travel with the request")
    folder, name = open_parent(item.body["path"], make=True)
    beside = f".{name[:200]}.colossus-{os.urandom(4).hex()}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with open(os.open(beside, flags, 0o600, dir_fd=folder), "wb") as file:
            file.write(content)
            file.flush()
            os.fchown(file.fileno(), uid, gid)
            os.fchmod(file.fileno(), int(item.body["mode"], 8))
            os.fsync(file.fileno())
        try_file(item, item.body["path"].rpartition("/")[0] + "/" + beside)
        os.rename(beside, name, src_dir_fd=folder, dst_dir_fd=folder)
        os.fsync(folder)
    except BaseException:
        discard(folder, beside)
        raise
    finally:
        os.close(folder)


def discard(folder: int, name: str) -> None:
    """Remove a candidate that did not reach its place, if it is still there."""
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return


def try_file(item: Item, candidate: str) -> None:
    """Let the program that will read the file read the candidate first."""
    validate = item.body.get("validate")
    if not validate:
        return
    argv = [word.replace("{}", candidate) for word in validate]
    if "secret" not in item.body:
        must(argv)
    elif run(argv)[0] != 0:  # its words could quote the secret
        raise ResourceFailed(f"`{validate[0]}` refuses the new content")


def make_directory(item: Item, _blobs: "dict[str, str]") -> None:
    """Make a directory, or give it the wanted owner and mode."""
    uid, gid = ids_of(item.body)
    folder, name = open_parent(item.body["path"], make=True)
    try:
        with contextlib.suppress(FileExistsError):  # then only its rights are set
            os.mkdir(name, 0o700, dir_fd=folder)
        made = os.open(name, FOLDER, dir_fd=folder)
        os.fchown(made, uid, gid)
        os.fchmod(made, int(item.body["mode"], 8))
        os.close(made)
    finally:
        os.close(folder)


def make_link(item: Item, _blobs: "dict[str, str]") -> None:
    """Make or turn a symbolic link, in one step."""
    folder, name = open_parent(item.body["path"], make=True)
    beside = f".{name[:200]}.colossus-{os.urandom(4).hex()}"
    try:
        os.symlink(item.body["to"], beside, dir_fd=folder)
        os.rename(beside, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        discard(folder, beside)
        raise
    finally:
        os.close(folder)


def remove_path(item: Item, _blobs: "dict[str, str]") -> None:
    """Remove a file or link; of directories only empty ones that Colossus made."""
    try:
        folder, name = open_parent(item.body["path"], make=False)
    except FileNotFoundError:
        return
    try:
        if item.kind == "directory":
            os.rmdir(name, dir_fd=folder)
        else:
            os.unlink(name, dir_fd=folder)
    finally:
        os.close(folder)


def differences(item: Item, blobs: "dict[str, str]") -> str:
    """Unified difference from what is there to what is wanted; bounded, never for secrets."""
    if item.kind != "file" or "content" not in item.body:
        return ""
    import difflib

    try:
        folder, name = open_parent(item.body["path"], make=False)
    except OSError:
        return ""
    try:
        found = read(folder, name)
    except OSError:
        return ""
    finally:
        os.close(folder)
    if len(found) > DIFF_BYTES or b"\0" in found:
        return f"({len(found)} bytes, not text)"
    wanted = blobs.get(item.body["content"], "")
    lines = difflib.unified_diff(
        found.decode("utf-8", "replace").splitlines(),
        wanted.splitlines(),
        "found",
        "wanted",
        n=1,
        lineterm="",
    )
    shown = [line[:DIFF_WIDTH] for line in lines]
    if len(shown) > DIFF_LINES:
        shown[DIFF_LINES:] = [f"... {len(shown) - DIFF_LINES} more lines"]
    return "\n".join(shown)
