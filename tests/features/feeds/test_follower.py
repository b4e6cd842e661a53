"""One feed against a real site: what is new is told once, and what goes wrong is told once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from bridge.events import AnnouncementMade, FeedPublished
from bridge.journal import JournalError
from bridge.store.feeds import known_entries
from bridge.website.internet import is_public
from bridge.website.outgoing import Outgoing

if TYPE_CHECKING:
    from tests.features.feeds.conftest import Desk, OpenDesk, Site

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HALF_AN_HOUR = 1800.0


@pytest.fixture
def followed(open_desk: OpenDesk, site: Site) -> OpenDesk:
    """A desk at a site that holds one entry to begin with."""
    site.hold("a")
    return open_desk


async def test_the_first_look_knows_and_tells_nothing(followed: OpenDesk) -> None:
    async with followed() as desk:
        await desk.look(2)
        assert await desk.happened() == []
        async with desk.store.reading() as conn:
            assert await known_entries(conn, "blog") == {"a"}


async def test_a_new_entry_is_a_fact_and_an_announcement_once(followed: OpenDesk, site: Site) -> None:
    async with followed() as desk:
        await desk.look()
        site.hold("b", "a")
        await desk.look(3)
        assert await desk.happened() == [
            FeedPublished(
                at=desk.clock.now - timedelta(seconds=2 * HALF_AN_HOUR),
                feed="blog",
                entry="b",
                title="Title b",
                url="https://blog.example.org/b",
            ),
            AnnouncementMade(
                at=desk.clock.now - timedelta(seconds=2 * HALF_AN_HOUR),
                origin="feed:blog",
                markup="New on **The blog**: [Title b](https://blog.example.org/b)",
                channels=("123456789012345678",),  # type: ignore[arg-type]
                servers=("survival",),  # type: ignore[arg-type]
                url="https://blog.example.org/b",
            ),
        ]


async def test_many_new_entries_are_told_oldest_first_and_the_rest_in_one_line(
    followed: OpenDesk, site: Site
) -> None:
    async with followed(language="fr") as desk:
        await desk.look()
        site.hold("i", "h", "g", "f", "e", "d", "c", "b", "a")
        await desk.look()
        assert await desk.published() == ["b", "c", "d", "e", "f", "g", "h", "i"]
        told = await desk.announced()
        assert len(told) == 6
        assert (
            told[0]
            == "Nouveau sur **The blog**\N{NARROW NO-BREAK SPACE}: [Title b](https://blog.example.org/b)"
        )
        assert told[5] == "…et 3 autres sur [The blog](https://blog.example.org/)"


async def test_nobody_to_tell_leaves_the_facts_alone(followed: OpenDesk, site: Site) -> None:
    async with followed(channel=None, servers=[]) as desk:
        await desk.look()
        site.hold("b", "a")
        await desk.look()
        assert (await desk.published(), await desk.announced()) == (["b"], [])


async def test_an_entry_that_is_taken_out_and_comes_back_is_no_news(followed: OpenDesk, site: Site) -> None:
    async with followed() as desk:
        await desk.look()
        for held in (("b", "a"), ("b",), ("b", "a")):
            site.hold(*held)
            await desk.look()
        assert await desk.published() == ["b"]


async def test_entries_that_are_long_gone_are_forgotten_and_those_still_there_are_not(
    followed: OpenDesk, site: Site
) -> None:
    async with followed() as desk:
        await desk.look()
        site.hold("c", "b")
        await desk.look()
        desk.clock.now += timedelta(days=91)
        await desk.look()
        async with desk.store.reading() as conn:
            assert await known_entries(conn, "blog") == {"b", "c"}


async def test_a_feed_with_an_odd_title_is_only_data(followed: OpenDesk, site: Site) -> None:
    async with followed() as desk:
        await desk.look()
        site.body = (
            b"<rss version='2.0'><channel><title>**@everyone**</title><item><guid>x</guid>"
            b"<title>&lt;b&gt;@everyone&lt;/b&gt; [click](https://evil.example) &lt;@1&gt; `x`</title>"
            b"<link>javascript:alert(1)</link></item></channel></rss>"
        )
        await desk.look()
        (told,) = await desk.announced()
        assert told == (
            r"New on **\*\*@everyone\*\***: @everyone \[click](https\://evil.example) \<@1> \`x\`"
        )


# --- asking politely ---


async def test_what_the_server_said_of_its_answer_is_said_back_to_it_word_for_word(
    followed: OpenDesk, site: Site
) -> None:
    site.headers = {"ETag": 'W/"abc"', "Last-Modified": "Tue, 24 Nov 2026 11:00:00 GMT"}
    async with followed() as desk:
        await desk.look()
        assert "If-None-Match" not in site.asked[0].headers
        await desk.look(2)
        for asked in site.asked[1:]:
            assert asked.headers["If-None-Match"] == 'W/"abc"'
            assert asked.headers["If-Modified-Since"] == "Tue, 24 Nov 2026 11:00:00 GMT"
        assert desk.follower.state.problem is None
        site.headers = {}
        await desk.look(2)
        assert "If-None-Match" not in site.asked[-1].headers


async def test_a_header_that_cannot_be_sent_back_is_not(followed: OpenDesk, site: Site) -> None:
    site.headers = {"ETag": '"é"', "Last-Modified": ""}
    async with followed() as desk:
        await desk.look(2)
        assert not {"If-None-Match", "If-Modified-Since"} & set(site.asked[-1].headers)
        assert desk.follower.state.problem is None


async def test_nothing_new_is_no_answer_to_a_first_question(followed: OpenDesk, site: Site) -> None:
    """Or everything that the feed has ever held would be news at the next look."""
    site.status = 304
    async with followed() as desk:
        await desk.look()
        assert desk.follower.state.problem == "the site answered with status 304"
        site.status = 200
        site.hold("b", "a")
        await desk.look()
        assert await desk.happened() == []


@pytest.mark.parametrize(
    ("headers", "more", "wait_s"),
    [
        ({}, "", HALF_AN_HOUR),
        ({"Cache-Control": "public, max-age=7200"}, "", 7200.0),
        ({"Cache-Control": "max-age=60"}, "", HALF_AN_HOUR),
        ({"Cache-Control": "max-age=31536000"}, "", 86400.0),
        ({}, "<ttl>90</ttl>", 5400.0),
        ({}, "<ttl>soon</ttl>", HALF_AN_HOUR),
    ],
)
async def test_a_feed_is_left_alone_for_as_long_as_it_wants(
    followed: OpenDesk, site: Site, headers: dict[str, str], more: str, wait_s: float
) -> None:
    site.headers = headers
    site.hold("a", more=more)
    async with followed() as desk:
        await desk.look()
        assert desk.clock.waits[-1] == wait_s


@pytest.mark.parametrize(
    ("status", "asked_for", "wait_s"),
    [
        (429, "7200", 7200.0),
        (503, "Tue, 24 Nov 2026 14:00:00 GMT", 7200.0),
        (503, "10", HALF_AN_HOUR),
        (503, "soon", HALF_AN_HOUR),
        (500, "7200", HALF_AN_HOUR),
        (503, "99999999999", 86400.0),
    ],
)
async def test_a_site_that_asks_for_patience_gets_it(
    followed: OpenDesk, site: Site, status: int, asked_for: str, wait_s: float
) -> None:
    site.status, site.headers = status, {"Retry-After": asked_for}
    async with followed() as desk:
        await desk.look()
        assert desk.clock.waits[-1] == wait_s
        assert desk.follower.state.problem == f"the site answered with status {status}"


async def test_a_feed_that_keeps_failing_is_asked_less_and_less(followed: OpenDesk, site: Site) -> None:
    site.status = 500
    async with followed() as desk:
        await desk.look(8)
        assert [wait / HALF_AN_HOUR for wait in desk.clock.waits] == [0, 1, 2, 4, 8, 16, 32, 48, 48]
        site.status = 200
        await desk.look()
        assert desk.clock.waits[-1] == HALF_AN_HOUR


async def test_a_feed_that_is_gone_is_not_asked_again_until_the_next_start(
    followed: OpenDesk, site: Site
) -> None:
    site.status = 410
    async with followed() as desk:
        await desk.look()
        assert desk.task.done()
        assert desk.follower.state.next_at is None
        assert "gone for good" in (desk.follower.state.problem or "")
    site.status = 200
    async with followed(start=NOON + timedelta(days=1)) as desk:
        await desk.look()
        assert desk.follower.state.problem is None


async def test_a_permanent_move_is_remembered_and_a_temporary_one_is_not(
    followed: OpenDesk, site: Site
) -> None:
    async with followed() as desk:
        site.other["/feed"] = (302, {"Location": "/temporary"})
        await desk.look(2)
        site.other["/feed"] = (301, {"Location": "/new"})
        await desk.look(2)
        assert [asked.path for asked in site.asked] == [
            *("/feed", "/temporary"),
            *("/feed", "/temporary"),
            *("/feed", "/new"),
            "/new",
        ]
    async with followed(start=NOON + timedelta(days=1)) as desk:
        await desk.look()
        assert site.asked[-1].path == "/new"


async def test_where_a_move_led_is_left_when_nothing_is_there_any_more(
    followed: OpenDesk, site: Site
) -> None:
    site.other["/feed"] = (301, {"Location": "/new"})
    async with followed() as desk:
        await desk.look()
        del site.other["/feed"]
        site.other["/new"] = (410, {})
        await desk.look(2)
        assert [asked.path for asked in site.asked] == ["/feed", "/new", "/new", "/feed"]
        assert desk.follower.state.problem is None


# --- stopping and starting ---


async def test_a_restart_waits_for_what_was_planned(followed: OpenDesk, site: Site) -> None:
    async with followed() as desk:
        await desk.look()
    site.hold("b", "a")
    async with followed(start=NOON + timedelta(minutes=10)) as desk:
        await desk.look()
        assert desk.clock.waits[0] == 1200.0
        assert await desk.published() == ["b"]


async def test_a_feed_at_another_address_is_a_new_one(followed: OpenDesk, site: Site) -> None:
    async with followed() as desk:
        await desk.look()
    site.hold("b", "a")
    async with followed(url=site.url + "/other") as desk:
        await desk.look()
        assert desk.clock.waits[0] == 0.0
        assert await desk.published() == []
        site.hold("c", "b", "a")
        await desk.look()
        assert await desk.published() == ["c"]


async def test_a_clock_that_was_years_ahead_does_not_keep_us_away(followed: OpenDesk) -> None:
    async with followed(start=NOON + timedelta(days=4000)) as desk:
        await desk.look()
    async with followed() as desk:
        await desk.look()
        assert desk.clock.waits[0] == pytest.approx(86400.0 * 1.1)


async def test_a_crash_between_the_journal_and_the_table_tells_nothing_twice(
    followed: OpenDesk, site: Site
) -> None:
    async with followed() as desk:
        await desk.look()
        site.hold("b", "a")
        await desk.look()
        before = await desk.happened()
        async with desk.store.transaction() as tx:
            await tx.execute(text("DELETE FROM feed_entries WHERE entry = 'b'"))
        await desk.look()
        assert await desk.happened() == before


async def test_a_journal_that_cannot_be_written_loses_nothing_and_asks_the_site_no_sooner(
    followed: OpenDesk, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with followed() as desk:
        await desk.look()
        site.hold("b", "a")

        async def full(*_drafts: object) -> None:
            raise JournalError("no room")

        with monkeypatch.context() as patch:
            patch.setattr(desk.journal, "append", full)
            with pytest.raises(JournalError):
                await desk.look()
        desk.task = asyncio.create_task(desk.follower.run())  # as the supervisor does
        await desk.look()
        assert desk.clock.waits[-2] == HALF_AN_HOUR
        assert await desk.published() == ["b"]


# --- what goes wrong ---


async def _told(desk: Desk) -> list[str]:
    """Look twice and return the warnings that were logged."""
    with capture_logs() as logs:
        await desk.look(2)
    return [entry["problem"] for entry in logs if entry["log_level"] == "warning"]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"<!DOCTYPE html><html><head><title>Down</title></head></html>", "not RSS or Atom but a web page"),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', "not RSS or Atom but JSON"),
        (b"", "not RSS or Atom but empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "not RSS or Atom but something else"),
        (b"<channel>", "not RSS or Atom"),
        (b"<rss>" + b"<a>" * 50_000, "more than 40000 tags"),
        (b"<rss>" + b"x" * 3 * 1024 * 1024, "longer than 2048 KiB"),
    ],
)
async def test_what_is_no_feed_is_told_once_and_kept_in_words(
    followed: OpenDesk, site: Site, body: bytes, problem: str
) -> None:
    async with followed() as desk:
        await desk.look()
        good, site.body = site.body, body
        (warning,) = await _told(desk)
        assert problem in warning
        state = desk.follower.state
        assert (state.problem, state.failures) == (warning, 2)
        site.body = good
        with capture_logs() as logs:
            await desk.look()
        assert [entry["event"] for entry in logs] == ["the feed can be read again"]
        assert (desk.follower.state.problem, desk.follower.state.failures) == (None, 0)


async def test_another_problem_is_news_and_a_restart_is_none(followed: OpenDesk, site: Site) -> None:
    site.status = 500
    async with followed() as desk:
        assert await _told(desk) == ["the site answered with status 500"]
        site.status = 404
        assert await _told(desk) == ["the site answered with status 404"]
    async with followed(start=NOON + timedelta(days=1)) as desk:
        assert await _told(desk) == []
        assert desk.follower.state.failures == 6


async def test_a_redirect_to_a_private_address_is_refused(
    followed: OpenDesk, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "bridge.website.outgoing.is_public", lambda address: address == "127.0.0.1" or is_public(address)
    )
    site.other["/feed"] = (301, {"Location": "http://169.254.169.254/latest/meta-data/"})
    async with followed(way=Outgoing(redirects=5)) as desk:
        (warning,) = await _told(desk)
    assert "private network" in warning
    assert "169.254" not in warning


async def test_a_site_on_this_machine_is_refused_unless_allowed(followed: OpenDesk, site: Site) -> None:
    async with followed(way=Outgoing(redirects=5)) as desk:
        (warning,) = await _told(desk)
    assert "allow-private" in warning
    assert site.asked == []


async def test_a_site_that_never_ends_its_answer_is_left(followed: OpenDesk, site: Site) -> None:
    site.endless = True
    async with followed(way=Outgoing(allow_private=True, timeout_s=0.1)) as desk:
        await desk.look()
        assert desk.follower.state.problem == "no complete answer within 0.1 s"


async def test_a_wrong_charset_is_read_as_well_as_it_can_be(followed: OpenDesk, site: Site) -> None:
    async with followed() as desk:
        await desk.look()
        site.headers = {"Content-Type": "application/rss+xml; charset=utf-8"}
        site.body = (
            "<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>t</title>"
            "<item><guid>b</guid><title>Été</title></item></channel></rss>"
        ).encode("cp1252")
        await desk.look()
        assert await desk.published() == ["b"]
        assert "t" in (await desk.announced())[0]


async def test_the_address_is_in_no_log_line(followed: OpenDesk, site: Site) -> None:
    site.other["/feed"] = (301, {"Location": "/new?token=secret2"})
    async with followed(url=site.url + "?token=secret1") as desk:
        with capture_logs() as logs:
            await desk.look()
            site.status = 500
            await desk.look()
    assert len(logs) == 2
    assert "secret" not in str(logs)
