"""What a report says, for programs: the API's answer and ``passerelle report --format json``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One figure beside those of the periods before."""

    name: str
    value: float
    before: Annotated[
        float | None, msgspec.Meta(description="Of the period before; null where nothing of it was observed.")
    ]
    usual: Annotated[
        float | None, msgspec.Meta(description="The mean of the observed ones among the four before.")
    ]


class Best(msgspec.Struct, frozen=True, kw_only=True):
    """One of those who played most; hidden and unranked players are left out."""

    place: int
    name: str
    seconds: int


class Up(msgspec.Struct, frozen=True, kw_only=True):
    """How much of the time one server was up."""

    server: str
    share: Annotated[float | None, msgspec.Meta(description="Of the minutes that count, 0 to 1.")]
    coverage: Annotated[float, msgspec.Meta(description="The part of the minutes that is known, 0 to 1.")]
    outages: Annotated[int, msgspec.Meta(description="Those that were not planned.")]
    outage_seconds: int


class PartData(msgspec.Struct, frozen=True, kw_only=True):
    """One server, or all of them together."""

    server: Annotated[str | None, msgspec.Meta(description="Null: all of them together.")]
    coverage: Annotated[
        float | None, msgspec.Meta(description="How much was observed of what is over, 0 to 1.")
    ]
    coverage_before: Annotated[float | None, msgspec.Meta(description="The same of the period before.")]
    figures: tuple[Measured, ...]
    peak_at: Annotated[datetime | None, msgspec.Meta(description="When most players were there.")]
    newcomers_judged: Annotated[
        int, msgspec.Meta(description="Players who first came 60 to 30 days before the end.")
    ]
    newcomers_kept: Annotated[
        int, msgspec.Meta(description="Of them, who came again in both halves of their first 30 days.")
    ]
    top: tuple[Best, ...]
    uptime: tuple[Up, ...]


class ReportData(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a week or a month."""

    period: Annotated[str, msgspec.Meta(description="Such as 2026-W45 or 2026-11.")]
    begins: datetime
    ends: Annotated[datetime, msgspec.Meta(description="The first moment after it.")]
    time_zone: str
    complete: Annotated[bool, msgspec.Meta(description="Whether it is over.")]
    parts: Annotated[
        tuple[PartData, ...], msgspec.Meta(description="All servers together first, then each of them.")
    ]
