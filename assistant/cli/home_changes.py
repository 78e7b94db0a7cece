"""`assistant home rename`, `move`, `alias`, `hide`, `show`, `group` and `edit`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.config import Settings
from assistant.errors import HomeFileError

if TYPE_CHECKING:
    from assistant.home.file.editing import HomeFileText

Thing = dict[str, Any]

_NOT = ("false", "no", "off")


def register(parser: argparse.ArgumentParser) -> None:
    """Add the actions to the parser of `assistant home`."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--home", type=Path, metavar="FILE", default=argparse.SUPPRESS,
                        help="change this home file")  # fmt: skip
    shared.add_argument("--yes", action="store_true", help="replace what you wrote, unasked")
    actions = parser.add_subparsers(title="actions", metavar="ACTION")

    def action(name: str, change: Callable[[Change], None], summary: str) -> Any:
        made = actions.add_parser(name, help=summary, description=summary, parents=[shared])
        made.set_defaults(run=lambda args, settings: _run(args, settings, change))
        return made

    device_help = "id, name or alias, or how one of them begins"
    renamed = action("rename", _rename, "call a device otherwise")
    renamed.add_argument("device", help=device_help)
    renamed.add_argument("name", help="what it is to be called")
    renamed.add_argument("--language", help="what it is called in this language only")
    moved = action("move", _move, "put a device into another room")
    moved.add_argument("device", help=device_help)
    moved.add_argument("area", help="the room: id, name or alias")
    moved.add_argument("--create", action="store_true", help="a room that is new")
    named = action("alias", _alias, "let a device be called by other names too")
    named.add_argument("device", help=device_help)
    named.add_argument("aliases", nargs="+", metavar="ALIAS", help="another name")
    named.add_argument("--remove", action="store_true", help="take these names away")
    named.add_argument("--language", default="", help="the language these names are in")
    hidden = action("hide", _hide, "hide a device: it is neither listed nor commanded by voice")
    hidden.add_argument("device", help=device_help)
    shown = action("show", _show, "let a device be listed and commanded by voice")
    shown.add_argument("device", help=device_help)
    grouped = action("group", _group, "make or change a group of devices")
    grouped.add_argument("name", help="the group's name")
    grouped.add_argument("devices", nargs="*", metavar="DEVICE", help=device_help)
    how = grouped.add_mutually_exclusive_group()
    how.add_argument("--add", action="store_true", help="add these devices to the others")
    how.add_argument("--remove", action="store_true", help="take these devices out")
    how.add_argument("--delete", action="store_true", help="remove the group")
    edited = actions.add_parser(
        "edit", help="open the home file in your editor ($EDITOR), and check it", parents=[shared]
    )
    edited.set_defaults(run=_edit)


async def picture_of(home: Path | None, settings: Settings) -> Thing:
    """The home as the running assistant sees it; if none is running, as it is found now."""
    from assistant.control import call, is_running
    from assistant.household import Household

    if home is None and await is_running():
        return await call({"op": "home"})
    household = Household(settings, home_file=home, scratch=True)
    await household.start()
    try:
        return household.picture()
    finally:
        await household.stop()


def matching(word: str, things: Sequence[Thing]) -> list[Thing]:
    """The things with this id, name or alias; if there are none, those of which one begins so."""
    wanted = word.casefold()
    exact = [t for t in things if t["id"] == word] or [
        thing for thing in things if wanted in map(str.casefold, _called(thing))
    ]
    return exact or [
        thing for thing in things if any(n.casefold().startswith(wanted) for n in _called(thing))
    ]


def _called(thing: Thing) -> list[str]:
    return [thing["name"], *thing["aliases"], thing["id"]]


def find(word: str, things: Sequence[Thing], kind: str) -> Thing:
    """The thing that `word` means: its id, name or alias, or the beginning of only one's.

    Raises `HomeFileError` where none or several are meant.
    """
    found = matching(word, things)
    if len(found) == 1:
        return found[0]
    if found:
        which = ", ".join(f'{thing["id"]} ("{thing["name"]}")' for thing in found[:8])
        raise HomeFileError(f'"{word}" may be any of several: {which}. Give the id.')
    from assistant.home.file.entries import nearest

    names = [name for thing in things for name in _called(thing)]
    hint = nearest(word, names) if len(names) < 12 else nearest(word, names).partition(":")[0]
    hint = hint if hint.endswith("?") or ":" in hint else "`assistant home` lists them."
    raise HomeFileError(f'There is no {kind} "{word}"; {hint}')


