"""The case file (一户一档): what is in it, the same bytes for the same log, a PDF with any font or a clear refusal."""

import hashlib
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from cli.casefile import fonts
from cli.casefile.catalogue import DOCUMENTS, document_of
from cli.casefile.fonts import font_of
from cli.errors import ExitCode
from ledger.topics import TOPICS

HOSTILE = "<script>alert(1)</script>"
CHINESE = (*range(0x20, 0x7F), 0xA5, 0xB7, *range(0x2010, 0x2030), *range(0x3000, 0x3020), *range(0x4E00, 0xA000))
FULL_WIDTH = range(0xFF00, 0xFFF0)


@pytest.fixture(scope="module")
def font(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A font of the tests' own: a box for every character of Chinese text, so that no machine's fonts matter."""
    pen = TTGlyphPen(None)
    for point, draw in zip(((50, 0), (50, 700), (950, 700), (950, 0)), (pen.moveTo, *[pen.lineTo] * 3), strict=True):
        draw(point)
    pen.closePath()
    codes = [*CHINESE, *FULL_WIDTH]
    names = [".notdef", *(f"uni{code:04X}" for code in codes)]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({code: f"uni{code:04X}" for code in codes})
    builder.setupGlyf(dict.fromkeys(names, pen.glyph()))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (1000, 50)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Box SC", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    path = tmp_path_factory.mktemp("font") / "box.ttf"
    builder.save(path)
    return path


@pytest.fixture(scope="module")
def home(county_made_once: Path, tmp_path_factory: pytest.TempPathFactory, run_at: Callable[..., Any]) -> Path:
    folder = tmp_path_factory.mktemp("casefile")
    shutil.copytree(county_made_once, folder, dirs_exist_ok=True)
    assert run_at("audit", "checkpoint", "--heads", folder=folder).exit_code == 0
    return folder


@pytest.fixture(scope="module")
def case(home: Path, run_at: Callable[..., Any]) -> str:
    """A case that is on the roll: it has a decision and payments."""
    rows = run_at("case", "list", "--status", "active", "--json", folder=home).document["rows"]
    return str(rows[0]["case"])


@pytest.fixture(scope="module")
def folder(home: Path, case: str, font: Path, run_at: Callable[..., Any]) -> Path:
    """The file of the case in every form."""
    made = run_at("export", "casefile", case, "-o", "file", "--font", font, "--lang", "zh", folder=home)
    assert made.exit_code == 0, made.err
    return home / "file"


def drawn(pdf: bytes) -> set[str]:
    """Return the characters that the PDF can be searched for, as its fonts say."""
    maps = re.findall(rb"begincmap(.*?)endcmap", pdf, re.DOTALL)
    codes = {code.decode() for one in maps for code in re.findall(rb"<[0-9A-F]{4}> <([0-9A-F]+)>", one)}
    return {bytes.fromhex(code).decode("utf-16-be") for code in codes}


def test_a_folder_holds_page_pdf_and_a_dossier_that_proves_itself(
    folder: Path, home: Path, case: str, run_at: Callable[..., Any]
) -> None:
    assert sorted(path.name for path in folder.iterdir()) == [f"{case}.dossier.json", f"{case}.html", f"{case}.pdf"]
    (home / "log.vkey").write_text(run_at("key", "show", "--vkey", folder=home).out)
    dossier = folder / f"{case}.dossier.json"
    assert run_at("audit", "verify-dossier", dossier, "--vkey", "log.vkey", folder=home).exit_code == 0


def test_the_page_has_every_part_and_every_entry(
    folder: Path, home: Path, case: str, run_at: Callable[..., Any]
) -> None:
    text = (folder / f"{case}.html").read_text(encoding="utf-8")
    for part in ("卷内目录", "家庭成员", "办理过程", "发放", "办理经过", "来源文件", "存证", "条目及其哈希", "叶哈希"):
        assert part in text
    entries = run_at("case", "history", case, "--json", folder=home).document["entries"]
    for entry in entries:
        assert f'<td class="number">{entry["position"]}</td>' in text
    note = run_at("audit", "prove", str(entries[0]["position"]), "--json", folder=home).document["proofs"][0]["proof"]
    signature = note.strip().splitlines()[-1]
    assert signature in text


def test_the_sources_are_the_files_as_they_were_delivered(folder: Path, home: Path, case: str) -> None:
    """The SHA-256 that was sealed on receipt is that of the file: whoever holds it can compare."""
    text = (folder / f"{case}.html").read_text(encoding="utf-8")
    for name in ("申请.xlsx", "家庭成员.xlsx", "审核确认.xlsx"):
        digest = hashlib.sha256((home / "files" / name).read_bytes()).hexdigest()
        assert name in text
        assert digest in text


def test_the_same_log_gives_the_same_bytes(
    folder: Path, home: Path, case: str, font: Path, run_at: Callable[..., Any]
) -> None:
    again = run_at("export", "casefile", case, "-o", "again", "--font", font, "--lang", "zh", folder=home)
    assert again.exit_code == 0
    for path in folder.iterdir():
        assert (home / "again" / path.name).read_bytes() == path.read_bytes(), path.name


def test_the_pdf_embeds_the_characters_it_uses_and_names_no_other_time(folder: Path, home: Path, case: str) -> None:
    pdf = (folder / f"{case}.pdf").read_bytes()
    assert pdf.startswith(b"%PDF-1.")
    assert pdf.rstrip().endswith(b"%%EOF")
    assert re.search(rb"/FontFile[23]", pdf)
    assert len(re.findall(rb"/Type /Page\b", pdf)) >= 4
    assert set("社会救助一户一档卷内目录" + case) <= drawn(pdf)
    page = (folder / f"{case}.html").read_text(encoding="utf-8")
    dates = re.findall(rb"/CreationDate \(D:(\d{8})", pdf)
    assert dates
    for date in dates:
        assert f"{date[:4].decode()}-{date[4:6].decode()}-{date[6:8].decode()}T" in page
    assert b"/ModDate" not in pdf


def test_without_any_chinese_font_the_pdf_is_refused_with_what_to_do(
    home: Path, case: str, run_at: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "_folders", list)
    refused = run_at("export", "casefile", case, "-o", "none.pdf", folder=home)
    assert refused.exit_code == ExitCode.UNCHECKED
    assert "--font" in refused.err
    assert "NotoSansCJK" in refused.err
    assert not (home / "none.pdf").exists()
    assert run_at("export", "casefile", case, "-o", "page.html", folder=home).exit_code == 0


def test_a_font_is_found_by_the_name_its_system_gives_it(
    font: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "deep").mkdir()
    shutil.copy(font, tmp_path / "deep" / "simhei.ttf")
    monkeypatch.setattr(fonts, "_folders", lambda: [tmp_path])
    assert font_of(None).path == tmp_path / "deep" / "simhei.ttf"


def test_a_file_that_is_no_font_is_refused(home: Path, case: str, run_at: Callable[..., Any]) -> None:
    (home / "broken.ttf").write_bytes(b"no font")
    refused = run_at("export", "casefile", case, "-o", "x.pdf", "--font", "broken.ttf", folder=home)
    assert refused.exit_code == ExitCode.USAGE
    assert "broken.ttf" in refused.err


def test_a_hostile_name_stays_text_even_when_it_is_revealed(office: Any, changed: Any, run: Callable[..., Any]) -> None:
    office.load_rows(
        {
            **{kind: office.sample[kind] for kind in ("资料说明", "工作人员", "申请", "审核确认")},
            "家庭成员": [changed("家庭成员", {"姓名": HOSTILE})],
        }
    )
    office.close()
    options = ("--db", office.home / "ledger.db", "--keys", office.home / "keys")
    masked = run("export", "casefile", office.case, "-o", "masked.html", *options)
    reason = ("--reveal", "--reason", "检查", "--by", "staff/MZ0001")
    whole = run("export", "casefile", office.case, "-o", "whole.html", *reason, *options)
    history = run("case", "history", office.case, "--html", "history.html", *reason, *options)
    assert (masked.exit_code, whole.exit_code, history.exit_code) == (0, 0, 0), masked.err + whole.err + history.err
    pages = {path.stem: path.read_text(encoding="utf-8") for path in office.home.glob("*.html")}
    for text in pages.values():
        assert "<script" not in text
    assert "&lt;script&gt;" in pages["whole"]
    assert "&lt;script&gt;" in pages["history"]
    assert "script" not in pages["masked"]
    assert office.head in pages["whole"]
    assert office.head not in pages["masked"]
    assert (office.home / "whole.html").stat().st_mode & 0o077 == 0


def test_every_topic_of_a_case_has_its_place_in_the_catalogue() -> None:
    placed = {topic: document_of(topic) for topic in TOPICS}
    assert placed["application.confirmed/1"] == "Decision"
    assert placed["application.submitted/1"] == "Application and acceptance"
    assert set(placed.values()) == set(DOCUMENTS)


def test_an_unknown_case_is_refused_before_anything_is_written(home: Path, run_at: Callable[..., Any]) -> None:
    refused = run_at("export", "casefile", "SQ000", "-o", "unknown.html", folder=home)
    assert refused.exit_code == ExitCode.USAGE
    assert not (home / "unknown.html").exists()
