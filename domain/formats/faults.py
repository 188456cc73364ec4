"""What is wrong with a row, said so that the office can mend it: codes, reasons and remedies in two languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from domain.formats.columns import FaultCode


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason why a row is not loaded. `value` is the text the cell held; reason and remedy are Chinese."""

    column: str
    code: FaultCode
    value: str
    reason: str
    remedy: str
    reason_en: str = ""
    remedy_en: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something odd in a row that is loaded all the same. `code` is a key of `NOTICES`."""

    column: str
    code: str
    value: str
    reason: str
    reason_en: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """Reason and remedy of one fault. `{detail}` stands for what the particular case adds."""

    reason: str
    remedy: str
    reason_en: str
    remedy_en: str


REASONS: Mapping[str, Message] = MappingProxyType(
    {
        "missing_required": Message(
            "必填项为空", "请补填此项后重新报送", "a required cell is blank", "fill the cell and send the row again"
        ),
        "missing_conditional": Message(
            "{detail}时此项必填",
            "请补填此项后重新报送",
            "the cell is required when {detail}",
            "fill the cell and send the row again",
        ),
        "bad_id": Message(
            "身份证号不是17位数字加1位数字或X",
            "请按身份证核对，以文本格式填写完整18位号码",
            "not 17 digits followed by a digit or X",
            "enter all 18 characters of the id, in a cell formatted as text",
        ),
        "bad_id_birth": Message(
            "身份证号中的出生日期不存在",
            "请按身份证核对第7至14位",
            "the birth date in the id does not exist",
            "compare digits 7 to 14 with the identity card",
        ),
        "bad_id_future": Message(
            "身份证号中的出生日期晚于资料截止日期",
            "请按身份证核对第7至14位",
            "the birth date in the id is after the closing date",
            "compare digits 7 to 14 with the identity card",
        ),
        "bad_check_digit": Message(
            "身份证号校验码不符（GB 11643）",
            "至少有一位录错，请按身份证逐位核对",
            "the check character of the id is wrong (GB 11643)",
            "at least one character is mistyped: compare the id with the identity card",
        ),
        "bad_date": Message(
            "日期不存在或写法无法识别",
            "请填写真实日期，如 2024-03-05",
            "no such day, or no accepted form of a date",
            "enter a real day, such as 2024-03-05",
        ),
        "bad_month": Message(
            "月份不存在或写法无法识别",
            "请填写年月，如 2024-03",
            "no such month, or no accepted form of a month",
            "enter a year and month, such as 2024-03",
        ),
        "not_a_number": Message(
            "不是可识别的数字",
            "请用阿拉伯数字填写，如 825.00",
            "not readable as a number",
            "enter it in digits, such as 825.00",
        ),
        "not_a_whole_number": Message(
            "不是整数",
            "请填写整数，如 2",
            "not a whole number",
            "enter a whole number in digits, such as 2",
        ),
        "too_many_decimals": Message(
            "金额小数超过2位",
            "请精确到分，最多2位小数",
            "more than 2 decimals",
            "enter at most 2 decimals",
        ),
        "number_too_large": Message(
            "数字过大",
            "请核对位数后重新填写",
            "the number is too large to be meant",
            "check the number of digits",
        ),
        "negative_amount": Message(
            "数字小于0",
            "请核对后填写不小于0的数；冲销请另行登记",
            "the number is below 0",
            "enter a number of 0 or more; reversals are recorded separately",
        ),
        "not_positive": Message(
            "金额必须大于0",
            "请填写大于0的金额，没有金额的行请删除",
            "the amount must be more than 0",
            "enter an amount above 0, or leave the row out",
        ),
        "bad_account": Message(
            "银行账号不是19位数字",
            "请按存折或银行卡核对，以文本格式填写19位账号",
            "the account number is not 19 digits",
            "enter all 19 digits, in a cell formatted as text",
        ),
        "account_digits_lost": Message(
            "账号被表格软件改成科学计数，后面的数字已丢失",
            "请将单元格设为文本格式后，按存折或银行卡重新填写19位账号",
            "the spreadsheet turned the account into scientific notation and lost its digits",
            "format the cell as text and enter all 19 digits again",
        ),
        "unknown_value": Message(
            "不在允许的取值之内",
            "请填写：{detail}",
            "not in the list of accepted values",
            "enter one of: {detail}",
        ),
        "bad_self_care_score": Message(
            "自理能力评分不是6位0或1",
            "请填写6位数字，1为能、0为不能，如 110111",
            "the self-care score is not six digits of 0 or 1",
            "enter six digits, 1 = can, 0 = cannot, such as 110111",
        ),
        "unreadable_bytes": Message(
            "单元格含有该文件编码无法识别的字节",
            "请用 UTF-8（带BOM）或 GB18030 编码重新导出该文件",
            "the cell holds bytes not readable in the file's encoding",
            "export the file again as UTF-8 with BOM or as GB18030",
        ),
        "unwritable_text": Message(
            "单元格含有不是文字的字符",
            "请重新键入该单元格的内容",
            "the cell holds code points that are no characters",
            "type the text of the cell again",
        ),
        "unusable_number": Message(
            "编号过长，或含有不可见的控制字符",
            "请核对编号，不超过80个字符",
            "the number is too long, or holds control characters",
            "check the number; it has at most 80 characters",
        ),
        "personal_number": Message(
            "编号中含有身份证号，而编号是公开的",
            "请改用业务编号，不得以身份证号代替",
            "the number holds a citizen id, and numbers are open",
            "use a number of the office's own, never a citizen id",
        ),
        "too_long_text": Message(
            "本行文字过长，无法记账",
            "请缩短此单元格的内容，详细材料另行存档",
            "the row holds more text than an entry can",
            "shorten the cell, and keep the full document elsewhere",
        ),
        "unknown_case": Message(
            "申请编号在申请表中不存在",
            "请核对申请编号；属新申请的，请一并报送申请表中的该行",
            "no row of 申请 holds this case number",
            "check the case number, or deliver its row of 申请 as well",
        ),
        "unknown_person": Message(
            "此人不是该申请的家庭成员",
            "请核对身份证号和申请编号；漏报的成员请补报家庭成员表",
            "the person is no member of this case",
            "check id and case number, or deliver the missing row of 家庭成员",
        ),
        "unknown_staff": Message(
            "工号在工作人员表中不存在",
            "请核对工号；新到岗人员请补报工作人员表",
            "no row of 工作人员 holds this staff number",
            "check the staff number, or deliver the missing row of 工作人员",
        ),
        "unknown_order": Message(
            "追缴编号在追缴表中不存在",
            "请核对追缴编号，或补报追缴表中的该行",
            "no row of 追缴 holds this order number",
            "check the order number, or deliver its row of 追缴",
        ),
        "end_before_start": Message(
            "公示结束日期早于开始日期",
            "请核对公示的起止日期",
            "the publicity ends before it starts",
            "check both dates of the publicity",
        ),
        "held": Message(
            "本行无误，但所属申请未能载入：{detail}",
            "请先更正所指的行，再将本行与其一并重新报送",
            "the row is good, but its case was not loaded: {detail}",
            "mend the row named here and send both again",
        ),
    }
)

NOTICES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "luhn": ("银行账号校验位不符，请核对", "the Luhn check digit of the account does not fit"),
        "amount_ignored": ("此类行不应填写金额，已忽略", "a row of this kind has no amount: the cell is ignored"),
        "fine_without_fraud": ("非骗取的追缴不应有罚款", "a fine goes with 骗取 only"),
        "outcome_without_date": ("有处理结果而无决定日期", "an outcome without the date it was decided"),
        "unknown_standard": ("标准名称不在目录之内", "the standard is not in the list of names"),
        "unusual_unit": ("单位与该标准通常的单位不同", "the unit is not the usual one of this standard"),
        "unusual_check_value": ("数值与核对项目的写法不符", "the value does not have the form of its item"),
        "unreadable_months": ("涉及月份的写法无法识别", "the months of the order cannot be read"),
        "head_no_member": ("户主不在家庭成员之中", "the head of the household is no member of the case"),
        "unknown_officer": ("工号在工作人员表中不存在", "no row of 工作人员 holds this staff number"),
        "unknown_original": ("原流水号在银行回单中不存在", "no transfer carries this 原流水号"),
        "unknown_description": ("资料说明中的未知项", "an unknown item in 资料说明"),
    }
)


def make_fault(
    column: str, code: FaultCode, value: str, *, reason: str | None = None, detail: str = "", detail_en: str = ""
) -> Fault:
    """Return the fault with its words. `reason` is a key of `REASONS`, by default the code itself.

    `detail` fills the gap of the message (the accepted values, the condition, the bad row that holds a case).
    """
    message = REASONS[reason or code.value]
    english = detail_en or detail
    return Fault(
        column=column,
        code=code,
        value=value,
        reason=message.reason.format(detail=detail),
        remedy=message.remedy.format(detail=detail),
        reason_en=message.reason_en.format(detail=english),
        remedy_en=message.remedy_en.format(detail=english),
    )


def make_notice(column: str, code: str, value: str) -> Notice:
    """Return the notice with its words; `KeyError` for a code that is not in `NOTICES`."""
    chinese, english = NOTICES[code]
    return Notice(column, code, value, chinese, english)
