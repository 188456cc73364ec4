"""The field's closed lists: values that may stand in the open part because the list is all they can say.

The members' values are the words of the files (docs/import-formats.md section 5), which is also what is stored.
"""

from enum import StrEnum


class Programme(StrEnum):
    """救助项目: what is applied for."""

    URBAN = "城市低保"
    RURAL = "农村低保"
    EXTREME_HARDSHIP = "特困供养"


class Channel(StrEnum):
    """申请方式: who came first, the household or the office."""

    OWN = "本人申请"
    FOUND = "主动发现"


class HouseholdRelation(StrEnum):
    """与户主关系: what a member is to the head of the household."""

    SELF = "本人"
    SPOUSE = "配偶"
    CHILD = "子女"
    PARENT = "父母"
    SIBLING = "兄弟姐妹"
    GRANDCHILD = "孙子女"
    OTHER = "其他"


class Kin(StrEnum):
    """关系 of a staff relative: the core scope (Civil Code art 1045), everything else being OTHER."""

    SPOUSE = "配偶"
    PARENT = "父母"
    CHILD = "子女"
    SIBLING = "兄弟姐妹"
    PATERNAL_GRANDPARENT = "祖父母"
    MATERNAL_GRANDPARENT = "外祖父母"
    GRANDCHILD = "孙子女"
    DAUGHTERS_CHILD = "外孙子女"
    OTHER = "其他"


class Post(StrEnum):
    """岗位: the duty of a staff member."""

    INTAKE = "受理"
    SURVEY = "调查"
    CONFIRMATION = "审核确认"
    PAYMENT = "发放"
    SUPERVISION = "监督"
    VILLAGE = "村居干部"


class CheckItem(StrEnum):
    """项目 of a means-test answer."""

    VEHICLE = "车辆"
    HOMES = "房产"
    SHOPS = "商铺"
    BUSINESS = "经营主体"
    WAGE = "月工资"
    HOUSING_FUND = "公积金基数"
    DEPOSITS = "存款余额"
    CUSTODY = "羁押服刑"


class ReviewClass(StrEnum):
    """复核类别: how often a case is looked at again."""

    A = "A"
    B = "B"
    C = "C"


class ReviewConclusion(StrEnum):
    """结论 of a periodic review."""

    KEPT = "维持"
    INCREASE = "增发"
    DECREASE = "减发"
    STOP = "停发"
    GRACE = "渐退"


class StopGround(StrEnum):
    """原因 of a stop."""

    DEATH = "死亡"
    INCOME = "收入超标"
    PROPERTY = "财产超标"
    MOVED = "迁出"
    TO_EXTREME_HARDSHIP = "转特困"
    GRACE_ENDED = "渐退期满"
    RENOUNCED = "主动放弃"
    FRAUD = "骗取"


class StandardUnit(StrEnum):
    """单位 of a standard."""

    YUAN_PERSON_MONTH = "元/人/月"
    PERCENT = "%"
    DAYS = "天"
    WORKING_DAYS = "工作日"
    MONTHS = "月"
    YUAN = "元"
    TIMES = "次"


class RecoveryCause(StrEnum):
    """原因 of a recovery; only fraud carries a fine or a credit entry."""

    FRAUD = "骗取"
    ERROR = "误发"


class RepaymentManner(StrEnum):
    """方式 of a line that lowers a recovery's balance."""

    ONCE = "一次"
    INSTALMENT = "分期"
    WAIVED = "减免"
    WRITTEN_OFF = "核销"


class AppealKind(StrEnum):
    """类型 of an appeal."""

    RECONSIDERATION = "复议"
    LAWSUIT = "诉讼"
    PETITION = "信访"


class AppealOutcome(StrEnum):
    """结果 of an appeal."""

    UPHELD = "维持"
    CHANGED = "变更"
    REVOKED = "撤销"


class TemporaryAidKind(StrEnum):
    """类型 of temporary aid: for a sudden need, or for spending that a household cannot bear."""

    URGENT = "急难型"
    EXPENSE = "支出型"


class CaseStatus(StrEnum):
    """Where a case stands in a month (docs/import-formats.md section 6)."""

    PENDING = "pending"
    REFUSED = "refused"
    TERMINATED = "terminated"
    NOT_STARTED = "not_started"
    ACTIVE = "active"
    GRACE = "grace"
    SUSPENDED = "suspended"
    STOPPED = "stopped"


class DispositionOutcome(StrEnum):
    """What an officer found behind a red flag."""

    CONFIRMED = "属实"
    EXPLAINED = "已说明"
    REFERRED = "移送"


