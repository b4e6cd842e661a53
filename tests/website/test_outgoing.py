"""The way out: what is reached, what is refused, and what a bad server can do to us."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge import __version__
from bridge.website.internet import is_public
from bridge.website.outgoing import (
    AddressRefused,
    Answer,
    Outgoing,
    OutgoingError,
    TooLarge,
    retry_after_s,
)

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
Raw = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Names(AbstractResolver):
    """A DNS of our own: each name has the addresses that it is given, one list a question."""

    def __init__(self, **known: list[str]) -> None:
        self._known = known
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        assert family == socket.AF_UNSPEC
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self._known[host.partition(".")[0]]
        ]

    async def close(self) -> None:
        """Nothing is open."""


@asynccontextmanager
async def served(handler: Handler) -> AsyncIterator[str]:
    """An HTTP server on loopback; yields its address without a slash at the end."""
    runner = web.ServerRunner(web.Server(handler), shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def raw(answer: Raw) -> AsyncIterator[str]:
    """A server that answers a request's head in any way it likes, and is then cut off."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client has had enough, which is what these tests want
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def _say(request: web.BaseRequest) -> web.StreamResponse:
    return web.Response(text=f"{request.method} {request.path_qs}", headers={"ETag": '"abc"'})


async def test_an_answer_comes_back_whole() -> None:
    heard: list[web.BaseRequest] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        heard.append(request)
        return web.Response(
            status=418, body=b"got " + await request.read(), headers={"X-Odd": "yes", "Set-Cookie": "a=b"}
        )

    async with served(handler) as url, Outgoing(allow_private=True) as outgoing:
        answer = await outgoing.send("POST", url + "/x?y=1", headers={"X-Key": "k"}, body=b"body")
        await outgoing.send("GET", url + "/again")
    assert (answer.status, answer.body, answer.headers["x-odd"]) == (418, b"got body", "yes")
    assert (answer.url, answer.moved) == (url + "/x?y=1", None)
    assert heard[0].headers["X-Key"] == "k"
    assert heard[0].headers["User-Agent"] == f"Passerelle/{__version__}"
    assert "Cookie" not in heard[1].headers


async def test_the_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    async with served(_say) as url, Outgoing(allow_private=True) as outgoing:
        assert (await outgoing.send("GET", url + "/")).body == b"GET /"


async def test_after_closing_a_request_opens_connections_again() -> None:
    async with served(_say) as url:
        outgoing = Outgoing(allow_private=True)
        for _ in range(2):
            assert (await outgoing.send("GET", url)).status == 200
            await outgoing.close()
        await outgoing.close()


PRIVATE = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",  # noqa: S104 - asked for, not bound
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",  # where clouds keep their secrets
    "100.64.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.1.2.3",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:8.8.8.8",  # nobody needs to write it so
    "64:ff9b::127.0.0.1",
    "64:ff9b::10.1.2.3",
    "64:ff9b:1::8.8.8.8",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "2001:0:7f00:1::1",
    "2001:db8::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "100::1",
]


@pytest.mark.parametrize("address", PRIVATE)
async def test_addresses_that_are_not_of_the_internet_are_refused(address: str) -> None:
    """Whether a name leads to them or the URL says them itself."""
    assert not is_public(address)
    resolver = Names(feed=[address])
    host = f"[{address.replace('%', '%25')}]" if ":" in address else address
    async with Outgoing(resolver=resolver) as outgoing:
        for url in (f"http://feed.example.org:{1}/", f"http://{host}:1/", f"https://{host}:1/"):
            with pytest.raises(AddressRefused) as refused:
                await outgoing.send("GET", url)
            assert address not in str(refused.value)


async def test_one_private_address_among_others_refuses_the_name() -> None:
    resolver = Names(both=["1.1.1.1", "10.0.0.1"])
    async with Outgoing(resolver=resolver) as outgoing:
        with pytest.raises(AddressRefused):
            await outgoing.send("GET", "http://both.example.org/")


@pytest.mark.parametrize(
    "host",
    ["2130706433", "0x7f000001", "0x7f.1", "017700000001", "0177.0.0.1", "127.1", "localhost"],
)
async def test_odd_ways_to_write_this_machine_are_refused(host: str) -> None:
    async with Outgoing() as outgoing:
        with pytest.raises(AddressRefused):
            await outgoing.send("GET", f"http://{host}:9/")