@dataclass(frozen=True, slots=True)
class Change:
    """What a command is to change."""

    args: argparse.Namespace
    text: HomeFileText
    devices: Sequence[Thing]
    areas: Sequence[Thing]
    language: str
    """That of names in no particular language."""

    def device(self, word: str) -> Thing:
        """The device or group that is meant; of a physical device, what can be commanded.

        Raises `HomeFileError`.
        """
        found = matching(word, self.devices)
        does = _doing(found)
        if len(does) == 1 and _one_hardware(found):
            return does[0]
        return find(word, self.devices, "device")

    def whole(self, word: str) -> Sequence[Thing]:
        """All parts of the physical device that is meant; of which only one is, that alone.

        Its name, or the beginning of an id, means the whole; an id in full only what has it.
        Raises `HomeFileError`.
        """
        found = matching(word, self.devices)
        if found and _one_hardware(found) and found[0]["id"] != word:
            parts = [d for d in self.devices if d.get("hardware") == found[0]["hardware"]]
            if all(part in found for part in _doing(parts) or parts):
                return parts
        return [find(word, self.devices, "device")]

    def place(self, device: Thing) -> tuple[str, str]:
        """Section and id under which the file speaks of a device, or is to do so.

        An entry may mean its device by name alone.
        """
        if device["virtual"]:
            return "groups", device["id"]
        said, known = self.text.file, {one["id"] for one in self.devices}
        entry = said.ids_by_name.get(device["name"].casefold())
        if device["id"] in said.corrections or entry is None or entry in known:
            return "devices", device["id"]
        return "devices", entry


def _one_hardware(things: Sequence[Thing]) -> bool:
    """Whether all are parts of one physical device."""
    return len(of := {thing.get("hardware") for thing in things}) == 1 and of.isdisjoint(("", None))


def _doing(things: Sequence[Thing]) -> list[Thing]:
    """Those that can be commanded, or could before they were hidden."""
    return [o for o in things if o.get("commandable") and (o["exposed"] or o.get("hidden"))]


def _run(args: argparse.Namespace, settings: Settings, change: Callable[[Change], None]) -> int:
    from assistant.home.file.editing import HomeFileText

    picture = asyncio.run(_picture(args, settings))
    text = HomeFileText(_path(args, settings, picture))
    devices = [*picture["devices"], *_not_found(text, picture)]
    own: list[Thing] = [
        {"id": area.id, "name": area.name, "aliases": list(area.names[1:])}
        for area in text.file.areas
    ]
    said = {area["id"] for area in own}
    areas = [*own, *(area for area in picture["areas"] if area["id"] not in said)]
    language = (text.file.language or settings.language).partition("_")[0].partition("-")[0]
    change(Change(args, text, devices, areas, language.lower()))
    diff = text.diff()
    if not diff:
        print(f"{text.path} says so already; nothing was changed.")
        return 0
    print(diff)
    if text.replaced and not args.yes and not _agreed("; ".join(text.replaced)):
        print("Nothing was changed.")
        return 1
    text.save()
    print(f"Wrote {text.path}. A running assistant picks it up by itself.")
    return 0


async def _picture(args: argparse.Namespace, settings: Settings) -> Thing:
    """What was found; for a file of its own only if an assistant is running that can tell."""
    from assistant.control import is_running

    if args.home is None or await is_running():
        return await picture_of(None, settings)
    return {"devices": [], "areas": []}


def _not_found(text: HomeFileText, picture: Thing) -> list[Thing]:
    """Devices and groups of the file that are not there now."""
    known = {device["id"] for device in picture["devices"]}
    by_name = {device["name"].casefold() for device in picture["devices"]}
    absent = [
        _thing(group.id, group.name, group.names[1:], virtual=True)
        for group in text.file.groups
        if group.id not in known
    ]
    for key, fields in text.file.corrections.items():
        name, aliases = str(fields.get("name", key)), fields.get("aliases")
        if key not in known and name.casefold() not in by_name:
            absent.append(_thing(key, name, aliases if isinstance(aliases, tuple) else ()))
    return absent


def _thing(identifier: str, name: str, aliases: Sequence[str], *, virtual: bool = False) -> Thing:
    return {"id": identifier, "name": name, "aliases": list(aliases), "area": None,
            "virtual": virtual, "exposed": True}  # fmt: skip


def _path(args: argparse.Namespace, settings: Settings, picture: Thing) -> Path:
    path = args.home or picture.get("file") or settings.home
    if not path:
        raise HomeFileError("There is no home file; name one as home in the settings.")
    return Path(path).expanduser()


def _agreed(replaced: str) -> bool:
    """Whether the user wants what they wrote replaced. Raises `HomeFileError` where none is."""
    if not sys.stdin.isatty():
        raise HomeFileError(f"This would replace what you wrote ({replaced}); --yes does it.")
    return _yes(f"This replaces what you wrote ({replaced}). Go on? [y/N] ", default=False)


def _yes(question: str, *, default: bool) -> bool:
    try:
        answer = input(question).strip().lower()
    except EOFError:
        return False
    return answer.startswith("y") if answer else default


def _rename(change: Change) -> None:
    device = change.device(change.args.device)
    section, key = change.place(device)
    text, name = change.text, " ".join(change.args.name.split())
    if not name:
        raise HomeFileError("A name needs at least one letter.")
    if change.args.language:
        names = dict((text.entry(section, key) or {}).get("names") or {})
        if names.get(change.args.language) not in (None, name):
            text.replaced.append(f"{change.args.language}: {names[change.args.language]}")
        replaced = list(text.replaced)
        text.put(section, key, "names", {**names, change.args.language: name})
        text.replaced[:] = replaced
        return
    for other in change.devices:
        if other["name"].casefold() == name.casefold() and other["id"] != device["id"]:
            print(f'note: {other["id"]} is called "{other["name"]}" too')
    if key != device["id"]:
        text.put(section, key, "id", device["id"])
    text.put(section, device["id"], "name", name)


