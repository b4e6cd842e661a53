"""Server-sent events over real sockets: they arrive, they end, and nobody who reads slowly holds us up."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.website import Broadcast, Request, ServerSentEvent, Site, StreamResponse, serve_events, stream
from bridge.website.stream import MOST_OF_ONE, MOST_WAITING, Streams, TooManyStreams

Serve = Callable[[Site], AbstractAsyncContextManager[aiohttp.ClientSession]]
MakeSite = Callable[..., Site]


def event(data: str = "x", *, name: str = "line", id_: str | None = None) -> ServerSentEvent:
    return ServerSentEvent(name=name, data=data, id=id_)


def with_stream(site: Site) -> Broadcast:
    """Add a stream at ``/stream`` that begins with one event."""
    broadcast = site.broadcast()

    async def handler(request: Request) -> StreamResponse:
        with broadcast.listen("192.0.2.1") as queue:
            return await serve_events(request, queue, first=[event("first", id_="1")])

    site.add_get("/stream", handler)
    return broadcast


async def until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - a turn of the loop, not a wait
            await asyncio.sleep(0)


async def listen_without_reading(site: Site, broadcast: Broadcast) -> None:
    """Open a stream and take nothing of all that is told; return once the site has let go of it."""
    with socket.socket() as lazy:
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        lazy.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(lazy, ("127.0.0.1", int(site.url.rpartition(":")[2])))
        await loop.sock_sendall(lazy, b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
        await until(lambda: broadcast.listeners == 1)
        for _ in range(100):
            broadcast.send(event("x" * 100_000))
        await until(lambda: broadcast.listeners == 0)


def understood(wire: bytes) -> list[tuple[str, str, str]]:
    """Return the events that a browser makes of the bytes: name, data, last id."""
    events, name, last = [], "", ""
    data: list[str] = []
    for line in wire.decode().replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if data:
                events.append((name, "\n".join(data), last))
            name, data = "", []
        elif field == "event":
            name = value
        elif field == "data":
            data.append(value)
        elif field == "id":
            last = value
    return events


@given(st.text())
def test_no_data_can_pass_for_another_event(data: str) -> None:
    """What a browser reads is the one event we sent, with its line ends as line feeds."""
    said = data.replace("\r\n", "\n").replace("\r", "\n")
    encodable = said.encode(errors="ignore").decode()
    assert understood(event(encodable, id_="7").wire) == [("line", encodable, "7")]


async def test_events_arrive_in_order_with_their_ids(make_site: MakeSite, serve: Serve) -> None:
    site = make_site()
    broadcast = with_stream(site)
    async with serve(site) as client, client.get("/stream") as answer:
        assert answer.content_type == "text/event-stream"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Accel-Buffering"] == "no"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        for number in range(2, 5):
            broadcast.send(event(f"<li>\n{number}</li>", id_=str(number)))
        wire = b""
        while wire.count(b"\n\n") < 5:  # the retry time, then four events
            wire += await answer.content.readany()
        assert [(data, id_) for _, data, id_ in understood(wire)] == [
            ("first", "1"),
            ("<li>\n2</li>", "2"),
            ("<li>\n3</li>", "3"),
            ("<li>\n4</li>", "4"),
        ]


async def test_two_browsers_get_the_same(make_site: MakeSite, serve: Serve) -> None:
    site = make_site()
    broadcast = with_stream(site)
    async with serve(site) as client, client.get("/stream") as one, client.get("/stream") as two:
        assert broadcast.listeners == 2
        broadcast.send(event("both"))
        for answer in (one, two):
            wire = b""
            while b"both" not in wire:
                wire += await answer.content.readany()


async def test_what_was_in_the_beginning_is_skipped(make_site: MakeSite, serve: Serve) -> None:
    site = make_site()
    broadcast = site.broadcast()

    async def handler(request: Request) -> StreamResponse:
        with broadcast.listen("192.0.2.1") as queue:
            return await serve_events(request, queue, skip=lambda each: each.id == "1")

    site.add_get("/stream", handler)
    async with serve(site) as client, client.get("/stream") as answer:
        broadcast.send(event("told", id_="1"))
        broadcast.send(event("new", id_="2"))
        wire = b""
        while b"new" not in wire:
            wire += await answer.content.readany()
        assert b"told" not in wire


async def test_a_closed_page_frees_its_place(make_site: MakeSite, serve: Serve) -> None:
    site = make_site()
    broadcast = with_stream(site)
    async with serve(site) as client:
        answer = await client.get("/stream")
        await until(lambda: broadcast.listeners == 1)
        answer.close()
        await until(lambda: broadcast.listeners == 0)
        assert site.streams.open == 0


async def test_streams_end_when_the_site_stops_and_it_stops_within_a_second(
    make_site: MakeSite, serve: Serve
) -> None:
    site = make_site()
    with_stream(site)
    async with aiohttp.ClientSession() as other:
        async with serve(site):
            answer = await other.get(f"{site.url}/stream")
            asked = time.monotonic()
        assert time.monotonic() - asked < 1.0
        assert b"first" in await answer.read()  # ends by itself


async def test_only_so_many_streams_are_open(make_site: MakeSite, serve: Serve) -> None:
    site = make_site()
    site.streams.most = 1
    with_stream(site)
    async with serve(site) as client, client.get("/stream"), client.get("/stream") as refused:
        assert refused.status == 503
        assert refused.headers["Retry-After"] == "10"


async def test_a_reader_who_takes_nothing_is_let_go(make_site: MakeSite, serve: Serve) -> None:
    site = make_site()
    broadcast = with_stream(site)
    async with serve(site):
        await listen_without_reading(site, broadcast)
        await until(lambda: site.streams.open == 0)


async def test_a_reader_too_far_behind_is_let_go() -> None:
    broadcast = Broadcast()
    with broadcast.listen("192.0.2.1") as listener:
        for _ in range(MOST_WAITING + 1):
            broadcast.send(event())
        async with asyncio.timeout(5):
            await listener.over()


async def test_many_browsers_are_told_together_and_in_order(
    make_site: MakeSite, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "_ROW", 7)
    site = make_site()
    broadcast = with_stream(site)
    async with serve(site) as client, contextlib.AsyncExitStack() as stack:
        client.connector._limit = 0  # type: ignore[union-attr]  # as many as it takes
        answers = [await stack.enter_async_context(client.get("/stream")) for _ in range(60)]
        for number in range(20):
            broadcast.send(event(str(number), id_=str(number + 2)))
        for answer in answers:
            wire = b""
            while b"data: 19\n" not in wire:
                wire += await answer.content.readany()
            told = [data for _, data, _ in understood(wire) if data != "first"]
            assert told == [str(number) for number in range(20)]


async def test_who_begins_to_listen_later_is_not_told_what_was_before() -> None:
    broadcast = Broadcast()
    with contextlib.ExitStack() as stack:
        stack.enter_context(broadcast.listen("192.0.2.1"))
        broadcast.send(event("at once"))
        broadcast.send(event("before"))  # that may wait until everybody can be told again
        late = stack.enter_context(broadcast.listen("192.0.2.1"))
        broadcast.send(event("after"))
        broadcast.send(event("last"))
        broadcast.close()
        assert b"before" not in (told := late.collected(lambda _: False))
        assert [data for _, data, _ in understood(told)] == ["after", "last"]


async def test_while_many_are_told_others_have_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last of them hears all that came meanwhile, in one piece."""
    monkeypatch.setattr(stream, "_ROW", 2)
    broadcast = Broadcast()
    with contextlib.ExitStack() as stack:
        listeners = [stack.enter_context(broadcast.listen("192.0.2.1")) for _ in range(6)]
        for number in range(3):
            broadcast.send(event(str(number)))
        heard = [listener.collected(lambda _: False) for listener in listeners]
        assert [len(understood(wire)) for wire in heard] == [1, 1, 0, 0, 0, 0]
        await until(lambda: b"data: 2" in listeners[0].collected(lambda _: False))
        for listener in listeners[2:]:
            told = [data for _, data, _ in understood(listener.collected(lambda _: False))]
            assert told == ["0", "1", "2"]
    assert broadcast.listeners == 0


