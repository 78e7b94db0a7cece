"""The home's picture while it changes."""

import pytest

from assistant.home.devices import Area, Device, Features, Floor
from assistant.home.groups import group_state
from assistant.home.model import Home
from assistant.home.written import Written


def test_a_reader_goes_through_the_home_as_it_was_while_devices_come_and_go():
    devices = [Device("a", "A", "light"), Device("b", "B", "light")]
    home = Home(devices, [Area("k", "Kitchen")], [Floor("g", "Ground")])
    devices, areas, floors = (iter(m) for m in (home.devices, home.areas, home.floors))
    seen = [next(devices), next(areas), next(floors)]
    home.put(Device("c", "C", "light"))
    home.remove("b")
    home.put_area(Area("h", "Hall"))
    home.write(Written(floors=(Floor("u", "Upstairs"),)))
    assert [*seen, *devices, *areas, *floors] == ["a", "k", "g", "b"]
    assert list(home.devices) == ["a", "c"]
    assert list(home.areas) == ["k", "h"]
    assert list(home.floors) == ["g", "u"]


def written(**more):
    """A file that renames "lamp_1" and puts it into the den, and more."""
    return Written(
        areas=(Area("den", "Den", aliases=("study",)),),
        corrections={"lamp_1": {"name": "Desk lamp", "area": "den"}},
        ids_by_name={"desk lamp": "lamp_1"},
        **more,
    )


def test_what_is_no_longer_written_is_again_as_it_was_found():
    home = Home()
    home.put(Device("lamp_1", "0x17", "light"), "Parlour")
    before = home.devices, home.areas
    home.write(written())
    assert home.devices["lamp_1"].names == ("Desk lamp",)
    assert home.devices["lamp_1"].area == "den"
    assert list(home.areas) == ["den", "parlour"]
    version = home.version
    home.write(Written())
    assert (home.devices, home.areas) == before
    assert home.version > version


def test_a_name_in_the_file_means_its_own_device_as_long_as_that_is_there():
    home = Home()
    home.write(written())
    home.put(Device("other", "Desk lamp", "light"))
    assert home.devices["other"].area == "den"
    home.put(Device("lamp_1", "0x17", "light"))
    assert home.devices["other"].area is None
    assert home.devices["lamp_1"].area == "den"
    home.remove("lamp_1")
    assert home.devices["other"].area == "den"


def test_a_room_by_the_users_name_takes_the_devices_of_the_room_as_found():
    home = Home()
    home.put(Device("hob", "Hob", "switch"), "Kitchen")
    home.write(Written(areas=(Area("kueche", "Küche", aliases=("kitchen",)),)))
    home.put(Device("oven", "Oven", "switch"), "kitchen")
    assert list(home.areas) == ["kueche"]
    assert {device.area for device in home.devices.values()} == {"kueche"}
    home.write(Written())
    assert {device.area for device in home.devices.values()} == {"kitchen"}
    assert home.areas["kitchen"].name == "Kitchen"


PLACED = [
    ("Kitchen ceiling lamp", "kitchen"),
    ("Lamp in the guest room", "guest"),
    ("guest_room_plug", "guest"),
    ("Spots of the bath", "bath"),
    ("Room fan", None),
    ("Kitchenette lamp", None),
    ("Bathroom mirror", None),
    ("Lampe in der Küche", "kitchen"),
    ("Kitchen", "kitchen"),
]


@pytest.mark.parametrize(("name", "area"), PLACED)
def test_a_device_in_no_room_is_put_where_its_name_says(name, area):
    rooms = [
        Area("kitchen", "Kitchen", local_names=(("de", "Küche"),)),
        Area("guest", "Guest room"),
        Area("house", "Guest"),
        Area("bath", "Washing", aliases=("Bath",)),
    ]
    later = Home()
    later.put(Device("d", name, "light"))
    assert later.devices["d"].area is None
    later.write(Written(areas=tuple(rooms)))
    assert later.devices["d"].area == area
    before = Home(areas=rooms)
    before.put(Device("d", name, "light"))
    assert before.devices["d"].area == area
    assert before.devices["d"].name == name


def test_the_device_and_the_file_know_better_than_a_name():
    home = Home(areas=[Area("kitchen", "Kitchen"), Area("hall", "Hall")])
    home.put(Device("a", "Kitchen lamp", "light"), "Hall")
    home.put(Device("b", "Kitchen lamp", "light"))
    home.put(Device("c", "Kitchen lamp", "light"))
    home.write(Written(corrections={"b": {"area": "hall"}, "c": {"area": None}}))
    assert [device.area for device in home.devices.values()] == ["hall", "hall", None]


def test_a_device_that_is_described_stays_when_what_was_found_of_it_goes():
    home = Home()
    shed = Device("shed", "Shed light", "light")
    home.write(
        Written(
            devices=(shed,), states={"shed": {"power": "off"}},
            corrections={"shed": {"name": "Shed light"}}, ids_by_name={"shed light": "shed"},
        )
    )  # fmt: skip
    assert home.state("shed") == {"power": "off"}
    home.put(Device("0x22", "Shed light", "light", device_class="outdoor"))
    assert list(home.devices) == ["0x22"]
    home.remove("0x22")
    assert home.devices == {"shed": shed}


