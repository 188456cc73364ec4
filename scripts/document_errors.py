"""Writes docs/errors.md from the kinds of findings and errors that the command line knows, with what each means.

python scripts/document_errors.py            writes the page
python scripts/document_errors.py --check    exit code 1 when the page is not what would be written
"""

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from cli import words
from cli.failures import TITLES
from cli.remedies import REMEDIES
from cli.verdict import KINDS
from domain.formats.columns import FaultCode

PAGE: Final = Path(__file__).parents[1] / "docs" / "errors.md"


class Said(NamedTuple):
    """One thing in both languages."""

    english: str
    chinese: str


_ENTRY: Final = Said(
    "Compare with a copy of the ledger made earlier, and with the row of the county's file that `mingzhang "
    "case history` names for the entry; "
    "find out who could write to the database since the last sound verification. No repair is made in place: "
    "restore a copy that verifies.",
    "与此前的账本备份、以及 `mingzhang case history` 所示的原始资料行比对；查明自上次核验无误以来谁能写数据库。"
    "不得就地修补：用核验无误的备份恢复。",
)
_TAIL: Final = Said(
    "First ask whether an older copy was put back by mistake: it looks the same. Secure every copy that holds "
    "the missing entries. Do not import "
    "the same files again before that: it would hide the gap.",
    "先问是否误将旧备份放回：二者看上去一样。保全含有缺失条目的每一份备份。此前不要重新载入同样的资料，否则会掩"
    "盖缺口。",
)
_BESIDE: Final = Said(
    "The entries themselves are judged by other findings; if there are none, they are as recorded. What is "
    "named here may mislead whoever reads it. "
    "Restore a copy that verifies, and find out who or what wrote to the database other than this program.",
    "条目本身由其他发现判断；若无其他发现，条目与所记一致。此处所指内容可能误导读者。用核验无误的备份恢复，并查"
    "明除本程序外还有谁写过数据库。",
)
_RULE: Final = Said(
    "This program never writes such an entry, so somebody wrote with another one, or it has a fault. Keep the "
    "database, and compare with a copy made earlier.",
    "本程序从不写出这样的条目：要么有人用其他程序写入，要么程序有缺陷。保全数据库，与此前的备份比对。",
)
_SEALED: Final = Said(
    "Dates, amounts and decisions are open and not concerned; the names, ids, accounts or texts of this entry "
    "are. Look for the true sealed part "
    "in a copy made earlier: its hash stands in the entry.",
    "日期、金额与决定是公开内容，不受影响；受影响的是该条目的姓名、证号、账号或文字。到此前的备份中找真正的密封"
    "内容：其哈希写在条目里。",
)
_FOLDER: Final = Said(
    "Keep the folder as it is, and export into a new one; compare the two, and ask who could write to the folder.",
    "原样保留该文件夹，另导出一份到新文件夹，比对二者，并查明谁能写入。",
)
_NOTE: Final = Said(
    "Compare with the copies of the checkpoint that others keep. The entries are judged by other findings.",
    "与他人另存的检查点副本比对。条目本身由其他发现判断。",
)
_SINCE: Final = Said(
    "First make sure that file and key (--vkey) are those of this ledger, unchanged since they were handed "
    "out. If they are, the ledger was replaced, "
    "or its key was.",
    "先确认所交文件与公钥（--vkey）确属本账本，且自交付后未改动。若属实，则账本或其密钥已被替换。",
)
_KEYS: Final = Said(
    "Find out whether the erasure was asked for and decided, by whom, and which copies of the key still exist.",
    "查明销毁是否经申请与决定、由谁作出，密钥还存有哪些副本。",
)