async def test_a_name_is_asked_for_each_connection_and_the_answer_is_what_is_judged() -> None:
    """A name that was public when it was first looked at gets nowhere when it is private now."""
    resolver = Names(feed=["127.0.0.1"])
    async with Outgoing(resolver=resolver) as outgoing:
        for _ in range(2):
            with pytest.raises(AddressRefused):
                await outgoing.send("GET", "http://feed.example.org:9/")
    assert resolver.asked == ["feed.example.org"] * 2


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://example.org/",
        "file:///etc/passwd",
        "http:///x",
        "example.org",
        "http://[::1/",
        "http://a:b/",
    ],
)
async def test_what_is_no_web_address_is_said_so(url: str) -> None:
    async with Outgoing(allow_private=True) as outgoing:
        with pytest.raises(OutgoingError, match="address"):
            await outgoing.send("GET", url)


@pytest.mark.parametrize("host", ["a..example.org", "a" * 64 + ".example.org", "xn--", ".", "%00", "a b"])
async def test_names_that_no_host_can_have_are_said_so(host: str) -> None:
    async with Outgoing() as outgoing:
        with pytest.raises(OutgoingError, match=r"name|address"):
            await outgoing.send("GET", f"http://{host}/")


@given(st.text(max_size=40))
def test_any_text_as_an_address_is_refused_in_our_own_words(text: str) -> None:
    async def sent() -> Answer:
        async with Outgoing(timeout_s=0.05, resolver=Names()) as outgoing:
            return await outgoing.send("GET", text)

    with pytest.raises(OutgoingError):
        asyncio.run(sent())


# --- redirects ---


@asynccontextmanager
async def _moving(*steps: tuple[int, str], heard: list[web.BaseRequest] | None = None) -> AsyncIterator[str]:
    """A server whose path /0 leads to /1 and so on, each with a status and an address; {here} is its own."""
    here = ""

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        await request.read()
        if heard is not None:
            heard.append(request)
        at = int(request.path.lstrip("/"))
        if at >= len(steps):
            return web.Response(text=f"{request.method} arrived")
        status, location = steps[at]
        return web.Response(status=status, headers={"Location": location.format(here=here)})

    async with served(handler) as url:
        here = url
        yield url


async def test_a_redirect_is_the_answer_unless_asked_to_follow() -> None:
    async with _moving((302, "/1")) as url, Outgoing(allow_private=True) as outgoing:
        answer = await outgoing.send("GET", url + "/0")
    assert (answer.status, answer.headers["Location"], answer.moved) == (302, "/1", None)


async def test_only_permanent_redirects_move_an_address() -> None:
    async with Outgoing(allow_private=True, redirects=3) as outgoing:
        async with _moving((301, "/1"), (308, "{here}/2")) as url:
            answer = await outgoing.send("GET", url + "/0")
            assert (answer.body, answer.url, answer.moved) == (b"GET arrived", url + "/2", url + "/2")
        async with _moving((301, "/1"), (302, "/2")) as url:
            answer = await outgoing.send("GET", url + "/0")
            assert (answer.url, answer.moved) == (url + "/2", None)


async def test_redirects_that_go_round_end() -> None:
    async with _moving((302, "/0")) as url, Outgoing(allow_private=True, redirects=3) as outgoing:
        with pytest.raises(OutgoingError, match="more than 3 times"):
            await outgoing.send("GET", url + "/0")


@pytest.mark.parametrize("target", ["file:///etc/passwd", "gopher://x/", "http://[", "javascript:1"])
async def test_redirects_to_something_else_than_the_web_end(target: str) -> None:
    async with _moving((302, target)) as url, Outgoing(allow_private=True, redirects=3) as outgoing:
        with pytest.raises(OutgoingError, match="address"):
            await outgoing.send("GET", url + "/0")


