from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bridge.config.hiding import MASKED, Hider, hosts_of, secrets_of
from bridge.config.logs import configure, configure_for, set_level
from bridge.config.problems import HIDDEN
from bridge.config.settings import BridgeSettings, LogFormat, LoggingSettings

TOKEN = f"{'M' * 24}.GabcdE.{'x' * 38}"
PASSWORD = 'pa"ss\\wörd'
log = structlog.get_logger("bridge.test")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Leave structlog and the standard library's log as they were."""
    root = logging.getLogger()
    handlers, level, configured = root.handlers[:], root.level, structlog.get_config()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**configured)


@pytest.fixture
def settings() -> BridgeSettings:
    return BridgeSettings.model_validate(
        {
            "servers": {"s": {"rcon": {"password": PASSWORD, "host": "10.0.0.5"}}},
            "discord": {"token": TOKEN, "guild": "1" * 18, "channels": {"main": "2" * 18}},
            "logging": {"format": "json", "level": "info"},
        }
    )


def json_lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_without_a_terminal_each_thing_is_one_json_object() -> None:
    stream = io.StringIO()
    configure(LoggingSettings(), stream)
    log.info("joined", server="survival", player="Stève\nline")
    (line,) = json_lines(stream)
    assert line["event"] == "joined"
    assert (line["level"], line["logger"], line["player"]) == ("info", "bridge.test", "Stève\nline")
    assert str(line["at"]).endswith("Z")


def test_on_a_terminal_it_is_for_people() -> None:
    stream = Terminal()
    configure(LoggingSettings(), stream)
    log.warning("joined", server="survival")
    assert "joined" in stream.getvalue()
    assert "\x1b[" in stream.getvalue()


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    configure(LoggingSettings(), stream)
    log.warning("joined", server="survival")
    assert "\x1b" not in stream.getvalue()
    assert "server=survival" in stream.getvalue()


def test_the_libraries_log_goes_the_same_way() -> None:
    stream = io.StringIO()
    configure(LoggingSettings(), stream)
    logging.getLogger("discord.gateway").warning("shard %s is slow", 3)
    logging.getLogger("discord.gateway").info("not told: quieter than our own")
    (line,) = json_lines(stream)
    assert (line["event"], line["logger"]) == ("shard 3 is slow", "discord.gateway")


def test_the_level_can_change_while_it_runs() -> None:
    stream = io.StringIO()
    configure(LoggingSettings(level="warning"), stream)
    log.info("before")
    set_level("debug")
    log.debug("after")
    assert [line["event"] for line in json_lines(stream)] == ["after"]


def test_setting_up_twice_does_not_tell_twice() -> None:
    first, second = io.StringIO(), io.StringIO()
    configure(LoggingSettings(), first)
    configure(LoggingSettings(), second)
    log.info("once")
    assert first.getvalue() == ""
    assert len(json_lines(second)) == 1


def failing(*said: str) -> ValueError:
    """Return an error that was raised and so has a traceback."""
    with pytest.raises(ValueError, match=r"invalid literal") as failure:
        int("".join(said))
    return failure.value


@pytest.mark.parametrize("form", ["json", "human"])
def test_no_secret_gets_through(settings: BridgeSettings, form: str) -> None:
    """In values, in texts, in reprs, in headers, in addresses, in tracebacks, from libraries."""
    stream = io.StringIO()
    logged = settings.model_copy(update={"logging": LoggingSettings(format=LogFormat(form))})
    configure_for(logged, stream)
    webhook = "https://discord.com/api/webhooks/123456789012345678/abcDEF-_abcDEF-_abcDEF-_abcDEF-_"
    log.info("text", value=f"the password is {PASSWORD}", nested={"a": [PASSWORD]}, as_repr=repr(PASSWORD))
    log.info("token", headers={"Authorization": f"Bot {TOKEN}"}, other="Authorization: Bearer abc.def-ghi")
    logging.getLogger("aiohttp.client").warning("POST %s", webhook)
    log.error("failed", exc_info=failing(PASSWORD, webhook))
    told = stream.getvalue()
    for secret in (
        PASSWORD,
        json.dumps(PASSWORD)[1:-1],
        repr(PASSWORD)[1:-1],
        TOKEN,
        "abcDEF-_",
        "abc.def-ghi",
    ):
        assert secret not in told
    assert "ValueError" in told
    assert "/webhooks/123456789012345678/" + HIDDEN in told


def test_players_addresses_are_masked_and_the_owners_hosts_are_not(settings: BridgeSettings) -> None:
    stream = io.StringIO()
    configure_for(settings, stream)
    log.info(
        "a", text="/203.0.113.7:51234 and [2001:db8::17]:5 and ::ffff:203.0.113.7", rcon="10.0.0.5:25575"
    )
    log.info(
        "b", time="12:34:56", version="1.21.4", own="127.0.0.1", uuid="069a79f4-44e9-4726-a5be-fca90e38aaf5"
    )
    first, second = json_lines(stream)
    assert first["text"] == f"/{MASKED}:51234 and [{MASKED}]:5 and {MASKED}"
    assert first["rcon"] == "10.0.0.5:25575"
    assert (second["time"], second["version"], second["own"]) == ("12:34:56", "1.21.4", "127.0.0.1")


def test_addresses_stay_where_the_owner_wants_them() -> None:
    assert Hider(mask_addresses=False)("from 203.0.113.7") == "from 203.0.113.7"


def test_a_very_short_secret_is_hidden_only_where_it_stands_alone() -> None:
    assert Hider(secrets=["ab"])("password ab in absolute") == f"password {HIDDEN} in absolute"


def test_the_secrets_and_hosts_of_the_settings_are_found(settings: BridgeSettings) -> None:
    assert secrets_of(settings) == {TOKEN, PASSWORD}
    assert hosts_of(settings) == {"127.0.0.1", "10.0.0.5"}


_SECRET = st.text(
    alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=8, max_size=20
)


@given(secret=_SECRET, before=st.text(max_size=10), after=st.text(max_size=10))
def test_any_secret_is_hidden_in_any_json_line(secret: str, before: str, after: str) -> None:
    for ascii_only in (True, False):
        line = json.dumps({"event": f"{before}{secret}{after}"}, ensure_ascii=ascii_only)
        hidden = Hider(secrets=[secret])(line)
        assert (
            json.dumps(secret, ensure_ascii=ascii_only)[1:-1] not in hidden
            or secret in HIDDEN + MASKED + "event"
        )


def test_settings_hide_their_own_secrets_when_logged(settings: BridgeSettings) -> None:
    stream = io.StringIO()
    configure(LoggingSettings(), stream)  # even without a hider that knows them
    log.info("settings", all=settings, one=SecretStr("hunter2222"))
    assert PASSWORD not in stream.getvalue()
    assert "hunter2222" not in stream.getvalue()