async def test_no_stream_begins_while_the_site_stops() -> None:
    streams = Streams()
    streams.closing = True
    with pytest.raises(TooManyStreams), Broadcast(streams).listen("192.0.2.1"):
        pass


def test_nobody_takes_the_streams_of_everybody_else() -> None:
    streams = Streams()
    with contextlib.ExitStack() as stack:
        for _ in range(MOST_OF_ONE):
            stack.enter_context(streams.one("8.8.8.8"))
        with pytest.raises(TooManyStreams), streams.one("8.8.8.8"):
            pass
        for address in ["9.9.9.9", *["127.0.0.1"] * (MOST_OF_ONE + 1)]:  # ours may be a proxy's
            stack.enter_context(streams.one(address))
    assert streams.open == 0
    with streams.one("8.8.8.8"):
        assert streams.open == 1


async def test_a_quiet_stream_gives_a_sign_of_life(
    make_site: MakeSite, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "KEEP_ALIVE_S", 0.02)
    site = make_site()
    with_stream(site)
    async with serve(site) as client, client.get("/stream") as answer:
        wire = b""
        while b": still here\n\n" not in wire:
            wire += await answer.content.readany()


async def test_a_stream_outlasts_the_time_limit_of_pages(make_site: MakeSite, serve: Serve) -> None:
    site = make_site()
    site.request_limit_s = 0.05
    broadcast = with_stream(site)
    async with serve(site) as client, client.get("/stream") as answer:
        limit = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(0.1, limit.set_result, None)
        await limit
        broadcast.send(event("late"))
        wire = b""
        while b"late" not in wire:
            wire += await answer.content.readany()


