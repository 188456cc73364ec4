"""Words of relations and the codes of GB/T 4761, each as the kinship it means.

What a relation is called in a declaration is any word (docs/import-formats.md, 近亲属申报), or a code of
GB/T 4761-2008 家庭关系代码. Its groups by tens mix relatives by blood and by marriage: 28 女婿 stands among the sons,
38 儿媳 among the daughters, 53-56 are the spouse's parents, 72 74 76 78 the siblings' spouses, 82 84 86 87 89 the
spouses of uncles and aunts. So every code is mapped by itself. A word that stands for nobody in particular (其他,
亲属, 非亲属) has no kinship, and nothing is implied by it.
"""

import re
from collections.abc import Mapping
from typing import Final

from domain.kinship import Kinship, kinship
from domain.vocabulary import HouseholdRelation, Kin

GB_T_4761: Final[Mapping[str, tuple[str, str | None]]] = {
    "01": ("本人", ""),
    "02": ("户主", None),
    "10": ("配偶", "u"),
    "11": ("夫", "u"),
    "12": ("妻", "u"),
    "20": ("子", "c"),
    "21": ("独生子", "c"),
    "22": ("长子", "c"),
    "23": ("次子", "c"),
    "24": ("三子", "c"),
    "25": ("四子", "c"),
    "26": ("五子", "c"),
    "27": ("养子或继子", "c"),
    "28": ("女婿", "cu"),
    "29": ("其他儿子", "c"),
    "30": ("女", "c"),
    "31": ("独生女", "c"),
    "32": ("长女", "c"),
    "33": ("二女", "c"),
    "34": ("三女", "c"),
    "35": ("四女", "c"),
    "36": ("五女", "c"),
    "37": ("养女或继女", "c"),
    "38": ("儿媳", "cu"),
    "39": ("其他女儿", "c"),
    "40": ("孙子、孙女或外孙子、外孙女", "cc"),
    "41": ("孙子", "cc"),
    "42": ("孙女", "cc"),
    "43": ("外孙子", "cc"),
    "44": ("外孙女", "cc"),
    "45": ("孙媳妇或外孙媳妇", "ccu"),
    "46": ("孙女婿或外孙女婿", "ccu"),
    "47": ("曾孙子或外曾孙子", "ccc"),
    "48": ("曾孙女或外曾孙女", "ccc"),
    "49": ("其他孙子、孙女或外孙子、外孙女", "cc"),
    "50": ("父母", "p"),
    "51": ("父亲", "p"),
    "52": ("母亲", "p"),
    "53": ("公公", "up"),
    "54": ("婆婆", "up"),
    "55": ("岳父", "up"),
    "56": ("岳母", "up"),
    "57": ("继父或养父", "p"),
    "58": ("继母或养母", "p"),
    "59": ("其他父母关系", "p"),
    "60": ("祖父母或外祖父母", "pp"),
    "61": ("祖父", "pp"),
    "62": ("祖母", "pp"),
    "63": ("外祖父", "pp"),
    "64": ("外祖母", "pp"),
    "65": ("配偶的祖父母或外祖父母", "upp"),
    "66": ("曾祖父", "ppp"),
    "67": ("曾祖母", "ppp"),
    "68": ("配偶的曾祖父母或外曾祖父母", "uppp"),
    "69": ("其他祖父母或外祖父母关系", "pp"),
    "70": ("兄弟姐妹", "b"),
    "71": ("兄", "b"),
    "72": ("嫂", "bu"),
    "73": ("弟", "b"),
    "74": ("弟媳", "bu"),
    "75": ("姐姐", "b"),
    "76": ("姐夫", "bu"),
    "77": ("妹妹", "b"),
    "78": ("妹夫", "bu"),
    "79": ("其他兄弟姐妹", "b"),
    "80": ("其他", None),
    "81": ("伯父", "pb"),
    "82": ("伯母", "pbu"),
    "83": ("叔父", "pb"),
    "84": ("婶母", "pbu"),
    "85": ("舅父", "pb"),
    "86": ("舅母", "pbu"),
    "87": ("姨父", "pbu"),
    "88": ("姨母", "pb"),
    "89": ("姑父", "pbu"),
    "90": ("姑母", "pb"),
    "91": ("堂兄弟、堂姐妹", "pbc"),
    "92": ("表兄弟、表姐妹", "pbc"),
    "93": ("侄子", "bc"),
    "94": ("侄女", "bc"),
    "95": ("外甥", "bc"),
    "96": ("外甥女", "bc"),
    "97": ("其他亲属", None),
    "98": ("保姆", None),
    "99": ("非亲属", None),
}
"""Each code with its name and the path of the relation; None where the name does not say which."""

