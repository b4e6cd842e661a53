"""A report as Markdown, plain text, HTML and JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
from markupsafe import Markup, escape

from bridge.features.figures.report_data import ReportData
from bridge.features.figures.report_words import Row, Section, Told
from bridge.locales import Catalogue
from bridge.text import RichText, to_markdown

# In the document itself: a mail brings no style sheet along, and a printer has its own ideas of dark.
_STYLE: Final = Markup("""
body { font: 16px/1.5 system-ui, sans-serif; color: #1c2421; background: #fff; }
body { max-width: 48rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0 }
h2 { font-size: 1.15rem; margin: 1.5rem 0 .25rem }
p { margin: .25rem 0 }
.quiet { color: #55605c }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 }
th, td { padding: .25rem .5rem; border-bottom: 1px solid #cfd8d4; text-align: left; vertical-align: top }
td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
img, svg { max-width: 100%; height: auto }
@media print { body { margin: 0; max-width: none } section { break-inside: avoid } }
""")
_DOCUMENT: Final = Markup("""<!doctype html>
<html lang="{language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>{style}</style></head>
<body>
<h1>{title}</h1>
<p class="quiet">{about}</p>
{picture}
{sections}
{page}
</body>
</html>
""")


def to_report_markdown(told: Told, words: Catalogue) -> str:
    """Return a report as Markdown, of which Discord knows everything."""
    parts = [f"# {_plain(told.title)}", _plain(told.about)]
    parts += [section_markdown(section, words, level=2) for section in told.sections]
    return "\n\n".join(parts) + "\n"


def section_markdown(section: Section, words: Catalogue, *, level: int | None = None) -> str:
    """Return one server, or all, as Markdown; without *level* it has no heading."""
    head = [] if level is None else [f"{'#' * level} {_plain(section.title)}"]
    rows = "\n".join(_row_markdown(row, words) for row in section.rows)
    parts = [*head, f"*{_plain(section.coverage)}*", rows]
    if section.top:
        ranking = "\n".join(f"{place}. {_plain(each)}" for place, each in section.top)
        parts.append(f"**{_plain(words.plain('reports.top'))}**\n{ranking}")
    parts.append("\n".join(f"- {_plain(note)}" for note in section.notes))
    return "\n\n".join(parts)


def _row_markdown(row: Row, words: Catalogue) -> str:
    label = _plain(words.plain("reports.label", label=row.label))
    return f"- {label} **{_plain(row.value)}**" + "".join(f"; {_plain(each)}" for each in _beside(row))


def _beside(row: Row) -> Iterator[str]:
    yield from filter(None, (row.note, row.change, row.usual))


def _plain(text: str) -> str:
    """Return what a player or an owner has named without its being taken for markup."""
    return to_markdown(RichText.of(text))


def to_text(told: Told, words: Catalogue, *, link: str | None = None) -> str:
    """Return a report as plain text, for mail."""
    lines = [told.title, told.about]
    for section in told.sections:
        lines += ["", section.title, "-" * len(section.title), section.coverage, ""]
        lines += [_row_text(row, words) for row in section.rows]
        if section.top:
            lines += ["", words.plain("reports.top"), *(f"  {place}. {each}" for place, each in section.top)]
        lines += ["", *section.notes]
    if link:
        lines += ["", link]
    return "\n".join(lines) + "\n"


def _row_text(row: Row, words: Catalogue) -> str:
    return f"{words.plain('reports.label', label=row.label)} {'; '.join([row.value, *_beside(row)])}"


def to_html(told: Told, words: Catalogue, *, picture: str = "", link: str | None = None) -> str:
    """Return a report as a document of its own, which prints well.

    Args:
        told: What it tells.
        words: The same language.
        picture: The address of a picture, or a drawing as ``<svg>``.
        link: Where the page of it is.
    """
    page = Markup('<p><a href="{0}">{0}</a></p>').format(link) if link else Markup()
    return _DOCUMENT.format(
        language=told.language,
        title=told.title,
        style=_STYLE,
        about=told.about,
        picture=_picture(picture, told.title),
        sections=sections_html(told.sections, words),
        page=page,
    )


def _picture(picture: str, title: str) -> Markup:
    if picture.startswith("<svg"):
        return Markup(picture)  # noqa: S704 - drawn by bridge.charts, which escapes every text
    return Markup('<p><img src="{}" alt="{}"></p>').format(picture, title) if picture else Markup()


def sections_html(sections: Sequence[Section], words: Catalogue) -> Markup:
    """Return the body of a report, for its page and for the document."""
    return Markup("\n").join([_section_html(section, words) for section in sections])


def _section_html(section: Section, words: Catalogue) -> Markup:
    heads = ("figure", "value", "change", "label-of-usual")
    head = Markup().join(
        Markup('<th scope="col">{}</th>').format(words.plain(f"reports.{key}")) for key in heads
    )
    rows = Markup("\n").join(
        Markup('<tr><th scope="row">{}</th><td class="number">{}{}</td><td>{}</td><td>{}</td></tr>').format(
            row.label, row.value, _note_html(row), row.change, row.usual
        )
        for row in section.rows
    )
    top = Markup()
    if section.top:
        item = Markup('<li value="{}">{}</li>')
        names = Markup().join(item.format(place, each) for place, each in section.top)
        heading = words.plain("reports.top")
        top = Markup('<h3>{}</h3>\n<ol class="places">{}</ol>\n').format(heading, names)
    notes = Markup("\n").join(Markup("<p>{}</p>").format(note) for note in section.notes)
    return Markup(
        '<section class="report">\n<h2>{}</h2>\n<p class="quiet">{}</p>\n'
        "<table><thead><tr>{}</tr></thead>\n<tbody>\n{}\n</tbody></table>\n{}{}\n</section>"
    ).format(section.title, section.coverage, head, rows, top, notes)


def _note_html(row: Row) -> Markup:
    return Markup('<br><span class="quiet">{}</span>').format(escape(row.note)) if row.note else Markup()


def to_json(data: ReportData) -> str:
    """Return a report as JSON, the same as the API answers."""
    return msgspec.json.format(msgspec.json.encode(data), indent=2).decode() + "\n"
