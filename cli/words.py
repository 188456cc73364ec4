"""The words of the command line: English in the code, Chinese in `locale/zh/LC_MESSAGES/mingzhang.po`.

The catalogue is read as it is written, so that no compiled file has to be kept beside it. One language is in use at
a time; `choose` sets it before a command runs.
"""

import functools
import gettext
import io
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Final, Literal

Language = Literal["en", "zh"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "zh")


def choose(language: Language) -> None:
    """Use `language` from now on."""
    global _language
    _language = language


def language() -> Language:
    """Return the language in use."""
    return _language


def language_of(arguments: Sequence[str], environment: Mapping[str, str]) -> Language:
    """Return the language that `--lang` asks for, wherever it stands in `arguments`, else that of the locale.

    The locale is the first of LC_ALL, LC_MESSAGES and LANG that is set: Chinese when it begins with zh, else English.
    """
    for index, argument in enumerate(arguments):
        if argument == "--":
            break
        wanted = argument.removeprefix("--lang=")
        if argument == "--lang" and index + 1 < len(arguments):
            wanted = arguments[index + 1]
        if wanted in LANGUAGES and argument.startswith("--lang"):
            return "zh" if wanted == "zh" else "en"
    locale = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return "zh" if locale.lower().startswith("zh") else "en"


def _(msgid: str) -> str:
    """Return a text in the language in use; the English one when the catalogue does not have it."""
    return _catalogue(_language).gettext(msgid) if msgid else ""


def ngettext(singular: str, plural: str, count: int) -> str:
    """Return the text that goes with `count` things, in the language in use."""
    return _catalogue(_language).ngettext(singular, plural, count)


def N_(msgid: str) -> str:
    """Return `msgid` itself: marks a text of a table, which `_` translates when it is shown."""
    return msgid


# Private

_language: Language = "en"


@functools.cache
def _catalogue(language: Language) -> gettext.NullTranslations:
    if language == "en":
        return gettext.NullTranslations()
    # Babel takes a moment to import, and English output does not need it.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    source = files("cli").joinpath("locale", language, "LC_MESSAGES", "mingzhang.po").read_bytes()
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(source), locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
