"""Queries as forms and addresses: a number for each filter, and its fields behind the number and a point."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from multidict import MultiMapping

from bridge.statistics.activity import Band
from bridge.statistics.filters import (
    MOST_FILTERS,
    AccountIs,
    AccountKind,
    ActivityBand,
    ActivityIndex,
    Advancements,
    AnyFilter,
    Crashes,
    DaysPlayed,
    Deaths,
    Filter,
    FilterRefused,
    FirstSeen,
    FirstServer,
    Hours,
    LastSeen,
    LinesSaid,
    LongestBreak,
    NameContains,
    Newcomer,
    OnlineNow,
    Played,
    PlayedOn,
    PlayTime,
    Query,
    SessionLength,
    Sessions,
    Sort,
    UuidIs,
)

_NUMBER: Final = re.compile(r"[1-9][0-9]?")
_WHERE: Final = re.compile(r"\$\.(?P<field>\w+)|required field `(?P<missing>\w+)`")


class Widget(StrEnum):
    """How a field is filled in."""

    TEXT = "text"
    DAY = "day"
    WEEK = "week"
    NUMBER = "number"
    INDEX = "index"  # a number with fractions
    SERVER = "server"
    CHOICES = "choices"
    TICK = "tick"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a filter's form."""

    name: str
    widget: Widget
    label: str  # its key below ``queries.field``
    choices: tuple[str, ...] = ()  # the words of each are below ``queries.choice.NAME``
    needed: bool = False


_NOT: Final = Field("not", Widget.TICK, "not")
_SERVER: Final = Field("server", Widget.SERVER, "server")
_ONE_SERVER: Final = Field("server", Widget.SERVER, "one-server", needed=True)
_PERIOD: Final = (Field("from", Widget.DAY, "from"), Field("to", Widget.DAY, "to"), _SERVER)
_DAY: Final = Field("day", Widget.DAY, "day")
_WEEKDAYS: Final = tuple(str(day) for day in range(1, 8))


def _limits(unit: str, widget: Widget = Widget.NUMBER) -> tuple[Field, ...]:
    return (Field("at_least", widget, f"at-least-{unit}"), Field("at_most", widget, f"at-most-{unit}"))


FIELDS: Final[Mapping[type[Filter], tuple[Field, ...]]] = {
    NameContains: (
        Field("text", Widget.TEXT, "text", needed=True),
        Field("earlier", Widget.TICK, "earlier"),
    ),
    UuidIs: (Field("uuid", Widget.TEXT, "uuid", needed=True),),
    AccountIs: (Field("kinds", Widget.CHOICES, "account", tuple(AccountKind), needed=True),),
    FirstSeen: _PERIOD,
    LastSeen: _PERIOD,
    Newcomer: (Field("week", Widget.WEEK, "week", needed=True),),
    Played: (*_PERIOD, Field("minutes", Widget.NUMBER, "at-least-minutes")),
    PlayTime: (*_limits("minutes"), *_PERIOD),
    Sessions: (*_limits("times"), *_PERIOD),
    DaysPlayed: (*_limits("days"), *_PERIOD),
    LongestBreak: (*_limits("days"), *_PERIOD),
    SessionLength: (*_limits("minutes"), _SERVER),
    Deaths: (*_limits("times"), *_PERIOD),
    Advancements: (*_limits("times"), *_PERIOD),
    LinesSaid: (*_limits("times"), *_PERIOD),
    Crashes: (*_limits("times"), *_PERIOD),
    ActivityIndex: (*_limits("index", Widget.INDEX), _DAY),
    ActivityBand: (Field("bands", Widget.CHOICES, "band", tuple(Band), needed=True), _DAY),
    PlayedOn: (_ONE_SERVER,),
    FirstServer: (_ONE_SERVER,),
    Hours: (
        Field("begins", Widget.NUMBER, "begins"),
        Field("ends", Widget.NUMBER, "ends"),
        Field("weekdays", Widget.CHOICES, "weekdays", _WEEKDAYS),
        *_PERIOD,
    ),
    OnlineNow: (_SERVER,),
}
"""Of every filter the fields besides ``not``, in the order in which filters are offered."""


def tag_of(kind: type[Filter]) -> str:
    """Return the name of a kind of filter."""
    return str(kind.__struct_config__.tag)


