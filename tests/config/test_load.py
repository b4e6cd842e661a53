from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.config.load import Loaded, load
from bridge.config.problems import SettingsError
from bridge.config.shape import every_key

Load = Callable[..., Loaded]
Problems = Callable[..., list[str]]

MINIMAL = "servers: {survival: {rcon: {password: correct horse}}}\n"
DISCORD = """
discord:
  token: "${DISCORD_TOKEN}"
  guild: "${DISCORD_GUILD}"
  channels: {staff: "110373943822540801", main: "110373943822540802"}
"""


def test_minimal_settings_get_the_defaults(load_text: Load) -> None:
    loaded = load_text(MINIMAL)
    rcon = loaded.settings.servers["survival"].rcon
    assert rcon is not None
    assert (rcon.port, rcon.timeout_s, rcon.password.get_secret_value()) == (25575, 5.0, "correct horse")
    assert loaded.warnings == ()


def test_the_result_cannot_be_changed(load_text: Load) -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_text(MINIMAL).settings.community.name = "other"  # type: ignore[misc]  # that is the claim


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("500ms", 0.5), ("30s", 30), ("10m", 600), ("2h", 7200), ("1.5h", 5400), ("0s", 0)],
)
def test_durations_have_units(load_text: Load, written: str, seconds: float) -> None:
    assert load_text(f"{MINIMAL}relay: {{late-after: {written}}}").settings.relay.late_after_s == seconds


@pytest.mark.parametrize(("written", "value"), [("on", True), ("off", False), ("yes", True), ("No", False)])
def test_a_switch_understands_on_off_yes_no(load_text: Load, written: str, value: bool) -> None:
    assert load_text(f"{MINIMAL}website: {{enabled: {written}}}").settings.website.enabled is value


def test_off_is_a_word_where_it_is_a_choice(load_text: Load) -> None:
    text = "rooms: {r: {servers: [survival], website: off}}"
    assert load_text(MINIMAL + text).settings.rooms["r"].website == "off"


def test_blocks_whose_keys_are_commented_out_are_defaults(load_text: Load) -> None:
    loaded = load_text(f"{MINIMAL}relay:\nrooms:\nprivacy:\n  # mask-addresses: false\n")
    assert loaded.settings.relay.game_length == 256
    assert loaded.settings.privacy.mask_addresses


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "bridge.yml"
    path.write_bytes(b"\xef\xbb\xbf" + MINIMAL.encode().replace(b"\n", b"\r\n"))
    assert "survival" in load(path, {}).settings.servers


# --- rooms


def test_without_rooms_there_is_one_with_every_server_and_the_channel_named_main(load_text: Load) -> None:
    rooms = load_text(MINIMAL + DISCORD).settings.rooms
    assert list(rooms) == ["main"]
    room = rooms["main"]
    assert (room.servers, room.channels, room.website) == (("survival",), ("main",), "off")


def test_without_a_channel_named_main_the_first_one_is_taken(load_text: Load) -> None:
    rooms = load_text(MINIMAL + DISCORD.replace("main:", "other:")).settings.rooms
    assert rooms["main"].channels == ("staff",)


def test_without_discord_the_website_is_the_other_end(load_text: Load) -> None:
    room = load_text(MINIMAL).settings.rooms["main"]
    assert (room.channels, room.website) == ((), "read")


def test_a_room_where_nobody_listens_and_a_server_that_nobody_hears_are_pointed_out(load_text: Load) -> None:
    servers = "servers: {a: {log: {path: a}}, b: {log: {path: b}}}\nrooms: {r: {servers: [a]}}\n"
    told = [f"{warning.key}: {warning.message}" for warning in load_text(servers).warnings]
    assert told == [
        "servers.b: is in no room: its chat goes nowhere",
        "rooms.r: has fewer than two ends: nothing to relay",
    ]


def test_a_short_password_is_pointed_out_without_being_shown(load_text: Load) -> None:
    (warning,) = load_text(MINIMAL.replace("correct horse", "abc12")).warnings
    assert "shorter than 8" in str(warning)
    assert "abc12" not in str(warning)


# --- paths


def test_paths_start_where_the_settings_file_is(load_text: Load, tmp_path: Path) -> None:
    settings = load_text("servers: {a: {log: {path: logs/latest.log}}}").settings
    log = settings.servers["a"].log
    assert log is not None
    assert log.path == tmp_path / "logs/latest.log"
    assert settings.data == tmp_path / "data"


