"""A font with Chinese characters on this machine: found by the names that systems give to theirs, or the one given."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fontTools.ttLib import TTCollection, TTFont, TTLibError

from cli.errors import BadOption, CommandError, ExitCode
from cli.words import _

NAMES: Final = (
    "NotoSansCJK-Regular.ttc",
    "NotoSansCJKsc-Regular.otf",
    "NotoSansSC-Regular.otf",
    "NotoSansSC-Regular.ttf",
    "SourceHanSansCN-Regular.otf",
    "SourceHanSansSC-Regular.otf",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "msyh.ttc",
    "Deng.ttf",
    "simhei.ttf",
    "simsun.ttc",
    "simfang.ttf",
    "PingFang.ttc",
    "Songti.ttc",
    "STHeiti Light.ttc",
    "Hiragino Sans GB.ttc",
    "DroidSansFallbackFull.ttf",
    "DroidSansFallback.ttf",
    "uming.ttc",
)
"""Files of fonts that hold simplified Chinese, the most readable first."""

_WANTED: Final = ("SC", "CN", "GB", "Simplified", "MicroHei", "YaHei", "SimSun")
_TRIED: Final = "明账县"  # characters that a font must have to be of use


class FontMissing(CommandError):
    """No font with Chinese characters is here, and a PDF without them would be unreadable."""

    exit_code = ExitCode.UNCHECKED


@dataclass(frozen=True)
class Font:
    """A font file, the face in it when it holds several, and the characters that it has."""

    path: Path
    face: int
    characters: frozenset[int]


def font_of(given: Path | None) -> Font:
    """Return the font that was given, or the first that is found; raises BadOption and FontMissing."""
    if given is not None:
        font = _read(given)
        if font is None:
            expected = _("a TrueType or OpenType font with Chinese characters")
            raise BadOption(_("This font cannot be used"), where="--font", expected=expected, found=str(given))
        return font
    found = next((font for path in _candidates() if (font := _read(path)) is not None), None)
    if found is None:
        raise FontMissing(
            _("There is no font with Chinese characters on this machine"),
            expected=", ".join(NAMES[:6]) + " …",
            mend=_("install one, such as Noto Sans CJK, or name a file with --font; the page in HTML needs none"),
        )
    return found


# Private


def _folders() -> list[Path]:
    home = Path.home()
    windows = Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"
    system = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path("/System/Library/Fonts")]
    own = [home / ".fonts", home / ".local/share/fonts", home / "Library/Fonts", Path("/Library/Fonts")]
    return [folder for folder in (*own, *system, windows) if folder.is_dir()]


def _candidates() -> Iterator[Path]:
    places = {path.name: path for folder in _folders() for path in sorted(folder.rglob("*.[tTo][tT][fFcC]"))}
    yield from (places[name] for name in NAMES if name in places)


def _read(path: Path) -> Font | None:
    """Return the face for simplified Chinese, or the first one; None when the file is no font with such characters."""
    try:
        faces = TTCollection(path, lazy=True).fonts if path.suffix.lower() == ".ttc" else [TTFont(path, lazy=True)]
        face = next((number for number, one in enumerate(faces) if _is_simplified(one)), 0)
        characters = frozenset(faces[face].getBestCmap())
    except (TTLibError, OSError, KeyError, ValueError, AssertionError):
        return None
    return Font(path, face, characters) if all(ord(one) in characters for one in _TRIED) else None


def _is_simplified(font: TTFont) -> bool:
    names = str(font["name"].getDebugName(1) or "")
    return any(one in names for one in _WANTED)
