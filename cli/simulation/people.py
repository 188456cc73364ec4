"""Invented people: names, citizen ids, telephone numbers and bank accounts that belong to nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from domain.identity import check_character, luhn_ok

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡"
GIVEN = "国强秀英志明玉珍光会学文世平大勇小龙金花德贵朝美仕芬宗海永翠婷安邦桂兰春梅建军红霞忠良素琴正容"
OLD_REGIONS = ("520103", "510107", "430102", "522128")  # withdrawn or foreign county codes are usual in ids


@dataclass(frozen=True, slots=True)
class Person:
    """A person who does not exist."""

    name: str
    id: str
    birth: date

    def age_on(self, day: date) -> int:
        """Return the completed years of age on a day."""
        before_birthday = (day.month, day.day) < (self.birth.month, self.birth.day)
        return day.year - self.birth.year - before_birthday


class Registry:
    """Makes people and accounts, never the same number twice."""

    def __init__(self, rng: Random, region: str) -> None:
        self._rng = rng
        self._region = region
        self._used: set[str] = set()

    def person(self, born_from: int, born_to: int, surname: str = "") -> Person:
        """Return a new person born in one of the years, both included."""
        first = date(born_from, 1, 1)
        birth = first + timedelta(days=self._rng.randrange((date(born_to, 12, 31) - first).days + 1))
        name = (surname or self._rng.choice(SURNAMES)) + "".join(self._rng.sample(GIVEN, self._rng.choice((1, 2, 2))))
        return Person(name, self._unused(lambda: self._id(birth)), birth)

    def account(self) -> str:
        """Return a new account number: 19 digits that pass the Luhn test."""
        return self._unused(lambda: with_luhn_digit(f"629901{self._rng.randrange(10**12):012d}"))

    def telephone(self) -> str:
        """Return a number of the 199000 range, which nobody is given here."""
        return f"199000{self._rng.randrange(10**5):05d}"

    # Private

    def _id(self, birth: date) -> str:
        region = self._region if self._rng.random() < 0.9 else self._rng.choice(OLD_REGIONS)
        return with_check_character(f"{region}{birth:%Y%m%d}{self._rng.randrange(1, 1000):03d}")

    def _unused(self, draw: Callable[[], str]) -> str:
        number = draw()
        while number in self._used:
            number = draw()
        self._used.add(number)
        return number


def with_check_character(seventeen: str) -> str:
    """Append the check character of GB 11643-1999 to 17 digits."""
    return seventeen + check_character(seventeen)


def with_luhn_digit(digits: str) -> str:
    """Append the Luhn digit of ISO/IEC 7812."""
    return next(account for account in (f"{digits}{last}" for last in range(10)) if luhn_ok(account))
