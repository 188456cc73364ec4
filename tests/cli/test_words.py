"""Every word of the command line exists in English and in Chinese."""

import io
import re
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import cli
from cli import words
from cli.columns import HEADINGS
from cli.failures import TITLES
from cli.labels import CODES, ENGLISH, programme_named, value_label
from cli.topic_labels import TOPIC_LABELS, topic_label
from cli.verdict import KINDS
from domain import vocabulary
from domain.vocabulary import AppealOutcome, CaseStatus, Programme, ReviewClass
from ledger.topics import TOPICS

FOLDER = Path(cli.__file__).parent
MESSAGES = [
    message
    for folder in (FOLDER, FOLDER.parent / "audit", FOLDER.parent / "domain")
    for _file, _line, message, _comments, _context in extract_from_dir(
        folder,
        method_map=[("**.py", "python"), ("**.html", "jinja2")],
        keywords={"_": None, "N_": None, "ngettext": (1, 2)},
    )
]


@pytest.fixture
def chinese():
    words.choose("zh")
    yield
    words.choose("en")


def catalogue() -> Catalog:
    source = (FOLDER / "locale" / "zh" / "LC_MESSAGES" / "mingzhang.po").read_bytes()
    return read_po(io.BytesIO(source), locale="zh")


def first(message) -> str:
    return message[0] if isinstance(message, tuple) else message


def placeholders(text: str) -> set[str]:
    return {name.partition(".")[0] for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_text_of_the_code_has_a_chinese_one():
    known = catalogue()
    missing = sorted({first(message) for message in MESSAGES if not getattr(known.get(first(message)), "string", "")})
    assert not missing


def test_the_catalogue_holds_nothing_that_the_code_does_not_say():
    said = {first(message) for message in MESSAGES}
    assert [message.id for message in catalogue() if message.id and first(message.id) not in said] == []


def test_a_translation_has_the_placeholders_of_its_original():
    for message in catalogue():
        if not message.id or not isinstance(message.id, str):
            continue
        assert placeholders(message.id) == placeholders(str(message.string)), message.id


def test_every_topic_has_a_label_in_both_languages(chinese):
    assert set(TOPIC_LABELS) == set(TOPICS)
    for topic, label in TOPIC_LABELS.items():
        assert topic_label(topic) not in (topic, label)


def test_an_unknown_topic_is_shown_as_it_is():
    assert topic_label("case.surprised/9") == "case.surprised/9"


def test_every_closed_list_has_english_words_and_shows_its_own_in_chinese():
    lists = [
        found
        for found in vars(vocabulary).values()
        if isinstance(found, type) and issubclass(found, vocabulary.StrEnum) and found is not vocabulary.StrEnum
    ]
    for one in lists:
        if one in (CaseStatus, ReviewClass):  # codes; their words are in CODES, and A, B and C need none
            continue
        assert len(ENGLISH[one]) == len(one), one.__name__
        assert len(set(ENGLISH[one])) == len(one), one.__name__
        assert value_label(str(next(iter(one))), one) == ENGLISH[one][0]


def test_a_stored_chinese_word_is_shown_as_it_is_in_chinese(chinese):
    assert value_label("变更", AppealOutcome) == "变更"
    assert value_label("active") == "在享"


def test_every_status_code_and_heading_and_error_has_chinese(chinese):
    assert set(CaseStatus) <= set(CODES)
    for text in [*CODES.values(), *HEADINGS.values(), *TITLES.values()]:
        assert words._(text) and (words._(text) != text or text == "SHA-256"), text


@pytest.mark.parametrize(
    "text", ["农村低保", "农低", "农村最低生活保障", "rural dibao", "Rural-Dibao", "rural", " rural  dibao "]
)
def test_a_programme_is_known_by_name_synonym_and_english_label(text):
    assert programme_named(text) == Programme.RURAL


@pytest.mark.parametrize(
    ("arguments", "environment", "language"),
    [
        (["status", "--lang", "zh"], {}, "zh"),
        (["status", "--lang=zh"], {"LANG": "en_US.UTF-8"}, "zh"),
        (["status", "--lang", "en"], {"LANG": "zh_CN.UTF-8"}, "en"),
        (["status", "--", "--lang", "zh"], {}, "en"),
        ([], {"LANG": "zh_CN.UTF-8"}, "zh"),
        ([], {"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ([], {"LC_MESSAGES": "zh_TW", "LANG": "de_DE"}, "zh"),
        ([], {"LANG": ""}, "en"),
        ([], {}, "en"),
    ],
)
def test_the_language_is_that_of_the_option_then_of_the_locale(arguments, environment, language):
    assert words.language_of(arguments, environment) == language


def test_every_kind_of_finding_has_words_for_people():
    root = FOLDER.parent
    named = set()
    for path in [*(root / "audit").glob("*.py"), root / "ledger" / "chain.py", *(root / "ledger").glob("*_rule.py")]:
        source = path.read_text(encoding="utf-8")
        named |= set(re.findall(r"(?:Finding|Fault)\(\s*\"([a-z-]+)\"", source))
        named |= set(re.findall(r"\"((?:sealed|tree|head|command|stream|key|since)-[a-z-]+)\"", source))
    assert named
    assert named - set(KINDS) == set()
