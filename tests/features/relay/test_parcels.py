"""Packing keeps every line, in order, once, within Discord's limit."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bridge.features.relay.parcels import (
    MESSAGE_LIMIT,
    Line,
    Parcel,
    Voice,
    next_parcel,
    split_long,
    split_markup,
)

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)


def line(position: int, name: str | None, text: str, *, late: bool = False) -> Line:
    return Line(
        positions=(position,),
        at=AT,
        recorded_at=AT,
        late=late,
        name=name,
        avatar_url=f"https://heads.example/{name}" if name else None,
        body=text,
        inline=f"{name}: {text}" if name else text,
    )


def announced(position: int, text: str) -> Line:
    return Line(positions=(position,), at=AT, recorded_at=AT, announced=True, body=text, inline=text)


def pack_all(lines: list[Line], voice: Voice) -> list[Parcel]:
    parcels = []
    while lines:
        parcel = next_parcel(lines, voice)
        assert parcel.lines, "a parcel without lines would never end"
        parcels.append(parcel)
        lines = lines[len(parcel.lines) :]
    return parcels


def test_consecutive_lines_of_one_player_share_a_message() -> None:
    parcels = pack_all([line(1, "Mira", "hi"), line(2, "Mira", "there"), line(3, "Odo", "hey")], Voice())
    assert [(p.name, p.contents) for p in parcels] == [("Mira", ("hi\nthere",)), ("Odo", ("hey",))]
    assert parcels[0].avatar_url == "https://heads.example/Mira"


def test_many_speakers_waiting_are_told_in_one_message() -> None:
    lines = [line(i, f"P{i % 7}", f"text {i}") for i in range(20)]
    (parcel,) = pack_all(lines, Voice())
    assert parcel.name is None
    assert parcel.contents[0].splitlines() == [one.inline for one in lines]


def test_a_refused_name_is_told_inline() -> None:
    (parcel,) = pack_all([line(1, "clyde", "hi")], Voice(refused=frozenset({"clyde"})))
    assert (parcel.name, parcel.contents) == (None, ("clyde: hi",))


def test_late_lines_are_told_together_under_a_heading() -> None:
    lines = [line(1, "Mira", "a", late=True), line(2, "Odo", "b", late=True), line(3, "Mira", "c")]
    parcel = next_parcel(lines, Voice(), heading="2 messages arrived late")
    assert parcel.contents == ("2 messages arrived late\nMira: a\nOdo: b",)
    assert len(parcel.lines) == 2


def test_a_very_long_line_becomes_several_messages() -> None:
    (parcel,) = pack_all([line(1, "Mira", "word " * 1000)], Voice())
    assert len(parcel.contents) == 3
    assert all(len(content) <= MESSAGE_LIMIT for content in parcel.contents)
    assert " ".join(parcel.contents).split() == ["word"] * 1000


def test_an_announcement_is_a_message_of_its_own() -> None:
    lines = [
        line(1, None, "one"),
        announced(2, "two"),
        announced(3, "three"),
        line(4, None, "four"),
        line(5, None, "five"),
    ]
    assert [p.contents for p in pack_all(lines, Voice())] == [("one",), ("two",), ("three",), ("four\nfive",)]


def test_an_announcement_is_no_part_of_what_is_told_together_when_behind() -> None:
    lines = [line(i, f"P{i}", f"text {i}") for i in range(6)]
    lines[3:3] = [announced(90, "News")]
    first, second, *_ = pack_all(lines, Voice())
    assert first.contents == ("P0: text 0\nP1: text 1\nP2: text 2",)
    assert (second.name, second.contents) == (None, ("News",))


def test_a_long_announcement_is_cut_between_lines() -> None:
    lines = [f"- {number} {'word ' * 20}" for number in range(40)]
    (parcel,) = pack_all([announced(1, "\n".join(lines))], Voice())
    assert len(parcel.contents) > 1
    assert "\n".join(parcel.contents).split("\n") == lines


def test_code_that_is_cut_goes_on_as_code() -> None:
    code = "\n".join(f"line {number}" for number in range(400))
    messages = split_markup(f"Look:\n```\n{code}\n```\nThat was it.")
    assert len(messages) == 2
    assert all(message.count("```") == 2 for message in messages)
    assert all(message.startswith("```\n") for message in messages[1:])
    assert "\n".join(messages).replace("```", "").split() == f"Look: {code} That was it.".split()


@given(st.text(alphabet="ab` \n\u00a0", max_size=400), st.integers(20, 60))
def test_split_markup_keeps_every_visible_character_within_the_limit(text: str, limit: int) -> None:
    messages = split_markup(text, limit)
    assert all(len(message) <= limit for message in messages)
    assert [c for message in messages for c in message if c in "ab"] == [c for c in text if c in "ab"]


@given(st.text(alphabet="ab \n", min_size=1, max_size=300), st.integers(2, 50))
def test_split_long_loses_nothing_but_the_space_at_the_cut(text: str, limit: int) -> None:
    pieces = split_long(text, limit)
    assert all(0 < len(piece) <= limit for piece in pieces)
    assert "".join(pieces).replace(" ", "").replace("\n", "") == text.replace(" ", "").replace("\n", "")


@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, "Mira", "Odo", "clyde"]),
            st.text(min_size=1, max_size=700),
            st.sampled_from(["said", "late", "announced"]),
        ),
        min_size=1,
        max_size=40,
    ),
    st.booleans(),
)
def test_every_line_is_packed_once_and_in_order(
    said: list[tuple[str | None, str, str]], own_names: bool
) -> None:
    lines = [
        announced(i, text) if how == "announced" else line(i, name, text, late=how == "late")
        for i, (name, text, how) in enumerate(said)
    ]
    parcels = pack_all(list(lines), Voice(own_names=own_names, refused=frozenset({"clyde"})))
    assert [one for parcel in parcels for one in parcel.lines] == lines
    for parcel in parcels:
        assert all(len(content) <= MESSAGE_LIMIT for content in parcel.contents)
        assert len(parcel.lines) == 1 or not any(one.announced for one in parcel.lines)
        if parcel.name is None:
            assert "\n".join(parcel.contents) == "\n".join(one.inline for one in parcel.lines)
        else:
            assert own_names
            assert all(one.name == parcel.name and not one.late for one in parcel.lines)
