"""The page of the inspector in a real browser, from a file, with no network: what it says of good and bad dossiers.

`python tests/audit/test_verifier_page.py` writes the hashes of its script and style anew into its content policy.
"""

import base64
import hashlib
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po

import audit
import cli
from cli.topic_labels import TOPIC_LABELS
from ledger.hashing import SM3

PAGE = Path(audit.__file__).with_name("verifiers") / "verifier.html"
GOLDEN = Path(__file__).parents[1] / "golden" / "dossier"
EXPECTED: dict[str, Any] = json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))
WAYS = {"browser": "", "page": "delete SubtleCrypto.prototype.importKey;", "none": "delete Crypto.prototype.subtle;"}


def show(browser: Any, dossier: Path, policy: Path | None, second: Path | None = None, language: str = "en-GB") -> str:
    """Open the page, choose the files, and return the verdict once the page has one."""
    browser.open(PAGE, language)
    for selector, path in (("#policy", policy), ("#second", second), ("#dossier", dossier)):
        if path is not None:
            browser.choose_files(selector, [path])
    return str(browser.wait_for("document.getElementById('verdict')?.dataset.verdict"))


def text(browser: Any, selector: str) -> str:
    return str(browser.value(f"document.querySelector({json.dumps(selector)}).innerText"))


def states(browser: Any) -> dict[str, str]:
    pairs = "[...document.querySelectorAll('[data-check]')].map(one => [one.dataset.check, one.dataset.state])"
    return dict(browser.value(pairs))


def test_every_golden_dossier_gets_its_verdict_at_the_named_check(browser: Any) -> None:
    for name, expected in EXPECTED.items():
        second = expected["heads_policy"] and GOLDEN / expected["heads_policy"]
        assert show(browser, GOLDEN / name, GOLDEN / expected["policy"], second) == expected["verdict"], name
        found = states(browser)
        if expected["fails"]:
            assert found[expected["fails"]] == ("BROKEN" if expected["verdict"] == "invalid" else "UNCHECKED"), name
            assert next(iter(found)) == next(one for one in found if found[one] in ("BROKEN", "UNCHECKED")), name
        else:
            assert found["completeness"] == ("OK" if expected["completeness"] == "attested" else "ASSERTED"), name


def test_an_inspector_reads_the_history_in_chinese_and_in_english(browser: Any) -> None:
    assert show(browser, GOLDEN / "personal.json", GOLDEN / "policy.txt", language="zh-CN") == "valid"
    assert text(browser, "#verdict h2") == "有效"
    history = text(browser, "#history")
    assert all(words in history for words in ("提出申请", "本人申请", "676.00 元", "MZ0012", "测试甲", "身份证号"))
    browser.value("document.getElementById('language').click()")
    assert text(browser, "#verdict h2") == "Valid"
    assert "application submitted" in text(browser, "#history")
    assert "676.00 yuan" in text(browser, "#history")
    assert "asserted by the bureau alone" in text(browser, "#checks")


def test_an_invalid_dossier_says_first_what_failed_and_that_nothing_is_proven(browser: Any) -> None:
    assert show(browser, GOLDEN / "bad" / "entry-last-left-out.json", GOLDEN / "policy.txt") == "invalid"
    banner = text(browser, "#verdict")
    assert "Do not rely on this dossier." in banner
    assert "All records of the case: the list says 5 records, the dossier holds 4" in banner
    assert "It is not proven." in text(browser, "#history")


def test_without_an_own_policy_there_is_no_verdict(browser: Any) -> None:
    browser.open(PAGE)
    browser.choose_files("#dossier", [GOLDEN / "valid.json"])
    assert "Now choose the policy." in browser.wait_for("document.getElementById('result').innerText")
    assert browser.value("document.getElementById('verdict')") is None


def test_a_policy_that_cannot_be_followed_is_no_all_clear(browser: Any, tmp_path: Path) -> None:
    policy = tmp_path / "policy.txt"
    policy.write_bytes(b"quorum nobody\n")
    assert show(browser, GOLDEN / "valid.json", policy) == "could not check"
    assert "line 1 of the policy cannot be followed" in text(browser, "#verdict")


@pytest.mark.parametrize("way", WAYS)
def test_a_browser_that_lacks_algorithms_comes_to_the_same(browser: Any, way: str) -> None:
    added = browser.ask("Page.addScriptToEvaluateOnNewDocument", source=WAYS[way])["identifier"]
    try:
        assert show(browser, GOLDEN / "valid.json", GOLDEN / "policy.txt") == "valid"
        own = "the browser's own" if way == "browser" else "this page's own"
        assert f"Ed25519: {own}" in text(browser, "#engine")
        assert show(browser, GOLDEN / "bad" / "log-signature.json", GOLDEN / "policy.txt") == "invalid"
        assert states(browser)["signature"] == "BROKEN"
    finally:
        browser.ask("Page.removeScriptToEvaluateOnNewDocument", identifier=added)


def test_a_dossier_of_an_sm3_log_is_checked(browser: Any) -> None:
    names = [name for name in EXPECTED if name.startswith("sm3/")]
    assert names
    for name in names:
        assert show(browser, GOLDEN / name, GOLDEN / EXPECTED[name]["policy"]) == "valid"
    browser.open(PAGE)
    assert browser.value("toHex(sm3(toBytes('abcd'.repeat(16))))") == hashlib_sm3(b"abcd" * 16)


