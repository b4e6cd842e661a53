"""What is wrong with the settings of hooks is told before the bridge starts."""
# ruff: noqa: E501 - as in test_problems.py

from __future__ import annotations

from collections.abc import Callable

import pytest

from bridge.config.load import Loaded

Problems = Callable[..., list[str]]
Load = Callable[..., Loaded]

BASE = """\
servers: {s: {rcon: {password: correct horse}}, t: {log: {path: a}}}
discord: {token: "${DISCORD_TOKEN}", guild: "110373943822540800", channels: {main: "110373943822540801"}}
"""
IN = "hooks: {commands: {give: 'give {name} 1'}, in: {shop: {secret: 0123456789abcdef, then: [THEN]}}}"
OUT = "hooks: {out: {a: {url: 'https://a.org', secret: 0123456789abcdef, HOOK}}}"

WRONG = [
    (IN.replace("THEN", "{post: {channel: mian, text: a}}"), "hooks.in.shop.then[0].post.channel: 'mian' is not a name under discord.channels; did you mean 'main'?"),
    (IN.replace("THEN", "{say: {servers: [s, x], text: a}}"), "hooks.in.shop.then[0].say.servers[1]: 'x' is not a name under servers; known are: s, t"),
    (IN.replace("THEN", "{post: {channel: main, text: a}}, {command: {server: x, run: give}}"), "hooks.in.shop.then[1].command.server: 'x' is not a name under servers; known are: s, t"),
    (IN.replace("THEN", "{command: {server: s, run: gvie}}"), "hooks.in.shop.then[0].command.run: 'gvie' is not a name under hooks.commands; did you mean 'give'?"),
    (IN.replace("THEN", "{command: {server: t, run: give}}"), "hooks.in.shop.then[0].command.server: 't' has no console; give it rcon"),
    (IN.replace("give {name} 1", "/{what} {name}"), "hooks.commands.give: begins with a field; write the command itself: whoever sends the hook fills in the fields"),
    (IN.replace("secret: 0123456789abcdef", "kind: nameless, secret: 'not/for an address'"), "hooks.in.shop.secret: stands in an address, where not every character can; use letters, digits, '-' and '_' only"),
    (OUT.replace("HOOK", "kinds: [player.join]"), "hooks.out.a.kinds[0]: 'player.join' is not a kind of event; did you mean 'player.joined'?"),
    (OUT.replace("HOOK", "kinds: [chat.*, nonsense]"), "hooks.out.a.kinds[1]: 'nonsense' is not a kind of event; docs/events.md lists them; an area is such as chat.*"),
    (OUT.replace("HOOK", "kinds: [chat.*], servers: [u]"), "hooks.out.a.servers[0]: 'u' is not a name under servers; known are: s, t"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "told"), WRONG, ids=lambda value: str(value)[-50:])
def test_what_is_wrong_with_a_hook_is_told(problems_of: Problems, text: str, told: str) -> None:
    text = text.replace("[THEN]", "[{say: {text: a}}]")
    assert problems_of(BASE + text) == [f"3: {told}"]


def test_hooks_need_the_website(problems_of: Problems) -> None:
    text = IN.replace("THEN", "{say: {text: a}}") + "\nwebsite: {enabled: off}\n"
    assert problems_of(BASE + text) == [
        "3: hooks.in: needs the website, which is switched off; set website.enabled to true"
    ]


def test_one_secret_for_two_hooks_is_advised_against_without_showing_it(load_text: Load) -> None:
    text = """\
hooks:
  in:
    a: {secret: 0123456789abcdef, then: [{}]}
    b: {secret: 0123456789abcdeg, previous-secret: 0123456789abcdef}
  out: {c: {url: 'https://c.org', secret: 0123456789abcdeg, kinds: ["chat.*"]}}
"""
    told = [str(warning).partition("bridge.yml:")[2] for warning in load_text(BASE + text).warnings]
    advice = "; give each its own, such as from: openssl rand -hex 32"
    assert [each for each in told if "hooks" in each] == [
        "5: hooks.in.a.then[0]: does nothing; give it post, say or command",
        f"6: hooks.in.b.previous-secret: is the same secret as hooks.in.a.secret{advice}",
        f"7: hooks.out.c.secret: is the same secret as hooks.in.b.secret{advice}",
    ]


def test_a_hook_that_nobody_signs_should_know_its_sender(load_text: Load) -> None:
    text = "hooks: {in: {site: {kind: nameless, secret: 0123456789abcdef}}}\n"
    told = [str(warning).partition("bridge.yml:")[2] for warning in load_text(BASE + text).warnings]
    assert told[-1] == (
        "3: hooks.in.site: takes what anybody sends who learns the address;"
        " write the site's address into allow: NamelessMC signs nothing"
    )


def test_hooks_that_are_right_are_taken(problems_of: Problems) -> None:
    text = """\
hooks:
  commands: {give: "give {name} 1"}
  in:
    shop:
      secret: 0123456789abcdef
      then:
        - when: {event: paid}
          post: {channel: main, text: "{name}"}
          say: {servers: [s], text: "{name}"}
          command: {server: s, run: give}
  out: {c: {url: 'https://c.org', secret: 0123456789abcdeg, kinds: ["chat.*", player.joined], servers: [t]}}
"""
    assert problems_of(BASE + text) == []
