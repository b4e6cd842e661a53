"""Announcements of the site: old ones stay quiet, new and changed ones are told once."""

from __future__ import annotations

import pytest

from bridge.events import AnnouncementMade, ChannelId, ServerId
from bridge.features.contract import Parts
from bridge.features.nameless.api import NamelessApi
from bridge.features.nameless.news import MOST_TEXT, News
from bridge.features.nameless.problems import NamelessError
from bridge.journal import SourceName
from bridge.simulator.nameless import FaultKind, SimNameless, SiteAnnouncement
from bridge.store.nameless import keep_announcements
from tests.features.nameless.conftest import CHANNEL, Clock

OLD = SiteAnnouncement(id=1, header="Old", message="<p>Was there before</p>")
TEA = SiteAnnouncement(id=2, header="Tea & cake", message='<p>At <b>five</b>, <a href="/map">here</a></p>')


@pytest.fixture
def news(api: NamelessApi, parts: Parts, sim_nameless: SimNameless, clock: Clock) -> News:
    return News(
        api,
        parts.store,
        parts.journal,
        site=sim_nameless.url,
        channels=(ChannelId(CHANNEL),),
        servers=(ServerId("survival"),),
        catalogue=lambda: parts.catalogue,
        now=clock,
    )


async def told(parts: Parts) -> list[AnnouncementMade]:
    records = await parts.journal.recent(SourceName("announce:nameless"), (AnnouncementMade,), most=100)
    return [record.event for record in records if isinstance(record.event, AnnouncementMade)]


async def test_the_first_look_tells_nothing(news: News, parts: Parts, sim_nameless: SimNameless) -> None:
    sim_nameless.announcements = [OLD]
    await news.once()
    await news.once()
    assert await told(parts) == []


async def test_a_new_one_is_told_once_everywhere(
    news: News, parts: Parts, sim_nameless: SimNameless, clock: Clock
) -> None:
    await news.once()  # nothing is there, which is a first look all the same
    sim_nameless.announcements = [OLD, TEA]
    await news.once()
    await news.once()
    old, tea = await told(parts)
    assert old.markup == "📣 **Old**\nWas there before"
    assert tea.markup == f"📣 **Tea & cake**\nAt **five**, here ({sim_nameless.url}/map)"
    assert (tea.origin, tea.channels, tea.servers) == ("nameless", (CHANNEL,), ("survival",))
    assert (tea.url, tea.at) == (sim_nameless.url, clock.at)


async def test_a_changed_one_is_told_again(news: News, parts: Parts, sim_nameless: SimNameless) -> None:
    sim_nameless.announcements = [OLD]
    await news.once()
    sim_nameless.announcements = [SiteAnnouncement(id=1, header="Old", message="Is there now")]
    await news.once()
    await news.once()
    assert [event.markup for event in await told(parts)] == ["📣 **Old** (changed)\nIs there now"]


async def test_one_that_comes_back_is_not_told_again(
    news: News, parts: Parts, sim_nameless: SimNameless
) -> None:
    sim_nameless.announcements = [OLD]
    await news.once()
    sim_nameless.announcements = []
    await news.once()
    sim_nameless.announcements = [OLD]
    await news.once()
    assert await told(parts) == []


async def test_a_stop_between_telling_and_noting_tells_nothing_twice(
    news: News, parts: Parts, sim_nameless: SimNameless, clock: Clock
) -> None:
    async with parts.store.transaction() as tx:
        await keep_announcements(tx, sim_nameless.url, {}, at=clock.at)
    sim_nameless.announcements = [TEA]
    await news.once()
    async with parts.store.transaction() as tx:  # as if it had not come to noting
        await keep_announcements(tx, sim_nameless.url, {"2": ""}, at=clock.at)
    clock.forward(minutes=5)
    await news.once()
    assert len(await told(parts)) == 1


async def test_another_site_is_looked_at_anew(
    api: NamelessApi, parts: Parts, sim_nameless: SimNameless, clock: Clock
) -> None:
    sim_nameless.announcements = [OLD]
    for site in ("https://one.example", "https://two.example"):
        news = News(
            api,
            parts.store,
            parts.journal,
            site=site,
            channels=(),
            servers=(ServerId("survival"),),
            catalogue=lambda: parts.catalogue,
            now=clock,
        )
        await news.once()
    assert await told(parts) == []


async def test_a_long_one_is_cut(news: News, parts: Parts, sim_nameless: SimNameless) -> None:
    await news.once()
    sim_nameless.announcements = [SiteAnnouncement(id=1, header="h" * 900, message="word " * 2000)]
    await news.once()
    (event,) = await told(parts)
    assert MOST_TEXT <= len(event.markup) < 2000
    assert event.markup.endswith("…")


async def test_an_answer_that_makes_no_sense_changes_nothing(
    news: News, parts: Parts, sim_nameless: SimNameless
) -> None:
    sim_nameless.faults.add(FaultKind.GARBAGE)
    with pytest.raises(NamelessError):
        await news.once()
    sim_nameless.announcements = [OLD]
    await news.once()
    assert await told(parts) == []