KINDS: Final[Mapping[str, type[Filter]]] = {tag_of(kind): kind for kind in FIELDS}
_DECODERS: Final = msgspec.json.Decoder(Query)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A filter as it was filled in: what it is, or what is wrong with it."""

    kind: str
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    filter: AnyFilter | None = None
    problem: str | None = None  # its key below ``queries.problem``
    problem_in: str | None = None  # the field, if it is one field's

    @property
    def fields(self) -> Sequence[Field]:
        """The fields of its form."""
        return FIELDS[KINDS[self.kind]]

    def value(self, name: str) -> str:
        """Return what stands in a field; empty if nothing does."""
        return self.values[name][0] if self.values.get(name) else ""


def rows_of(given: MultiMapping[str]) -> list[Row]:
    """Return the filters of an address, in the order of their numbers; what is none of ours is left out."""
    numbers = sorted(
        (int(key) for key in set(given.keys()) if _NUMBER.fullmatch(key) and given[key] in KINDS),
    )
    return [_row(str(number), given) for number in numbers[:MOST_FILTERS]]


def sort_of(given: MultiMapping[str]) -> Sort:
    """Return the order that an address asks for; the usual one where it asks for none of ours."""
    asked = given.get("sort", "")
    return Sort(asked) if asked in set(Sort) else Sort.LAST_SEEN


def query_of(rows: Iterable[Row], sort: Sort) -> Query | None:
    """Return the query that filters make; None while one of them has a problem."""
    filters: list[AnyFilter] = []
    for row in rows:
        if row.filter is None:
            return None
        filters.append(row.filter)
    return Query(filters=tuple(filters), sort=sort)


def rows_of_query(query: Query) -> list[Row]:
    """Return a query as filters that are filled in."""
    return [_filled(filter_) for filter_ in query.filters]


def address(rows: Iterable[Row], sort: Sort, **more: str) -> str:
    """Return the part of an address behind the question mark that stands for filters and an order."""
    pairs: list[tuple[str, str]] = []
    for number, row in enumerate(rows, 1):
        pairs.append((str(number), row.kind))
        pairs += [(f"{number}.{name}", value) for name, values in row.values.items() for value in values]
    if sort is not Sort.LAST_SEEN:
        pairs.append(("sort", sort))
    return urlencode([*pairs, *more.items()])


def read_query(body: str) -> Query | None:
    """Return a query that was kept; None for one that this version does not understand."""
    try:
        return _DECODERS.decode(body)
    except msgspec.MsgspecError:
        return None


def _row(number: str, given: MultiMapping[str]) -> Row:
    kind = given[number]
    fields = (*FIELDS[KINDS[kind]], _NOT)
    values = {
        each.name: kept
        for each in fields
        if (kept := tuple(v for v in given.getall(f"{number}.{each.name}", []) if v.strip()))
    }
    return _checked(kind, fields, values)


def _checked(kind: str, fields: Iterable[Field], values: Mapping[str, tuple[str, ...]]) -> Row:
    raw: dict[str, object] = {}
    for each in fields:
        if each.name in values:
            given = values[each.name]
            raw[each.name] = given if each.widget is Widget.CHOICES else given[0].strip()
    try:
        made: Any = msgspec.convert(raw | {"filter": kind}, KINDS[kind], strict=False)
    except msgspec.ValidationError as exc:
        problem, where = _problem(exc)
        return Row(kind=kind, values=values, problem=problem, problem_in=where)
    return Row(kind=kind, values=values, filter=made)


def _problem(exc: msgspec.ValidationError) -> tuple[str, str | None]:
    """Return what is wrong, and in which field."""
    if isinstance(exc.__cause__, FilterRefused):
        return exc.__cause__.key, None
    found = _WHERE.search(str(exc))
    if found is None:
        return "value", None
    if found["missing"] is not None:
        return "missing", found["missing"]
    return "value", found["field"]


def _filled(filter_: AnyFilter) -> Row:
    built: dict[str, Any] = msgspec.to_builtins(filter_)
    kind = str(built.pop("filter"))
    values = {
        name: tuple(map(_written, value)) if isinstance(value, list | tuple) else (_written(value),)
        for name, value in built.items()
    }
    return Row(kind=kind, values=values, filter=filter_)


def _written(value: object) -> str:
    return "1" if value is True else str(value)
