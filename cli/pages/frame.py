"""The frame of every page: one HTML file that needs no network, no script and no other file, and prints on A4.

A page is a template of `templates/` with the style sheet `page.css` inside it. Whatever a template shows is escaped;
only what this package itself made as HTML (`markupsafe.Markup`) goes in as it is. The content policy lets a browser
load nothing at all, so that not even a hostile name could.
"""

import functools
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from cli.columns import Column, Row
from cli.pages.tables import Table, table_of
from cli.words import _, language, ngettext

CONTENT_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
)

Facts = Mapping[str, str]
"""What stands in the head of a page, by name: what it is about, as of when, and where it comes from."""


def render_register_page(
    title: str,
    facts: Facts,
    columns: Sequence[Column],
    rows: Sequence[Row],
    totals: Row | None = None,
    *,
    blocks: Sequence[Table] = (),
    notes: Iterable[str] = (),
) -> str:
    """Return a register as one HTML page: its head of facts, its table with totals, further tables, and notes."""
    tables = [table_of("", columns, rows, totals), *blocks]
    return render_page("register.html", title=title, facts=facts, tables=tables, notes=tuple(notes))


def render_page(template: str, *, title: str, **values: Any) -> str:
    """Return a page of `templates/` in the language in use; `values` are what the template names."""
    page = _environment().get_template(template)
    return page.render(
        title=title,
        language="zh-CN" if language() == "zh" else "en",
        style=_style(),
        content_policy=CONTENT_POLICY,
        page_title=_css_string(title),
        page_number=_page_number(),
        version=version("mingzhang"),
        **values,
    )


# Private


@functools.cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("cli.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals.update(_=_, ngettext=ngettext)
    return made


@functools.cache
def _style() -> str:
    return files("cli.pages").joinpath("page.css").read_text(encoding="utf-8")


def _page_number() -> str:
    """Return the number of a printed page, as a value of CSS `content`."""
    before, _page, rest = _("page {page} of {pages}").partition("{page}")
    between, _pages, after = rest.partition("{pages}")
    return f"{_css_string(before)} counter(page) {_css_string(between)} counter(pages) {_css_string(after)}"


def _css_string(text: str) -> str:
    r"""Return a text as a string of CSS that ends neither itself nor the style sheet: `"a\22 b"`."""
    return '"' + "".join(one if one.isalnum() or one == " " else f"\\{ord(one):x} " for one in text) + '"'
