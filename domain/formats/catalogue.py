"""The twenty kinds of file a county delivers: columns, aliases, value lists and row keys.

Source: docs/import-formats.md sections 4 and 5. Order of the table = order in which files are read.
"""

from collections.abc import Mapping
from types import MappingProxyType

from domain.formats.columns import CellType, Column, FileFormat

PROGRAMMES = ("城市低保", "农村低保", "特困供养")
CARE_GRADES = ("全自理", "半护理", "全护理")
CHECK_ITEMS = ("车辆", "房产", "商铺", "经营主体", "月工资", "公积金基数", "存款余额", "羁押服刑")
STOP_GROUNDS = ("死亡", "收入超标", "财产超标", "迁出", "转特困", "渐退期满", "主动放弃", "骗取")
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
_NO_SYNONYMS: Mapping[str, str] = MappingProxyType({})
_YES_NO = ("是", "否")


def _needed(
    header: str,
    also: str,
    kind: CellType,
    values: tuple[str, ...] = (),
    synonyms: Mapping[str, str] = _NO_SYNONYMS,
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
        "资料说明",
        (
            _needed("项", "项目", _TEXT),
            _needed("值", "内容", _TEXT),
        ),
        key=("项",),
        container=_CSV,
    ),
    FileFormat(
        "标准",
        (
            _needed("项目", "标准名称 参数", _TEXT),
            _needed("地区代码", "行政区划代码 区划代码", _CODE),
            _needed("数值", "标准值 标准", _TEXT),
            _needed("单位", "计量单位", _ENUM, values=("元/人/月", "%", "天", "工作日", "月")),
            _needed("生效日期", "执行日期 施行日期", _DATE),
            _needed("文号", "发文字号", _TEXT),
        ),
        key=("项目", "地区代码", "生效日期"),
        container=_XLSX,
    ),
    FileFormat(
        "工作人员",
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
                values=("受理", "调查", "审核确认", "发放", "监督", "村居干部"),
            ),
            _needed("任职日期", "到岗日期", _DATE),
            _optional("离任日期", "离岗日期", _DATE),
        ),
        key=("工号", "岗位", "任职日期"),
        container=_XLSX,
    ),
    FileFormat(
        "近亲属申报",
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
        "近亲属备案",
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
        "申请",
        (
            _CASE,
            _needed("申请日期", "提出申请日期", _DATE),
            _needed("救助项目", "申请项目 救助类别", _ENUM, values=PROGRAMMES, synonyms=_PROGRAMME_SYNONYMS),
            _needed("地区代码", "行政区划代码 村居代码", _CODE),
            _needed("申请方式", "申请途径", _ENUM, values=("本人申请", "主动发现")),
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
        "家庭成员",
        (
            _CASE,
            _needed("姓名", "成员姓名", _NAME),
            _PERSON,
            _needed(
                "与户主关系",
                "关系",
                _ENUM,
                values=("本人", "配偶", "子女", "父母", "兄弟姐妹", "孙子女", "其他"),
            ),
            _optional(
                "残疾类别",
                "残疾类型",
                _ENUM,
                values=("视力", "听力", "言语", "肢体", "智力", "精神", "多重"),
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
        "核对结果",
        (
            _CASE,
            _PERSON,
            _needed("数据来源", "来源单位", _TEXT),
            _needed("查询日期", "发起日期", _DATE),
            _needed("反馈日期", "返回日期", _DATE),
            _needed("项目", "核对项目", _ENUM, values=CHECK_ITEMS),
            _needed("数值", "核对结果 结果", _TEXT),
        ),
        key=(CASE_HEADER, "身份证号", "数据来源", "项目", "反馈日期"),
        container=_CSV,
    ),
    FileFormat(
        "入户调查",
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
        "公示",
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
        "审核确认",
        (
            _CASE,
            _needed("决定", "审核结果 审批结果", _ENUM, values=("确认", "不予确认", "终止")),
            _needed("决定日期", "审批日期 确认日期", _DATE),
            _sometimes("月保障金额", "保障金额 月救助金额", _AMOUNT),
            _sometimes("起始月份", "享受起始月", _MONTH),
            _needed("决定机关", "审批机关", _TEXT),
            _needed("确认人工号", "审批人 确认人", _CODE),
            _sometimes("理由", "不予确认理由 原因", _TEXT),
            _sometimes("复核类别", "分类管理类别", _ENUM, values=("A", "B", "C")),
            _optional("县级入户日期", "县级入户核查日期", _DATE),
            _sometimes("照料等级", "护理等级", _ENUM, values=CARE_GRADES),
            _optional("延期原因", "延期说明", _TEXT),
        ),
        key=(CASE_HEADER,),
        container=_XLSX,
    ),
    FileFormat(
        "变更",
        (
            _CASE,
            _needed(
                "变更类型",
                "调整类型",
                _ENUM,
                values=("增发", "减发", "停发", "渐退", "暂停", "恢复", "人口变化"),
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
        "复核",
        (
            _CASE,
            _needed("复核日期", "定期复核日期", _DATE),
            _needed("结论", "复核结论", _ENUM, values=("维持", "增发", "减发", "停发", "渐退")),
            _needed("复核人工号", "复核人", _CODE),
        ),
        key=(CASE_HEADER, "复核日期"),
        container=_XLSX,
    ),
    FileFormat(
        "死亡信息",
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
        "发放计划",
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
        "银行回单",
        (
            _needed("流水号", "交易流水号", _CODE),
            _needed("交易日期", "记账日期", _DATE),
            _needed("批次号", "批次", _CODE),
            _needed(REMARK_HEADER, "附言 摘要 申请编号", _CODE),
            _needed("收款账号", "账号", _ACCOUNT),
            _needed("收款户名", "户名", _NAME),
            _needed("金额", "交易金额", _AMOUNT, positive=True),
            _needed("状态", "交易状态", _ENUM, values=("成功", "退票"), synonyms=_TRANSFER_SYNONYMS),
            _optional("退票原因", "退汇原因", _TEXT),
            _optional("原流水号", "原交易流水号", _CODE),
            _optional("所属月份", "补发月份", _MONTH),
        ),
        key=("流水号",),
        container=_CSV,
        monthly=True,
    ),
    FileFormat(
        "追缴",
        (
            _needed("追缴编号", "追缴单号", _CODE),
            _CASE,
            _needed("原因", "追缴原因", _ENUM, values=("骗取", "误发")),
            _needed("决定日期", "追缴决定日期", _DATE),
            _needed("涉及月份", "追缴月份", _TEXT),
            _needed("应追缴金额", "应退金额", _AMOUNT, positive=True),
            _optional("罚款金额", "罚款", _AMOUNT),
        ),
        key=("追缴编号",),
        container=_XLSX,
    ),
    FileFormat(
        "追缴回款",
        (
            _needed("追缴编号", "追缴单号", _CODE),
            _needed("回款日期", "入账日期", _DATE),
            _needed("金额", "回款金额", _AMOUNT, positive=True),
            _needed("方式", "回款方式", _ENUM, values=("一次", "分期", "减免", "核销")),
            _sometimes("批准文号", "审批文号", _TEXT),
        ),
        key=("追缴编号", "回款日期", "方式"),
        container=_CSV,
    ),
    FileFormat(
        "申诉",
        (
            _needed("申诉编号", "编号", _CODE),
            _CASE,
            _needed("类型", "申诉类型", _ENUM, values=("复议", "诉讼", "信访")),
            _needed("提出日期", "申诉日期", _DATE),
            _optional("事由", "申诉事由", _TEXT),
            _optional("决定日期", "办结日期", _DATE),
            _sometimes("结果", "处理结果", _ENUM, values=("维持", "变更", "撤销")),
            _sometimes("变更后月金额", "变更后金额", _AMOUNT),
            _sometimes("起始月份", "执行起始月", _MONTH),
        ),
        key=("申诉编号",),
        container=_XLSX,
    ),
    FileFormat(
        "信用",
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
"""Every kind of file by its Chinese name, in the order in which files of a delivery are read."""
