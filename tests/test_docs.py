"""What the documents say is true: files exist, examples work, commands, settings and events are told."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import msgspec
import pytest
import yaml

from bridge.cli.commands import parser
from bridge.cli.out import ExitCode
from bridge.config.access import Bundle, Permission, permissions_of
from bridge.config.checks import NOTICE_PLACEHOLDERS
from bridge.config.load import load
from bridge.config.permissions import PERMISSIONS
from bridge.config.settings import BridgeSettings
from bridge.discord.diagnose import invitation
from bridge.events import AnyEvent, Event, kind_of
from bridge.features import GROUP
from bridge.locales import Catalogue

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
GUIDE = ROOT / "docs" / "fr" / "guide.md"
PAGES = sorted([README, ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
TEXT = {page: page.read_text(encoding="utf-8") for page in PAGES}
EVERYTHING = "\n".join(TEXT.values())

LINK = re.compile(r"(?:\]\(|src(?:set)?=\")(?!https?://|#|mailto:)([^)#\s\"]+)")
OURS = re.compile(r"`((?:bridge|configs|docs|tests|\.ci)/[\w./-]*|[\w-]+\.(?:toml|md))`")
YAML = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
FENCED = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)

TOKEN = f"{'M' * 24}.{'G' * 6}.{'x' * 27}"  # of no bot

DEMO = "python3 -m venv .venv && .venv/bin/pip install -q . && .venv/bin/passerelle demo"
TESTS = "python3 -m venv .venv && .venv/bin/pip install -q -e '.[test]' && .venv/bin/pytest"


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    missing = [link for link in LINK.findall(TEXT[page]) if not (page.parent / link).exists()]
    assert missing == []


def test_every_picture_is_shown_somewhere_and_small() -> None:
    shown = {(page.parent / link).resolve() for page in PAGES for link in LINK.findall(TEXT[page])}
    pictures = list((ROOT / "docs" / "images").iterdir())
    assert [picture.name for picture in pictures if picture not in shown] == []
    assert [picture.name for picture in pictures if picture.stat().st_size > 200_000] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_file_that_is_named_exists(page: Path) -> None:
    named = OURS.findall(TEXT[page])
    missing = [one for one in named if not (ROOT / one).exists() and not (page.parent / one).exists()]
    assert missing == []


@pytest.mark.parametrize("command", [DEMO, TESTS])
def test_the_readme_has_each_of_its_two_commands_alone_on_one_line(command: str) -> None:
    blocks = [block.strip() for block in FENCED.findall(TEXT[README])]
    assert blocks.count(command) == 1
    assert TEXT[README].count(command) == 1


def test_the_script_that_checks_everything_finds_the_command_of_the_tests() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    found = re.search(r'grep -m 1 -E "(.*)" README\.md', script)
    assert found is not None
    pattern = re.compile(found[1].replace(r"\\", "\\"))
    assert [line for line in TEXT[README].splitlines() if pattern.match(line)] == [TESTS]


def test_every_command_of_the_process_is_told_in_the_readme() -> None:
    (commands,) = [action for action in parser()._actions if isinstance(action, argparse._SubParsersAction)]
    missing = [name for name in commands.choices if f"`passerelle {name}" not in TEXT[README]]
    assert missing == []


def test_every_command_that_is_told_exists() -> None:
    (commands,) = [action for action in parser()._actions if isinstance(action, argparse._SubParsersAction)]
    told = set(re.findall(r"`(?:\S*/)?passerelle ([a-z][a-z-]*)", EVERYTHING))
    assert told - set(commands.choices) == set()


def test_every_slash_command_is_told() -> None:
    commands = [name for name in PERMISSIONS if name.startswith("/")]
    assert commands
    assert [name for name in commands if f"`{name}`" not in TEXT[README]] == []
    assert [name for name in commands if f"`{name}`" not in TEXT[ROOT / "docs" / "operating.md"]] == []


def test_every_block_of_the_settings_is_told() -> None:
    page = TEXT[ROOT / "docs" / "configuration.md"]
    blocks = [field.alias or name for name, field in BridgeSettings.model_fields.items()]
    assert [block for block in blocks if f"| `{block}` |" not in page] == []


def test_every_placeholder_of_a_notice_is_told() -> None:
    rows = [row for row in TEXT[ROOT / "docs" / "configuration.md"].splitlines() if row.startswith("| `")]
    for kind, names in NOTICE_PLACEHOLDERS.items():
        (row,) = [row for row in rows if f"`{kind}`" in row.split("|")[1] and "{" in row]
        assert re.findall(r"\{(\w+)\}", row) == list(names)


def test_every_kind_of_event_is_told_with_its_fields() -> None:
    page = TEXT[ROOT / "docs" / "events.md"]
    kinds: tuple[type[Event], ...] = AnyEvent.__args__
    rows = {found[1]: found[0] for found in re.finditer(r"^\| `([a-z]+\.[a-z]+)` \|.*$", page, re.MULTILINE)}
    assert sorted(rows) == sorted(map(kind_of, kinds))
    for kind in kinds:
        section = page[: page.index(rows[kind_of(kind)])].rpartition("\n## ")[2]
        named = set(re.findall(r"[`*](\w+)[`*]", section + rows[kind_of(kind)]))
        fields = {field.name for field in msgspec.structs.fields(kind)} - {"at"}
        assert fields - named == set(), kind


def test_every_exit_code_is_told() -> None:
    page = TEXT[ROOT / "docs" / "operating.md"]
    assert [int(code) for code in ExitCode if f"\n| {int(code)} |" not in page] == []


def test_every_feature_is_on_the_map_and_the_entry_point_is_told() -> None:
    map_ = TEXT[ROOT / "docs" / "architecture.md"]
    rooms = [one.parent.name for one in (ROOT / "bridge" / "features").glob("*/__init__.py")]
    assert rooms
    assert [room for room in rooms if f"`{room}`" not in map_] == []
    assert f"`{GROUP}`" in TEXT[ROOT / "docs" / "writing-a-feature.md"]


def test_every_room_of_the_house_is_on_the_map() -> None:
    map_ = TEXT[ROOT / "docs" / "architecture.md"]
    rooms = [f"bridge/{one.parent.name}/" for one in (ROOT / "bridge").glob("*/__init__.py")]
    assert [room for room in rooms if f"| `{room}` |" not in map_] == []


@pytest.mark.parametrize("page", [README, GUIDE], ids=name_of)
def test_the_invitation_asks_for_what_the_doctor_looks_for(page: Path) -> None:
    assert invitation("0" * 18) in TEXT[page]


def test_both_languages_tell_the_same_commands() -> None:
    """Whoever reads French types the same as whoever reads English."""
    english, french = map(typed, (README, GUIDE))
    assert french - english == set()
    assert len(french) > 10


def typed(page: Path) -> set[str]:
    """Return what a page tells to type, without what differs by language."""
    found = re.findall(
        r"(?:sudo|docker|journalctl|python3|curl) [^\n#]+", "\n".join(FENCED.findall(TEXT[page]))
    )
    return {one.strip() for one in found}


@pytest.mark.parametrize("page", [README, GUIDE], ids=name_of)
def test_the_settings_of_the_guides_pass_the_check(page: Path, tmp_path: Path) -> None:
    (block,) = [block for block in YAML.findall(TEXT[page]) if block.startswith("version: 1")]
    for name in ("discord-token", "rcon-password"):
        (tmp_path / name).write_text(f"{TOKEN}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o600)
    file = tmp_path / "bridge.yml"
    file.write_text(block.replace("0" * 18, "110373943822540800"), encoding="utf-8")
    loaded = load(file, {"STATE_DIRECTORY": str(tmp_path), "CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert loaded.warnings == ()


@pytest.mark.parametrize(
    "block", [block for page in PAGES for block in YAML.findall(TEXT[page]) if "version: 1" not in block]
)
def test_every_example_of_settings_passes_the_check(block: str, tmp_path: Path) -> None:
    example = yaml.safe_load(block)
    servers = {
        name: {"log": {"path": f"{name}/latest.log"}, "status": {"port": port}}
        for name, port in (("survival", 25565), ("creative", 25566))
        if name == "survival" or name in block
    }
    if "log" in example:
        servers["survival"]["log"] = example.pop("log")
    channels = ("main", "survival", "creative", "deaths")
    discord = {
        "token": TOKEN,
        "guild": "1" * 18,
        "channels": {name: f"{number}" * 18 for number, name in enumerate(channels, start=2)},
    }
    file = tmp_path / "bridge.yml"
    file.write_text(yaml.safe_dump({"servers": servers, "discord": discord, **example}), encoding="utf-8")
    file.chmod(0o600)
    for name in re.findall(r"\$\{CREDENTIALS_DIRECTORY\}/([\w-]+)", block):
        (tmp_path / name).write_text("a secret of the example\n", encoding="utf-8")
        (tmp_path / name).chmod(0o600)
    environ = dict.fromkeys(re.findall(r"\$\{(\w+)\}", block), "a secret of the example")
    environ["CREDENTIALS_DIRECTORY"] = str(tmp_path)
    assert load(file, environ).warnings == ()


@pytest.mark.parametrize(("page", "language"), [(README, "en"), (GUIDE, "fr")])
def test_the_guides_tell_which_role_opens_which_page_for_staff(page: Path, language: str) -> None:
    words = Catalogue.load(language)
    pages = {
        name.removeprefix("GET /staff").lstrip("/") or "overview": rule.who
        for name, rule in PERMISSIONS.items()
        if re.fullmatch(r"GET /staff(/\w+)?", name)
    }
    for bundle in Bundle:
        told = re.findall(rf"^\| `{bundle}` \|(.*)$", TEXT[page], re.MULTILINE)
        below = Bundle.PLAYER if bundle is Bundle.PLAYER else list(Bundle)[list(Bundle).index(bundle) - 1]
        added = permissions_of(bundle) - permissions_of(below)
        opens = {words.plain(f"staff.nav.{key}") for key, who in pages.items() if who in added}
        named = {one.replace("'", "\u2019") for one in re.findall(r"\*\*(.+?)\*\*", "".join(told))}
        assert named == opens, bundle
    assert all(isinstance(who, Permission) for who in pages.values())


@pytest.mark.parametrize("page", [README, GUIDE], ids=name_of)
def test_what_the_guides_say_that_the_log_says_is_in_the_code(page: Path) -> None:
    code = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "bridge").rglob("*.py"))
    for words in (
        "the bridge is up",
        "website is up",
        "registered the slash commands",
        "down; trying again by itself",
        "Discord does not accept the bot token",
        "Discord does not let the bot read messages",
        "the bot is not in the guild",
    ):
        assert f"`{words}`" in TEXT[page]
        assert words in code
