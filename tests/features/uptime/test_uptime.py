"""A pretend server that stops, crashes, hangs and comes back, watched over by the real parts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bridge.config.settings import BridgeSettings
from bridge.events import (
    AnnouncementMade,
    AnyEvent,
    ServerCrashed,
    ServerHung,
    ServerId,
    ServerOverloaded,
    ServerSampled,
    ServerStarted,
    ServerStarting,
    ServerStopped,
    ServerStopping,
)
from bridge.features.contract import Parts
from bridge.features.uptime.eyes import Witness, network_up, witnesses
from bridge.features.uptime.watching import READ, Watching
from bridge.journal import Draft, ReaderName, RecordId, SourceName, SqliteJournal, Start
from bridge.locales import Catalogue
from bridge.minecraft import Failure, GameServer
from bridge.simulator.game import SimGame, StatusFault
from bridge.store import Store
from bridge.store.readers import reader_position
from bridge.store.schema import Migrate
from bridge.store.statistics.incidents import Incident, incidents
from bridge.store.statistics.samples import Bucket, Point, series
from bridge.store.times import to_ms

SURVIVAL = ServerId("survival")
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
STAFF, ROLE = "200000000000000001", "200000000000000003"


@dataclass
class Scene:
    """One server, its watch and a clock that the test moves."""

    parts: Parts
    watching: Watching
    now: datetime = NOON
    count: int = 0
    alarms: list[AnnouncementMade] = field(default_factory=list)

    @property
    def server(self) -> GameServer:
        return self.parts.servers[SURVIVAL]

    def later(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now

    async def happen(self, *events: AnyEvent) -> None:
        """Let facts arrive, and wait until the watch has them."""
        for event in events:
            self.count += 1
            id_ = RecordId(f"test:{self.count}")
            await self.parts.journal.append(Draft(id=id_, source=SourceName("test"), place="", event=event))
        await self.settled()

    async def settled(self) -> None:
        page = await self.parts.journal.page(READ, after=0, most=1000)
        newest = max((record.position for record in page.records), default=0)
        async with asyncio.timeout(10):
            while True:
                async with self.parts.store.reading() as conn:
                    if (await reader_position(conn, ReaderName("uptime")) or 0) >= newest:
                        return

    async def sampled(self, online: int = 2, **values: Any) -> None:  # noqa: ANN401 - fields of the event
        await self.happen(
            ServerSampled(
                at=self.now,
                server=SURVIVAL,
                online=online,
                maximum=20,
                version="26.3",
                latency_ms=2.0,
                **values,
            )
        )

    async def look(self) -> None:
        await self.watching.look_once()

    async def kept(self) -> list[Incident]:
        async with self.parts.store.reading() as conn:
            return await incidents(conn, [SURVIVAL], most=50)

    async def minutes(self) -> list[Point]:
        async with self.parts.store.reading() as conn:
            return await series(
                conn,
                1,
                Bucket.MINUTE,
                begins_ms=to_ms(NOON - timedelta(days=1)),
                ends_ms=to_ms(NOON + timedelta(days=1)),
                zone=ZoneInfo("UTC"),
            )

    async def told(self, *kinds: type[Any]) -> list[Any]:
        """Return the facts of these kinds, in order."""
        reader = await self.parts.journal.reader(
            ReaderName(f"look:{self.count}:{self.now}"), kinds, start=Start.BEGINNING
        )
        page = await self.parts.journal.page(kinds, after=0, most=100)
        if not page.records:
            return []
        async for batch in reader.batches():
            return [record.event for record in batch.records]
        return []


OpenScene = Callable[..., contextlib.AbstractAsyncContextManager[Scene]]


@pytest.fixture
def open_scene(tmp_path: Path, migrate: Migrate) -> OpenScene:
    """Watch over a server with these settings; the folder is the same each time."""

    @asynccontextmanager
    async def opened(server: dict[str, Any], **changes: object) -> AsyncIterator[Scene]:
        settings = BridgeSettings.model_validate(
            {
                "servers": {"survival": server},
                "discord": {"token": "x", "guild": STAFF, "channels": {"staff": STAFF}},
                "data": tmp_path / "data",
                **changes,
            }
        )
        store = await Store.open(settings.data, migrate=migrate)
        async with store, SqliteJournal(store) as journal:
            scene: Scene
            parts = Parts(
                settings=settings,
                catalogue=Catalogue.load("en"),
                journal=journal,
                store=store,
                servers={SURVIVAL: GameServer(SURVIVAL, settings, journal)},
                now=lambda: scene.now,
            )
            scene = Scene(parts, Watching(parts))
            reading = asyncio.create_task(scene.watching.read())
            try:
                yield scene
            finally:
                reading.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await reading

    return opened


def starting(at: datetime, silent_since: datetime | None = None) -> ServerStarting:
    return ServerStarting(at=at, server=SURVIVAL, silent_since=silent_since)


def started(at: datetime) -> ServerStarted:
    return ServerStarted(at=at, server=SURVIVAL)


def stopping(at: datetime) -> ServerStopping:
    return ServerStopping(at=at, server=SURVIVAL)


async def test_a_day_by_hand(open_scene: OpenScene) -> None:
    """Ten minutes up, a crash of four minutes, three up: 13 up and 4 down make 13/17."""
    async with open_scene({"status": {}}) as scene:
        await scene.happen(started(NOON - timedelta(minutes=1)))
        for _ in range(10):
            await scene.sampled(tps=19.5, mspt=20.0)
            scene.later(60)
        assert scene.now == NOON + timedelta(minutes=10)
        await scene.happen(starting(scene.later(180)))  # its last sign of life was at 12:09
        await scene.happen(started(scene.later(60)))
        for _ in range(3):
            await scene.sampled()
            scene.later(60)
        minutes = await scene.minutes()
        assert [(point.up, point.down) for point in minutes] == [(1, 0)] * 10 + [(0, 1)] * 4 + [(1, 0)] * 3
        (incident,) = await scene.kept()
        assert (incident.cause, incident.estimated) == ("crash", True)
        assert incident.began == NOON + timedelta(minutes=9)
        assert incident.ended == NOON + timedelta(minutes=14)
        (crashed,) = await scene.told(ServerCrashed)
        assert crashed.at == incident.began


async def test_a_restart_and_a_stop_in_maintenance(open_scene: OpenScene) -> None:
    window = {"from": "2026-11-25 13:00", "to": "2026-11-25 14:00"}
    async with open_scene({"status": {}}, maintenance=[window]) as scene:
        await scene.happen(started(NOON), stopping(scene.later(10)))
        await scene.happen(starting(scene.later(30)), started(scene.later(150)))
        scene.now = NOON + timedelta(hours=1)
        await scene.happen(stopping(scene.now))
        await scene.happen(started(scene.later(300)))
        stop, restart = await scene.kept()
        assert (restart.cause, restart.planned) == ("restart", False)
        assert (stop.cause, stop.planned) == ("stop", True)
        minutes = await scene.minutes()
        assert sum(point.down for point in minutes) == 3  # 12:00:10 to 12:03:10
        assert sum(point.planned for point in minutes) == 5
        (stopped,) = await scene.told(ServerStopped)
        assert stopped.at == NOON + timedelta(seconds=10)


async def test_facts_are_told_once_though_the_bridge_reads_them_again(open_scene: OpenScene) -> None:
    async with open_scene({"status": {}}) as scene:
        await scene.happen(started(NOON), starting(scene.later(600)))
        assert len(await scene.kept()) == 1
    async with open_scene({"status": {}}) as scene:
        scene.now = NOON + timedelta(minutes=20)
        await scene.happen(ServerOverloaded(at=scene.now, server=SURVIVAL))
        async with asyncio.timeout(10):
            while SURVIVAL not in scene.watching.keepers:  # noqa: ASYNC110 - it begins by itself
                await asyncio.sleep(0.01)
        assert scene.watching.keepers[SURVIVAL].incident is not None
        scene.count = 10
        await scene.happen(started(scene.now))
        (incident,) = await scene.kept()
        assert incident.ended == scene.now
        assert len(await scene.told(ServerCrashed)) == 1


async def test_imported_facts_change_nothing(open_scene: OpenScene) -> None:
    async with open_scene({"status": {}}) as scene:
        await scene.happen(started(NOON))
        source = SourceName("import:survival")
        draft = Draft(id=RecordId("old"), source=source, place="", event=starting(NOON - timedelta(days=9)))
        await scene.parts.journal.append(draft)
        await scene.settled()
        assert await scene.kept() == []


async def test_a_crash_is_seen_with_the_last_lines_of_the_log(open_scene: OpenScene, tmp_path: Path) -> None:
    game = SimGame(tmp_path / "game", clock=lambda: datetime.now(UTC))
    await game.start()
    game.join("Mira")
    server = {
        "log": {"path": str(tmp_path / "game" / "logs" / "latest.log")},
        "status": {"port": game.status.port, "down-after": 1, "timeout": "1s"},
    }
    async with open_scene(server) as scene:
        scene.now = datetime.now(UTC)
        assert scene.server.log is not None
        assert scene.server.status is not None
        following = asyncio.create_task(scene.server.log.run())
        try:
            await asyncio.wait_for(scene.server.log.caught_up.wait(), 5)
            await scene.server.status.check()
            await scene.settled()
            await scene.look()
            game.chat("Mira", "my password is sesame")
            await game.crash()
            await scene.server.status.check()
            await scene.look()
            (incident,) = await scene.kept()
            assert incident.cause == "lost"  # its log spoke a moment ago
            scene.later(120)
            await scene.look()
            (incident,) = await scene.kept()
            assert incident.cause == "crash"
            assert incident.players == ("Mira",)
            (crashed,) = await scene.told(ServerCrashed)
            assert any("Mira joined the game" in line for line in crashed.lines)
            assert not any("sesame" in line for line in crashed.lines)
            assert "nothing listens" in (incident.details.problem or "")
        finally:
            following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await following
            await game.stop()


async def test_a_hang_is_seen_by_a_port_that_takes_connections_and_says_nothing(
    open_scene: OpenScene, tmp_path: Path
) -> None:
    game = SimGame(tmp_path / "game")
    await game.start()
    rcon = {"port": game.rcon.port, "password": game.rcon.password, "timeout": "200ms"}
    status = {"port": game.status.port, "down-after": 1, "timeout": "200ms"}
    async with open_scene({"rcon": rcon, "status": status}) as scene:
        assert scene.server.status is not None
        assert scene.server.rcon is not None
        assert scene.server.pace is not None
        linking = asyncio.create_task(scene.server.rcon.run())
        try:
            await asyncio.wait_for(scene.server.rcon.up.wait(), 5)
            await scene.server.status.check()
            await scene.happen(started(scene.now))
            await scene.look()
            game.status.fault = StatusFault.SILENT
            game.rcon.faults.hang_commands = 2
            for _ in range(2):
                await asyncio.wait_for(scene.server.rcon.up.wait(), 5)
                await scene.server.pace.ask()
            await asyncio.wait_for(scene.server.rcon.up.wait(), 5)
            await scene.server.status.check()
            scene.later(90)
            await scene.look()
            (incident,) = await scene.kept()
            assert (incident.cause, incident.ended) == ("hang", None)
            assert len(await scene.told(ServerHung)) == 1
            game.status.fault = None
            await scene.server.pace.ask()
            await scene.server.status.check()
            scene.later(30)
            await scene.settled()
            await scene.look()
            (incident,) = await scene.kept()
            assert incident.ended == scene.now
        finally:
            linking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await linking
            await game.stop()


async def test_alerts_are_told_and_end_over_a_restart(open_scene: OpenScene) -> None:
    alerts = [
        {"what": "down", "for": "2m", "channel": "staff", "role": ROLE},
        {"what": "overloaded", "channel": "staff", "servers": ["survival"]},
    ]
    async with open_scene({"rcon": {"password": "x"}}, alerts=alerts) as scene:
        await scene.happen(started(NOON), stopping(NOON))
        await scene.look()
        assert await scene.told(AnnouncementMade) == []
        scene.later(150)
        await scene.look()
        await scene.look()
        (told,) = await scene.told(AnnouncementMade)
        assert told.markup == "**survival** has not been there for 2 min 30 s: stopped."
        assert (told.channels, told.servers, told.role, told.origin) == ((STAFF,), (), ROLE, "alerts")
    async with open_scene({"rcon": {"password": "x"}}, alerts=alerts) as scene:
        scene.count = 10
        scene.now = NOON + timedelta(minutes=5)
        await scene.happen(started(scene.now), ServerOverloaded(at=scene.now, server=SURVIVAL))
        await scene.look()
        await scene.look()
        _, over, overloaded = await scene.told(AnnouncementMade)
        assert over.markup == "**survival** is back. It was gone for 5 min."
        assert over.role is None
        assert overloaded.markup == "**survival** cannot keep up, its log says."


async def test_a_write_that_fails_is_made_up_for(
    open_scene: OpenScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_scene({"rcon": {"password": "x"}}) as scene:
        await scene.happen(started(NOON), stopping(NOON))

        async def broken(*_drafts: Draft) -> None:
            raise OSError("full")

        scene.later(180)
        with monkeypatch.context() as patch:
            patch.setattr(scene.parts.journal, "append", broken)
            with pytest.raises(OSError, match="full"):
                await scene.look()
        await scene.look()
        assert sum(point.down for point in await scene.minutes()) == 3


def test_several_machines_out_of_reach_at_once_are_the_bridges_own_trouble() -> None:
    settings = BridgeSettings.model_validate(
        {
            "servers": {
                "here": {"status": {}},
                "there": {"status": {"host": "a.invalid"}},
                "beyond": {"status": {"host": "b.invalid"}},
            }
        }
    )
    servers: Sequence[GameServer] = [
        GameServer(ServerId(name), settings, None)  # type: ignore[arg-type] # nothing is journalled here
        for name in settings.servers
    ]
    here, there, beyond = servers
    for server in (there, beyond):
        assert server.status is not None
        server.status.problem, server.status.failure = "no answer", Failure.UNREACHABLE
        server.status._checked.set()
    seen = witnesses(servers, None)
    assert seen == [Witness("a.invalid", reached=False), Witness("b.invalid", reached=False)]
    assert network_up(here, seen)
    assert not network_up(there, seen)
    assert network_up(there, seen[:1])  # alone, nobody can tell
    assert network_up(there, [*seen, Witness("discord", reached=True)])
