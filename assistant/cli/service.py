"""`assistant service`: install as a system service, remove it, ask how it is."""

from __future__ import annotations

import argparse
import os
import pwd
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from assistant.config import Settings
from assistant.errors import ServiceError
from assistant.models import InstalledModel, ModelStore
from assistant.paths import checkout, config_files
from assistant.service import SYSTEM_USER, UNIT_NAME, render_unit

_UNIT_PATH = Path("/etc/systemd/system") / UNIT_NAME
_STATE = Path("/var/lib/assistant")
_STATUS_INACTIVE = 3

_EPILOG = """examples:
  sudo .venv/bin/assistant service install --dry-run     what would be done
  sudo .venv/bin/assistant service install               start now and at every boot
  sudo .venv/bin/assistant service install --user pi     under an account that exists
  assistant service status
  journalctl -u assistant -f                             its log
  sudo .venv/bin/assistant service uninstall"""


def register(parser: argparse.ArgumentParser) -> None:
    """Describe the command."""
    parser.description = "Let systemd start the assistant at boot and watch over it."
    parser.epilog = _EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    install = actions.add_parser("install", help="create the user, write the unit, start it")
    install.add_argument("--dry-run", action="store_true", help="print what would be done")
    install.add_argument(
        "--user", default=SYSTEM_USER, metavar="NAME", help=f"account (default: {SYSTEM_USER})"
    )
    install.add_argument("--no-start", action="store_true", help="enable it, start it later")
    install.set_defaults(run=_install)
    uninstall = actions.add_parser("uninstall", help="stop it and remove the unit")
    uninstall.add_argument("--dry-run", action="store_true", help="print what would be done")
    uninstall.add_argument(
        "--purge", action="store_true", help=f"delete {_STATE} (models, timers) and the user too"
    )
    uninstall.set_defaults(run=_uninstall)
    status = actions.add_parser("status", help="say whether it runs; exit status 3 when not")
    status.set_defaults(run=_status)


def _install(args: argparse.Namespace, settings: Settings) -> int:
    command = service_command()
    unit = render_unit(command, user=args.user)
    run = _Runner(args.dry_run)
    if not args.dry_run:
        _need_systemd()
        _need_root("install")
    closed = unreachable_part(Path(command[0]), args.user)
    if closed is not None:
        raise ServiceError(
            f'The account "{args.user}" may not enter {closed}, where the assistant is installed. '
            f"Install it elsewhere (say, /opt/assistant), or run the service under the account "
            f"that owns the folder: assistant service install --user {closed.owner()}"
        )
    if not _account_exists(args.user):
        if args.user != SYSTEM_USER:
            raise ServiceError(
                f'There is no account "{args.user}"; create it, or leave out --user.'
            )
        run(
            f"Creating the system user {SYSTEM_USER}",
            "useradd", "--system", "--user-group", "--home-dir", str(_STATE), "--no-create-home",
            "--shell", "/usr/sbin/nologin", SYSTEM_USER,
        )  # fmt: skip
    run(f"Creating {_STATE}", "install", "-d", "-o", args.user, "-m", "0750", str(_STATE))
    missing = _bring_models(run, settings, args.user)
    run.write(_UNIT_PATH, unit)
    run("Telling systemd about it", "systemctl", "daemon-reload")
    now = [] if args.no_start or missing else ["--now"]
    run("Starting it at every boot" + (" and now" if now else ""),
        "systemctl", "enable", *now, UNIT_NAME)  # fmt: skip
    print(f"The service reads its settings from {config_files()[0]}")
    print("  (write one: sudo assistant config init --system), its log: journalctl -u assistant")
    if missing:
        print(f"These models are still missing: {', '.join(missing)}. Fetch them and start it:")
        print(f"  {_fetch_command(command, args.user)} && systemctl start {UNIT_NAME}")
    return 0


def service_command() -> tuple[str, ...]:
    """The program that the unit starts: the `assistant` beside this interpreter, or a module."""
    script = Path(sys.executable).with_name("assistant")
    if script.is_file():
        return (str(script), "run")
    return (sys.executable, "-m", "assistant", "run")


def unreachable_part(program: Path, user: str) -> Path | None:
    """The first folder on the way to the program or the code that `user` may not enter, or None.

    Looks at owner and permission bits only; an account that does not exist yet is "others".
    """
    owner = pwd.getpwnam(user).pw_uid if _account_exists(user) else -1
    places = [program, Path(__file__).resolve()]
    top = checkout()
    if top is not None:
        places.append(top / "pyproject.toml")
    for place in places:
        for folder in reversed(place.parents):
            state = folder.stat()
            if not state.st_mode & (0o100 if state.st_uid == owner else 0o001):
                return folder
    return None


