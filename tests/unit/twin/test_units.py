"""Unit files as the twin's systemctl reads them."""

from pathlib import Path

import pytest

from colossus.twin.shim import systemctl, units
from colossus.twin.shim.starting import JobFailed, environment, start


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Folders of unit files, /etc before /lib, in place of the machine's."""
    etc, lib = tmp_path / "etc", tmp_path / "lib"
    for folder in (etc, lib):
        folder.mkdir()
    monkeypatch.setattr(units, "FOLDERS", (etc, lib))
    monkeypatch.setattr(systemctl, "FOLDERS", (etc, lib))
    monkeypatch.setattr(units, "STATE", tmp_path / "state")
    return etc, lib


SLURMD = """
[Unit]
ConditionPathExists=/etc/slurm/slurm.conf
[Service]
Type=simple
EnvironmentFile=-{file}
# a comment, and a line that goes on
ExecStart=/usr/sbin/slurmd -D \\
  -s $SLURMD_OPTIONS "${{TWO}}"
[Install]
WantedBy=multi-user.target
Alias=node.service
"""


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_a_drop_in_adds_replaces_and_empties(folders: tuple[Path, Path]) -> None:
    etc, lib = folders
    write(lib, "slurmd.service", SLURMD.format(file="/none"))
    write(lib, "slurmd.service.d/10.conf", "[Service]\nEnvironment=A=lib\n")
    write(etc, "slurmd.service.d/10.conf", "[Unit]\nConditionPathExists=\n")
    write(etc, "slurmd.service.d/20.conf", "[Service]\nLimitNOFILE=1\nLimitNOFILE=2\n")
    unit = units.Unit("slurmd")
    assert unit.every("ConditionPathExists") == []
    assert unit.every("Environment") == []
    assert unit.one("LimitNOFILE") == "2"
    assert [path.parent.parent for path in unit.drop_ins()] == [etc, etc]


def test_a_command_gets_the_environment_files_words(
    folders: tuple[Path, Path], tmp_path: Path
) -> None:
    file = tmp_path / "default"
    file.write_text('# options\nSLURMD_OPTIONS="--conf-server ctl1:6817"\nTWO=a b\n', "utf-8")
    write(folders[1], "slurmd.service", SLURMD.format(file=file))
    unit = units.Unit("slurmd.service")
    assert units.command_words(unit.one("ExecStart"), environment(unit)) == [
        *("/usr/sbin/slurmd", "-D", "-s", "--conf-server", "ctl1:6817"),
        "a b",
    ]


def test_an_environment_file_that_must_exist(folders: tuple[Path, Path]) -> None:
    write(folders[0], "x.service", "[Service]\nEnvironmentFile=/none\nExecStart=/bin/true\n")
    with pytest.raises(JobFailed, match=r"^x.service: Failed to load environment files: /none$"):
        environment(units.Unit("x"))


def test_a_template_knows_its_instance(folders: tuple[Path, Path]) -> None:
    write(folders[1], "frr@.service", "[Service]\nExecStart=/bin/frr %i %n %% %N\n")
    assert units.Unit("frr@red").one("ExecStart") == "/bin/frr red frr@red.service % frr@red"


def test_enable_and_disable_make_links(folders: tuple[Path, Path]) -> None:
    etc, lib = folders
    write(lib, "slurmd.service", SLURMD.format(file="/none"))
    assert units.Unit("slurmd").enabled() == "disabled"
    assert systemctl.VERBS["enable"](units.Unit("slurmd")) == 0
    assert (etc / "multi-user.target.wants/slurmd.service").resolve() == lib / "slurmd.service"
    assert units.Unit("node").name == "slurmd.service"
    assert units.Unit("slurmd").enabled() == "enabled"
    systemctl.VERBS["disable"](units.Unit("slurmd"))
    assert units.Unit("slurmd").enabled() == "disabled"


def test_a_masked_unit_does_not_start(folders: tuple[Path, Path]) -> None:
    write(folders[1], "frr.service", "[Service]\nExecStart=/bin/true\n")
    systemctl.VERBS["mask"](units.Unit("frr"))
    assert units.Unit("frr").enabled() == "masked"
    with pytest.raises(JobFailed, match=r"Unit frr\.service is masked"):
        start(units.Unit("frr"))
    systemctl.VERBS["unmask"](units.Unit("frr"))
    assert units.Unit("frr").enabled() == "static"


def test_a_condition_that_does_not_hold_skips_the_start(folders: tuple[Path, Path]) -> None:
    unit = "[Unit]\nConditionPathExists={}\n[Service]\nType=oneshot\nExecStart=/bin/false\n"
    write(folders[1], "no.service", unit.format("/none"))
    start(units.Unit("no"))
    assert units.Unit("no").active() == "inactive"


def test_state_and_pid_file_decide_what_is_active(
    folders: tuple[Path, Path], tmp_path: Path
) -> None:
    pid_file = tmp_path / "x.pid"
    write(
        folders[1], "x.service", f"[Service]\nType=forking\nPIDFile={pid_file}\nExecStart=/bin/x\n"
    )
    unit = units.Unit("x")
    assert unit.active() == "inactive"
    # A process that is gone, and a pid file that names one that lives: this test.
    unit.remember("4194304")
    assert unit.active() == "failed"
    pid_file.write_text("1\n", encoding="utf-8")
    assert unit.active() == "active"
    assert unit.main_pid() == 1
    unit.remember("exited")
    assert unit.active() == "active"


def test_arguments_are_verb_units_and_options() -> None:
    argv = ["--no-pager", "show", "-p", "MainPID", "munge", "--value", "frr"]
    assert systemctl._split(argv) == (
        *("show", ["munge", "frr"]),
        ["--no-pager", "-pMainPID", "--value"],
    )