FINDINGS: Final[Mapping[str, tuple[Said, Said]]] = {
    "bytes": (
        Said(
            "What is stored for an entry breaks the grammar of entries, so nothing can be read from it.",
            "所存内容不合条目格式，无法读出。",
        ),
        _ENTRY,
    ),
    "checkpoint-changed": (
        Said("A checkpoint in the ledger is not as the log's key signed it.", "账本内的检查点与日志密钥所签不符。"),
        _NOTE,
    ),
    "checkpoint-empty": (
        Said(
            "A stored checkpoint speaks of no entry: it vouches for nothing.",
            "账本内的检查点不含任何条目，证明不了什么。",
        ),
        _NOTE,
    ),
    "checkpoint-foreign": (Said("A stored checkpoint names another log.", "账本内的检查点属于另一日志。"), _NOTE),
    "checkpoint-inside-command": (
        Said(
            "A checkpoint was signed over a part of a command, which this program never does.",
            "检查点签在命令中间，本程序不会这样签。",
        ),
        _NOTE,
    ),
    "checkpoint-retired-key": (
        Said(
            "A checkpoint reaches beyond the entry with which its key gave way to a new one: somebody kept the old "
            "key, and signs with it.",
            "检查点越过了其密钥被新密钥取代的条目：有人留存旧密钥并用它签名。",
        ),
        _NOTE,
    ),
    "citation": (
        Said(
            "An entry names as its reason one that did not exist when it was recorded.",
            "条目所引用的条目在其记录时并不存在。",
        ),
        _RULE,
    ),
    "command-changed": (
        Said(
            "The table that keeps a command from being recorded twice differs from the entries.",
            "防止命令重复入账的表与条目不符。",
        ),
        _BESIDE,
    ),
    "command-mixed": (
        Said("Entries recorded as one act differ in time or officer.", "同一命令的各条目时间或经办人不一。"),
        _RULE,
    ),
    "command-order": (
        Said(
            "Entries recorded as one act are not all there, or not one after another.", "同一命令的各条目不全或不连续。"
        ),
        _RULE,
    ),
    "command-repeated": (
        Said("One act was recorded twice, a payment for instance.", "同一命令记录了两次，例如一笔付款。"),
        _RULE,
    ),
    "deleted-tail": (
        Said(
            "The last entries are gone, and parts of the ledger still tell of them.",
            "末尾的条目已不在，账本其他部分仍有其痕迹。",
        ),
        _TAIL,
    ),
    "duplicated-entry": (Said("An entry stands in a second place, copied.", "条目被复制到另一处。"), _ENTRY),
    "edited-column": (
        Said(
            "A column beside the entry, which searches and registers use, differs from the entry's bytes.",
            "供查询与台账使用的索引列与条目字节不符。",
        ),
        _BESIDE,
    ),
    "edited-entry": (
        Said("The bytes of an entry are not those that were recorded in the tree.", "条目的字节与树中所记不符。"),
        _ENTRY,
    ),
    "erasure": (
        Said(
            "A key is said to be erased without a request, or one that never was.",
            "记录了密钥销毁，却无申请，或并无此密钥。",
        ),
        _KEYS,
    ),
    "folder-changed": (
        Said(
            "A folder of tiles holds a file that a log of its checkpoint's size does not have, or a partial tile that "
            "the full one contradicts. An export that was interrupted leaves the first; running it again mends that.",
            "导出的文件夹里有与检查点条数不符的多余文件，或部分块与完整块矛盾。中断的导出会留下多余文件，重新导出即可。",
        ),
        _FOLDER,
    ),
    "head-changed": (
        Said("A stored root, or its size, is not what the entries lead to.", "所存树根或条数与条目推算不符。"),
        _BESIDE,
    ),
    "heads-false": (
        Said(
            "The entry says which streams the log had and how each ended, and the entries below it say otherwise. A "
            "dossier that hangs on it could hide a case or an entry.",
            "该条目所记的各流及其末条与其前的条目不符。以其为据的案卷可能隐瞒案件或条目。",
        ),
        Said(
            "Hand out no dossier of that checkpoint. Find out which program recorded the entry, then record a true "
            "map with `mingzhang audit checkpoint --heads`.",
            "不得出具以该检查点为据的案卷。查明该条目由何程序记录，再以 "
            "`mingzhang audit checkpoint --heads` 记录正确的映射。",
        ),
    ),
    "history-rewritten": (
        Said(
            "A root that was written down or signed earlier is not that of the entries which stand there now: "
            "some entry among those it covers was changed, "
            "removed or inserted. Other findings may name it.",
            "此前所记或所签的树根与现有条目不符：其覆盖的条目中有改动、删除或插入，其他发现可能已指出。",
        ),
        _ENTRY,
    ),
    "inserted-entry": (Said("An entry stands where the tree has none.", "树中没有的条目被插入。"), _ENTRY),
    "key-destroyed": (
        Said(
            "Entries were sealed with a key that the key folder does not hold, and no entry requests its erasure. "
            "Whoever destroys a key lawfully records it first; a key folder put back from an old copy looks the same.",
            "有条目以某密钥密封，而密钥文件夹中没有该密钥，也没有请求销毁它的条目。依法销毁者先留条目；放回旧的密钥副"
            "本看上去也一样。",
        ),
        _SEALED,
    ),
    "key-erased": (
        Said("Something was sealed with a key after its erasure was asked for.", "密钥已申请销毁，其后仍用它密封。"),
        _KEYS,
    ),
    "key-kept": (
        Said("A key that was recorded as erased is still in the key folder.", "已记录销毁的密钥仍在密钥文件夹中。"),
        _KEYS,
    ),
    "key-unannounced": (
        Said(
            "An entry names a new signing key, and the key before it did not sign for that.",
            "有条目指明新的签名密钥，而前一密钥并未为此签名。",
        ),
        _RULE,
    ),
    "key-scope": (
        Said(
            "One sealing key was used for two cases; erasing one would take the other.",
            "同一密钥密封了两个流：销毁其一会殃及其二。",
        ),
        _RULE,
    ),
    "log-row": (
        Said(
            "The ledger's own name or hash suite differs from what its entries say.",
            "账本所记的名称或哈希套件与条目所写不符。",
        ),
        _BESIDE,
    ),
    "moved-entry": (Said("An entry stands elsewhere than where it was recorded.", "条目不在其记录时的位置。"), _ENTRY),
    "origin": (
        Said("An entry names another log: it was recorded elsewhere.", "条目写的是另一日志的名称：并非在此记录。"),
        _ENTRY,
    ),
    "pages": (
        Said(
            "The database engine finds its own file damaged: a disk, a copy made while writing, or a hand.",
            "数据库引擎发现文件损坏：磁盘故障、写入中途的复制，或人为。",
        ),
        _BESIDE,
    ),
    "rechained-entry": (
        Said(
            "Against leaf hashes that were kept elsewhere, only the chain of this entry differs: it follows from the "
            "altered entry that is named with it.",
            "与另存的叶哈希相比，此条目只有链值不同：由同时指出的被改条目引起。",
        ),
        _ENTRY,
    ),
    "removed-entry": (Said("An entry that the tree records is not there.", "树中所记的条目不在。"), _ENTRY),
    "schema": (
        Said(
            "A table, or a guard that refuses changes and deletions, is not as this program makes it. Whoever "
            "removed a guard wanted to write.",
            "数据表，或拒绝改动与删除的保护，与本程序所建不同。撤除保护者意在改写。",
        ),
        _BESIDE,
    ),
    "sealed-changed": (
        Said(
            "The bytes of a sealed part are not those whose hash the entry has.", "密封内容的字节与条目所载哈希不符。"
        ),
        _SEALED,
    ),
    "sealed-false": (
        Said(
            "A sealed part does not open, or says something else than the entry commits to.",
            "密封内容打不开，或与条目所承诺的不符。",
        ),
        _SEALED,
    ),
    "sealed-missing": (Said("The sealed part that an entry names is not there.", "条目所指的密封内容不在。"), _SEALED),
    "sealed-orphan": (
        Said(
            "A sealed part stands where no entry names one; often what a removed entry left.",
            "没有条目指向此密封内容，常为被删条目所留。",
        ),
        _SEALED,
    ),
    "sealed-scope": (
        Said("A sealed part was sealed with the key of another case.", "密封内容用了其他案件的密钥。"),
        _SEALED,
    ),
    "sealed-swapped": (
        Said(
            "Each of two entries has the other's sealed part. Both are as recorded: put back, they fit.",
            "两个条目互换了密封内容。字节本身与所记一致，换回即相符。",
        ),
        _SEALED,
    ),
    "sealed-unexpected": (
        Said("There is a sealed part for an entry that names none.", "条目本无密封内容，却存有一份。"),
        _SEALED,
    ),
    "since-empty": (
        Said(
            "The checkpoint handed in speaks of no entry: nothing can be compared with it.",
            "所交检查点不含任何条目，无从比对。",
        ),
        _SINCE,
    ),
    "since-foreign": (
        Said(
            "The checkpoint handed in names another log, or was not signed by this log's key, or was changed.",
            "所交检查点属于另一日志，或非本日志密钥所签，或已被改动。",
        ),
        _SINCE,
    ),
    "stream-chain": (
        Said(
            "An entry names another predecessor than the one that stands before it in its case.",
            "条目所写的前一条哈希与同流前一条不符。",
        ),
        _ENTRY,
    ),
    "stream-gap": (Said("The numbers of a case's entries leave one out.", "同流条目编号有缺。"), _ENTRY),
    "stream-order": (Said("The numbers of a case's entries go backwards.", "同流条目编号倒退。"), _ENTRY),
    "stream-repeat": (Said("Two entries of a case have one number.", "同流两条目编号相同。"), _ENTRY),
    "suite": (Said("An entry is of another hash suite than its log.", "条目的哈希套件与日志不同。"), _RULE),
    "swapped-entries": (Said("Two entries changed places.", "两条目互换了位置。"), _ENTRY),
    "tail-cut": (
        Said(
            "The ledger holds fewer entries than a checkpoint from outside, or the signing key's own memory, "
            "vouches for. Inside everything may fit: "
            "only what was kept outside shows it.",
            "账本条数少于外存检查点或签名密钥所记。内部可能处处相符：只有外存之物能显示。",
        ),
        _TAIL,
    ),
    "time": (
        Said("An entry is dated before the one that was recorded before it.", "条目的记录时间早于其前一条。"),
        _RULE,
    ),
    "tree-changed": (
        Said(
            "The stored tree differs from the entries, which fit everything else.",
            "所存的树与条目不符，而条目与其余各处相符。",
        ),
        _BESIDE,
    ),
    "unfinished-command": (
        Said(
            "The log ends in the middle of one act; this program writes acts whole or not at all.",
            "日志止于命令中间；本程序的命令要么全写要么不写。",
        ),
        _TAIL,
    ),
    "unreadable": (Said("A part of the database gives an error instead of rows.", "数据库的一部分无法读出。"), _BESIDE),
}
"""What each kind of finding means, and what to do: the same kinds as in `cli.verdict.KINDS`."""

