"""The shipped files keep what they promise."""

from __future__ import annotations

import itertools
import re
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it ships no types

from bridge.config import schema
from bridge.config.load import load
from bridge.config.settings import BridgeSettings
from bridge.config.shape import Kind, Spot, every_key
from bridge.config.values import format_duration

CONFIGS = Path(__file__).parents[2] / "configs"
SCHEMA = CONFIGS / "bridge.schema.json"


@pytest.mark.parametrize("name", ["bridge.yml", "minimal.yml"])
def test_the_shipped_settings_pass_once_their_variables_are_set(name: str, environ: dict[str, str]) -> None:
    settings = load(CONFIGS / name, environ).settings
    assert settings.rooms["main"].servers == ("survival",)
    assert settings.rooms["main"].channels == ("main",)


def test_the_settings_for_docker_pass_with_their_secrets_in_place(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    for name, secret in (("rcon-password", "correct horse"), ("discord-token", environ["DISCORD_TOKEN"])):
        (tmp_path / name).write_text(secret)
    text = (CONFIGS / "docker.yml").read_text(encoding="utf-8").replace("/run/secrets", str(tmp_path))
    (tmp_path / "docker.yml").write_text(text, encoding="utf-8")
    assert load(tmp_path / "docker.yml", environ).settings.website.host == "0.0.0.0"  # noqa: S104 - compared


def test_the_annotated_settings_show_the_defaults(environ: dict[str, str]) -> None:
    """Where bridge.yml writes a value that has a default, it is the default."""
    own = {"data", "servers.survival.title", "servers.survival.address", "rooms.main.title"}
    written = load(CONFIGS / "bridge.yml", environ).settings
    plain = {"servers": {"survival": {"log": {"path": "x"}, "rcon": {"password": "x"}, "status": {}}}}
    discord = {"discord": {"token": "x", "guild": "1" * 18, "channels": {"main": "1" * 18}}}
    default = BridgeSettings.model_validate({**plain, **discord, "rooms": {"main": {}}})
    for key, spot in every_key():
        path = key.replace("servers.*", "servers.survival").replace("rooms.*", "rooms.main")
        if path in own or spot.required or "*" in path or spot.keys is not None or spot.kind is Kind.NAMED:
            continue
        if path not in ("rooms.main.servers", "rooms.main.channels"):
            assert _value(written, path) == _value(default, path), path


def _value(settings: object, path: str) -> object:
    for step in path.split("."):
        name = step.replace("-", "_")
        if isinstance(settings, dict):
            settings = settings[step]
        else:
            settings = getattr(settings, name) if hasattr(settings, name) else getattr(settings, f"{name}_s")
        if settings is None:  # the whole block is only an example
            return None
    return settings


def test_every_setting_stands_in_the_annotated_file_below_a_comment() -> None:
    lines = (CONFIGS / "bridge.yml").read_text(encoding="utf-8").splitlines()
    shown = set(_keys_shown(lines))
    missing = [key for key, _ in every_key() if _key_pattern(key) not in shown]
    assert missing == []


LISTS = ("chat-patterns", "then")
NAMED = {
    "servers.*": "servers.survival",
    "rooms.*": "rooms.main",
    "hooks.in.*": "hooks.in.shop",
    "hooks.out.*": "hooks.out.archive",
    "feeds.*": "feeds.blog",
    "status-channel.boards.*": "status-channel.boards.main",
    "status-channel.signs.*": "status-channel.signs.counter",
}
"""What the annotated file calls the things that have names of the owner's choice."""


def _key_pattern(key: str) -> str:
    for place, named in NAMED.items():
        if key.startswith(f"{place}."):
            key = named + key[len(place) :]
    return key.replace("[]", "")


def _keys_shown(lines: list[str]) -> Iterator[str]:
    """Yield the dotted keys that stand in the file, commented out or live, by their indentation."""
    stack: list[tuple[int, str]] = []
    for line in lines:
        bare = re.sub(r"^(\s*)# ?(?=\s*(- )?[a-z-]+:( |$))", r"\1", line)
        found = re.match(r"(\s*)((?:- |# )?)([a-z][a-z-]*):(?: |$)", bare)
        if found is None:
            continue
        depth = len(found[1]) + (2 if found[2] else 0)
        while stack and stack[-1][0] >= depth - (found[2] == "- "):
            stack.pop()
        if found[2] == "- " or (stack and stack[-1][1] in LISTS):
            stack.append((depth - 1, "*"))
        stack.append((depth, found[3]))
        yield ".".join(key for _, key in stack)


def test_every_key_of_the_annotated_file_has_words_above_it() -> None:
    lines = (CONFIGS / "bridge.yml").read_text(encoding="utf-8").splitlines()
    repeated = re.compile(r"\s*(# )?(enabled|channel|template):")  # explained once, in the first notice
    for above, line in itertools.pairwise(lines):
        if re.match(r"\s*[a-z-]+:( |$)", line) and not repeated.match(line) and line.strip() != "survival:":
            assert above.strip().startswith("#") or above.strip() in ("rooms:", "servers:", "channels:"), line


def test_every_setting_is_described() -> None:
    assert [key for key, spot in every_key() if len(spot.description) < 8 and not key.endswith("*")] == []


def test_the_schema_is_the_one_of_the_code() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == schema.text(), "run: python -m bridge.config.schema"


def test_the_schema_is_written_by_its_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["schema", str(tmp_path / "out.json")])
    monkeypatch.delitem(sys.modules, "bridge.config.schema")
    runpy.run_module("bridge.config.schema", run_name="__main__")
    assert (tmp_path / "out.json").read_text(encoding="utf-8") == schema.text()


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    Draft202012Validator.check_schema(schema.schema())
    return Draft202012Validator(schema.schema())


@pytest.mark.parametrize("name", ["bridge.yml", "minimal.yml", "docker.yml"])
def test_editors_accept_the_shipped_settings(validator: Draft202012Validator, name: str) -> None:
    class Words(yaml.SafeLoader):
        """Editors read YAML 1.2, where off is a word."""

    Words.yaml_implicit_resolvers = {
        key: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:bool" or key in "tTfF"]
        for key, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    data = yaml.load((CONFIGS / name).read_text(encoding="utf-8"), Words)  # noqa: S506 - a safe loader
    assert [error.message for error in validator.iter_errors(data)] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"servers": {}},
        {"servers": {"Big": {}}},
        {"servers": {"a": {"rcon": {}}}},
        {"servers": {"a": {"rcon": {"password": "x", "password-file": "y"}}}},
        {"servers": {"a": {"rcon": {"password": "x", "port": 70000}}}},
        {"servers": {"a": {}}, "nonsense": 1},
        {"servers": {"a": {}}, "retention": {"chat": 90}},
        {
            "servers": {"a": {}},
            "discord": {"token": "x", "guild": 110373943822540800, "channels": {"a": "1"}},
        },
    ],
)
def test_editors_mark_what_the_bridge_refuses(validator: Draft202012Validator, wrong: object) -> None:
    assert not validator.is_valid(wrong)


def test_durations_are_written_as_they_are_read() -> None:
    assert [format_duration(s) for s in (0.0, 0.5, 1.5, 30.0, 120.0, 7200.0, 86400.0)] == [
        "0s", "500ms", "1.5s", "30s", "2m", "2h", "1d",
    ]  # fmt: skip


def test_the_shape_has_no_place_without_a_kind() -> None:
    kinds = {spot.kind for _, spot in every_key()}
    assert Kind.SECRET in kinds
    assert all(isinstance(spot, Spot) for _, spot in every_key())
