"""YAML text to YAML nodes: syntax errors in words, and nothing that is dangerous to build."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import yaml

from bridge.config.problems import Problem, SettingsError, shown

MOST_CHARACTERS: Final = 1_000_000
DEEPEST: Final = 24

# What PyYAML refuses anywhere in a stream.
_NO_TEXT: Final = re.compile(
    "[^\x09\x0a\x0d\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|(?!^)\ufeff"
)
_NEEDS_QUOTES: Final = re.compile(r"\s*(?:-\s+)?[\w.-]+:\s+([{\[@`%&*!|>])")

# What PyYAML calls it, and what it mostly means; the first that fits is told.
_MEANINGS: Final = (
    ("mapping values are not allowed", "a second ': ' on one line, or a line that is indented too far"),
    ("could not find expected ':'", "a key without ':' after it"),
    ("expected <block end>", "this line does not fit the ones above: compare how far they are indented"),
    ("expected ',' or", "a list or block opened with [ or { is not closed, or a comma is missing"),
    ("found unexpected end of stream", "a quote is opened and never closed"),
    ("found unknown escape character", r"a backslash in double quotes: use single quotes, or write \\"),
    ("found undefined alias", "'*' refers to a name that no '&' has given: put the text in quotes"),
    ("found duplicate anchor", "two '&' give the same name"),
)


def compose(text: str, file: str) -> yaml.Node | None:
    """Return the nodes of a YAML text, or None when it is empty.

    Raises:
        SettingsError: It is not YAML, or uses what settings have no use for: tags, a second document,
            more than 24 blocks inside blocks.
    """
    if len(text) > MOST_CHARACTERS:
        raise SettingsError([_problem(file, 0, f"is longer than {MOST_CHARACTERS} characters")])
    if found := _NO_TEXT.search(text):
        line = text.count("\n", 0, found.start()) + 1
        name = f"U+{ord(found.group()):04X}"
        raise SettingsError([_problem(file, line, f"a character that is no text ({name})", "remove it")])
    loader = yaml.BaseLoader(text)
    trouble: list[Problem]
    try:
        trouble = list(_refused(text, file))
        if not trouble:
            return loader.get_single_node()
    except yaml.MarkedYAMLError as exc:
        trouble = [_worded(text, file, exc)]
    except (ValueError, OverflowError):  # an escape such as "\UFFFFFFFF", a version of 5000 digits
        trouble = [_problem(file, 0, "an escape in double quotes or a %YAML line that has no meaning")]
    finally:
        loader.dispose()
    raise SettingsError(trouble)


def _problem(file: str, line: int, message: str, hint: str | None = None) -> Problem:
    return Problem(file=file, line=line, key="", message=message, hint=hint)


def _refused(text: str, file: str) -> Iterator[Problem]:
    """Look for what would be dangerous or surprising to build, without building it."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=yaml.BaseLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                yield _problem(file, line, "a second document begins here ('---')", "keep one")
                return
        elif isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                yield _problem(file, line, f"blocks inside blocks, more than {DEEPEST} deep")
                return
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        tag = getattr(event, "tag", None)
        if isinstance(tag, str):
            hint = "put texts with '!' in quotes"
            yield _problem(file, line, f"the tag {shown(tag)} is not used here", hint)


def _worded(text: str, file: str, exc: yaml.MarkedYAMLError) -> Problem:
    mark = exc.problem_mark or exc.context_mark
    line = mark.line + 1 if mark else 1
    source = next(iter(text.split("\n")[line - 1 : line]), "")
    character = source[mark.column : mark.column + 1] if mark else ""
    said = exc.problem or ""
    if character == "\t" or "\t" in source[: len(source) - len(source.lstrip())]:
        return _problem(file, line, "a tab", "indent with spaces")
    if "cannot start any token" in said:
        return _problem(file, line, f"a text that begins with {shown(character)}", "put it in quotes")
    if said.startswith("expected <block end>") and (quotes := _NEEDS_QUOTES.match(source)):
        return _problem(file, line, f"a value that begins with '{quotes[1]}' is no text", "put it in quotes")
    for beginning, meaning in _MEANINGS:
        if said.startswith(beginning):
            return _problem(file, line, meaning)
    return _problem(file, line, "this cannot be read as YAML", "compare it with configs/bridge.yml")