@pytest.fixture
def our_server_counts_as_public(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let 127.0.0.1 stand for a host of the internet; all other addresses are judged as ever."""
    monkeypatch.setattr(
        "bridge.website.outgoing.is_public", lambda address: address == "127.0.0.1" or is_public(address)
    )


@pytest.mark.usefixtures("our_server_counts_as_public")
@pytest.mark.parametrize(
    "target",
    [
        "http://private.example.org:9/",
        "http://127.0.0.2:9/",
        "http://[::1]:9/",
        "http://[::ffff:127.0.0.1]:9/",
        "//169.254.169.254/latest/meta-data/",
        "http://2130706433:9/",
    ],
)
async def test_a_redirect_to_a_private_address_is_refused(target: str) -> None:
    resolver = Names(private=["10.0.0.1"])
    async with _moving((302, target)) as url, Outgoing(redirects=3, resolver=resolver) as outgoing:
        with pytest.raises(AddressRefused):
            await outgoing.send("GET", url + "/0")


KEYS = {"X-API-Key": "k", "Accept": "text/xml", "If-None-Match": '"e"'}


async def test_another_host_hears_no_credentials() -> None:
    """Neither those of the address nor headers that could be a key."""
    heard: list[web.BaseRequest] = []
    resolver = Names(other=["127.0.0.1"])

    async def there(request: web.BaseRequest) -> web.StreamResponse:
        heard.append(request)
        return web.Response(text="there")

    async with (
        served(there) as other,
        Outgoing(allow_private=True, redirects=3, resolver=resolver) as outgoing,
    ):
        target = f"http://you:secret@other.example.org:{other.rpartition(':')[2]}/there"
        async with _moving((302, target), heard=heard) as url:
            answer = await outgoing.send("GET", url.replace("//", "//me:secret@") + "/0", headers=KEYS)
    assert heard[0].headers["Authorization"] == "Basic bWU6c2VjcmV0"
    assert "secret" not in answer.url
    assert answer.body == b"there"
    assert not {"Authorization", "X-API-Key"} & set(heard[1].headers)
    assert (heard[1].headers["Accept"], heard[1].headers["If-None-Match"]) == ("text/xml", '"e"')


async def test_the_same_host_hears_credentials_again_after_a_redirect() -> None:
    heard: list[web.BaseRequest] = []
    async with (
        Outgoing(allow_private=True, redirects=3) as outgoing,
        _moving((302, "/1"), heard=heard) as url,
    ):
        await outgoing.send("GET", url.replace("//", "//me:secret@") + "/0", headers=KEYS)
    assert heard[1].headers["Authorization"] == "Basic bWU6c2VjcmV0"
    assert heard[1].headers["X-API-Key"] == "k"


async def test_a_body_goes_to_no_other_host() -> None:
    heard: list[web.BaseRequest] = []
    async with served(_say) as other, Outgoing(allow_private=True, redirects=3) as outgoing:
        async with _moving((307, other + "/")) as url:
            with pytest.raises(OutgoingError, match="another host"):
                await outgoing.send("POST", url + "/0", body=b"secret")
        async with _moving((303, other + "/")) as url:
            assert (await outgoing.send("POST", url + "/0", body=b"secret")).body == b"GET /"
        async with _moving((307, "/1"), heard=heard) as url:
            assert (await outgoing.send("POST", url + "/0", body=b"x")).body == b"POST arrived"


# --- bad servers ---


async def test_an_answer_up_to_the_limit_is_taken_and_one_byte_more_is_not() -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=b"x" * int(request.query["n"]))

    async with served(handler) as url, Outgoing(allow_private=True, most_bytes=4096) as outgoing:
        assert len((await outgoing.send("GET", url + "/?n=4096")).body) == 4096
        with pytest.raises(TooLarge, match="longer than 4 KiB"):
            await outgoing.send("GET", url + "/?n=4097")
        assert (await outgoing.send("GET", url + "/?n=1")).body == b"x"


async def test_an_endless_answer_is_cut() -> None:
    async def endless(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    async with raw(endless) as url, Outgoing(allow_private=True) as outgoing:
        with pytest.raises(TooLarge):
            await outgoing.send("GET", url)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_the_limit_counts_what_is_unpacked(encoding: str) -> None:
    """A gigabyte in a megabyte is not unpacked to its end."""
    pack = zlib.compressobj(9, zlib.DEFLATED, 31 if encoding == "gzip" else 15)
    first, more = (pack.compress(bytes(2**20)) + pack.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    bomb = first + more * 1023

    async def handler(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=bomb, headers={"Content-Encoding": encoding})

    async with served(handler) as url, Outgoing(allow_private=True, most_bytes=65536) as outgoing:
        with pytest.raises(TooLarge):
            await outgoing.send("GET", url)


async def test_packed_answers_are_unpacked() -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        assert request.headers["Accept-Encoding"] == "gzip, deflate"
        return web.Response(body=gzip.compress(b"words"), headers={"Content-Encoding": "gzip"})

    async with served(handler) as url, Outgoing(allow_private=True) as outgoing:
        assert (await outgoing.send("GET", url)).body == b"words"


async def test_a_server_that_drips_cannot_stretch_the_time() -> None:
    """Each byte comes soon after the one before, in the body as in the head."""

    async def drip(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.01)

    async def drip_head(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with Outgoing(allow_private=True, timeout_s=0.2) as outgoing:
        for server in (drip, drip_head):
            async with raw(server) as url:
                with pytest.raises(OutgoingError, match=r"within 0\.2 s"):
                    await outgoing.send("GET", url)


async def test_redirects_share_the_time_of_the_request() -> None:
    async def slow(request: web.BaseRequest) -> web.StreamResponse:
        await asyncio.sleep(0.05)
        return web.Response(status=302, headers={"Location": request.path})

    async with served(slow) as url, Outgoing(allow_private=True, timeout_s=0.2, redirects=50) as outgoing:
        with pytest.raises(OutgoingError, match="within"):
            await outgoing.send("GET", url)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b"", "closed before"),
        (b"SSH-2.0-OpenSSH_9.9\r\n", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "broke off"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope", "decompressed"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", "not HTTP"),
    ],
)
async def test_what_is_no_good_answer_is_said_without_the_address(said: bytes, words: str) -> None:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        await writer.drain()

    async with raw(answer) as url, Outgoing(allow_private=True) as outgoing:
        with pytest.raises(OutgoingError, match=words) as problem:
            await outgoing.send("GET", url + "/secret-token")
    assert "secret-token" not in str(problem.value)
    assert "127.0.0.1" not in str(problem.value)
    assert problem.value.__suppress_context__


async def test_nobody_listening_is_said_in_words() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/secret-token"
        async with Outgoing(allow_private=True) as outgoing:
            with pytest.raises(OutgoingError, match=r"^no connection: Connection refused$"):
                await outgoing.send("GET", url)


async def test_a_server_without_a_trusted_certificate_is_not_spoken_to() -> None:
    async with served(_say) as url, Outgoing(allow_private=True) as outgoing:
        with pytest.raises(OutgoingError, match="encrypted"):
            await outgoing.send("GET", url.replace("http://", "https://"))


@settings(max_examples=40)
@given(st.binary(max_size=200))
def test_any_bytes_as_an_answer_end_in_an_answer_or_our_own_error(said: bytes) -> None:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 " + said)
        await writer.drain()

    async def sent() -> None:
        async with raw(answer) as url, Outgoing(allow_private=True) as outgoing:
            with contextlib.suppress(OutgoingError):
                await outgoing.send("GET", url)

    asyncio.run(sent())


@pytest.mark.parametrize(
    ("told", "wait_s"),
    [
        ("", 0),
        ("120", 120),
        (" 5 ", 5),
        ("Sun, 22 Nov 2026 14:10:00 GMT", 600),
        ("Sun, 22 Nov 2026 13:00:00 GMT", 0),
        ("Sun, 22 Nov 2026 14:10:00", 600),
        ("tomorrow", 0),
        ("-5", 0),
        ("٣", 0),
        ("99999999999999999999", 999_999_999),
    ],
)
def test_how_long_an_answer_asks_us_to_stay_away(told: str, wait_s: float) -> None:
    now = datetime(2026, 11, 22, 14, tzinfo=UTC)
    assert retry_after_s({"Retry-After": told}, now) == wait_s
    assert retry_after_s({}, now) == 0


@given(st.text())
def test_whatever_an_answer_asks_it_is_a_time(told: str) -> None:
    assert retry_after_s({"Retry-After": told}, datetime(2026, 11, 22, 14, tzinfo=UTC)) >= 0
