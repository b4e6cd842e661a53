"""The site's API: what is sent, in which way it is reached, and what every kind of refusal means."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bridge.features.nameless.answers import (
    Announcements,
    GroupsTaken,
    Outcome,
    SiteInfo,
    UsersPage,
    is_object,
    read,
)
from bridge.features.nameless.api import PAGE, NamelessApi, ServerReport
from bridge.features.nameless.problems import NamelessError, Problem
from bridge.simulator.nameless import FaultKind, Integration, SimNameless, SiteServer
from bridge.website.outgoing import Outgoing
from tests.features.nameless.conftest import SERVER, MakeApi

STEVE = "069a79f444e94726a5befca90e38aaf5"
REPORT = ServerReport(
    server=SERVER, players={STEVE: "Steve"}, maximum=20, motd="Hello", interval_s=60, groups=("vip",)
)


async def problem_of(done: Awaitable[object]) -> NamelessError:
    with pytest.raises(NamelessError) as caught:
        await done
    return caught.value


async def test_info_tells_the_version(api: NamelessApi, sim_nameless: SimNameless) -> None:
    assert (await api.info()).nameless_version == sim_nameless.version
    (asked,) = sim_nameless.received
    assert (asked.method, asked.pretty, asked.key_from) == ("GET", True, "Authorization")


async def test_a_report_arrives_whole(api: NamelessApi, sim_nameless: SimNameless) -> None:
    await api.report(REPORT)
    server = sim_nameless.servers[SERVER]
    assert server.players == {STEVE: {"name": "Steve"}}
    assert (server.most_players, server.motd, server.interval_s) == (20, "Hello", 60)
    assert server.groups == ("vip",)


async def test_an_empty_report_is_taken(api: NamelessApi, sim_nameless: SimNameless) -> None:
    await api.report(ServerReport(server=SERVER, players={}, maximum=0, motd="", interval_s=60))
    (asked,) = sim_nameless.received
    assert asked.body is not None
    assert "groups" not in asked.body
    assert sim_nameless.servers[SERVER].players == {}


async def test_groups_arrive(api: NamelessApi, sim_nameless: SimNameless) -> None:
    sim_nameless.add_user("Steve", Integration(name="Minecraft", identifier=STEVE, username="Steve"))
    await api.set_groups(SERVER, {STEVE: ("vip", "builder")})
    assert sim_nameless.ranks == {STEVE: ("vip", "builder")}


async def test_groups_that_the_site_ignores_are_a_problem(
    api: NamelessApi, sim_nameless: SimNameless
) -> None:
    sim_nameless.group_server = 9
    error = await problem_of(api.set_groups(SERVER, {STEVE: ("vip",)}))
    assert (error.problem, error.passing) == (Problem.GROUPS_IGNORED, False)


@pytest.mark.parametrize("count", [0, 1, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE])
async def test_every_user_is_read_page_by_page(
    api: NamelessApi, sim_nameless: SimNameless, count: int
) -> None:
    for number in range(count):
        sim_nameless.add_user(
            f"u{number}", Integration(name="Discord", identifier=f"{10**17 + number}", username="u")
        )
    sim_nameless.add_user("unlinked")
    sim_nameless.add_user(
        "banned", Integration(name="Discord", identifier="9" * 18, username="b"), banned=True
    )
    sim_nameless.add_user("new", Integration(name="Discord", identifier="8" * 18, username="n"), active=False)
    assert [user.id async for user in api.users()] == list(range(1, count + 1))
    assert len(sim_nameless.received) == count // PAGE + 1


async def test_a_host_without_pretty_addresses_is_asked_through_the_index_and_remembered(
    api: NamelessApi, sim_nameless: SimNameless
) -> None:
    sim_nameless.pretty_urls = False
    await api.info()
    assert [user async for user in api.users()] == []
    assert [(one.route, one.pretty) for one in sim_nameless.received] == [("info", False), ("users", False)]
    assert sim_nameless.received[1].query["integration"] == "Discord"


async def test_the_way_is_looked_for_again_when_it_stops_working(
    api: NamelessApi, sim_nameless: SimNameless
) -> None:
    await api.info()
    sim_nameless.pretty_urls = False
    assert (await problem_of(api.info())).problem is Problem.NOT_JSON
    await api.info()
    assert not sim_nameless.received[-1].pretty


async def test_a_host_that_takes_the_first_header_away_gets_the_key_in_the_second(
    api: NamelessApi, sim_nameless: SimNameless
) -> None:
    sim_nameless.strips_authorization = True
    await api.info()
    assert sim_nameless.received[0].key_from == "X-API-Key"


@pytest.mark.parametrize("end", ["/", "/api/v2", "/api/v2/", "/index.php?route=/api/v2", "/index.php"])
async def test_the_address_of_the_api_is_understood_too(
    make_api: MakeApi, sim_nameless: SimNameless, end: str
) -> None:
    await make_api(url=sim_nameless.url + end).info()
    assert sim_nameless.received[0].pretty


async def test_a_wrong_key_is_told_without_it(make_api: MakeApi) -> None:
    error = await problem_of(make_api(api_key=SecretStr("not-the-key")).info())
    assert (error.problem, error.passing) == (Problem.WRONG_KEY, False)
    assert "not-the-key" not in str(error)


async def test_an_api_that_is_switched_off_is_told(api: NamelessApi, sim_nameless: SimNameless) -> None:
    sim_nameless.api_enabled = False
    error = await problem_of(api.info())
    assert (error.problem, error.passing) == (Problem.API_OFF, False)


async def test_an_unknown_server_and_a_bedrock_server_are_told(
    api: NamelessApi, sim_nameless: SimNameless
) -> None:
    sim_nameless.servers = {SERVER: SiteServer(id=SERVER, bedrock=True)}
    assert (await problem_of(api.report(REPORT))).problem is Problem.NO_SERVER
    sim_nameless.servers = {}
    assert (await problem_of(api.report(REPORT))).problem is Problem.NO_SERVER


FAULTS = [
    (FaultKind.ERROR, Problem.BROKEN, True),
    (FaultKind.CRASH, Problem.BROKEN, True),
    (FaultKind.HTML, Problem.NOT_JSON, True),
    (FaultKind.GARBAGE, Problem.UNREADABLE, True),
    (FaultKind.DROP, Problem.UNREACHABLE, True),
    (FaultKind.REDIRECT, Problem.MOVED, False),
]


@pytest.mark.parametrize(("fault", "problem", "passing"), FAULTS, ids=[fault for fault, *_ in FAULTS])
async def test_every_fault_is_told_by_its_meaning(
    api: NamelessApi, sim_nameless: SimNameless, fault: FaultKind, problem: Problem, passing: bool
) -> None:
    sim_nameless.faults.add(fault, times=None)
    error = await problem_of(api.info())
    assert (error.problem, error.passing) == (problem, passing)
    assert sim_nameless.key not in str(error)
    assert "127.0.0.1" not in str(error)
    sim_nameless.faults.clear()
    await api.info()


async def test_a_redirect_is_not_followed_and_its_host_is_told(
    api: NamelessApi, sim_nameless: SimNameless
) -> None:
    """The key would go with it."""
    sim_nameless.faults.add(FaultKind.REDIRECT, times=None)
    assert (await problem_of(api.info())).detail == "www.example.org"


async def test_a_site_that_never_answers_is_given_up(
    sim_nameless: SimNameless, make_api: MakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    sim_nameless.faults.add(FaultKind.HANG, times=None)
    async with Outgoing(allow_private=True, timeout_s=0.1) as impatient:
        api = make_api()
        monkeypatch.setattr(api, "_outgoing", impatient)
        error = await problem_of(api.info())
    assert (error.problem, error.passing) == (Problem.UNREACHABLE, True)


async def test_a_site_that_is_down_is_told(api: NamelessApi, sim_nameless: SimNameless) -> None:
    await sim_nameless.stop()
    assert (await problem_of(api.info())).problem is Problem.UNREACHABLE
    await sim_nameless.start()
    await api.info()


async def test_a_private_address_is_not_asked_unless_allowed(
    sim_nameless: SimNameless, make_api: MakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Outgoing() as public:
        api = make_api()
        monkeypatch.setattr(api, "_outgoing", public)
        error = await problem_of(api.info())
    assert (error.problem, error.passing) == (Problem.PRIVATE, False)
    assert sim_nameless.received == []


def test_php_words_are_understood() -> None:
    page = read(
        b'\xef\xbb\xbf {"users": [{"id": "7", "integrations": [{"integration": "Minecraft",'
        b' "identifier": "x", "verified": 1}, {"integration": "Discord", "identifier": null}]}]}',
        UsersPage,
    )
    (user,) = page.users
    assert (user.id, user.verified("Minecraft"), user.verified("Discord")) == (7, "x", None)


READERS: list[Callable[[bytes], object]] = [
    lambda body, wanted=wanted: read(body, wanted)  # type: ignore[misc]  # mypy cannot type defaults of a lambda
    for wanted in (Outcome, SiteInfo, UsersPage, Announcements, GroupsTaken)
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["users", "id", "integrations", "announcements", "error", "header", "log", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_whatever_is_answered_is_read_or_refused(body: bytes) -> None:
    is_object(body)
    for reader in READERS:
        try:
            reader(body)
        except NamelessError as exc:
            assert exc.problem is Problem.UNREADABLE  # noqa: PT017 - most answers raise nothing


def test_deep_json_is_refused() -> None:
    deep = b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    assert not is_object(deep)
    with pytest.raises(NamelessError):
        read(deep, UsersPage)
