"""Writes the tables of docs/import-formats.md from domain/formats, so that the page cannot promise another contract.

python scripts/document_formats.py            writes the tables between the page's markers
python scripts/document_formats.py --check    exit code 1 when the page is not what would be written

The prose of the page is written by hand. What a column means to a county's office stands here, in `MEANINGS`.
"""

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from domain.formats.catalogue import FORMATS
from domain.formats.checks import parse_check_value
from domain.formats.columns import CellType, Column, FaultCode, FileFormat
from domain.formats.faults import NOTICES, REASONS
from domain.formats.standards import STANDARD_UNITS
from domain.vocabulary import CheckItem, StopGround

PAGE: Final = Path(__file__).parents[1] / "docs" / "import-formats.md"

CODE_OF_REASON: Final[Mapping[str, FaultCode]] = {
    "missing_conditional": FaultCode.missing_required,
    "bad_id_birth": FaultCode.bad_id,
    "bad_id_future": FaultCode.bad_id,
    "not_a_whole_number": FaultCode.not_a_number,
    "too_many_decimals": FaultCode.not_a_number,
    "number_too_large": FaultCode.not_a_number,
    "not_positive": FaultCode.negative_amount,
    "account_digits_lost": FaultCode.bad_account,
    "bad_self_care_score": FaultCode.unknown_value,
    "unreadable_bytes": FaultCode.unknown_value,
    "unwritable_text": FaultCode.unknown_value,
    "unusable_number": FaultCode.unknown_value,
    "personal_number": FaultCode.unknown_value,
    "too_long_text": FaultCode.unknown_value,
}
"""The code of each reason that does not bear the name of its code."""

