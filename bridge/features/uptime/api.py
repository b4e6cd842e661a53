"""How servers were, for programs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import msgspec

from bridge.events import ServerId
from bridge.features.contract import Parts
from bridge.features.uptime.views import recent_incidents
from bridge.features.uptime.watch import Cause
from bridge.store.statistics.accounts import numbers_of_servers
from bridge.store.statistics.incidents import Incident
from bridge.store.statistics.samples import Bucket, Point, Uptime, fitting, series, uptimes
from bridge.store.times import from_ms, to_ms
from bridge.website import Site
from bridge.website.api import ApiCall, ApiRefused, Endpoint, Nothing

TAG: Final = "Servers"
PERIODS: Final = (1, 7, 30, 90)
_LONGEST: Final = timedelta(days=3660)
_DAY: Final = timedelta(days=1)
_AT: Final = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
_NO_SERVER: Final = "There is no server of that id."


class ServerPath(msgspec.Struct, frozen=True):
    """Which server."""

    server: Annotated[str, msgspec.Meta(description="Its id.")]


class PeriodUptime(msgspec.Struct, frozen=True, kw_only=True):
    """How much of the last so many days a server was up."""

    days: int
    share: Annotated[
        float | None,
        msgspec.Meta(description="Minutes up of those up or down; null where none is known."),
    ]
    coverage: Annotated[float, msgspec.Meta(description="Minutes known of all minutes.")]
    up: Annotated[int, msgspec.Meta(description="Minutes.")]
    down: Annotated[int, msgspec.Meta(description="Minutes.")]
    planned: Annotated[int, msgspec.Meta(description="Minutes down during maintenance, which do not count.")]


class ServerUptimes(msgspec.Struct, frozen=True, kw_only=True):
    """The uptime of a server over several periods, all of which end now."""

    server: str
    uptimes: tuple[PeriodUptime, ...]


class OneIncident(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which a server was not there for its players."""

    cause: Cause
    began: datetime
    ended: Annotated[datetime | None, msgspec.Meta(description="null while it lasts.")]
    estimated: Annotated[bool, msgspec.Meta(description="Whether it began after the last sign of life.")]
    planned: Annotated[bool, msgspec.Meta(description="Whether it began during maintenance.")]
    players: Annotated[tuple[str, ...], msgspec.Meta(description="Who was on, hidden players too.")]
    problem: str | None
    lines: Annotated[tuple[str, ...], msgspec.Meta(description="The last of the log.")]
    report: Annotated[str | None, msgspec.Meta(description="The head of the crash report.")]


class Incidents(msgspec.Struct, frozen=True, kw_only=True):
    """Incidents, the newest first."""

    incidents: tuple[OneIncident, ...]


class IncidentsQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which incidents."""

    before: Annotated[datetime, msgspec.Meta(tz=True, description="Only those that began before.")] | None = (
        None
    )
    limit: Annotated[int, msgspec.Meta(ge=1, le=200, description="How many at most.")] = 50


class SamplesQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which time: the last day where nothing is said."""

    begins: Annotated[datetime, msgspec.Meta(tz=True, description="The first moment.")] | None = None
    ends: Annotated[datetime, msgspec.Meta(tz=True, description="The moment after the last.")] | None = None


class SamplePoint(msgspec.Struct, frozen=True, kw_only=True):
    """One stretch of time; null where nothing of it is known."""

    at: Annotated[datetime, msgspec.Meta(description="When it begins.")]
    up: Annotated[int, msgspec.Meta(description="Minutes.")]
    down: int
    planned: int
    online_min: int | None
    online_mean: float | None
    online_max: int | None
    latency_ms: Annotated[float | None, msgspec.Meta(description="On average.")]
    tps_min: float | None
    mspt_max: float | None


class Samples(msgspec.Struct, frozen=True, kw_only=True):
    """Points in order; those of which nothing is known are left out."""

    minutes: Annotated[int, msgspec.Meta(description="How many minutes a point stands for; 1440: a day.")]
    points: tuple[SamplePoint, ...]


_UPTIMES: Final = ServerUptimes(
    server="survival",
    uptimes=(PeriodUptime(days=30, share=0.9993, coverage=0.98, up=42_302, down=30, planned=60),),
)
_INCIDENT: Final = OneIncident(
    cause=Cause.CRASH,
    began=_AT,
    ended=_AT + timedelta(minutes=4),
    estimated=True,
    planned=False,
    players=("Milo", "Nora"),
    problem="nothing listens on port 25565",
    lines=("[14:00:00] [Server thread/ERROR]: Encountered an unexpected exception",),
    report=None,
)
_POINT: Final = SamplePoint(
    at=_AT,
    up=60,
    down=0,
    planned=0,
    online_min=2,
    online_mean=3.5,
    online_max=7,
    latency_ms=2.4,
    tps_min=19.8,
    mspt_max=31.5,
)


