"""Temporary aid from the recording to the disposition of its red flag: the limits come by file, the grants live."""

import pytest

LIMITS = (
    ("临时救助补办天数", "10", "工作日"),
    ("临时救助乡镇限额", "1000", "元"),
    ("临时救助拆分天数", "30", "天"),
    ("临时救助年度次数", "1", "次"),
)


@pytest.fixture
def granted(office, run):
    """Record two grants to one person in a ledger that has the limits of a county."""
    since = {"地区代码": "520121", "生效日期": "2024-01-01", "文号": "云民发〔2024〕5号"}
    rows = [{"项目": item, "数值": value, "单位": unit, **since} for item, value, unit in LIMITS]
    delivery = office.deliver({"资料说明": office.sample["资料说明"], "标准": rows})
    assert run("init").exit_code == 0
    imported = run("import", delivery)
    assert imported.exit_code == 0, imported.err
    assert "unusual" not in imported.out + imported.err
    for number, day, yuan, reason in (
        ("LS2024001", "2024-05-06", 600, "房屋火灾"),
        ("LS2024002", "2024-05-20", 500, "病"),
    ):
        about = (
            "--kind",
            "urgent",
            "--region",
            "520121101",
            "--name",
            "罗国强",
            "--id",
            office.head,
            "--reason",
            reason,
        )
        made = run("record", "temporary-aid", number, *about, "--amount", yuan, "--on", day)
        assert made.exit_code == 0, made.err


def test_a_split_grant_is_flagged_disposed_of_and_silent(granted, office, run):
    found = run("audit", "flags", "--json")
    assert (found.exit_code, found.document["unchecked"]) == (1, [])
    (flag,) = found.document["flags"]
    about = ("RF25", "LS2024002", "2024-05", "拆分", 50_000)
    assert (flag["rule"], flag["case"], flag["month"], flag["ref"], flag["amount_fen"]) == about
    assert "together they are ¥1,100.00" in flag["text"]
    chinese = run("audit", "flags", "--lang", "zh").out
    assert "合计 ¥1,100.00" in chinese and office.head not in chinese and "房屋火灾" not in chinese
    (alert,) = run("register", "alerts", "--json").document["rows"]
    assert (alert["case"], alert["result"]) == ("LS2024002", "open")

    said = ("--outcome", "explained", "--reason", "两次突发困难", "--by", "staff/SJ0003")
    disposed = run("audit", "disposition", "RF25", "LS2024002", *said, "--json")
    assert disposed.exit_code == 0, disposed.err
    assert run("audit", "flags").exit_code == 0
    assert run("audit", "flags", "--all", "--json").document["flags"][0]["disposition"]["outcome"] == "explained"
    assert run("case", "show", "LS2024002").exit_code != 0, "a grant is no case"


def test_the_report_tells_the_flag_and_has_no_page_for_a_grant(granted, run, tmp_path):
    assert run("audit", "report", "--html", "report", "--no-verify").exit_code == 1
    assert [path.name for path in (tmp_path / "report").glob("*.html")] == ["index.html"]
    page = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert "LS2024002" in page and "case-LS2024002" not in page