_CASE: Final = "the case that the row belongs to"
MEANINGS: Final[Mapping[str, Mapping[str, str]]] = {
    "资料说明": {
        "项": "one of 县名称, 地区代码, 资料起始月份, 资料截止日期; any other item is a warning",
        "值": "what the item is: a name, 6 digits, a month, a day",
    },
    "标准": {
        "项目": "name of the parameter, section 5; another name is loaded with a warning",
        "地区代码": "the county it holds in, 6 digits",
        "数值": "a number from 0, 2 decimals at most; a percent sign after it is allowed",
        "单位": "what the number counts; an unusual one for the parameter is a warning",
        "生效日期": "from which day",
        "文号": "the document that set it",
    },
    "工作人员": {
        "工号": "staff number",
        "姓名": "name",
        "身份证号": "citizen id",
        "单位": "office",
        "地区代码": "county, township or village served: 6, 9 or 12 digits",
        "岗位": "the post; one row for each post a person has held",
        "任职日期": "first day in the post",
        "离任日期": "last day in the post; blank while the person serves",
    },
    "近亲属申报": {
        "工号": "who declares; must be in 工作人员",
        "亲属姓名": "the relative",
        "亲属身份证号": "the relative's citizen id",
        "关系": "what the relative is to the staff member, in any word; section 8 says which are in the core scope",
        "申报日期": "when it was declared",
    },
    "近亲属备案": {
        "申请编号": _CASE,
        "工号": "the related staff member; must be in 工作人员",
        "关系": "as in 近亲属申报",
        "备案日期": "when the case was put on file",
        "县级入户日期": "when the county itself visited the household, if it did",
        "入户人工号": "who visited",
        "结论": "what the visit found",
    },
    "申请": {
        "申请编号": "number of the case, `SQ` and 17 digits; every other file names the case by it",
        "申请日期": "when the household applied",
        "救助项目": "the programme applied for",
        "地区代码": "the village: 12 digits",
        "申请方式": "on their own application, or found by the office",
        "户主姓名": "head of the household",
        "户主身份证号": "the head's id, expected among 家庭成员; a warning where it is not",
        "联系电话": "telephone",
        "住址": "address",
        "开户银行": "bank",
        "银行账号": "the account paid to, 19 digits stored as text",
        "账户户名": "its holder",
        "受理日期": "when the office accepted the application",
        "受理人工号": "who accepted it",
        "授权书日期": "when the household allowed its data to be queried",
        "承诺书日期": "when it pledged to tell the truth",
    },
    "家庭成员": {
        "申请编号": _CASE,
        "姓名": "name",
        "身份证号": "citizen id",
        "与户主关系": "what the person is to the head",
        "残疾类别": "kind of disability; blank for none",
        "残疾等级": "grade of disability; must be filled when 残疾类别 is",
        "健康状况": "health, in a word",
        "是否在校": "at school",
        "劳动能力": "ability to work",
        "申报月收入": "what the household says this person earns a month, in yuan",
        "是否计入": "是 for those the amount is reckoned on, 否 for those only listed",
        "计入起月": "the first month in which the person counts; blank for as long as the case",
        "计出月": "the first month in which the person counts no longer; blank for no end",
    },
    "核对结果": {
        "申请编号": _CASE,
        "身份证号": "who was asked about; must be a member of the case",
        "数据来源": "the office that answered",
        "查询日期": "when it was asked",
        "反馈日期": "when it answered",
        "项目": "what was asked, section 5",
        "数值": "the answer, in the form that section 5 gives for the item; another form is a warning",
    },
    "入户调查": {
        "申请编号": _CASE,
        "调查日期": "day of the home visit",
        "调查人工号1": "one surveyor",
        "调查人工号2": "the other",
        "家庭人口": "how many of the household were found to count",
        "核定月收入": "income of the whole household a month as found, in yuan",
        "自理能力评分": (
            "six digits, 1 for can and 0 for cannot: eating, dressing, bed, toilet, walking indoors, bathing; must be "
            "filled for 特困供养"
        ),
        "意见": "remark",
    },
    "公示": {
        "申请编号": _CASE,
        "公示开始日期": "first day on the board",
        "公示结束日期": "last day on the board, not before the first",
        "地点": "where",
        "异议内容": "an objection, if one was raised",
        "异议处理": "what was done about it",
    },
    "审核确认": {
        "申请编号": _CASE,
        "决定": "granted, refused, or ended because the household withdrew or did not cooperate",
        "决定日期": "day of the decision",
        "月保障金额": "for the household a month, in yuan; must be filled, above 0, when 确认; else ignored",
        "起始月份": "the first month paid for; must be filled when 确认",
        "决定机关": "who decided; a name that does not end in 民政局 is a township's delegated decision",
        "确认人工号": "who confirmed it",
        "理由": "grounds; must be filled when the decision is not 确认",
        "复核类别": "how often the case is reviewed; must be filled when 确认",
        "县级入户日期": "when the county itself visited the household, if it did",
        "照料等级": "care grade; must be filled when 确认 and the programme is 特困供养",
        "延期原因": "why the time limit was extended; blank when it was not",
    },
    "变更": {
        "申请编号": _CASE,
        "变更类型": "raise, cut, stop, grace, suspension, resumption, or another number of people",
        "决定日期": "day of the decision",
        "生效月份": "the first month it applies to",
        "变更后月金额": "the new monthly amount in yuan; must be filled except for 停发 and 暂停, where it is ignored",
        "变更后人口": "how many count from then on; for information, 家庭成员 decides",
        "变更后月收入": "household income a month from then on, in yuan; blank when it stays",
        "变更后照料等级": "care grade from then on; blank when it stays",
        "原因": "the ground; for 停发 one of those in section 5",
        "经办人工号": "who prepared it",
        "确认人工号": "who confirmed it",
    },
    "复核": {
        "申请编号": _CASE,
        "复核日期": "day of the review",
        "结论": "its result",
        "复核人工号": "who reviewed",
    },
    "死亡信息": {
        "身份证号": "who died, whether any case knows the person or not",
        "死亡日期": "when",
        "来源": "the office that says so",
        "接收日期": "when the bureau learned it",
    },
    "发放计划": {
        "批次号": "batch; money naming no loaded case is kept under it",
        "发放月份": "the month of the file",
        "申请编号": "the case; one that is not loaded does not reject the row",
        "金额": "what the bank is told to pay, in yuan",
        "银行账号": "to which account",
        "账户户名": "and holder",
        "所属月份": "the month that the money is for",
    },
    "银行回单": {
        "流水号": "the bank's number of the transfer; no two transfers of any month share one",
        "交易日期": "day of the transfer",
        "批次号": "batch; money naming no loaded case is kept under it",
        "申请编号(附言)": "the bank's remark; `SQ` and 17 digits are looked for in it, whatever stands around them",
        "收款账号": "the account credited",
        "收款户名": "its holder as the bank has it",
        "金额": "how much, in yuan",
        "状态": "paid, or returned by the bank",
        "退票原因": "why it came back",
        "原流水号": "for a reissue: the number of the returned transfer that it replaces",
        "所属月份": "for arrears: the month that the money is for",
    },
    "追缴": {
        "追缴编号": "number of the recovery order",
        "申请编号": _CASE,
        "原因": "fraud, or a mistake of the office",
        "决定日期": "day of the order",
        "涉及月份": "one month, or first and last: `2024-02至2024-05`; another form is a warning",
        "应追缴金额": "what must be returned, in yuan",
        "罚款金额": "fine, in yuan; blank for none; a warning when the cause is 误发",
    },
    "追缴回款": {
        "追缴编号": "the order; must be in 追缴",
        "回款日期": "when it was repaid, waived or written off",
        "金额": "how much, in yuan",
        "方式": "repaid at once or by instalment (一次, 分期), waived (减免), written off (核销)",
        "批准文号": "the document that allowed it; must be filled for 减免 and 核销",
    },
    "申诉": {
        "申诉编号": "number of the appeal",
        "申请编号": _CASE,
        "类型": "administrative review, lawsuit or petition",
        "提出日期": "when it was lodged",
        "事由": "what it is about",
        "决定日期": "when it was decided; blank while it is open",
        "结果": "upheld, changed or revoked; must be filled with 决定日期",
        "变更后月金额": "monthly amount in yuan from 起始月份 on; must be filled when 变更 or 撤销",
        "起始月份": "the first month the outcome applies to, often a past one; must be filled when 变更 or 撤销",
    },
    "信用": {
        "主体身份证号": "whom the entry is about",
        "申请编号": _CASE,
        "失信事实": "what happened",
        "决定日期": "when it was decided",
        "起": "first day of the entry",
        "止": "last day of the entry",
    },
}
"""What each column means, by kind of file and header."""