def test_a_tilde_is_the_home_folder(load_text: Load) -> None:
    assert load_text(f"{MINIMAL}data: ~/bridge").settings.data == Path("~/bridge").expanduser()


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (
            lambda _: None,
            "there is no such file; copy configs/minimal.yml and change it, or name another file",
        ),
        (lambda path: path.mkdir(), "cannot be read: is a directory; name a file that this user may read"),
        (
            lambda path: path.write_bytes(b"a: b\nc: \xff"),
            "is not UTF-8; save it as UTF-8 in your editor",
        ),
        (lambda path: path.write_bytes(b"#" * 1_000_001), "is longer than 1000000 characters"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(
    tmp_path: Path, make: Callable[[Path], object], told: str
) -> None:
    path = tmp_path / "bridge.yml"
    make(path)
    with pytest.raises(SettingsError) as failure:
        load(path, {})
    assert str(failure.value).endswith(told)


# --- the environment


def test_variables_are_filled_in(load_text: Load) -> None:
    text = (
        f'{MINIMAL}website: {{port: "${{PORT}}", host: "${{A}}.${{B}}"}}\ncommunity: {{name: "$${{PORT}}"}}'
    )
    settings = load_text(text, {"PORT": "8081", "A": "mc", "B": "local"}).settings
    assert (settings.website.port, settings.website.host) == (8081, "mc.local")
    assert settings.community.name == "${PORT}"


def test_what_a_variable_holds_is_text_and_never_yaml(load_text: Load) -> None:
    settings = load_text(f"{MINIMAL}community: {{name: '${{N}}'}}", {"N": "[a, &b {c: ${N}}]"}).settings
    assert settings.community.name == "[a, &b {c: ${N}}]"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (
            "${NOPE}",
            "the variable NOPE is not set in the environment; set NOPE, or write the value here in quotes",
        ),
        (
            "${EMPTY}",
            "the variable EMPTY is not set in the environment; set EMPTY, or write the value here in quotes",
        ),
        ("${NAMEE}", "the variable NAMEE is not set in the environment; did you mean 'NAME'?"),
        ("${}", "has '${' without the name of a variable; write $${ for the characters ${"),
        ("${NAME", "has '${' without the name of a variable; write $${ for the characters ${"),
        ("${LINES}", "the variable LINES holds a line break or another character that is no text"),
    ],
)
def test_a_variable_that_cannot_be_used_is_told_once(problems_of: Problems, written: str, told: str) -> None:
    environ = {"EMPTY": "", "NAME": "x", "LINES": "a\nb"}
    assert problems_of(f"{MINIMAL}community: {{name: '{written}'}}", environ) == [
        f"2: community.name: {told}"
    ]


def test_what_a_variable_holds_is_not_shown(problems_of: Problems) -> None:
    told = problems_of(
        f"{MINIMAL}website: {{port: '${{PORT}}', public-url: '${{URL}}'}}",
        {"PORT": "s3cret", "URL": "s3cret"},
    )
    assert told == [
        "2: website.port: what ${PORT} stands for is not a whole number from 0 to 65535",
        "2: website.public-url: what ${URL} stands for is not an address that begins with https:// or http://",
    ]


# --- secrets in files

WITH_FILE = "servers: {a: {rcon: {password-file: secret}}}\n"


@pytest.mark.parametrize("content", [b"correct horse", b"correct horse\n", b"\xef\xbb\xbfcorrect horse\r\n"])
def test_a_secret_can_come_from_a_file(load_text: Load, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "secret").write_bytes(content)
    (tmp_path / "secret").chmod(0o600)
    loaded = load_text(WITH_FILE)
    rcon = loaded.settings.servers["a"].rcon
    assert rcon is not None
    assert rcon.password.get_secret_value() == "correct horse"
    assert loaded.warnings == ()


def test_a_secret_file_can_be_named_by_a_variable(load_text: Load, tmp_path: Path) -> None:
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "rcon").write_text("correct horse")
    text = WITH_FILE.replace("secret", '"${CREDENTIALS_DIRECTORY}/rcon"')
    loaded = load_text(text, {"CREDENTIALS_DIRECTORY": str(tmp_path / "credentials")})
    assert loaded.settings.servers["a"].rcon is not None


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot be read: no such file or directory; looked for {file}"),
        (b"", "is empty; looked into {file}"),
        (b"\n", "is empty; looked into {file}"),
        (b"a\nb\n", "is not one line with the secret; looked into {file}"),
        (b"x" * 5000, "is not one line with the secret; looked into {file}"),
        (b"\xff\xfe", "is not a text file"),
        (b"change-me\n", "is still the example; write your own value"),
    ],
)
def test_a_secret_file_that_cannot_be_used_is_told_once(
    problems_of: Problems, tmp_path: Path, content: bytes | None, told: str
) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    assert problems_of(WITH_FILE) == [f"1: servers.a.rcon.password-file: {told.format(file=file)}"]