WORDS_OF_PATH: Final[Mapping[str, str]] = {
    "": "本人 自己",
    "u": "配偶 夫 妻 丈夫 妻子 老公 老婆 爱人 夫妻 夫妇",
    "p": "父母 父 母 父亲 母亲 爸爸 妈妈 养父 养母 继父 继母 养父母 继父母 生父 生母",
    "c": "子女 子 女 儿子 女儿 独生子 独生女 独生子女 养子 养女 继子 继女 养子女 继子女 长子 长女 次子 次女 大女 三女",
    "b": "兄弟姐妹 兄弟 姐妹 兄 弟 姐 妹 哥 哥哥 弟弟 姐姐 妹妹 兄妹 姐弟 胞兄 胞弟 胞姐 胞妹 大哥 大姐",
    "pp": "祖父母 外祖父母 祖父 祖母 外祖父 外祖母 爷爷 奶奶 外公 外婆 姥姥 姥爷",
    "cc": "孙子女 外孙子女 孙子 孙女 孙 外孙 外孙子 外孙女",
    "ppp": "曾祖父母 曾祖父 曾祖母 外曾祖父母 外曾祖父 外曾祖母 太爷爷 太奶奶",
    "ccc": "曾孙子女 曾孙 曾孙子 曾孙女 外曾孙 外曾孙子 外曾孙女 重孙 重孙子 重孙女",
    "pb": "伯父 叔父 舅父 姨母 姑母 伯伯 大伯 叔叔 叔 舅舅 舅 姨妈 姨 姑妈 姑姑 姑 伯叔 叔伯 伯叔姑舅姨 叔伯姑舅姨",
    "pbu": "伯母 婶母 舅母 姨父 姑父 大娘 婶婶 婶 婶子 舅妈 姨夫 姨丈 姑夫 姑丈",
    "bc": "侄子女 甥子女 侄 侄子 侄儿 侄女 外甥 外甥女 甥 甥女 侄甥 侄子侄女 外甥外甥女 侄甥子女",
    "pbc": "堂兄弟姐妹 表兄弟姐妹 堂兄弟 堂姐妹 表兄弟 表姐妹 堂兄 堂弟 堂姐 堂妹 表兄 表哥 表弟 表姐 表妹"
    " 堂哥 堂兄妹 表兄妹 堂表兄弟姐妹",
    "up": "岳父 岳母 岳父母 公公 婆婆 公婆 丈人 丈母娘 岳丈 配偶父母 配偶的父母 家公 家婆",
    "cu": "儿媳 儿媳妇 女婿 姑爷 子女配偶 子女的配偶",
    "bu": "嫂 嫂子 嫂嫂 弟媳 弟媳妇 弟妇 姐夫 妹夫 姐妹夫 兄弟媳妇 兄弟姐妹配偶 兄弟姐妹的配偶",
    "ub": "大舅子 小舅子 内兄 内弟 大姨子 小姨子 大姑子 小姑子 大伯子 小叔子 妻舅 姨子 舅子"
    " 配偶兄弟姐妹 配偶的兄弟姐妹",
    "ubu": "连襟 妯娌",
    "ubc": "内侄 内侄女 妻侄 妻侄女",
    "cup": "亲家 儿女亲家 亲家公 亲家母 子女配偶的父母",
    "ccu": "孙媳 孙媳妇 孙女婿 外孙媳 外孙媳妇 外孙女婿",
    "bcu": "侄媳 侄媳妇 侄女婿 外甥媳妇 外甥女婿",
    "pbcu": "堂嫂 表嫂 堂姐夫 表姐夫 堂妹夫 表妹夫 堂弟媳 表弟媳",
    "upp": "配偶祖父母 配偶的祖父母 配偶的外祖父母",
    "upb": "配偶的叔伯 配偶的伯叔姑舅姨",
    "ppb": "伯祖父 叔祖父 姑祖母 舅祖父 姨祖母 伯公 叔公 姑婆 舅公 姨婆 叔爷爷 姑奶奶 舅爷爷 姨奶奶",
    "bcc": "侄孙 侄孙女 外甥孙 侄孙子 甥孙",
    "pbcc": "堂侄 堂侄女 表侄 表侄女 堂侄子 表侄子 表外甥 堂外甥",
}
"""The usual words of each relation, parted by blanks."""

AMBIGUOUS: Final[Mapping[str, tuple[str, ...]]] = {
    "弟妹": ("bu", "b"),  # the younger brother's wife, or younger siblings
    "媳妇": ("cu", "u"),
    "父子": ("p", "c"),
    "父女": ("p", "c"),
    "母子": ("p", "c"),
    "母女": ("p", "c"),
    "婆媳": ("up", "cu"),
    "翁婿": ("up", "cu"),
    "叔侄": ("pb", "bc"),
    "伯侄": ("pb", "bc"),
    "姑侄": ("pb", "bc"),
    "舅甥": ("pb", "bc"),
    "姨甥": ("pb", "bc"),
    "祖孙": ("pp", "cc"),
}
"""Words that leave open which of two relations is meant, or which of the two people declares."""


def relation_of(text: str) -> Kinship | None:
    """Return the kinship that a word or a code means; None for one that says no particular relation."""
    plain = _MARKS.sub("", text)
    if plain in GB_T_4761:
        path = GB_T_4761[plain][1]
        return None if path is None else kinship(path)
    return _KINSHIP_OF.get(plain)


def household_kinship(relation: HouseholdRelation) -> Kinship | None:
    """Return what a member is to the head (与户主关系); None for 其他, which says nothing."""
    return relation_of(relation.value)


def kinship_of_kin(kin: Kin) -> Kinship | None:
    """Return the kinship of a declaration's open relation; None for OTHER, whose word is sealed."""
    return relation_of(kin.value)


# Private

_MARKS = re.compile(r"[\s、，,。/()（）·]+")


def _words() -> dict[str, Kinship]:
    words = {_MARKS.sub("", name): kinship(path) for name, path in GB_T_4761.values() if path is not None}
    words |= {word: kinship(path) for path, line in WORDS_OF_PATH.items() for word in line.split()}
    return words | {word: kinship(*paths) for word, paths in AMBIGUOUS.items()}


_KINSHIP_OF: Final = _words()