def group(*members, **more):
    return Device("g", "All lamps", "", members=members, virtual=True, **more)


def test_a_group_is_what_its_members_are_and_follows_them():
    home = Home()
    home.write(Written(groups=(group("lamp", "Reading light", "not there"),)))
    assert home.devices == {}
    home.put(Device("lamp", "Lamp", "light", features=Features(color_temp=(2700, 5000))))
    home.put(
        Device("b", "Bulb", "light", aliases=("reading light",), features=Features(
            brightness=True, color_temp=(2000, 4000), effects=("candle",)))
    )  # fmt: skip
    both = home.devices["g"]
    assert (both.type, both.members, both.virtual) == ("light", ("lamp", "b"), True)
    assert both.features == Features(brightness=True, color_temp=(2000, 5000), effects=("candle",))
    heard = []
    home.on_state(heard.append)
    home.update_state("lamp", {"power": "off", "brightness_pct": 10})
    home.update_state("b", {"power": "on", "brightness_pct": 60})
    assert heard == ["lamp", "g", "b", "g"]
    assert home.state("g") == {"power": "on", "brightness_pct": 60}
    home.set_available("b", False)
    assert home.available("g")
    home.set_available("lamp", False)
    assert not home.available("g")
    home.put(Device("b", "Bulb", "light"))
    assert home.devices["g"].members == ("lamp",)
    home.remove("lamp")
    assert list(home.devices) == ["b"]


def test_groups_of_groups_are_taken_apart_even_in_a_circle():
    home = Home([Device("a", "A", "light"), Device("b", "B", "switch")])
    inner = Device("inner", "Inner group", "", members=("b", "outer"), virtual=True)
    outer = Device("outer", "Outer", "", members=("a", "inner GROUP"), virtual=True)
    home.write(Written(groups=(outer, inner)))
    assert home.devices["outer"].members == ("a", "b")
    assert home.devices["outer"].type == "group"
    assert home.devices["inner"].members == ("b", "a")


SHOWN = [
    ([{"cover": "closed", "position": 0}, {"cover": "open", "position": 50}],
     {"cover": "open", "position": 25}),
    ([{"lock": "locked"}, {"lock": "unlocked"}], {"lock": "unlocked"}),
    ([{"lock": "locked"}, {"lock": "locked"}], {"lock": "locked"}),
    ([{"hvac_mode": "heat", "temperature": 20}, {"hvac_mode": "off", "temperature": 21.5}],
     {"temperature": 20.8}),
    ([{"power": "on", "rgb_color": (255, 0, 0)}, {"power": "off", "rgb_color": (0, 0, 255)}],
     {"power": "on", "rgb_color": (255, 0, 0)}),
    ([{}, {"media": "paused", "volume_pct": 20}], {"media": "paused", "volume_pct": 20}),
    ([{}, {}], {}),
]  # fmt: skip


@pytest.mark.parametrize(("states", "shown"), SHOWN)
def test_a_group_shows_what_any_or_all_of_its_members_show(states, shown):
    assert group_state(states) == shown


def test_things_are_called_in_the_language_that_is_spoken():
    lamp = Device("l", "Lamp", "light", local_names=(("de", "Lampe"), ("de-at", "Lamperl")))
    spoken = [lamp.name_in(language) for language in ("en", "de", "de_DE", "de_AT", "DE")]
    assert spoken == ["Lamp", "Lampe", "Lampe", "Lamperl", "Lampe"]
    assert Area("k", "Kitchen", local_names=(("de", "Küche"),)).names == ("Kitchen", "Küche")


PARTS = [
    Device("plug", "Plug", "switch", hardware="0x01"),
    Device("watts", "Plug power", "sensor", hardware="0x01"),
    Device("volts", "Plug voltage", "sensor", hardware="0x01"),
    Device("other", "Other", "sensor", hardware="0x02"),
]


@pytest.mark.parametrize("order", [PARTS, PARTS[::-1]])
def test_what_a_device_measures_is_in_the_room_that_the_user_gave_it(order: list[Device]) -> None:
    home = Home(areas=[Area("den", "Den"), Area("hall", "Hall")])
    corrections = {"plug": {"area": "den"}, "volts": {"area": "hall"}}
    home.write(Written(corrections=corrections))
    for device in order:
        home.put(device, "Attic")
    rooms = {device.id: device.area for device in home.devices.values()}
    assert rooms == {"plug": "den", "watts": "den", "volts": "hall", "other": "attic"}
    home.remove("plug")
    assert home.devices["watts"].area == "attic"
    home.put(PARTS[0], "Attic")
    assert home.devices["watts"].area == "den"
    home.write(Written())
    assert {device.area for device in home.devices.values()} == {"attic"}