def test_a_pipe_is_no_secret_file(problems_of: Problems, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "secret")
    assert problems_of(WITH_FILE) == [
        f"1: servers.a.rcon.password-file: is not a file; looked for {tmp_path / 'secret'}"
    ]


def test_a_secret_has_one_place(problems_of: Problems) -> None:
    text = "servers: {a: {rcon: {password-file: secret, password: correct horse}}}\n"
    assert problems_of(text) == [
        "1: servers.a.rcon.password-file: is set beside password; keep one of the two"
    ]


def test_secrets_that_everybody_can_read_are_pointed_out(load_text: Load, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("correct horse")
    (tmp_path / "secret").chmod(0o644)
    assert "chmod 600" in str(load_text(WITH_FILE).warnings[0])
    (tmp_path / "open.yml").write_text(MINIMAL)
    (tmp_path / "open.yml").chmod(0o644)
    assert "everybody on this machine" in str(load(tmp_path / "open.yml", {}).warnings[0])


# --- secrets stay secret


def test_secrets_are_in_no_repr_and_no_problem_and_no_traceback(
    load_text: Load, environ: dict[str, str]
) -> None:
    text = MINIMAL + DISCORD
    for shown in (repr(load_text(text)), str(load_text(text).settings)):
        assert "correct horse" not in shown
        assert environ["DISCORD_TOKEN"] not in shown
    wrong = f"{text}version: 7\nlogging: {{level: 'correct'}}\n".replace("token:", "token: 5\n  tokn:")
    with pytest.raises(SettingsError) as failure:
        load_text(wrong)
    told = "".join(traceback.format_exception(failure.value)) + repr(failure.value)
    assert "correct horse" not in told
    assert environ["DISCORD_TOKEN"] not in told


# --- anything at all

_KEYS = sorted({step for key, _ in every_key() for step in key.split(".")} | {"token-file", "<<", "a b", "1"})
_SCALARS = st.one_of(
    st.sampled_from(
        ["on", "0x1", "01", "1.5", "1:30", "~", "", "${A}", "${", "{", "*a", "&a x", "!t x", "5s", "'", '"']
    ),
    st.text(max_size=12),
    st.integers().map(str),
)
_LINES = st.builds(
    lambda depth, key, value: f"{'  ' * depth}{key}: {value}",
    st.integers(0, 4),
    st.sampled_from(_KEYS),
    _SCALARS,
)
_TEXTS = st.one_of(st.lists(_LINES, max_size=12).map("\n".join), st.text(max_size=60))


def problems_in(path: Path, environ: dict[str, str]) -> list[str] | None:
    """Return what is wrong with a file, None when it can be used."""
    try:
        load(path, environ)
    except SettingsError as exc:
        return [str(problem) for problem in exc.problems]
    return None


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=_TEXTS)
def test_any_text_gives_settings_or_problems(tmp_path: Path, text: str) -> None:
    """Whatever stands in the file, the answer is settings or words with a place."""
    path = tmp_path / "any.yml"
    path.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
    told = problems_in(path, {"A": "b"})
    assert told != []
    assert all(line.isprintable() for line in told or ())


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=80))
def test_any_bytes_give_settings_or_problems(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.yml"
    path.write_bytes(content)
    with pytest.raises(SettingsError):
        load(path, {})


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=4),
    max_leaves=15,
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.dictionaries(st.sampled_from(_KEYS), _VALUES, min_size=1, max_size=5))
def test_any_tree_gives_settings_or_problems(tmp_path: Path, value: object) -> None:
    """Keys that exist with values of every kind in every place."""
    import yaml  # noqa: PLC0415 - only here: the product never writes YAML

    path = tmp_path / "any.yml"
    path.write_text(yaml.safe_dump(value), encoding="utf-8")
    assert all(line.isprintable() for line in problems_in(path, {}) or ())


def test_the_process_environment_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "BRIDGE_TEST_NAME", "From outside")
    path = tmp_path / "bridge.yml"
    path.write_text(f"{MINIMAL}community: {{name: '${{BRIDGE_TEST_NAME}}'}}")
    assert load(path).settings.community.name == "From outside"
