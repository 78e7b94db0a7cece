"""The sandbox for templates from the network: Jinja with few words and hard limits.

A template sees the variables it is given and the functions of `template_functions`. Every turn of
a loop, every call and every filter counts as a step; everything it makes is weighed.
"""

from __future__ import annotations

from typing import Any

from jinja2 import nodes
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace, pass_context
from jinja2.visitor import NodeTransformer

from assistant.home.mqtt.homeassistant.limits import (
    MOST_SIZE,
    check_format,
    guarded,
    sized,
    step,
    written,
)
from assistant.home.mqtt.homeassistant.template_functions import (
    BUILT_IN_FILTERS,
    FILTER_FUNCTIONS,
    GLOBAL_FUNCTIONS,
    TESTS,
)

_TEXT_METHODS = (
    "capitalize", "casefold", "count", "endswith", "find", "format", "index", "isalnum", "isalpha",
    "isdecimal", "isdigit", "islower", "isnumeric", "isspace", "isupper", "join", "lower",
    "lstrip", "partition", "removeprefix", "removesuffix", "replace", "rfind", "rpartition",
    "rsplit", "rstrip", "split", "splitlines", "startswith", "strip", "swapcase", "title",
    "upper", "zfill",
)  # fmt: skip
_METHODS: dict[type, frozenset[str]] = {
    str: frozenset(_TEXT_METHODS),
    dict: frozenset(("get", "items", "keys", "values")),
    list: frozenset(("count", "index")),
    tuple: frozenset(("count", "index")),
    int: frozenset(("bit_length",)),
    float: frozenset(("is_integer",)),
    bytes: frozenset(),
}
_EXTENSIONS = ("jinja2.ext.do", "jinja2.ext.loopcontrols")
_WIDEST = 1000
_STEP, _SIZED = "_step", "_sized"


class _Names(Namespace):
    """A template's `namespace`, which does not show what it holds."""

    def __repr__(self) -> str:
        return "namespace"


class TemplateSandbox(ImmutableSandboxedEnvironment):
    """Jinja for templates that nobody has looked at."""

    intercepted_binops = frozenset({"*", "**", "+", "%"})

    def __init__(self) -> None:
        super().__init__(autoescape=False, finalize=_finalize, extensions=_EXTENSIONS)
        filters = {**{name: FILTERS[name] for name in BUILT_IN_FILTERS}, **FILTER_FUNCTIONS}
        self.filters = {name: guarded(function) for name, function in filters.items()}
        self.filters |= {_STEP: pass_context(_step), _SIZED: sized}
        self.globals = {**GLOBAL_FUNCTIONS, "namespace": _Names}
        self.tests.update(TESTS)

    def limited_template(self, source: str) -> Any:
        """The template with counters in its loops. Raises `TemplateError`."""
        tree = self.parse(source)
        _Scales().visit(tree)
        return self.from_string(tree)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Only the methods named here, of texts, lists, numbers; no private attributes."""
        for kind, allowed in _METHODS.items():
            if isinstance(obj, kind):
                return attr in allowed
        return super().is_safe_attribute(obj, attr, value)

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805
        """Call as one step, with a result that is small."""
        step()
        method = getattr(__obj, "__wrapped__", __obj)
        owner = getattr(method, "__self__", None)
        if isinstance(owner, str):
            _check_method(owner, method.__name__, args)
        return sized(super().call(__context, __obj, *args, **kwargs))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Refuses sums that would eat all memory or time."""
        if operator == "+":
            return sized(left + right)
        if operator == "%":
            if isinstance(left, str):
                check_format(left)
            return sized(left % right)
        for operand in (left, right):
            if not isinstance(operand, int | float) or abs(operand) > 1e9:
                raise SecurityError("only small numbers can be multiplied")
        if operator == "**" and (abs(left) > 1e4 or abs(right) > 16):
            raise SecurityError("the power is too great")
        return super().call_binop(context, operator, left, right)


def _check_method(owner: str, name: str, arguments: tuple[Any, ...]) -> None:
    if name == "format":
        check_format(owner)
    elif name == "zfill" and arguments and arguments[0] > _WIDEST:
        raise SecurityError("the text is too wide")
    elif name == "replace" and len(arguments) >= 2:
        old, new = str(arguments[0]), str(arguments[1])
        _check_length(len(owner) + (owner.count(old) if old else len(owner) + 1) * len(new))
    elif name == "join" and arguments and isinstance(arguments[0], list | tuple | dict | str):
        _check_length(len(owner) * len(arguments[0]))


def _check_length(length: int) -> None:
    if length > MOST_SIZE:
        raise SecurityError("a text is too long")


def _step(context: Context, value: Any) -> None:
    step()


@pass_context
def _finalize(context: Context, value: Any) -> str:
    return written(str(value))


class _Scales(NodeTransformer):
    """Puts a counter into the body of every loop, and a scale under all that makes values."""

    def visit(self, node: nodes.Node, *args: Any, **kwargs: Any) -> nodes.Node:
        """The node with what belongs to it; inner nodes first."""
        self.generic_visit(node)
        match node:
            case nodes.For():
                turn = nodes.Filter(nodes.Const(None), _STEP, [], [], None, None)
                node.body.insert(0, nodes.ExprStmt(turn))
            case nodes.AssignBlock():
                node.filter = _weighed(node.filter)
            case nodes.Concat() | nodes.List() | nodes.Dict() | nodes.Tuple(ctx="load"):
                return _weighed(node)
        return node


def _weighed(node: Any) -> nodes.Filter:
    return nodes.Filter(node, _SIZED, [], [], None, None)