ERRORS: Final[Mapping[str, Said]] = {
    "AlreadyInitialised": Said(
        "A new ledger was asked for where a file with something in it lies.", "要新建账本之处已有非空文件。"
    ),
    "AppendRefused": Said("What was to be recorded breaks a rule of the log.", "要记录的内容不合账本规则。"),
    "BadUrl": Said("--db or MINGZHANG_DB is neither an address nor a path.", "--db 或 MINGZHANG_DB 既非地址也非路径。"),
    "CheckpointError": Said("The signed text does not have the form of a checkpoint.", "所签文本不是检查点的格式。"),
    "ClockAhead": Said(
        "The last entry is dated more than a day after this machine's time.", "末条的时间比本机时钟晚一天以上。"
    ),
    "CommandIncomplete": Said("The entries of one act were not handed over whole.", "同一命令的条目未一并提交。"),
    "CommandRepeated": Said("The same act was recorded earlier.", "同一命令此前已记录。"),
    "ConsistencyUnproved": Said(
        "The proof does not lead from the root that this witness cosigned to the root of the new checkpoint. The proof "
        "may be damaged; if not, the history was rewritten. The evidence file holds both notes; the exit code is 1.",
        "证明不能由此见证者已副署的树根导出新检查点的树根：或证明损坏，或历史被改写。证据文件载有两份文书；退出码为 "
        "1。",
    ),
    "CosignatureWrong": Said(
        "A witness's cosignature was made over another checkpoint, or was changed on the way.",
        "见证者的副署是对另一检查点作出的，或在途中被改动。",
    ),
    "CouldNotCheck": Said(
        "Nothing can be said, neither that all is well nor that something is wrong.", "无法断言有误或无误。"
    ),
    "DatabaseBusy": Said(
        "Another command held the ledger for longer than this one waits.", "另一命令占用账本，等待超时。"
    ),
    "DatabaseFailed": Said(
        "The database engine refused: file damaged or not permitted. Nothing is half written.",
        "数据库引擎拒绝：文件损坏或无权限。不会写入一半。",
    ),
    "DatabaseFull": Said(
        "No room is left on the disk of the database, or its files may not grow. Nothing is half written.",
        "数据库所在磁盘已满，或其文件不能再增大。不会写入一半。",
    ),
    "DatabaseError": Said("As DatabaseFailed, in a place that says no more.", "同 DatabaseFailed，未给出更多说明。"),
    "CheckpointRefused": Said(
        "A checkpoint to prove against, or to prove from, is not signed by the log's key, or the entries no longer "
        "lead to its root. Nothing was proved.",
        "据以证明的检查点不是日志密钥所签，或条目已推不出其树根。未作证明。",
    ),
    "FolderForeign": Said(
        "A folder to export into holds the checkpoint of another log, or one that this ledger no longer leads to.",
        "导出目标文件夹中的检查点属于另一日志，或本账本已推不出它。",
    ),
    "OldSizeWrong": Said(
        "The proof in a request must begin where this witness stopped.", "请求中的证明须从此见证者停下之处开始。"
    ),
    "FolderTaken": Said(
        "A folder to export into has files in it that no export writes. Nothing was written.",
        "导出目标文件夹中有非导出所写的文件。未写入任何内容。",
    ),
    "NothingSigned": Said(
        "A proof rests on a signed checkpoint, and none covers this entry or history yet.",
        "证明须以签名检查点为据，而此条目或历史尚无检查点覆盖。",
    ),
    "DossierUnreadable": Said("A file that should be a dossier has another form.", "应为案卷的文件格式不符。"),
    "EntryTooLarge": Said("One row holds more text than an entry can.", "一行的文字超出条目容量。"),
    "EntryUnreadable": Said(
        "An entry that a register or a case needs does not parse, or does not fit its event.",
        "台账或案件所需的条目无法解析，或与事件不符。",
    ),
    "ActorRefused": Said(
        "PostgreSQL compares who an entry says did it with the login that writes it, and this login stands as others.",
        "PostgreSQL 核对条目所写的经办人与登录名，此登录名不得以其名义记账。",
    ),
    "DutyMissing": Said(
        "What was to be recorded or read in PostgreSQL belongs to a duty that this login was not admitted for.",
        "在 PostgreSQL 中要记录或读取的内容属于另一职责，此登录名未获准。",
    ),
    "RolesMissing": Said(
        "A ledger in PostgreSQL needs the roles of the duties, and this login may not make or grant them. "
        "Nothing was made.",
        "PostgreSQL 中的账本需要各职责的角色，此登录名无权建立或授予。未建立任何内容。",
    ),
    "RuleUnusable": Said(
        "A file in the folder of the bureau's own rules is no Python, defines no rule, or one whose id is taken. "
        "No rule was run.",
        "单位自定规则文件夹中有一个文件不是 Python、没有定义规则，或规则编号已被占用。未运行任何规则。",
    ),
    "FormatError": Said("Bytes or a value break the grammar of the format.", "字节或值不合格式。"),
    "HeadsMapError": Said(
        "Heads of streams that should make a map are out of order, double, or do not lead to its root.",
        "应构成映射的各流末条次序有误、重复，或推算不出其根。",
    ),
    "HeadsFalse": Said(
        "The log says how each stream ends, and a witness that read every entry found it otherwise: a dossier of this "
        "checkpoint may leave entries out. The evidence file holds both maps' roots; the exit code is 1.",
        "日志所载各流末条与见证者读遍全部条目所得不符：此检查点的卷宗可能有遗漏。证据文件载有两个映射根；退出码为 1。",
    ),
    "HeadsUnsealed": Said(
        "A witness attests the map of streams that is the last entry of a checkpoint; this ends with another entry.",
        "见证者所证明的是检查点最末一条的各流映射；此检查点的最末一条不是。",
    ),
    "HistoryForked": Said(
        "The log's key signed two checkpoints of one size with two roots: one of them is false. The evidence file "
        "proves it to anybody; the exit code is 1.",
        "日志密钥为同一条目数签署了两个不同树根的检查点，其一必假。证据文件可向任何人证明；退出码为 1。",
    ),
    "InspectionRefused": Said(
        "The steps of an inspection have an order: announced, drawn, inspected, found, put right. A draw is announced "
        "once, made once, and of a plan one at a time; nobody who is recused inspects.",
        "抽查各步有先后：公告、抽取、检查、发现问题、整改。一次抽查只公告一次、只抽取一次，同一事项同时只有一次；应回避者不得检查。",
    ),
    "KeyFileDamaged": Said("A file of the key folder is not what was written.", "密钥文件夹中的文件已非原样。"),
    "KeyFileExists": Said("Keys lie where new ones were to be made.", "要新建密钥之处已有密钥。"),
    "KeyFileExposed": Said(
        "Others on this machine may read the keys: they could read the people, and sign in the ledger's name.",
        "本机他人可读密钥：可读取个人信息，并以账本名义签名。",
    ),
    "KinActRefused": Said(
        "Something was to be recorded about a relative of staff that does not fit what the ledger holds: an unknown "
        "number or case, a declared relative, one's own matter, a day to come. Nothing was recorded.",
        "要登记的亲属事项与账中记载不符：工号或案件不存在、已申报的亲属、本人事项、未来的日期。未作任何登记。",
    ),
    "KeyFileForeign": Said(
        "The keys were made with another ledger; or this is not the ledger they were made with.",
        "密钥属另一账本；或账本已非与其一同建立的那个。",
    ),
    "KeyFileMissing": Said("The key folder, or a file of it, is not there.", "密钥文件夹或其中的文件不在。"),
    "KeyFileUnreadable": Said(
        "The operating system does not let the file be read or written.", "操作系统不允许读写该文件。"
    ),
    "KeyStoreError": Said("The keys cannot be used.", "密钥无法使用。"),
    "KeyGone": Said(
        "A sealed part is wanted whose key was erased or is not in this folder.",
        "所需密封内容的密钥已销毁或不在此文件夹。",
    ),
    "KeysForeign": Said("As KeyFileForeign.", "同 KeyFileForeign。"),
    "KnownAtTooFar": Said(
        "--known-at names a position that the registers have not reached.", "--known-at 的位置超出台账已及之处。"
    ),
    "LogSignatureWrong": Said(
        "The checkpoint names a log that this witness knows, and none of its keys signed it.",
        "检查点所称日志为此见证者所知，但其任何密钥都未签署。",
    ),
    "LeavesUnkept": Said(
        "A comparison needs the hashes that a witness keeps when it replays the entries of a folder of tiles.",
        "比对需要见证者重放导出的文件夹中各条目时所留存的哈希。",
    ),
    "LogUnknown": Said(
        "The checkpoint is of a log that this witness was not told to trust, or of which it keeps no hashes.",
        "检查点属于此见证者未被告知信任、或未保存其哈希的日志。",
    ),
    "NotALedger": Said("No file, an empty one, or one of something else.", "没有文件、文件为空，或是其他文件。"),
    "NoteError": Said("A signed note is malformed, or its signature does not fit.", "签名文书格式有误或签名不符。"),
    "OperationalError": Said("As DatabaseFailed, in a place that says no more.", "同 DatabaseFailed，未给出更多说明。"),
    "PassphraseNeeded": Said("The keys were made under a passphrase and none was given.", "密钥设有口令而未给出。"),
    "PassphraseWrong": Said("The passphrase does not open the key.", "口令打不开密钥。"),
    "PolicyError": Said("A line of the policy file says nothing that can be followed.", "策略文件中有无法执行的行。"),
    "ProofError": Said("A proof was asked for that the tree cannot give.", "树给不出所求的证明。"),
    "ProofTextError": Said("A file that should hold a proof holds something else.", "应为证明的文件内容不符。"),
    "RaceLost": Said(
        "While this command was at work, another recorded what it relied on nobody having recorded.",
        "本命令处理期间，另一命令记录了本命令以为尚无人记录的内容。",
    ),
    "RegionTooFine": Said(
        "Which village a case is in is sealed, so registers go down to the township.",
        "案件所在村为密封内容，台账只细分到乡镇。",
    ),
    "RegistersMissing": Said("The tables of the registers are not there.", "没有台账的数据表。"),
    "RegistersNotWritable": Said(
        "The registers lie beside the log, and the file may not be written.", "台账与日志同在一个文件，而该文件不可写。"
    ),
    "RolledBack": Said(
        "Fewer entries are signed than this witness cosigned: an old file was handed in, or the end was cut off. The "
        "evidence file holds both notes; the exit code is 1.",
        "所签条目少于此见证者已副署的条目：或误交旧文件，或末尾被截。证据文件载有两份文书；退出码为 1。",
    ),
    "ServerUnreachable": Said(
        "No connection to the database server, or it was cut on the way. A commit under way is done as a whole "
        "or not at all; the same command again finds out.",
        "无法连接数据库服务器，或连接中断。正在提交的事务要么全部完成，要么全部未完成；再次执行同一命令即可。",
    ),
    "SeedMissing": Said(
        "The seed of a draw comes from one checkpoint, the one that ends with its announcement, and from every "
        "witness that was named: one of them is not there yet.",
        "抽查种子出自恰以公告结尾的那一个检查点和所列的每一位见证者，目前尚缺其一。",
    ),
    "SignerStateError": Said(
        "What the key signed last is unknown, or contradicts what it was asked to sign: signing both would "
        "vouch for two histories. "
        "When both are known, the exit code is 1.",
        "密钥上次所签不明，或与此次矛盾：两者都签等于为两个历史作证。两者俱在时退出码为 1。",
    ),
    "StoreDamaged": Said("Parts of the ledger contradict each other.", "账本各部分相互矛盾。"),
    "StoreReadOnly": Said(
        "The file or its folder may not be written by this user.", "当前用户不可写该文件或其文件夹。"
    ),
    "StreamConflict": Said(
        "Another command recorded something about the same case at the same moment.", "另一命令同时记录了同一案件。"
    ),
    "UpgradeNeeded": Said(
        "A ledger in PostgreSQL has tables of an older version. No other command changes them.",
        "PostgreSQL 中的账本数据表是旧版本，其他命令都不改动它们。",
    ),
    "TileFolderError": Said(
        "A file of the folder is missing, cut, or not what its name says, so the witness cosigns nothing.",
        "文件夹中有文件缺失、被截断或与其名称不符，故见证者不作副署。",
    ),
    "UnsupportedSchema": Said(
        "The tables are of a version that this program does not know.", "数据表的版本为本程序所不识。"
    ),
    "WorkerLost": Said(
        "With `--jobs` other processes read the log; one of them was killed or had no memory. What was there before "
        "stays.",
        "使用 `--jobs` 时由其他进程读取账本，其中一个被终止或内存不足。原有内容保持不变。",
    ),
    "WitnessRefusal": Said(
        "What was handed to the witness is no request, or one that contradicts itself.",
        "交给见证者的不是请求，或请求自相矛盾。",
    ),
    "WitnessStateError": Said(
        "The witness's record of what it cosigned is missing or damaged. A witness that forgot could cosign two "
        "histories, so it cosigns nothing.",
        "见证者的副署记录缺失或损坏。忘记过往的见证者可能为两部历史作证，故不作副署。",
    ),
}
"""What each kind of error means: the same names as in `cli.failures.TITLES`."""