def _move(change: Change) -> None:
    from assistant.home.places import identifier

    parts, wanted = change.whole(change.args.device), change.args.area
    try:
        area = find(wanted, change.areas, "room")
    except HomeFileError as error:
        if not change.args.create:
            raise HomeFileError(f"{error} --create makes a new room.") from error
        area = {"id": identifier(wanted), "name": wanted}
    if area["id"] not in {one.id for one in change.text.file.areas}:
        change.text.put("areas", area["id"], "name", area["name"])
    does = _doing(parts) or parts
    for part in parts:
        section, key = change.place(part)
        # What a device measures follows what it does, unless it was put somewhere by itself.
        if part in does or "area" in (change.text.entry(section, key) or {}):
            change.text.put(section, key, "area", area["id"])


def _alias(change: Change) -> None:
    device = change.device(change.args.device)
    section, key = change.place(device)
    for alias in (" ".join(alias.split()) for alias in change.args.aliases):
        if change.args.remove:
            if not change.text.remove_alias(section, key, alias):
                known = ", ".join(device["aliases"]) or "none"
                raise HomeFileError(
                    f'The file gives {device["name"]} no alias "{alias}". It has: {known}.'
                )
            continue
        for other in change.devices:
            names = [other["name"], *other["aliases"]]
            if other["id"] != device["id"] and alias.casefold() in map(str.casefold, names):
                print(f'note: {other["id"]} is called "{alias}" too')
        change.text.add_alias(section, key, alias, change.args.language, change.language)


def _hide(change: Change) -> None:
    for part in change.whole(change.args.device):
        change.text.put(*change.place(part), "hidden", True)


def _show(change: Change) -> None:
    parts = change.whole(change.args.device)
    for part in parts:
        if len(parts) == 1 or "hidden" in (change.text.entry(*change.place(part)) or {}):
            _show_one(change, part)


def _show_one(change: Change, device: Thing) -> None:
    section, key = change.place(device)
    entry = change.text.entry(section, key) or {}
    was_hidden = "hidden" in entry and str(entry["hidden"]).lower() not in _NOT
    entry = dict(entry)
    change.text.drop(section, key, "hidden")
    if str(entry.get("exposed")).lower() in _NOT or not (device["exposed"] or was_hidden):
        change.text.put(section, key, "exposed", True)
    elif was_hidden and set(entry) <= {"id", "hidden"}:
        replaced = list(change.text.replaced)
        change.text.remove(section, key)
        change.text.replaced[:] = replaced  # it said no more than that it was hidden


def _group(change: Change) -> None:
    from assistant.home.places import identifier

    name, text = " ".join(change.args.name.split()), change.text
    groups = {group.id: group for group in text.file.groups}
    wanted = name.casefold()
    group = next(
        (g for g in groups.values() if wanted in {n.casefold() for n in (g.id, *g.names)}), None
    )
    if group is None and (change.args.remove or change.args.delete or change.args.add):
        raise HomeFileError(f'There is no group "{name}" in {text.path}.')
    if change.args.delete and group is not None:
        text.remove("groups", group.id)
        return
    members = [change.device(word)["id"] for word in change.args.devices]
    if not members:
        raise HomeFileError("Say which devices: assistant home group NAME DEVICE DEVICE …")
    if group is None:
        taken = {device["id"] for device in change.devices}
        key = identifier(name)
        key = f"{key}_group" if key in taken else key
        text.put("groups", key, "name", name)
        text.put("groups", key, "members", members)
        return
    before = _by_id(group.members, change.devices)
    if change.args.add:
        members = [*group.members, *(one for one in members if one not in before.values())]
    elif change.args.remove:
        members = [word for word in group.members if before[word] not in members]
    replaced = list(text.replaced)
    text.put("groups", group.id, "members", members)
    if change.args.add or change.args.remove:
        text.replaced[:] = replaced


def _by_id(members: Sequence[str], devices: Sequence[Thing]) -> dict[str, str]:
    """The ids of members that may be written by name."""
    ids = {
        name.casefold(): device["id"]
        for device in devices
        for name in (device["name"], *device["aliases"], device["id"])
    }
    return {member: ids.get(member.casefold(), member) for member in members}


def _edit(args: argparse.Namespace, settings: Settings) -> int:
    from assistant.cli.home_editor import edit

    path = _path(args, settings, asyncio.run(_told_by_the_running_one()))
    # A file that is there may be wrong: no home can be started with it, but it can be edited.
    picture: Thing = {"devices": [], "areas": []}
    if not path.exists():
        picture = asyncio.run(_picture(args, settings))
    return edit(path, picture, again=lambda: _yes("Edit it again? [Y/n] ", default=True))


async def _told_by_the_running_one() -> Thing:
    from assistant.control import call, is_running

    return await call({"op": "home"}) if await is_running() else {}