_CHECKS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "车辆": ("无, or the type of vehicle", ("小型轿车", "残疾人机动轮椅车", "残疾人专用汽车", "无")),
    "房产": ("number of homes", ("2",)),
    "商铺": ("number of shops", ("1", "0")),
    "经营主体": (
        "无, or role-name-status",
        ("法定代表人-某商行-存续", "个体经营者-某店-存续", "法定代表人-某商行-注销", "合作社成员-某社-存续"),
    ),
    "月工资": ("yuan a month", ("2100.00",)),
    "公积金基数": ("yuan a month", ("2100",)),
    "存款余额": ("yuan", ("15000.50",)),
    "羁押服刑": ("first day 至 last day", ("2024-02-01至2024-08-31",)),
}


def page(text: str) -> str:
    """Return the page with the tables between its markers written anew; KeyError for a marker that is not known."""
    return _MARKED.sub(lambda found: f"{found[1]}\n\n{_TABLES[found[2]]()}\n\n{found[3]}", text)


def main() -> int:
    """Write the tables, or say whether they are those that would be written."""
    stored = PAGE.read_text(encoding="utf-8")
    if "--check" in sys.argv[1:]:
        return int(stored != page(stored))
    PAGE.write_text(page(stored), encoding="utf-8")
    return 0


# Private

_MARKED: Final = re.compile(r"(<!-- generated: ([a-z]+) -->)\n(?:.*?\n)??(<!-- end -->)", re.DOTALL)


def _codes() -> str:
    rows = []
    for code in FaultCode:
        for name, message in REASONS.items():
            if CODE_OF_REASON.get(name) is code or name == code.value:
                chinese = f"{message.reason}<br>{message.remedy}"
                english = f"{message.reason_en}<br>{message.remedy_en}"
                rows.append((f"`{code.value}`", chinese.format(detail="…"), english.format(detail="…")))
    return _table(("代码", "原因 · 更正办法", "when · what to do"), rows)


def _warnings() -> str:
    rows = [(f"`{code}`", chinese, english) for code, (chinese, english) in NOTICES.items()]
    return _table(("code", "提示", "meaning"), rows)


def _files() -> str:
    return "\n\n".join(_file(fmt) for fmt in FORMATS.values())


def _file(fmt: FileFormat) -> str:
    name = f"{fmt.kind}-YYYY-MM.{fmt.container}" if fmt.monthly else f"{fmt.kind}.{fmt.container}"
    rows = [
        (column.header, "、".join(column.also), _holds(column), _required(column), MEANINGS[fmt.kind][column.header])
        for column in fmt.columns
    ]
    table = _table(("column", "also accepted", "holds", "required", "meaning"), rows)
    return f"### {fmt.kind}\n\n`{name}` · row key: {' + '.join(fmt.key)}\n\n{table}"


def _holds(column: Column) -> str:
    if column.type is CellType.ENUM:
        return " · ".join(column.values)
    limits = f", {column.lowest} to {column.highest}" if column.highest is not None else ""
    return f"`{column.type.value}`" + (", above 0" if column.positive else limits)


def _required(column: Column) -> str:
    return "yes" if column.required else "cond" if column.conditional else "no"


def _synonyms() -> str:
    found: dict[tuple[str, str], list[str]] = {}
    for fmt in FORMATS.values():
        for column in fmt.columns:
            for synonym, value in column.synonyms.items():
                found.setdefault((column.header, value), []).append(synonym)
    rows = [(header, value, "、".join(synonyms)) for (header, value), synonyms in found.items()]
    return _table(("column", "value", "also accepted"), rows)


def _standards() -> str:
    return _table(("项目", "单位"), [(name, " or ".join(units)) for name, units in STANDARD_UNITS.items()])


def _grounds() -> str:
    return "、".join(StopGround)


def _checks() -> str:
    rows = []
    for item in CheckItem:
        form, examples = _CHECKS[item]
        rows.append((item, form, "<br>".join(f"{example}: {_verdict(item, example)}" for example in examples)))
    return _table(("项目", "form of 数值", "examples"), rows)


def _verdict(item: str, example: str) -> str:
    found = parse_check_value(item, example)
    if found is None:
        raise ValueError(f"{item}: the example {example!r} does not have the form of its item")
    return "a hit" if found.hit else "no hit"


def _table(headings: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [tuple(headings), *rows]
    shown = [f"| {' | '.join(line)} |" for line in lines]
    return "\n".join([shown[0], "|" + "---|" * len(lines[0]), *shown[1:]])


_TABLES: Final[Mapping[str, Callable[[], str]]] = {
    "codes": _codes,
    "warnings": _warnings,
    "files": _files,
    "synonyms": _synonyms,
    "standards": _standards,
    "grounds": _grounds,
    "checks": _checks,
}


if __name__ == "__main__":
    sys.exit(main())
