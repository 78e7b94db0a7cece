"""Templates as devices write them (home-assistant.io/docs/configuration/templating, "Using
templates with the MQTT integration"), and as somebody would who means harm."""

from __future__ import annotations

import time

import pytest
from homeassistant_cases import announced, seen, told

from assistant.home.mqtt.dialect import AnnouncementError, GarbageError
from assistant.home.mqtt.homeassistant.patterns import CostlyPatternError, bounded_pattern
from assistant.home.mqtt.homeassistant.templates import command_template, value_template

DATA = '{"a":{"b":7},"t":"20.46","l":[1,2,3],"s":"abc","on":true,"ts":1700000000,"n":null}'


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("{{ value_json.a.b }}", "7"),
        ("{{ value_json['s'] }}", "abc"),
        ("{{ value_json.missing }}", ""),
        ("{{ value_json.n }}", "None"),
        ("{{ value_json.t | float | round(1) }}", "20.5"),
        ("{{ value_json.s | float(3) }}", "3"),
        ("{{ value_json.s | int(default=4) }}", "4"),
        ("{{ '1f' | int(base=16) }}", "31"),
        ("{{ value_json.t | float | round(0, 'floor') }}", "20"),
        ("{{ value_json.t | float | round(method='ceil') }}", "21"),
        ("{{ value_json.s | round(1, default='none') }}", "none"),
        ("{{ 'ON' if value_json.a.b > 3 else 'OFF' }}", "ON"),
        ("{{ iif(value_json.on, 'open', 'closed') }}", "open"),
        ("{{ value_json.n | iif('a', 'b', 'c') }}", "c"),
        ("{{ (value_json.l[0] * 2.5) | int }}", "2"),
        ("{{ value_json.l | map('multiply', 2) | sum | int }}", "12"),
        ("{{ value_json.l | join('-') }}", "1-2-3"),
        ("{{ value_json.l | select('gt', 1) | list | count }}", "2"),
        ("{{ value_json.missing | is_defined }}", ""),
        ("{{ value_json.s | is_defined }}", "abc"),
        ("{{ value_json.missing | default('none') }}", "none"),
        ("{{ value_json.a | to_json }}", '{"b":7}'),
        ('{{ (\'{"x":5}\' | from_json).x }}', "5"),
        ("{{ value_json.ts | timestamp_custom('%Y-%m-%d', false) }}", "2023-11-14"),
        ("{{ value_json.ts | timestamp_utc }}", "2023-11-14T22:13:20+00:00"),
        ("{{ as_timestamp('2023-11-14T22:13:20+00:00') | int }}", "1700000000"),
        ("{{ as_timestamp('never', 5) }}", "5"),
        ("{{ strptime('14.11.2023', '%d.%m.%Y').day }}", "14"),
        ("{{ (now() - timedelta(days=1)) < now() }}", "True"),
        ("{{ value_json.s | regex_replace('b(.)', '\\\\1b') }}", "acb"),
        ("{{ value_json.s | regex_match('A', ignorecase=true) }}", "True"),
        ("{{ value_json.s | regex_search('c$') }}", "True"),
        ("{{ 'x12y34' | regex_findall('[0-9]+') | last }}", "34"),
        ("{{ 'x12y34' | regex_findall_index('[0-9]+', 1) }}", "34"),
        ("{{ 'yes' if value_json.s is match('ab') }}", "yes"),
        ("{{ value_json.a.b | bitwise_and(3) }}", "3"),
        ("{{ value_json.a.b | bitwise_xor(1) }}", "6"),
        ("{{ 'on' | bool }}", "True"),
        ("{{ '%02x%02x' | format(10, 255) }}", "0aff"),
        ("{{ '{:02X}'.format(171) }}", "AB"),
        ("{{ value_json.s.replace('a', 'x').upper()[:2] }}", "XB"),
        ("{% for k, v in value_json.a.items() %}{{ k }}={{ v }}{% endfor %}", "b=7"),
        ("{% set n = namespace(x=0) %}{% for i in value_json.l %}"
         "{% set n.x = n.x + i %}{% endfor %}{{ n.x }}", "6"),
        ("{% macro twice(x) %}{{ x }}{{ x }}{% endmacro %}{{ twice('a') }}", "aa"),
        ("{{ max(value_json.l) }}{{ min(3, 2) }}", "32"),
        ("{{ value_json.t is is_number }}", "True"),
        ("{{ value_json.l | average }}", "2.0"),
        ("{{ '5' | add(2) | multiply(2) }}", "14.0"),
        ("{{ 'aGk=' | base64_decode }}", "hi"),
    ],
)  # fmt: skip
def test_templates_of_devices(source: str, result: str) -> None:
    assert value_template(source)(DATA) == result