class UptimeApi:
    """The three endpoints."""

    def __init__(self, parts: Parts, site: Site) -> None:
        self._parts = parts
        self._zone = ZoneInfo(parts.settings.community.time_zone)
        site.add_api(
            Endpoint(
                method="GET",
                path="/api/v1/servers/{server}/uptime",
                handler=self.uptime,
                summary="How much of the time a server was up.",
                tag=TAG,
                example=_UPTIMES,
                values=ServerPath,
            )
        )
        site.add_api(
            Endpoint(
                method="GET",
                path="/api/v1/servers/{server}/incidents",
                handler=self.incidents,
                summary="When a server was not there, and why.",
                tag=TAG,
                example=Incidents(incidents=(_INCIDENT,)),
                query=IncidentsQuery,
                values=ServerPath,
            )
        )
        site.add_api(
            Endpoint(
                method="GET",
                path="/api/v1/servers/{server}/samples",
                handler=self.samples,
                summary="How many played, and how fast a server was.",
                details="As fine as fits into some 500 points: minutes for hours, days for years.",
                tag=TAG,
                example=Samples(minutes=60, points=(_POINT,)),
                query=SamplesQuery,
                values=ServerPath,
                problems=(HTTPStatus.UNPROCESSABLE_ENTITY,),
            )
        )

    async def uptime(self, call: ApiCall[Nothing, Nothing, ServerPath]) -> ServerUptimes:
        """Return the uptime of one server.

        Raises:
            ApiRefused: 404: there is none of that id.
        """
        server = self._server(call.values)
        async with self._parts.store.reading() as conn:
            number = (await numbers_of_servers(conn)).get(server, -1)
            found = await uptimes(conn, number, PERIODS, now_ms=to_ms(self._parts.now()))
        return ServerUptimes(
            server=server, uptimes=tuple(_uptime(days, each) for days, each in found.items())
        )

    async def incidents(self, call: ApiCall[IncidentsQuery, Nothing, ServerPath]) -> Incidents:
        """Return the newest incidents of one server.

        Raises:
            ApiRefused: 404: there is none of that id.
        """
        server, query = self._server(call.values), call.query
        found = await recent_incidents(self._parts, [server], before=query.before, most=query.limit)
        return Incidents(incidents=tuple(map(_incident, found)))

    async def samples(self, call: ApiCall[SamplesQuery, Nothing, ServerPath]) -> Samples:
        """Return how one server was over some time.

        Raises:
            ApiRefused: 404: there is none of that id; 422: the time ends before it begins, or is too long.
        """
        server = self._server(call.values)
        ends = call.query.ends or self._parts.now()
        begins = call.query.begins or ends - _DAY
        if not timedelta(0) < ends - begins <= _LONGEST:
            raise ApiRefused(HTTPStatus.UNPROCESSABLE_ENTITY, "The time must end after it begins.")
        begins_ms, ends_ms = to_ms(begins), to_ms(ends)
        bucket = fitting(begins_ms, ends_ms)
        async with self._parts.store.reading() as conn:
            number = (await numbers_of_servers(conn)).get(server, -1)
            points = await series(conn, number, bucket, begins_ms=begins_ms, ends_ms=ends_ms, zone=self._zone)
        return _samples(bucket, points)

    def _server(self, values: ServerPath) -> ServerId:
        server = ServerId(values.server)
        if server not in self._parts.servers:
            raise ApiRefused(HTTPStatus.NOT_FOUND, _NO_SERVER)
        return server


def _uptime(days: int, found: Uptime) -> PeriodUptime:
    return PeriodUptime(
        days=days,
        share=found.share,
        coverage=found.coverage,
        up=found.up,
        down=found.down,
        planned=found.planned,
    )


def _incident(found: Incident) -> OneIncident:
    return OneIncident(
        cause=Cause(found.cause),
        began=found.began,
        ended=found.ended,
        estimated=found.estimated,
        planned=found.planned,
        players=found.players,
        problem=found.details.problem,
        lines=found.details.lines,
        report=found.details.report,
    )


def _samples(bucket: Bucket, points: list[Point]) -> Samples:
    return Samples(minutes=int(bucket), points=tuple(map(_point, points)))


def _point(point: Point) -> SamplePoint:
    return SamplePoint(
        at=from_ms(point.begins_ms),
        up=point.up,
        down=point.down,
        planned=point.planned,
        online_min=point.online_min,
        online_mean=point.online_mean,
        online_max=point.online_max,
        latency_ms=point.latency_ms,
        tps_min=point.tps_min,
        mspt_max=point.mspt_max,
    )
