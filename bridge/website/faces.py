"""A face in blocks for every name, drawn here: no picture of ours comes from anybody else."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, TypeVar

from markupsafe import Markup

_Kind = TypeVar("_Kind")

_SIZE: Final = 8
_SKINS: Final = ("f2d0a9", "e3b184", "c98f5f", "a56b43", "7d4d30", "56341f")
_HAIRS: Final = ("2a1d15", "4f3420", "8a5a2b", "c9963f", "a8412f", "d9d4c7", "35496e", "6a4587", "2f6b57")
_EYES: Final = ("33691e", "1f5fa8", "5d4037", "37474f", "00796b")
_SHIRTS: Final = ("009e73", "0072b2", "d55e00", "cc79a7", "e69f00", "56b4e9", "546e7a")  # Okabe-Ito and slate
# Left halves of the upper rows; # is hair. The right half mirrors them, so that a face looks straight at us.
_CUTS: Final[tuple[tuple[str, ...], ...]] = (
    ("####", "####", "#..."),  # short
    ("####", "####", "##.."),  # bowl
    ("####", "###.", "#..."),  # parted
    (".###", "####", "#..."),  # round
    ("####", "####", "#...", "#...", "#...", "#..."),  # long
    (".#.#", "####", "#..."),  # spiky
    ("####", "#...", "...."),  # thin
    ("...#", "...#", "...#"),  # a crest
)
_MOUTHS: Final = ("...m", "..mm")
_BEARDS: Final = ("", "", "", "", "..#m")


@lru_cache(maxsize=512)
def face(name: str) -> Markup:
    """Return the face of a name as inline SVG, hidden from screen readers: the name stands beside it."""
    digest = iter(hashlib.blake2b(name.casefold().encode(errors="replace"), digest_size=8).digest())

    def one(kinds: Sequence[_Kind]) -> _Kind:
        return kinds[next(digest) % len(kinds)]

    skin, hair, eyes, shirt = one(_SKINS), one(_HAIRS), one(_EYES), one(_SHIRTS)
    cut, mouth, beard = one(_CUTS), one(_MOUTHS), one(_BEARDS)
    paint = {"#": hair, "w": "ffffff", "e": eyes, "m": _darker(skin), "s": shirt}
    shapes = "".join(
        f'<path fill="#{colour}" d="{path}"/>'
        for sign, colour in paint.items()
        if (path := "".join(_blocks(_rows(cut, beard or mouth), sign)))
    )
    # Everything in it is ours: of the name only a digest chose among the colours.
    return Markup(  # noqa: S704 - see above
        f'<svg class="face" viewBox="0 0 {_SIZE} {_SIZE}" aria-hidden="true" focusable="false">'
        f'<path fill="#{skin}" d="M0 0h8v8h-8z"/>{shapes}</svg>'
    )


def _rows(cut: tuple[str, ...], mouth: str) -> list[str]:
    """Return the left half, from the top: hair over eyes over mouth over shirt."""
    rows = ["....", "....", "....", "....", ".we.", "....", mouth, "ssss"]
    return [_over(cut[y] if y < len(cut) else "....", row) for y, row in enumerate(rows)]


def _over(upper: str, lower: str) -> str:
    return "".join(a if a != "." else b for a, b in zip(upper, lower, strict=True))


def _blocks(rows: list[str], sign: str) -> Iterator[str]:
    for y, half in enumerate(rows):
        row = half + half[::-1]
        x = 0
        while x < _SIZE:
            width = len(row[x:]) - len(row[x:].lstrip(sign))
            if width:
                yield f"M{x} {y}h{width}v1h-{width}z"
            x += max(width, 1)


def _darker(colour: str) -> str:
    return "".join(f"{int(colour[at : at + 2], 16) * 3 // 4:02x}" for at in (0, 2, 4))