def test_a_payload_that_is_no_json_is_a_text() -> None:
    assert value_template("{{ value | upper }}")("on") == "ON"
    with pytest.raises(GarbageError):
        value_template("{{ value_json.x }}")("on")


def test_a_template_sees_what_the_entity_has_shown() -> None:
    total = announced(
        "sensor",
        {"stat_t": "s", "uniq_id": "meter", "stat_cla": "total",
         "val_tpl": "{{ this.attributes.value | default(0) + value | int }}"},
    )  # fmt: skip
    assert seen(total, "s", "5") == {"value": 5}
    assert seen(total, "s", "3") == {"value": 8}
    named = announced("sensor", {"stat_t": "s", "def_ent_id": "sensor.me",
                                 "val_tpl": "{{ entity_id }}/{{ this.state }}"})  # fmt: skip
    assert seen(named, "s", "x") == {"value": "sensor.me/unknown"}
    switch = announced("switch", {"cmd_t": "c", "cmd_tpl": "{{ entity_id }}:{{ value }}"})
    assert told(switch, "turn_on", {}) == [("c", "switch.thing:ON")]


TWICE = "{% set n = namespace(s='xxxxxxxxxx') %}{% for i in range(200) %}"
ENDLESS = (
    "{% for a in range(256) %}{% for b in range(256) %}{% for c in range(256) %}"
    "{% for d in range(256) %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}",
    "{% for a in range(256) recursive %}{{ loop(range(256)) }}{% endfor %}",
    "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}",
    "{% for a in range(250) %}{% for b in range(250) %}{{ value_json | to_json }}"
    "{% endfor %}{% endfor %}",
    "{% for a in range(256) %}{% for b in range(256) %}{% if false %}{% endif %}"
    "{% for c in range(256) if false %}{% endfor %}{% endfor %}{% endfor %}",
    TWICE + "{% set n.s = n.s ~ n.s %}{% endfor %}{{ n.s }}",
    TWICE + "{% set n.s = n.s + n.s %}{% endfor %}{{ n.s }}",
    TWICE + "{% set n.s = [n.s, n.s] %}{% endfor %}{{ n.s }}",
    TWICE + "{% set n.s = (n.s, n.s) %}{% endfor %}{{ n.s | to_json }}",
    TWICE + "{% set n.s = {'a': n.s, 'b': n.s} %}{% endfor %}{{ n.s | string }}",
    TWICE + "{% set n.s = [n, n] %}{% endfor %}{{ n.s }}",
    TWICE + "{% set n.s = '%s%s' % (n.s, n.s) %}{% endfor %}{{ n.s }}",
    TWICE + "{% set n.s = '{0}{0}'.format(n.s) %}{% endfor %}{{ n.s }}",
    TWICE + "{% set n.s = n.s.replace('x', n.s) %}{% endfor %}{{ n.s }}",
    TWICE + "{% set n.s = n.s | replace('x', n.s) %}{% endfor %}{{ n.s }}",
    TWICE + "{% set n.s = n.s.join(n.s) %}{% endfor %}{{ n.s }}",
    TWICE + "{% set t %}{{ n.s }}{{ n.s }}{% endset %}{% set n.s = t %}{% endfor %}{{ n.s }}",
    TWICE + "{% set n.s = n.s | regex_replace('x', n.s) %}{% endfor %}{{ n.s }}",
    "{% for a in range(256) %}{% for b in range(256) %}"
    + "x" * 4000 + "{{ value }}{% endfor %}{% endfor %}",
    "{{ 'a' * 1000000000 }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ '%999999999d' % 1 }}",
    "{{ '{:>999999999}'.format(1) }}",
    "{{ '{:{}}'.format(1, 999999999) }}",
    "{{ '%*d' | format(999999999, 1) }}",
    "{{ 'a'.zfill(999999999) }}",
    "{{ 'a'.ljust(999999999) }}",
    "{{ (1).to_bytes(999999999) }}",
    "{{ range(999999999) | list }}",
    "{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' | regex_search('(a+)+$b') }}",
    "{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' | regex_search('(a|a)*b') }}",
    "{{ value_json.l | sum(start=value_json.l) }}",
)  # fmt: skip


