"""What can be wrong with a whole file, in words for the office that sent it."""

from pathlib import Path
from typing import NamedTuple


class Words(str):
    """A Chinese text that carries its English counterpart in `en`."""

    en: str

    def __new__(cls, chinese: str, english: str) -> "Words":
        """Hold both languages; the text itself is the Chinese one."""
        words = super().__new__(cls, chinese)
        words.en = english
        return words


class Skipped(NamedTuple):
    """A file that is no part of a delivery, and why."""

    path: Path
    reason: Words


class Unreadable(NamedTuple):
    """A file that should hold data and cannot be read, why, and what the office must do."""

    path: Path
    reason: Words
    remedy: Words


class IntakeError(Exception):
    """Base of every error of this folder."""


class UnreadableFile(IntakeError):
    """A file cannot be read as a whole. `problem` says which, why, and how to mend it."""

    def __init__(self, path: Path, reason: Words, remedy: Words) -> None:
        """Hold the problem; the message names file, reason and remedy in both languages."""
        self.problem = Unreadable(path, reason, remedy)
        super().__init__(f"{path.name}: {reason}。{remedy}。 ({reason.en}; {remedy.en})")


SAVE_AS_WORKBOOK = Words(
    "请在表格软件中打开，去掉打开密码，另存为 .xlsx 后重新报送",
    "open it in a spreadsheet program, remove any password, save it as .xlsx and send it again",
)
SEND_AGAIN = Words("请从原系统重新导出后报送", "export it again from its source and send it again")
SAVE_AS_TABLE = Words(
    "请另存为 UTF-8（带BOM）或 GB18030 编码的 CSV 后重新报送",
    "save it as CSV in UTF-8 with BOM or in GB18030 and send it again",
)


def unreadable_because(path: Path, error: OSError) -> UnreadableFile:
    """Return the error for a file that the operating system does not hand over."""
    reason = error.strerror or type(error).__name__
    return UnreadableFile(
        path,
        Words(f"无法打开文件（{reason}）", f"the file cannot be opened ({reason})"),
        Words("请检查文件是否存在、是否有读取权限", "check that the file exists and may be read"),
    )
