"""The frame around every page: templates, the words and values they all may use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import CodeType
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import jinja2
from jinja2.bccache import Bucket
from markupsafe import Markup

from bridge.locales import LANGUAGES, Catalogue
from bridge.text import Moment, MomentForm, RichText, Value, to_html
from bridge.website.assets import Assets
from bridge.website.faces import face
from bridge.website.language import COOKIE

TEMPLATES: Final = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Where a visitor is: what a page needs for links to itself."""

    path: str  # with its escapes, beginning with one slash
    query: tuple[tuple[str, str], ...] = ()  # without the language
    public_url: str | None = None  # without a slash at the end

    @property
    def url(self) -> str | None:
        """The page's full address; None where the settings do not tell the site's."""
        return None if self.public_url is None else self.public_url + self.path

    def in_language(self, language: str) -> str:
        """Return the address of the same page in another language."""
        return f"{self.path}?{urlencode([*self.query, (COOKIE, language)])}"

    def full(self, path: str) -> str:
        """Return a path of ours as a full address, where the settings tell the site's."""
        return (self.public_url or "") + path


class _Compiled(jinja2.BytecodeCache):
    """Templates as they were compiled first: the languages' environments share their code."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give a bucket the code of its template, if there is any."""
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a template."""
        self._codes[bucket.key, bucket.checksum] = bucket.code


_COMPILED: Final = _Compiled()


class Frame:
    """Makes pages and pieces of pages from templates, in each language we speak."""

    def __init__(self, assets: Assets) -> None:
        self._folders = [TEMPLATES]
        self._sources: dict[str, tuple[str, str, Callable[[], bool]]] = {}
        # One environment a language: a macro of another template sees nothing but its environment's globals.
        self._pages = {language: self._environment(assets) for language in LANGUAGES}

    def _environment(self, assets: Assets) -> jinja2.Environment:
        pages = jinja2.Environment(
            loader=jinja2.FunctionLoader(self._sources.get),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,  # a look at the disk for every page
            bytecode_cache=_COMPILED,
        )
        pages.globals.update(static=assets.url, face=face, rooms=(), feeds=())
        pages.globals.update(players_have_pages=False, leaderboard=False)
        return pages

    def add_templates(self, folder: Path) -> None:
        """Find the templates of a feature, too."""
        self._folders.append(folder)

    def speak(self, catalogues: Mapping[str, Catalogue], *, community: str, time_zone: str) -> None:
        """Word pages with these sentences, for this community, by its clock where a browser has none."""
        for language, pages in self._pages.items():
            words = Words(catalogues[language], ZoneInfo(time_zone))
            pages.globals.update(
                say=words.say,
                tell=words.tell,
                moment=words.moment,
                when=words.when,
                community=community,
                language=language,
                languages=tuple(self._pages),
                zone=time_zone,
            )

    def let_pages_know(self, **values: object) -> None:
        """Give every page these values."""
        for pages in self._pages.values():
            pages.globals.update(values)

    def load(self) -> None:
        """Read every template, to be compiled at its first use; blocks, so it is called in a thread."""
        for path in (path for folder in self._folders for path in folder.glob("*.html")):
            self._sources.setdefault(path.name, (path.read_text("utf-8"), str(path), lambda: True))

    def render(self, template: str, *, language: str, **values: Any) -> str:  # noqa: ANN401 - Jinja's own
        """Return a page, or a piece of one."""
        return self._pages[language].get_template(template).render(**values)


class Words:
    """What templates say beside plain sentences: sentences with looks, and points in time."""

    def __init__(self, catalogue: Catalogue, zone: ZoneInfo) -> None:
        self._catalogue, self._zone = catalogue, zone
        self._fixed: dict[str, str] = {}  # sentences without values, which every page is full of

    def say(self, key: str, /, **values: Value) -> str:
        """Return a sentence as plain text."""
        if values:
            return self._catalogue.plain(key, **values)
        if key not in self._fixed:
            self._fixed[key] = self._catalogue.plain(key)
        return self._fixed[key]

    def tell(self, key: str, /, **values: Value) -> Markup:
        """Return a sentence as HTML."""
        told = to_html(self._catalogue.text(key, **values), zone=self._zone)
        return Markup(told)  # noqa: S704 - to_html escapes what people typed

    def moment(self, at: datetime, form: str = "f") -> RichText:
        """Return a point in time to be put into a sentence; forms are Discord's letters."""
        return RichText.of(Moment(at, MomentForm(form)))

    def when(self, at: datetime, *, now: datetime | None = None) -> Markup:
        """Return a point in time as HTML: the time of day, with the date before it if it is not today's."""
        today = (now or datetime.now(UTC)).astimezone(self._zone).date()
        form = MomentForm.SHORT_TIME if at.astimezone(self._zone).date() == today else MomentForm.SHORT
        return Markup(to_html(RichText.of(Moment(at, form)), zone=self._zone))  # noqa: S704 - numbers only