class FileKind(StrEnum):
    """The kinds of file of a delivery (docs/import-formats.md section 4)."""

    DESCRIPTION = "资料说明"
    STANDARDS = "标准"
    STAFF = "工作人员"
    RELATIVES = "近亲属申报"
    FILINGS = "近亲属备案"
    APPLICATIONS = "申请"
    MEMBERS = "家庭成员"
    CHECKS = "核对结果"
    SURVEYS = "入户调查"
    PUBLICITY = "公示"
    DECISIONS = "审核确认"
    CHANGES = "变更"
    REVIEWS = "复核"
    DEATHS = "死亡信息"
    PLANS = "发放计划"
    BANK_SLIPS = "银行回单"
    RECOVERIES = "追缴"
    REPAYMENTS = "追缴回款"
    APPEALS = "申诉"
    CREDIT = "信用"


class StandardItem(StrEnum):
    """项目 of a standard (docs/import-formats.md section 5)."""

    URBAN = "城市低保"
    RURAL = "农村低保"
    EXTREME_HARDSHIP = "特困供养"
    MINIMUM_WAGE = "最低工资"
    CARE_SELF = "特困照料-全自理"
    CARE_HALF = "特困照料-半护理"
    CARE_FULL = "特困照料-全护理"
    URBAN_SEVERE = "分类施保-城市-重度残疾"
    URBAN_ELDERLY = "分类施保-城市-老年残疾"
    URBAN_ORDINARY = "分类施保-城市-普通残疾"
    RURAL_SEVERE = "分类施保-农村-重度残疾"
    RURAL_ELDERLY = "分类施保-农村-老年残疾"
    RURAL_ORDINARY = "分类施保-农村-普通残疾"
    EDGE_LINE = "低保边缘线"
    REPORT_VALID_DAYS = "核对报告有效天数"
    PUBLICITY_DAYS = "公示天数"
    REVIEW_MONTHS_A = "复核间隔月-A"
    REVIEW_MONTHS_B = "复核间隔月-B"
    REVIEW_MONTHS_C = "复核间隔月-C"
    SURVEY_DAYS = "办理时限-入户"
    TOTAL_DAYS = "办理时限-总"
    EXTENDED_DAYS = "办理时限-延长"
    DELEGATED_DAYS = "办理时限-委托"
    HARDSHIP_SURVEY_DAYS = "特困时限-调查"
    HARDSHIP_DECISION_DAYS = "特困时限-确认"
    DEATH_MONTHS = "死亡处理期限"
    RETURN_MONTHS = "退票处理期限"
    RECOVERY_STALL_DAYS = "追缴停滞天数"
    DEPOSIT_MONTHS = "存款限额月数"
    LATE_ENTRY_DAYS = "补录天数"
    AID_PAPERS_DAYS = "临时救助补办天数"
    AID_CEILING = "临时救助乡镇限额"
    AID_SPLIT_DAYS = "临时救助拆分天数"
    AID_TIMES_A_YEAR = "临时救助年度次数"


class Stratification(StrEnum):
    """分层: what the cases of a draw are drawn apart by."""

    NONE = "不分层"
    TOWNSHIP = "乡镇"
    PROGRAMME = "救助项目"
    BOTH = "乡镇和救助项目"


class SampleSize(StrEnum):
    """抽取数量 of a draw: what its number means."""

    TOTAL = "总数"
    PERCENT = "百分比"
    EACH = "每层"


class Weighting(StrEnum):
    """权重 of the cases of a draw: all alike, by undisposed red flags, or by a list that was handed in."""

    EQUAL = "等权"
    FLAGS = "未处置疑点"
    LIST = "名单"


class RecusalGround(StrEnum):
    """回避事由 of an inspector: he handled the case, he or a near relative of his is in it, or he stands aside."""

    HANDLED = "经办"
    KIN = "近亲属"
    STANDS_ASIDE = "自行回避"


class AbandonGround(StrEnum):
    """作废事由 of a draw that was announced and will not be made."""

    NO_SEED = "未取得见证"
    WRONG_SCOPE = "范围有误"
    INSPECTORS = "检查人员变动"
    OTHER = "其他"


class PublicPlace(StrEnum):
    """公开渠道 of a result."""

    WEBSITE = "政府网站"
    OFFICE = "政务公开栏"
    VILLAGE = "村居公示栏"
    OTHER = "其他"


class InspectionOutcome(StrEnum):
    """检查结果 of a drawn case."""

    CLEAN = "未发现问题"
    PROBLEM = "发现问题"
    UNREACHABLE = "无法检查"


class FindingKind(StrEnum):
    """问题类型 of a finding."""

    WRONGLY_AIDED = "错保"
    WRONGLY_LEFT_OUT = "漏保"
    WRONG_AMOUNT = "金额不符"
    PROCEDURE = "程序缺失"
    PAPERS = "材料不全"
    KINSHIP = "近亲属未备案"
    MONEY_HELD = "资金滞留"
    OTHER = "其他"


class FindingSeverity(StrEnum):
    """严重程度 of a finding."""

    MINOR = "一般"
    MAJOR = "较重"
    GRAVE = "严重"


class EvidenceKind(StrEnum):
    """整改佐证: what shows that a finding was put right."""

    DOCUMENT = "文书"
    RECORD = "台账记录"
    BANK = "银行凭证"
    PHOTOGRAPH = "照片"
    OTHER = "其他"
