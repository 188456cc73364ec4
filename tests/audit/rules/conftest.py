"""Stories of cases, told in few words, written as one delivery, loaded by the real loader and searched by one rule."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from audit.flags.flag import Flag
from audit.flags.rulebook import load_rules
from audit.flags.search import Scope, Search, search
from cli.simulation.standards import FIXED, MONEY

Row = Mapping[str, object]
Rows = Mapping[str, Row | Sequence[Row]]

LAWFUL: Mapping[str, Sequence[Row]] = {
    "申请": [
        {
            **{"申请编号": "{case}", "申请日期": "2024-03-04", "救助项目": "农村低保", "地区代码": "520121101202"},
            **{"申请方式": "本人申请", "户主姓名": "罗国强", "户主身份证号": "{head}", "开户银行": "云岭农商行"},
            **{"银行账号": "6299010000000000018", "账户户名": "罗国强", "受理日期": "2024-03-05"},
            **{"受理人工号": "MZ0001", "授权书日期": "2024-03-04"},
        }
    ],
    "家庭成员": [
        {
            **{"申请编号": "{case}", "姓名": "罗国强", "身份证号": "{head}", "与户主关系": "本人"},
            **{"申报月收入": "350", "是否计入": "是"},
        },
        {
            **{"申请编号": "{case}", "姓名": "李秀英", "身份证号": "{wife}", "与户主关系": "配偶"},
            **{"申报月收入": "100", "是否计入": "是"},
        },
    ],
    "核对结果": [
        {
            **{"申请编号": "{case}", "身份证号": "{head}", "数据来源": "公安交管", "查询日期": "2024-03-06"},
            **{"反馈日期": "2024-03-08", "项目": "车辆", "数值": "无"},
        }
    ],
    "入户调查": [
        {
            **{"申请编号": "{case}", "调查日期": "2024-03-07", "调查人工号1": "MZ0010", "调查人工号2": "MZ0011"},
            **{"家庭人口": "2", "核定月收入": "450"},
        }
    ],
    "公示": [{"申请编号": "{case}", "公示开始日期": "2024-03-11", "公示结束日期": "2024-03-18"}],
    "审核确认": [
        {
            **{"申请编号": "{case}", "决定": "确认", "决定日期": "2024-03-22", "月保障金额": "280"},
            **{"起始月份": "2024-04", "决定机关": "云岭县民政局", "确认人工号": "MZ0004", "复核类别": "A"},
        }
    ],
}
"""A case in which everything is as it must be; {case}, {head} and {wife} are filled in for each."""

OTHERS: Mapping[str, Row] = {
    "近亲属备案": {"申请编号": "{case}", "工号": "MZ0012", "关系": "兄弟姐妹", "备案日期": "2024-03-06"},
    "变更": {
        **{"申请编号": "{case}", "变更类型": "停发", "决定日期": "2024-06-20", "生效月份": "2024-07"},
        **{"原因": "财产超标", "经办人工号": "MZ0010", "确认人工号": "MZ0004"},
    },
    "复核": {"申请编号": "{case}", "复核日期": "2024-09-10", "结论": "维持", "复核人工号": "MZ0010"},
    "银行回单": {
        **{"流水号": "{case}-1", "交易日期": "2024-04-10", "批次号": "FF202404-01", "申请编号(附言)": "{case}"},
        **{"收款账号": "6299010000000000018", "收款户名": "罗国强", "金额": "280.00", "状态": "成功"},
    },
}
"""A row of each kind that a lawful case need not have."""


class Told:
    """What a rule found in stories that were loaded together."""

    def __init__(self, names: Mapping[str, str], result: Search) -> None:
        self.result = result
        self._names = names

    def flags(self, story: str) -> list[Flag]:
        """Return the flags of a story's case."""
        return [flag for flag in self.result.flags if flag.case == self._names[story]]

    def references(self, story: str) -> set[str | None]:
        """Return the references of a story's flags as they are printed; {None} for one without a reference."""
        return {flag.shown_reference for flag in self.flags(story)}

    def reasons(self) -> dict[str, int | None]:
        """Return why the rule was not put to how many cases."""
        return {one.reason: one.cases for one in self.result.untested}


@pytest.fixture(scope="session")
def told(new_office: Callable[[Path], Any], tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Told]:
    """Return what loads stories, each a case with some rows changed, and lets one rule look at them."""

    def tell(rule: str, stories: Mapping[str, Rows], besides: Rows | None = None, closing: str = "2024-12-31") -> Told:
        office = new_office(tmp_path_factory.mktemp(rule))
        rows = _county(closing)
        names = {}
        for number, (name, changes) in enumerate(stories.items(), start=1):
            words = {"{case}": f"SQ520121202403{number:05d}"}
            words |= {"{head}": office.citizen_id(number), "{wife}": office.citizen_id(number, "19650701")}
            names[name] = words["{case}"]
            for kind, lines in _case(changes).items():
                rows.setdefault(kind, []).extend(_filled(line, words) for line in lines)
        heads = {"{head of " + name + "}": office.citizen_id(number) for number, name in enumerate(names, start=1)}
        heads["{officer}"] = office.citizen_id(5, "19800101")
        for kind, lines in (besides or {}).items():
            rows.setdefault(kind, []).extend(_filled(line, heads) for line in lines)  # type: ignore[arg-type]
        report = office.load_rows({kind: lines for kind, lines in rows.items() if lines})
        assert not report.rejects and not report.held and not report.conflicts, report.rejects
        result = search(office.ledger, [load_rules()[rule]], Scope())
        _check_flags(result, office.ledger.size)
        return Told(names, result)

    return tell


# Private


def _county(closing: str) -> dict[str, list[Row]]:
    facts = {"县名称": "云岭县", "地区代码": "520121", "资料起始月份": "2024-01", "资料截止日期": closing}
    standards = [*((item, yuan, "元/人/月") for item, (yuan, _) in MONEY.items()), *FIXED]
    since = {"地区代码": "520121", "生效日期": "2020-01-01", "文号": "云民发〔2020〕5号"}
    return {
        "资料说明": [{"项": item, "值": value} for item, value in facts.items()],
        "标准": [{"项目": item, "数值": str(value), "单位": unit, **since} for item, value, unit in standards],
    }


def _case(changes: Rows) -> dict[str, list[Row]]:
    """Return a lawful case's rows with the changes: a row alters each that is there, a list takes their place."""
    rows: dict[str, list[Row]] = {kind: list(lines) for kind, lines in LAWFUL.items()}
    for kind, change in changes.items():
        template = LAWFUL[kind][0] if kind in LAWFUL else OTHERS[kind]
        if isinstance(change, Mapping):
            rows[kind] = [{**line, **change} for line in rows.get(kind, [template])]
        else:
            rows[kind] = [{**template, **line} for line in change]
    return rows


def _filled(row: Row, words: Mapping[str, str]) -> Row:
    filled = dict(row)
    for header, value in row.items():
        for word, text in words.items():
            if isinstance(value, str):
                value = filled[header] = value.replace(word, text)
    return filled


def _check_flags(result: Search, size: int) -> None:
    """Every flag proves itself by entries of the log, and its facts fill the rule's sentence."""
    rules = load_rules()
    for flag in result.flags:
        assert flag.entries and all(0 <= position < size for position in flag.entries), flag
        assert rules[flag.rule].sentence.format_map(flag.facts), flag
