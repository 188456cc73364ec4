"""Citizen ids, account numbers and masks."""

import datetime
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.cn import ric

from domain.identity import IdFault, check_character, check_citizen_id, luhn_ok
from domain.masking import mask_account, mask_citizen_id, mask_name, mask_phone

CLOSING = datetime.date(2024, 12, 31)


@pytest.mark.parametrize("text", ["520121196203153012", "52012119550318895X", "110000190001010009"])
def test_sound_ids_pass_whatever_their_region(text: str) -> None:
    text = text[:17] + check_character(text[:17])
    assert check_citizen_id(text, CLOSING) is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("5.20121E+17", IdFault.FORM),
        ("52012119620315301", IdFault.FORM),
        ("520121620315301", IdFault.FORM),
        ("5201211962031530120", IdFault.FORM),
        ("52012119550318895x", IdFault.FORM),
        ("X20121195503188950", IdFault.FORM),
        ("520121196213153012", IdFault.BIRTH),
        ("520121202302290000", IdFault.BIRTH),
        ("520121000001010000", IdFault.BIRTH),
        ("520121202501010000", IdFault.FUTURE),
        ("520121201205148950", IdFault.CHECK_CHARACTER),
    ],
)
def test_each_fault_of_an_id_is_told_apart(text: str, fault: IdFault) -> None:
    assert check_citizen_id(text, CLOSING) is fault


def test_without_a_closing_date_a_late_birth_is_no_fault() -> None:
    body = "52012120990101000"
    assert check_citizen_id(body + check_character(body), None) is None


def test_a_birth_on_the_closing_date_is_possible() -> None:
    body = "52012120241231001"
    assert check_citizen_id(body + check_character(body), CLOSING) is None


def test_check_character_agrees_with_stdnum() -> None:
    chance = random.Random(7)
    bodies = [f"{chance.randrange(10**17):017d}" for _ in range(300)]
    assert [check_character(body) for body in bodies] == [ric.calc_check_digit(body + "0") for body in bodies]


@given(st.text("0123456789", min_size=1, max_size=24))
def test_luhn_agrees_with_stdnum(account: str) -> None:
    assert luhn_ok(account) == bool(luhn.is_valid(account))


@pytest.mark.parametrize("text", ["", "6.29E+18", "６２２", "12 34"])
def test_what_is_no_digit_string_fails_luhn(text: str) -> None:
    assert not luhn_ok(text)


def test_masks_keep_only_the_ends() -> None:
    assert mask_citizen_id("520121196203153012") == "520121********3012"
    assert mask_account("6299010000000000018") == "6299***********0018"
    assert mask_phone("19900012345") == "199****2345"
    assert [mask_name(name) for name in ("", "张", "张三", "罗国强")] == ["", "*", "张*", "罗**"]


@given(st.text(max_size=30))
def test_a_mask_never_shows_a_whole_text(text: str) -> None:
    for mask in (mask_citizen_id, mask_account, mask_phone, mask_name):
        assert len(mask(text)) == len(text)
        assert "*" in mask(text) or not text
