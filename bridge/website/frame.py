"""The frame around every page: templates, the words and values they all may use."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import jinja2
from markupsafe import Markup

from bridge.locales import Catalogue
from bridge.text import Moment, MomentForm, RichText, Value, to_html
from bridge.website.assets import Assets
from bridge.website.faces import face

TEMPLATES: Final = Path(__file__).parent / "templates"


class Frame:
    """Makes pages and pieces of pages from templates, in the community's language."""

    def __init__(self, assets: Assets) -> None:
        self._loader = jinja2.ChoiceLoader([jinja2.FileSystemLoader(TEMPLATES)])
        self._pages = jinja2.Environment(
            loader=self._loader,
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,  # a look at the disk for every page
        )
        self._pages.globals.update(static=assets.url, face=face, rooms=())

    def add_templates(self, folder: Path) -> None:
        """Find the templates of a feature, too."""
        self._loader.loaders = [*self._loader.loaders, jinja2.FileSystemLoader(folder)]

    def speak(self, catalogue: Catalogue, *, community: str, time_zone: str) -> None:
        """Word pages in this language, for this community, by its clock where a browser has none."""
        words = Words(catalogue, ZoneInfo(time_zone))
        self._pages.globals.update(
            say=catalogue.plain,
            tell=words.tell,
            moment=words.moment,
            when=words.when,
            community=community,
            language=catalogue.language,
            zone=time_zone,
        )

    def let_pages_know(self, **values: object) -> None:
        """Give every page these values."""
        self._pages.globals.update(values)

    def load(self) -> None:
        """Read and compile every template; blocks, so it is called in a thread.

        Raises:
            jinja2.TemplateError: One of them is wrong.
        """
        for name in self._pages.list_templates(extensions=["html"]):
            self._pages.get_template(name)

    def render(self, template: str, **values: Any) -> str:  # noqa: ANN401 - Jinja's own
        """Return a page, or a piece of one."""
        return self._pages.get_template(template).render(**values)


class Words:
    """What templates say beside plain sentences: sentences with looks, and points in time."""

    def __init__(self, catalogue: Catalogue, zone: ZoneInfo) -> None:
        self._catalogue, self._zone = catalogue, zone

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