async def test_head_of_a_stream_does_not_stay(make_site: MakeSite, serve: Serve) -> None:
    site = make_site()
    broadcast = with_stream(site)
    async with serve(site) as client, client.head("/stream") as answer:
        assert answer.content_type == "text/event-stream"
        await until(lambda: broadcast.listeners == 0)


async def test_a_mistake_in_the_middle_of_a_stream_closes_it(make_site: MakeSite, serve: Serve) -> None:
    """No page about the error is written into the stream."""
    site = make_site()
    broadcast = site.broadcast()

    async def handler(request: Request) -> StreamResponse:
        with broadcast.listen("192.0.2.1") as queue:
            await serve_events(request, queue, first=[event("first")])
            raise ZeroDivisionError

    site.add_get("/stream", handler)
    async with serve(site) as client, client.get("/stream") as answer:
        assert b"first" in await answer.content.readany()
        broadcast.close()
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.content.read()


async def test_a_reader_who_took_nothing_since_the_last_look_is_let_go(
    make_site: MakeSite, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "KEEP_ALIVE_S", 0.05)
    monkeypatch.setattr(stream, "MOST_BUFFERED", 1 << 30)
    site = make_site()
    broadcast = with_stream(site)
    async with serve(site):
        await listen_without_reading(site, broadcast)


async def test_an_old_browser_gets_an_unframed_stream(make_site: MakeSite, serve: Serve) -> None:
    site = make_site()
    broadcast = with_stream(site)
    async with serve(site):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(site.url.rpartition(":")[2]))
        writer.write(b"GET /stream HTTP/1.0\r\nHost: x\r\n\r\n")
        await until(lambda: broadcast.listeners == 1)
        head = await reader.readuntil(b"first\n\n")
        assert b"chunked" not in head
        broadcast.send(event("plain"))
        assert await reader.readuntil(b"plain\n\n") == b"event: line\ndata: plain\n\n"
        writer.close()