def _bring_models(run: _Runner, settings: Settings, user: str) -> list[str]:
    """Copy the models that the settings need to the service's folder; returns those not here."""
    if settings.models.directory:
        return []
    here = ModelStore([*ModelStore.from_settings(settings).directories, *_invoker_models()])
    installed: dict[str, InstalledModel] = {model.name: model for model in here.installed()}
    there = _STATE / "models"
    wanted = [entry.name for entry in here.defaults(settings)]
    copies = [name for name in wanted if name in installed and not _is_dir(there / name)]
    missing = [name for name in wanted if name not in installed and not _is_dir(there / name)]
    if copies:
        run(f"Creating {there}", "install", "-d", "-o", user, "-m", "0755", str(there))
    for name in copies:
        new = there / f".{name}.new"
        run(f"Copying the model {name}", "cp", "-rT", str(installed[name].path), str(new))
        run("", "chown", "-R", user, str(new))
        run("", "mv", "-T", str(new), str(there / name))
    return missing


def _invoker_models() -> list[Path]:
    """Where the person who typed `sudo` keeps models; root's own folder is another one."""
    try:
        home = pwd.getpwnam(os.environ.get("SUDO_USER", "")).pw_dir
    except KeyError:
        return []
    return [Path(home) / ".local/share/assistant/models"]


def _is_dir(path: Path) -> bool:
    try:
        return path.is_dir()
    except PermissionError:
        return False


def _fetch_command(command: Sequence[str], user: str) -> str:
    program = shlex.join(command[:-1])
    inner = f"STATE_DIRECTORY={_STATE} {program} models fetch --all-default"
    return f"runuser -u {user} -- env {inner}"


def _uninstall(args: argparse.Namespace, settings: Settings) -> int:
    run = _Runner(args.dry_run)
    if not args.dry_run:
        _need_systemd()
        _need_root("uninstall")
        if not _UNIT_PATH.exists():
            raise ServiceError(f"The service is not installed: there is no {_UNIT_PATH}.")
    run("Stopping it", "systemctl", "disable", "--now", UNIT_NAME)
    run(f"Removing {_UNIT_PATH}", "rm", "-f", str(_UNIT_PATH))
    run("Telling systemd about it", "systemctl", "daemon-reload")
    if args.purge:
        run(f"Deleting {_STATE}", "rm", "-rf", str(_STATE))
        if _account_exists(SYSTEM_USER):
            run(f"Removing the user {SYSTEM_USER}", "userdel", SYSTEM_USER)
    else:
        print(f"Models and timers stay in {_STATE}; --purge deletes them.")
    return 0


def _status(args: argparse.Namespace, settings: Settings) -> int:
    _need_systemd()
    if not _UNIT_PATH.exists():
        print("The service is not installed. Install it: sudo assistant service install")
        return _STATUS_INACTIVE
    names = (
        "ActiveState",
        "SubState",
        "StatusText",
        "MainPID",
        "NRestarts",
        "ActiveEnterTimestamp",
    )
    answer = subprocess.run(  # noqa: S603  fixed words
        ["systemctl", "show", UNIT_NAME, f"--property={','.join(names)}"],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    values = dict(line.split("=", 1) for line in answer.stdout.splitlines() if "=" in line)
    state = values.get("ActiveState", "unknown")
    print(f"The service is {state} ({values.get('SubState', '?')}).")
    if values.get("StatusText"):
        print(f"  {values['StatusText']}")
    if state == "active":
        print(f"  process {values.get('MainPID')}, since {values.get('ActiveEnterTimestamp')}, "
              f"restarted {values.get('NRestarts', '0')} times")  # fmt: skip
        return 0
    print("  Why: journalctl -u assistant -n 50")
    return _STATUS_INACTIVE


def _need_systemd() -> None:
    """As sd_booted(3) decides it."""
    if not Path("/run/systemd/system").is_dir() or shutil.which("systemctl") is None:
        raise ServiceError(
            "This machine was not started by systemd, so there is nobody to run the service; "
            "start `assistant run` in another way. --dry-run prints the unit file."
        )


def _need_root(action: str) -> None:
    if os.geteuid() != 0:
        program = shlex.join((*service_command()[:-1], "service", action))
        raise ServiceError(f"Only root can do that: sudo {program}")


def _account_exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


class _Runner:
    """Does one step after the other and says so, or only says what it would do."""

    def __init__(self, dry_run: bool) -> None:
        self._dry_run = dry_run

    def __call__(self, sentence: str, *command: str) -> None:
        """Run a program; raises `ServiceError` with its words when it fails."""
        if self._dry_run:
            print(f"would run: {shlex.join(command)}")
            return
        if sentence:
            print(f"{sentence}.")
        try:
            done = subprocess.run(  # noqa: S603  fixed words and names checked above
                command, capture_output=True, text=True, check=False
            )
        except OSError as error:
            raise ServiceError(f"{command[0]} cannot be run: {error.strerror}.") from error
        if done.returncode != 0:
            words = (done.stderr or done.stdout).strip()
            raise ServiceError(f"`{shlex.join(command)}` failed: {words}")

    def write(self, path: Path, text: str) -> None:
        """Write a file whole; raises `ServiceError`."""
        if self._dry_run:
            print(f"would write {path}:\n")
            print(text)
            return
        print(f"Writing {path}.")
        fresh = path.with_name(f".{path.name}.new")
        try:
            fresh.write_text(text, encoding="utf-8")
            fresh.chmod(0o644)
            fresh.replace(path)
        except OSError as error:
            raise ServiceError(f"{path} cannot be written: {error.strerror}.") from error
