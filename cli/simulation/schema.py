"""The files of a delivery: kinds, columns, accepted headers, cell types and row keys."""

from __future__ import annotations

from typing import NamedTuple


class Column(NamedTuple):
    """A column of a file; `aliases` are the other headers an office writes for it."""

    header: str
    type: str  # id, code, account, name, enum, date, month, int, amount or text
    aliases: tuple[str, ...]


class Kind(NamedTuple):
    """A kind of file; `encoding` is empty for a workbook."""

    name: str
    encoding: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def monthly(self) -> bool:
        """Say whether there is one file for every month."""
        return self.name in ("发放计划", "银行回单")

    def column(self, header: str) -> Column:
        """Return the column with that header."""
        return next(column for column in self.columns if column.header == header)

    def file_name(self, month: str = "") -> str:
        """Return the name of the file, of that month when the kind is monthly."""
        stem = f"{self.name}-{month}" if self.monthly else self.name
        return f"{stem}.{'csv' if self.encoding else 'xlsx'}"


# Private


def _kind(name: str, encoding: str, key: str, columns: str) -> Kind:
    """Read a kind from its lines `header type alias alias …`."""
    parsed = []
    for line in columns.strip().splitlines():
        header, cell_type, *aliases = line.split()
        parsed.append(Column(header, cell_type, tuple(aliases)))
    return Kind(name, encoding, tuple(key.split()), tuple(parsed))


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        _kind(
            "资料说明",
            "utf-8-sig",
            "项",
            """
            项 text 项目
            值 text 内容
            """,
        ),
        _kind(
            "标准",
            "",
            "项目 地区代码 生效日期",
            """
            项目 text 标准名称 参数
            地区代码 code 行政区划代码 区划代码
            数值 text 标准值 标准
            单位 enum 计量单位
            生效日期 date 执行日期 施行日期
            文号 text 发文字号
            """,
        ),
        _kind(
            "工作人员",
            "",
            "工号 岗位 任职日期",
            """
            工号 code 人员编号
            姓名 name 人员姓名
            身份证号 id 身份证号码 公民身份号码
            单位 text 所在单位
            地区代码 code 行政区划代码
            岗位 enum 职务 岗位类别
            任职日期 date 到岗日期
            离任日期 date 离岗日期
            """,
        ),
        _kind(
            "近亲属申报",
            "",
            "工号 亲属身份证号",
            """
            工号 code 人员编号
            亲属姓名 name 近亲属姓名
            亲属身份证号 id 近亲属身份证号 亲属公民身份号码
            关系 name 与本人关系
            申报日期 date 填报日期
            """,
        ),
        _kind(
            "近亲属备案",
            "",
            "申请编号 工号",
            """
            申请编号 code 申请号 业务编号 受理编号
            工号 code 人员编号
            关系 name 亲属关系
            备案日期 date 登记日期
            县级入户日期 date 县级入户核查日期
            入户人工号 code 入户人员工号
            结论 text 核查结论
            """,
        ),
        _kind(
            "申请",
            "",
            "申请编号",
            """
            申请编号 code 申请号 业务编号 受理编号
            申请日期 date 提出申请日期
            救助项目 enum 申请项目 救助类别
            地区代码 code 行政区划代码 村居代码
            申请方式 enum 申请途径
            户主姓名 name 申请人姓名 户主
            户主身份证号 id 申请人身份证号 户主公民身份号码
            联系电话 text 电话 手机号
            住址 text 家庭住址 地址
            开户银行 text 开户行
            银行账号 account 账号 卡号
            账户户名 name 户名 账户名称
            受理日期 date 受理时间
            受理人工号 code 受理人
            授权书日期 date 核对授权日期
            承诺书日期 date 诚信承诺日期
            """,
        ),
        _kind(
            "家庭成员",
            "",
            "申请编号 身份证号",
            """
            申请编号 code 申请号 业务编号 受理编号
            姓名 name 成员姓名
            身份证号 id 身份证号码 公民身份号码
            与户主关系 enum 关系
            残疾类别 enum 残疾类型
            残疾等级 int 残疾级别
            健康状况 text 身体状况
            是否在校 enum 在校情况
            劳动能力 enum 劳动能力情况
            申报月收入 amount 月收入 申报收入
            是否计入 enum 是否保障对象
            计入起月 month 增员月份
            计出月 month 减员月份
            """,
        ),
        _kind(
            "核对结果",
            "gb18030",
            "申请编号 身份证号 数据来源 项目 反馈日期",
            """
            申请编号 code 申请号 业务编号 受理编号
            身份证号 id 身份证号码 公民身份号码
            数据来源 text 来源单位
            查询日期 date 发起日期
            反馈日期 date 返回日期
            项目 enum 核对项目
            数值 text 核对结果 结果
            """,
        ),
        _kind(
            "入户调查",
            "",
            "申请编号 调查日期",
            """
            申请编号 code 申请号 业务编号 受理编号
            调查日期 date 入户日期
            调查人工号1 code 调查人1
            调查人工号2 code 调查人2
            家庭人口 int 家庭人数
            核定月收入 amount 核定收入 家庭月收入
            自理能力评分 code 自理能力
            意见 text 调查意见
            """,
        ),
        _kind(
            "公示",
            "",
            "申请编号 公示开始日期",
            """
            申请编号 code 申请号 业务编号 受理编号
            公示开始日期 date 开始日期
            公示结束日期 date 结束日期
            地点 text 公示地点
            异议内容 text 异议
            异议处理 text 处理情况
            """,
        ),
        _kind(
            "审核确认",
            "",
            "申请编号",
            """
            申请编号 code 申请号 业务编号 受理编号
            决定 enum 审核结果 审批结果
            决定日期 date 审批日期 确认日期
            月保障金额 amount 保障金额 月救助金额
            起始月份 month 享受起始月
            决定机关 text 审批机关
            确认人工号 code 审批人 确认人
            理由 text 不予确认理由 原因
            复核类别 enum 分类管理类别
            县级入户日期 date 县级入户核查日期
            照料等级 enum 护理等级
            延期原因 text 延期说明
            """,
        ),
        _kind(
            "变更",
            "",
            "申请编号 变更类型 生效月份 决定日期",
            """
            申请编号 code 申请号 业务编号 受理编号
            变更类型 enum 调整类型
            决定日期 date 审批日期
            生效月份 month 执行月份
            变更后月金额 amount 调整后金额 变更后金额
            变更后人口 int 变更后人数
            变更后月收入 amount 变更后收入
            变更后照料等级 enum 变更后护理等级
            原因 text 变更原因
            经办人工号 code 经办人
            确认人工号 code 确认人 审批人
            """,
        ),
        _kind(
            "复核",
            "",
            "申请编号 复核日期",
            """
            申请编号 code 申请号 业务编号 受理编号
            复核日期 date 定期复核日期
            结论 enum 复核结论
            复核人工号 code 复核人
            """,
        ),
        _kind(
            "死亡信息",
            "utf-8-sig",
            "身份证号",
            """
            身份证号 id 身份证号码 公民身份号码
            死亡日期 date 死亡时间
            来源 text 数据来源
            接收日期 date 接收时间
            """,
        ),
        _kind(
            "发放计划",
            "gb18030",
            "批次号 申请编号 所属月份",
            """
            批次号 code 批次
            发放月份 month 月份
            申请编号 code 申请号 业务编号 受理编号
            金额 amount 计划金额
            银行账号 account 账号
            账户户名 name 户名
            所属月份 month 补发月份
            """,
        ),
        _kind(
            "银行回单",
            "gb18030",
            "流水号",
            """
            流水号 code 交易流水号
            交易日期 date 记账日期
            批次号 code 批次
            申请编号(附言) code 附言 摘要 申请编号
            收款账号 account 账号
            收款户名 name 户名
            金额 amount 交易金额
            状态 enum 交易状态
            退票原因 text 退汇原因
            原流水号 code 原交易流水号
            所属月份 month 补发月份
            """,
        ),
        _kind(
            "追缴",
            "",
            "追缴编号",
            """
            追缴编号 code 追缴单号
            申请编号 code 申请号 业务编号 受理编号
            原因 enum 追缴原因
            决定日期 date 追缴决定日期
            涉及月份 text 追缴月份
            应追缴金额 amount 应退金额
            罚款金额 amount 罚款
            """,
        ),
        _kind(
            "追缴回款",
            "utf-8-sig",
            "追缴编号 回款日期 方式",
            """
            追缴编号 code 追缴单号
            回款日期 date 入账日期
            金额 amount 回款金额
            方式 enum 回款方式
            批准文号 text 审批文号
            """,
        ),
        _kind(
            "申诉",
            "",
            "申诉编号",
            """
            申诉编号 code 编号
            申请编号 code 申请号 业务编号 受理编号
            类型 enum 申诉类型
            提出日期 date 申诉日期
            事由 text 申诉事由
            决定日期 date 办结日期
            结果 enum 处理结果
            变更后月金额 amount 变更后金额
            起始月份 month 执行起始月
            """,
        ),
        _kind(
            "信用",
            "",
            "主体身份证号 申请编号 决定日期",
            """
            主体身份证号 id 身份证号 当事人身份证号
            申请编号 code 申请号 业务编号 受理编号
            失信事实 text 事实
            决定日期 date 认定日期
            起 date 起始日期
            止 date 截止日期
            """,
        ),
    )
}