def hashlib_sm3(data: bytes) -> str:
    return SM3.hash(data).hex()


def test_hashes_and_signatures_of_the_page_agree_with_others(browser: Any) -> None:
    """At every length around the blocks, in its own arithmetic."""
    browser.open(PAGE)
    for length in [*range(54, 66), 110, 111, 112, 119, 120, 127, 128, 129, 250]:
        data, given = b"a" * length, f"toBytes('a'.repeat({length}))"
        assert browser.value(f"toHex(sha2(false, {given}))") == hashlib.sha256(data).hexdigest()
        assert browser.value(f"toHex(sha2(true, {given}))") == hashlib.sha512(data).hexdigest()
        assert browser.value(f"toHex(sm3({given}))") == hashlib_sm3(data)
    assert browser.value("provesItself(async (...given) => verifyPlain(...given))") is True
    assert browser.value("provesItself(verifyByBrowser)") is True
    too_large = "Uint8Array.from([...fromHex(ED25519_VECTORS[0][2]).subarray(0, 32), ...new Uint8Array(32).fill(255)])"
    assert browser.value(f"verifyPlain(fromHex(ED25519_VECTORS[0][0]), new Uint8Array(0), {too_large})") is False


def test_no_byte_can_be_changed_in_the_page_either(browser: Any) -> None:
    browser.open(PAGE)
    browser.wait_for("engine")
    data = base64.b64encode((GOLDEN / "disclosed.json").read_bytes()).decode()
    policy = base64.b64encode((GOLDEN / "policy.txt").read_bytes()).decode()
    script = f"""(async () => {{
      const raw = text => Uint8Array.from(atob(text), c => c.charCodeAt(0)), data = raw("{data}"), found = [];
      const given = bytes => ({{ dossier: {{ bytes }}, policy: {{ bytes: raw("{policy}") }}, second: null }});
      if ((await verify(given(data))).verdict !== "valid") return [-1];
      for (let at = 0; at < data.length; at += 3) {{
        const changed = data.slice(); changed[at] ^= 1 + at % 255;
        if ((await verify(given(changed))).verdict === "valid") found.push(at);
      }}
      return found;
    }})()"""
    assert browser.value(script) == []


def test_text_from_a_file_never_becomes_part_of_the_page(browser: Any, tmp_path: Path) -> None:
    """A file name and a reason with markup and an invisible turn of direction are shown, not obeyed."""
    hostile = tmp_path / "<img src=x onerror=alert(1)>\u202e.json"
    hostile.write_bytes((GOLDEN / "valid.json").read_bytes())
    assert show(browser, hostile, GOLDEN / "policy.txt") == "valid"
    assert browser.value("document.querySelectorAll('img').length") == 0
    assert "<img src=x onerror=alert(1)>\\u{202e}.json" in text(browser, "main")


def test_the_page_is_one_file_that_reaches_for_nothing() -> None:
    source = PAGE.read_text(encoding="utf-8")
    assert source == with_hashes(source), f"run `python tests/audit/{Path(__file__).name}`"
    assert "default-src 'none'" in source
    code = source.replace("c2sp.org", "")
    for word in (
        "http:",
        "https:",
        "fetch(",
        "XMLHttpRequest",
        "WebSocket",
        "import(",
        "eval(",
        "innerHTML",
        "localStorage",
    ):
        assert word not in code, word


def test_the_browser_keeps_the_page_from_the_network(browser: Any) -> None:
    browser.open(PAGE)
    script = "fetch('http://127.0.0.1:9/').then(() => 'reached', error => String(error))"
    assert "Failed to fetch" in browser.value(script)
    violated = """new Promise(resolve => {
      document.addEventListener("securitypolicyviolation", event => resolve(event.effectiveDirective));
      document.body.append(Object.assign(document.createElement("img"), { src: "http://127.0.0.1:9/x.png" }));
    })"""
    assert browser.value(violated) == "img-src"


def test_topics_of_cases_have_the_words_of_the_command_line() -> None:
    source = PAGE.read_text(encoding="utf-8")
    block = re.search(r'id="topics">\n(.*?)</script>', source, re.DOTALL)
    assert block is not None
    shown = json.loads(block[1])
    catalogue = Path(cli.__file__).with_name("locale") / "zh" / "LC_MESSAGES" / "mingzhang.po"
    chinese = read_po(io.BytesIO(catalogue.read_bytes()), locale="zh")
    for topic, label in TOPIC_LABELS.items():
        if not topic.startswith("ledger."):
            message = chinese.get(label)
            assert message is not None
            assert shown.get(topic) == [label, message.string], topic


def with_hashes(source: str) -> str:
    """The page with the hashes of its own script and style in its content policy."""
    for kind in ("script", "style"):
        body = source.split(f"<{kind}>", 1)[1].split(f"</{kind}>", 1)[0]
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        source = re.sub(rf"{kind}-src 'sha256-[^']*'", f"{kind}-src 'sha256-{digest}'", source, count=1)
    return source


if __name__ == "__main__":
    PAGE.write_text(with_hashes(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
