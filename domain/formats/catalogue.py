"""The twenty kinds of file a county delivers: columns, aliases, value lists and row keys.

Source: docs/import-formats.md sections 4 and 5, whose order is that of the table. Value lists that the log stores are
those of `domain.vocabulary`; the others are listed here.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from domain.change_kind import ChangeKind
from domain.formats.columns import NO_SYNONYMS, CellType, Column, FileFormat
from domain.vocabulary import (
    AppealKind,
    AppealOutcome,
    Channel,
    CheckItem,
    FileKind,
    HouseholdRelation,
    Post,
    Programme,
    RecoveryCause,
    RepaymentManner,
    ReviewClass,
    ReviewConclusion,
    StandardUnit,
)

CONFIRMED, REFUSED, TERMINATED = DECISIONS = ("确认", "不予确认", "终止")
SUCCEEDED, RETURNED = TRANSFER_STATES = ("成功", "退票")
DISABILITIES = ("视力", "听力", "言语", "肢体", "智力", "精神", "多重")
CARE_GRADES = ("全自理", "半护理", "全护理")
CASE_HEADER = "申请编号"
REMARK_HEADER = "申请编号(附言)"

_PROGRAMME_SYNONYMS = MappingProxyType(
    {
        "城市最低生活保障": "城市低保",
        "城低": "城市低保",
        "农村最低生活保障": "农村低保",
        "农低": "农村低保",
        "特困人员救助供养": "特困供养",
        "特困": "特困供养",
    }
)
_TRANSFER_SYNONYMS = MappingProxyType({"交易成功": "成功", "退汇": "退票"})
_YES_NO = ("是", "否")


# Private


def _words(vocabulary: type[StrEnum]) -> tuple[str, ...]:
    return tuple(member.value for member in vocabulary)


def _needed(
    header: str,
    also: str,
    kind: CellType,
    values: tuple[str, ...] = (),
    synonyms: Mapping[str, str] = NO_SYNONYMS,
    positive: bool = False,
) -> Column:
    return Column(header, tuple(also.split()), kind, True, values, synonyms, positive)


def _optional(header: str, also: str, kind: CellType, values: tuple[str, ...] = ()) -> Column:
    return Column(header, tuple(also.split()), kind, False, values)


def _sometimes(
    header: str,
    also: str,
    kind: CellType,
    values: tuple[str, ...] = (),
    lowest: int = 0,
    highest: int | None = None,
) -> Column:
    return Column(header, tuple(also.split()), kind, False, values, conditional=True, lowest=lowest, highest=highest)


_ID, _CODE, _ACCOUNT, _NAME = CellType.ID, CellType.CODE, CellType.ACCOUNT, CellType.NAME
_ENUM, _DATE, _MONTH = CellType.ENUM, CellType.DATE, CellType.MONTH
_INT, _AMOUNT, _TEXT = CellType.INT, CellType.AMOUNT, CellType.TEXT

_CASE = _needed(CASE_HEADER, "申请号 业务编号 受理编号", _CODE)
_STAFF = _needed("工号", "人员编号", _CODE)
_PERSON = _needed("身份证号", "身份证号码 公民身份号码", _ID)
_XLSX, _CSV = "xlsx", "csv"

_ALL = (
    FileFormat(
        FileKind.DESCRIPTION,
        (
            _needed("项", "项目", _TEXT),
            _needed("值", "内容", _TEXT),
        ),
        key=("项",),
        container=_CSV,
    ),
    FileFormat(
        FileKind.STANDARDS,
        (
            _needed("项目", "标准名称 参数", _TEXT),
            _needed("地区代码", "行政区划代码 区划代码", _CODE),
            _needed("数值", "标准值 标准", _TEXT),
            _needed("单位", "计量单位", _ENUM, values=_words(StandardUnit)),
            _needed("生效日期", "执行日期 施行日期", _DATE),
            _needed("文号", "发文字号", _TEXT),
        ),
        key=("项目", "地区代码", "生效日期"),
        container=_XLSX,
    ),
    FileFormat(
        FileKind.STAFF,
        (
            _STAFF,
            _needed("姓名", "人员姓名", _NAME),
            _PERSON,
            _needed("单位", "所在单位", _TEXT),
            _needed("地区代码", "行政区划代码", _CODE),
            _needed(
                "岗位",
                "职务 岗位类别",
                _ENUM,
                values=_words(Post),
            ),
            _needed("任职日期", "到岗日期", _DATE),
            _optional("离任日期", "离岗日期", _DATE),
        ),
        key=("工号", "岗位", "任职日期"),
        container=_XLSX,
    ),
    FileFormat(
        FileKind.RELATIVES,
        (
            _STAFF,
            _needed("亲属姓名", "近亲属姓名", _NAME),
            _needed("亲属身份证号", "近亲属身份证号 亲属公民身份号码", _ID),
            _needed("关系", "与本人关系", _NAME),
            _needed("申报日期", "填报日期", _DATE),
        ),
        key=("工号", "亲属身份证号"),
        container=_XLSX,
    ),
    FileFormat(
        FileKind.FILINGS,
        (
            _CASE,
            _STAFF,
            _needed("关系", "亲属关系", _NAME),
            _needed("备案日期", "登记日期", _DATE),
            _optional("县级入户日期", "县级入户核查日期", _DATE),
            _optional("入户人工号", "入户人员工号", _CODE),
            _optional("结论", "核查结论", _TEXT),
        ),
        key=(CASE_HEADER, "工号"),
        container=_XLSX,
    ),
    FileFormat(
        FileKind.APPLICATIONS,
        (
            _CASE,
            _needed("申请日期", "提出申请日期", _DATE),
            _needed("救助项目", "申请项目 救助类别", _ENUM, values=_words(Programme), synonyms=_PROGRAMME_SYNONYMS),
            _needed("地区代码", "行政区划代码 村居代码", _CODE),
            _needed("申请方式", "申请途径", _ENUM, values=_words(Channel)),
            _needed("户主姓名", "申请人姓名 户主", _NAME),
            _needed("户主身份证号", "申请人身份证号 户主公民身份号码", _ID),
            _optional("联系电话", "电话 手机号", _TEXT),
            _optional("住址", "家庭住址 地址", _TEXT),
            _needed("开户银行", "开户行", _TEXT),
            _needed("银行账号", "账号 卡号", _ACCOUNT),
            _needed("账户户名", "户名 账户名称", _NAME),
            _needed("受理日期", "受理时间", _DATE),
            _needed("受理人工号", "受理人", _CODE),
            _optional("授权书日期", "核对授权日期", _DATE),
            _optional("承诺书日期", "诚信承诺日期", _DATE),
        ),
        key=(CASE_HEADER,),
        container=_XLSX,
    ),
    FileFormat(
        FileKind.MEMBERS,
        (
            _CASE,
            _needed("姓名", "成员姓名", _NAME),
            _PERSON,
            _needed(
                "与户主关系",
                "关系",
                _ENUM,
                values=_words(HouseholdRelation),
            ),
            _optional(
                "残疾类别",
                "残疾类型",
                _ENUM,
                values=DISABILITIES,
            ),
            _sometimes("残疾等级", "残疾级别", _INT, lowest=1, highest=4),
            _optional("健康状况", "身体状况", _TEXT),
            _optional("是否在校", "在校情况", _ENUM, values=_YES_NO),
            _optional("劳动能力", "劳动能力情况", _ENUM, values=("有", "部分丧失", "无")),
            _needed("申报月收入", "月收入 申报收入", _AMOUNT),
            _needed("是否计入", "是否保障对象", _ENUM, values=_YES_NO),
            _optional("计入起月", "增员月份", _MONTH),
            _optional("计出月", "减员月份", _MONTH),
        ),
        key=(CASE_HEADER, "身份证号"),
        container=_XLSX,
    ),
    FileFormat(
        FileKind.CHECKS,
        (
            _CASE,
            _PERSON,
            _needed("数据来源", "来源单位", _TEXT),
            _needed("查询日期", "发起日期", _DATE),
            _needed("反馈日期", "返回日期", _DATE),
            _needed("项目", "核对项目", _ENUM, values=_words(CheckItem)),
            _needed("数值", "核对结果 结果", _TEXT),
        ),
        key=(CASE_HEADER, "身份证号", "数据来源", "项目", "反馈日期"),
        container=_CSV,
    ),
    FileFormat(
        FileKind.SURVEYS,
        (
            _CASE,
            _needed("调查日期", "入户日期", _DATE),
            _needed("调查人工号1", "调查人1", _CODE),
            _needed("调查人工号2", "调查人2", _CODE),
            _needed("家庭人口", "家庭人数", _INT),
            _needed("核定月收入", "核定收入 家庭月收入", _AMOUNT),
            _sometimes("自理能力评分", "自理能力", _CODE),
            _optional("意见", "调查意见", _TEXT),
        ),
        key=(CASE_HEADER, "调查日期"),
        container=_XLSX,
    ),
    FileFormat(
        FileKind.PUBLICITY,
        (
            _CASE,
            _needed("公示开始日期", "开始日期", _DATE),
            _needed("公示结束日期", "结束日期", _DATE),
            _optional("地点", "公示地点", _TEXT),
            _optional("异议内容", "异议", _TEXT),
            _optional("异议处理", "处理情况", _TEXT),
        ),
        key=(CASE_HEADER, "公示开始日期"),
        container=_XLSX,
    ),
    FileFormat(
        FileKind.DECISIONS,
        (
            _CASE,
            _needed("决定", "审核结果 审批结果", _ENUM, values=DECISIONS),
            _needed("决定日期", "审批日期 确认日期", _DATE),
            _sometimes("月保障金额", "保障金额 月救助金额", _AMOUNT),
            _sometimes("起始月份", "享受起始月", _MONTH),
            _needed("决定机关", "审批机关", _TEXT),
            _needed("确认人工号", "审批人 确认人", _CODE),
            _sometimes("理由", "不予确认理由 原因", _TEXT),
            _sometimes("复核类别", "分类管理类别", _ENUM, values=_words(ReviewClass)),
            _optional("县级入户日期", "县级入户核查日期", _DATE),
            _sometimes("照料等级", "护理等级", _ENUM, values=CARE_GRADES),
            _optional("延期原因", "延期说明", _TEXT),
        ),
        key=(CASE_HEADER,),
        container=_XLSX,
    ),
    FileFormat(
        FileKind.CHANGES,
        (
            _CASE,
            _needed(
                "变更类型",
                "调整类型",
                _ENUM,
                values=_words(ChangeKind),
            ),
            _needed("决定日期", "审批日期", _DATE),
            _needed("生效月份", "执行月份", _MONTH),
            _sometimes("变更后月金额", "调整后金额 变更后金额", _AMOUNT),
            _optional("变更后人口", "变更后人数", _INT),
            _optional("变更后月收入", "变更后收入", _AMOUNT),
            _optional("变更后照料等级", "变更后护理等级", _ENUM, values=CARE_GRADES),
            _needed("原因", "变更原因", _TEXT),
            _needed("经办人工号", "经办人", _CODE),
            _needed("确认人工号", "确认人 审批人", _CODE),
        ),
        key=(CASE_HEADER, "变更类型", "生效月份", "决定日期"),
        container=_XLSX,
    ),
    FileFormat(
        FileKind.REVIEWS,
        (
            _CASE,
            _needed("复核日期", "定期复核日期", _DATE),
            _needed("结论", "复核结论", _ENUM, values=_words(ReviewConclusion)),
            _needed("复核人工号", "复核人", _CODE),
        ),
        key=(CASE_HEADER, "复核日期"),
        container=_XLSX,
    ),
    FileFormat(
        FileKind.DEATHS,
        (
            _PERSON,
            _needed("死亡日期", "死亡时间", _DATE),
            _needed("来源", "数据来源", _TEXT),
            _needed("接收日期", "接收时间", _DATE),
        ),
        key=("身份证号",),
        container=_CSV,
    ),
    FileFormat(
        FileKind.PLANS,
        (
            _needed("批次号", "批次", _CODE),
            _needed("发放月份", "月份", _MONTH),
            _CASE,
            _needed("金额", "计划金额", _AMOUNT, positive=True),
            _needed("银行账号", "账号", _ACCOUNT),
            _needed("账户户名", "户名", _NAME),
            _needed("所属月份", "补发月份", _MONTH),
        ),
        key=("批次号", CASE_HEADER, "所属月份"),
        container=_CSV,
        monthly=True,
    ),
    FileFormat(
        FileKind.BANK_SLIPS,
        (
            _needed("流水号", "交易流水号", _CODE),
            _needed("交易日期", "记账日期", _DATE),
            _needed("批次号", "批次", _CODE),
            _needed(REMARK_HEADER, "附言 摘要 申请编号", _CODE),
            _needed("收款账号", "账号", _ACCOUNT),
            _needed("收款户名", "户名", _NAME),
            _needed("金额", "交易金额", _AMOUNT, positive=True),
            _needed("状态", "交易状态", _ENUM, values=TRANSFER_STATES, synonyms=_TRANSFER_SYNONYMS),
            _optional("退票原因", "退汇原因", _TEXT),
            _optional("原流水号", "原交易流水号", _CODE),
            _optional("所属月份", "补发月份", _MONTH),
        ),
        key=("流水号",),
        container=_CSV,
        monthly=True,
    ),
    FileFormat(
        FileKind.RECOVERIES,
        (
            _needed("追缴编号", "追缴单号", _CODE),
            _CASE,
            _needed("原因", "追缴原因", _ENUM, values=_words(RecoveryCause)),
            _needed("决定日期", "追缴决定日期", _DATE),
            _needed("涉及月份", "追缴月份", _TEXT),
            _needed("应追缴金额", "应退金额", _AMOUNT, positive=True),
            _optional("罚款金额", "罚款", _AMOUNT),
        ),
        key=("追缴编号",),
        container=_XLSX,
    ),
    FileFormat(
        FileKind.REPAYMENTS,
        (
            _needed("追缴编号", "追缴单号", _CODE),
            _needed("回款日期", "入账日期", _DATE),
            _needed("金额", "回款金额", _AMOUNT, positive=True),
            _needed("方式", "回款方式", _ENUM, values=_words(RepaymentManner)),
            _sometimes("批准文号", "审批文号", _TEXT),
        ),
        key=("追缴编号", "回款日期", "方式"),
        container=_CSV,
    ),
    FileFormat(
        FileKind.APPEALS,
        (
            _needed("申诉编号", "编号", _CODE),
            _CASE,
            _needed("类型", "申诉类型", _ENUM, values=_words(AppealKind)),
            _needed("提出日期", "申诉日期", _DATE),
            _optional("事由", "申诉事由", _TEXT),
            _optional("决定日期", "办结日期", _DATE),
            _sometimes("结果", "处理结果", _ENUM, values=_words(AppealOutcome)),
            _sometimes("变更后月金额", "变更后金额", _AMOUNT),
            _sometimes("起始月份", "执行起始月", _MONTH),
        ),
        key=("申诉编号",),
        container=_XLSX,
    ),
    FileFormat(
        FileKind.CREDIT,
        (
            _needed("主体身份证号", "身份证号 当事人身份证号", _ID),
            _CASE,
            _needed("失信事实", "事实", _TEXT),
            _needed("决定日期", "认定日期", _DATE),
            _needed("起", "起始日期", _DATE),
            _needed("止", "截止日期", _DATE),
        ),
        key=("主体身份证号", CASE_HEADER, "决定日期"),
        container=_XLSX,
    ),
)

FORMATS: Mapping[str, FileFormat] = MappingProxyType({fmt.kind: fmt for fmt in _ALL})
"""Every kind of file by its Chinese name, in the order of section 4."""
