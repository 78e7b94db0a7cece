"""The home's picture while it changes."""

from assistant.home.model import Area, Device, Floor, Home
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
