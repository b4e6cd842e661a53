"""The Management Protocol's messages, in all the shapes in which servers write them, and in none."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.events import ListedPlayer
from bridge.minecraft.management_wire import (
    MOST_REQUEST_BYTES,
    AddressBan,
    Ban,
    Json,
    Notification,
    Offer,
    Operator,
    Reply,
    RpcProblem,
    TooLong,
    player_value,
    read_address_bans,
    read_bans,
    read_frames,
    read_moment,
    read_offer,
    read_operators,
    read_player,
    read_players,
    read_state,
    request,
)

UUID = "11111111-2222-4333-8444-555555555555"
MIRA = ListedPlayer(name="Mira", uuid=UUID)
VALUE = {"id": UUID, "name": "Mira"}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "id",
                    "name",
                    "started",
                    "players",
                    "player",
                    "version",
                    "protocol",
                    "info",
                    "methods",
                    "ip",
                    "error",
                    "result",
                    "code",
                    "message",
                    "data",
                    "method",
                    "params",
                    "expires",
                    "reason",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


def frames(**message: Json) -> list[Reply | Notification]:
    return read_frames(json.dumps({"jsonrpc": "2.0", **message}))


def test_a_request_has_params_only_where_there_are_some() -> None:
    assert json.loads(request(1, "minecraft:players")) == {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "minecraft:players",
    }
    assert json.loads(request(7, "minecraft:allowlist/add", [[{"name": "jeb_"}]]))["params"] == [
        [{"name": "jeb_"}]
    ]


def test_a_request_that_the_server_would_not_read_is_not_made() -> None:
    with pytest.raises(TooLong):
        request(1, "x", ["é" * (MOST_REQUEST_BYTES // 2)])
    with pytest.raises(ValueError, match="half a character"):
        request(1, "x", ["\ud800"])


@pytest.mark.parametrize("prefix", ["minecraft:notification/", "notification:"])
@pytest.mark.parametrize("params", [[VALUE], VALUE, {"player": VALUE}, [[VALUE]], [{"value": VALUE}]])
def test_a_notification_has_old_and_new_names_and_its_data_in_any_wrapping(prefix: str, params: Json) -> None:
    (told,) = frames(method=f"{prefix}players/joined", params=params)
    assert isinstance(told, Notification)
    assert told.name == "players/joined"
    assert read_player(told.data) == MIRA


@pytest.mark.parametrize("message", [{}, {"params": []}, {"params": None}, {"params": {}}])
def test_a_notification_may_have_no_data(message: dict[str, Json]) -> None:
    assert frames(method="minecraft:notification/server/started", **message) == [
        Notification("server/started")
    ]


def test_a_player_without_uuid_is_not_unwrapped() -> None:
    (told,) = frames(method="notification:players/left", params=[{"name": "Mira"}])
    assert isinstance(told, Notification)
    assert read_player(told.data) == ListedPlayer(name="Mira")


@pytest.mark.parametrize(
    "message",
    [
        {"error": {"code": -32601, "message": "Method not found", "data": "Method not found: x"}},
        {"result": {"error": {"code": -32601, "message": "Method not found", "data": "Method not found: x"}}},
        {"result": {"code": -32601, "message": "Method not found", "data": "Method not found: x"}},
    ],
)
def test_a_problem_may_stand_where_a_result_should(message: Json) -> None:
    problem = RpcProblem(-32601, "Method not found: Method not found: x")
    assert frames(id=3, **message) == [Reply(3, None, problem)]


def test_a_result_may_be_nothing_and_several_messages_may_come_at_once() -> None:
    assert frames(id=3, result=None) == [Reply(3)]
    assert read_frames('[{"id": 1, "result": true}, {"id": 2, "result": []}, 5]') == [
        Reply(1, True),
        Reply(2, []),
    ]


@pytest.mark.parametrize(
    "text", ["", "no", "5", "[]", "{}", '{"id": 1}', '{"id": true, "result": 1}', '{"id": "1", "result": 1}',
             '{"method": "other:thing"}', '{"method": 5}', "[" * 100_000, b"\xff"]
)  # fmt: skip
def test_what_is_no_message_is_none(text: str | bytes) -> None:
    assert read_frames(text) == []


@given(json_values)
def test_no_value_of_a_server_breaks_a_reader(value: Json) -> None:
    """Each returns something of its own type or nothing, whatever comes."""
    for frame in read_frames(json.dumps(value)):
        assert isinstance(frame, Reply | Notification)
    for read in (
        read_player,
        read_players,
        read_state,
        read_operators,
        read_bans,
        read_address_bans,
        read_moment,
    ):
        read(value)
    assert isinstance(read_offer(value), Offer)


@given(st.binary() | st.text())
def test_no_bytes_of_a_server_break_the_reader(data: bytes | str) -> None:
    for frame in read_frames(data):
        assert isinstance(frame, Reply | Notification)


def test_the_state_of_a_server() -> None:
    state = read_state(
        {"started": True, "players": [VALUE, {"id": UUID}], "version": {"name": "26.1", "protocol": 9}}
    )
    assert state is not None
    assert (state.started, state.players, state.version, state.protocol) == (True, (MIRA,), "26.1", 9)
    before = read_state({"started": False})
    assert before is not None
    assert (before.started, before.players, before.version) == (False, None, None)
    assert read_state({"started": "yes"}) is None


def test_operators_and_bans() -> None:
    assert read_operators([{"player": VALUE, "permissionLevel": 3, "bypassesPlayerLimit": True}, {}]) == (
        Operator(player=MIRA, level=3, bypasses_limit=True),
    )
    ban = {"player": VALUE, "reason": "grief\n", "source": "Noah", "expires": "2026-05-01T14:00:00+02:00"}
    until = datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert read_bans([ban]) == (Ban(player=MIRA, reason="grief", source="Noah", expires=until),)
    assert read_address_bans([{"ip": "203.0.113.7"}, {}]) == (AddressBan(address="203.0.113.7"),)


def test_what_a_server_can_do() -> None:
    offer = read_offer({"info": {"version": "2.0.0"}, "methods": [{"name": "minecraft:players"}, {}]})
    assert offer == Offer("2.0.0", frozenset({"minecraft:players"}))
    assert offer.lacks("minecraft:bans")
    assert not offer.lacks("minecraft:players")
    assert not Offer().lacks("minecraft:bans")


@pytest.mark.parametrize("uuid", [UUID, UUID.replace("-", ""), UUID.upper()])
def test_uuids_have_one_spelling(uuid: str) -> None:
    assert read_player({"id": uuid, "name": "Mira"}) == MIRA


@pytest.mark.parametrize("name", ["", "x" * 41, "a\nb", 5, None])
def test_what_is_no_name_is_no_player(name: Json) -> None:
    assert read_player({"id": UUID, "name": name}) is None


def test_a_player_is_told_to_the_server_by_both() -> None:
    assert player_value(MIRA) == VALUE
    assert player_value(ListedPlayer(name="Mira")) == {"name": "Mira"}