def page(text: str) -> str:
    """Return the page with the parts between its markers written anew; KeyError for a marker that is not known."""
    return _MARKED.sub(lambda found: f"{found[1]}\n\n{_PARTS[found[2]]()}\n\n{found[3]}", text)


def main() -> int:
    """Write the parts, or say whether they are those that would be written."""
    stored = PAGE.read_text(encoding="utf-8")
    if "--check" in sys.argv[1:]:
        return int(stored != page(stored))
    PAGE.write_text(page(stored), encoding="utf-8")
    return 0


# Private

_MARKED: Final = re.compile(r"(<!-- generated: ([a-z]+) -->)\n(?:.*?\n)??(<!-- end -->)", re.DOTALL)


def _findings() -> str:
    return "\n\n".join(_section(kind, _both(KINDS[kind]), *FINDINGS[kind]) for kind in sorted(FINDINGS))


def _errors() -> str:
    return "\n\n".join(
        _section(kind, _both(TITLES[kind]), ERRORS[kind], _both(REMEDIES[kind])) for kind in sorted(ERRORS)
    )


def _codes() -> str:
    return " · ".join(f"`{code}`" for code in FaultCode)


def _section(kind: str, title: Said, meaning: Said, remedy: Said) -> str:
    return (
        f"### {kind}\n\n**{_capital(title.english)}** · **{title.chinese}**\n\n"
        f"{_capital(meaning.english)} *What to do:* {_sentence(remedy.english)}\n\n"
        f"{meaning.chinese}处理：{remedy.chinese.rstrip('。')}。"
    )


def _both(english: str) -> Said:
    before = words.language()
    words.choose("zh")
    chinese = words._(english)
    words.choose(before)
    return Said(english, chinese)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sentence(text: str) -> str:
    return text.rstrip(".") + "."


_PARTS: Final[Mapping[str, Callable[[], str]]] = {"findings": _findings, "errors": _errors, "codes": _codes}


if __name__ == "__main__":
    sys.exit(main())