@pytest.mark.parametrize("source", ENDLESS, ids=lambda source: source[-50:])
def test_a_template_that_wants_too_much_is_stopped(source: str) -> None:
    render = value_template(source)
    started = time.thread_time()
    with pytest.raises(GarbageError):
        render(DATA)
    assert time.thread_time() - started < 0.5


@pytest.mark.parametrize(
    "source",
    [
        "{% for a in b %}" * 25 + "{% endfor %}" * 25,
        "{{ " + "(" * 2000 + "1" + ")" * 2000 + " }}",
        "{{ " + " + ".join("1" * 2000) + " }}",
        "{{ " + "a." * 3000 + "a }}",
        "{{ value" + "|upper" * 1300 + " }}",
        "x" * 9000,
        "{{ value | no_such_filter }}",
        "{% import 'os' %}{{",
        "{{ value is no_such_test }}",
    ],
    ids=lambda source: source[:20],
)
def test_a_template_that_cannot_be_read_is_a_malformed_announcement(source: str) -> None:
    with pytest.raises(AnnouncementError):
        command_template(source)


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ ''['__class__'] }}",
        "{{ ('' | attr('__class__')) if false }}{{ value.__init__.__globals__ }}",
        "{{ now.__globals__ }}",
        "{{ now().__class__.__base__.__subclasses__() }}",
        "{{ range.__self__ }}",
        "{{ timedelta.__subclasses__() }}",
        "{{ '{0.__class__}'.format(1) }}",
        "{{ '%(x)s' % {'x': value.__class__} }}",
        "{{ value_json.l.append(1) }}",
        "{{ self.__init__ }}",
        "{{ namespace.__init__.__globals__ }}",
        "{{ value_json | map(attribute='__class__') | list }}",
        "{% include '/etc/passwd' %}",
        "{{ float.__globals__ }}",
        "{{ caller.__globals__ }}",
        "{{ joiner }}{{ cycler.__init__ }}{{ lipsum.__globals__ }}",
    ],
)
def test_a_template_cannot_reach_out(source: str) -> None:
    try:
        result = value_template(source)(DATA)
    except (GarbageError, AnnouncementError):
        return
    assert "<" not in result
    assert "root:" not in result


@pytest.mark.parametrize(
    ("pattern", "length", "allowed"),
    [
        (r"^\d{4}$", 40, True),
        (r"(\d+)\.(\d+)", 100, True),
        (r"^(on|off|auto)?$", 1000, True),
        (r"(?i)[^]+*]+x", 1000, True),
        (r"(?:ab)+", 1000, True),
        (r"(?P<a>x)y", 1000, True),
        (r"\(a+\)+", 100, True),
        (r"[(a+)+]", 100, True),
        (r"(a+)+", 10, False),
        (r"(a|b)*", 10, False),
        (r"(a?){9}", 10, False),
        (r"((a*)b)*", 10, False),
        (r"a*a*a*a*a*", 100, False),
        (r"(a|b)" * 30, 10, False),
        (r"(?x)(a+) +", 10, False),
        (r"a" * 600, 10, False),
        (r"[", 10, False),
        (r"a{99999999999999999999}", 10, False),
    ],
)
def test_only_patterns_that_cannot_take_for_ever_are_used(
    pattern: str, length: int, allowed: bool
) -> None:
    if allowed:
        bounded_pattern(pattern, length)
        return
    with pytest.raises(CostlyPatternError):
        bounded_pattern(pattern, length)
