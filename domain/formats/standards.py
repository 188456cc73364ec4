"""The parameters of 标准: their names, the units they come in, and how their value is read.

Source: docs/import-formats.md section 5.
"""

from collections.abc import Mapping
from types import MappingProxyType

from domain.formats.columns import FaultCode
from domain.formats.normalise import CellFault, parse_hundredths
from domain.formats.text import compact

YUAN, PERCENT, DAYS, WORKING_DAYS, MONTHS = "元/人/月", "%", "天", "工作日", "月"

STANDARD_UNITS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **dict.fromkeys(("城市低保", "农村低保", "特困供养", "最低工资"), (YUAN,)),
        **{f"特困照料-{grade}": (PERCENT,) for grade in ("全自理", "半护理", "全护理")},
        **{
            f"分类施保-{area}-{group}": (PERCENT, YUAN)
            for area in ("城市", "农村")
            for group in ("重度残疾", "老年残疾", "普通残疾")
        },
        "低保边缘线": (PERCENT,),
        **dict.fromkeys(("核对报告有效天数", "公示天数", "追缴停滞天数"), (DAYS,)),
        **{f"复核间隔月-{category}": (MONTHS,) for category in ("A", "B", "C")},
        **{f"办理时限-{step}": (WORKING_DAYS,) for step in ("入户", "总", "延长", "委托")},
        **{f"特困时限-{step}": (WORKING_DAYS,) for step in ("调查", "确认")},
        **dict.fromkeys(("死亡处理期限", "退票处理期限"), (MONTHS,)),
    }
)
"""Name of a standard to the units it may have. A percentage is of what section 5 says."""


def standard_name(text: str) -> str:
    """Return the name of a standard as the catalogue writes it, without white space."""
    return compact(text)


def standard_hundredths(text: str) -> int:
    """Return a 数值 in hundredths of its unit: 365 yuan = 36500, 40 % = 4000, 7 days = 700.

    Accepts what an amount accepts, and a percent sign after the number. Raises `CellFault` when it is no
    number, has more than 2 decimals, or is below 0.
    """
    plain = compact(text)
    hundredths = parse_hundredths(plain.removesuffix("%"))
    if hundredths < 0:
        raise CellFault(FaultCode.negative_amount, plain, "negative_amount")
    return hundredths
