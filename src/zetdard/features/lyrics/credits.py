"""Who wrote, played and recorded a song, told apart from its words.

Lyric files name these people in lines of their own: ``作词 : 某人``, ``Lyrics by Somebody``, ``混音师 Mixing Engineer:
…``. They are facts about the song and no words of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Credit:
    """A line of credits.

    Attributes:
        role: One of the keys of ``ROLES``, or ``other``.
        names: As written, in the order given; empty where the line names nobody.
        stated: The role as the source wrote it.
    """

    role: str
    names: tuple[str, ...]
    stated: str


ROLES: Final = MappingProxyType(
    {
        "lyricist": "词 作词 填词 作词人 词作 词作者 作詞 填詞 詞 lyrics lyric lyricist lyricists words 写词 原词 rap词 歌词",
        "composer": "曲 作曲 谱曲 作曲人 曲作 曲作者 原曲 旋律 melody composer composers music composition 譜曲",
        "arranger": "编曲 编曲人 編曲 改编 arranger arrangers arrangement arrange arrangements 编曲师",
        "producer": "制作 制作人 製作 製作人 音乐制作 音乐制作人 监制 监唱 監製 配唱制作人 执行制作人 "
        "音乐总监 producer producers production 制作公司 制作团队 人声制作 vocalproducer "
        "executiveproducer musicproducer musicdirector 唱片监制 音乐监制",
        "mixer": "混音 混音师 混音工程师 缩混 混音室 混音录音室 混音工作室 后期 mix mixer mixing mixingengineer "
        "mixingstudio mixed 后期混音 混缩",
        "mastering": "母带 母带处理 母带工程师 母带制作 母带师 母带后期 母带处理工程师 母带录音室 母带混音 mastering "
        "masteringengineer mastered masteringstudio 母带后期处理工程师 母带工作室",
        "recording": "录音 录音师 录音室 录音棚 录音工程师 录音助理 录制 人声录音 人声录音师 人声录音室 配唱录音师 "
        "录音工作室 錄音 錄音室 recording recordingengineer recordingstudio recorded engineer engineers "
        "recordedat 人声编辑 音频编辑 vocalediting 编辑 剪辑",
        "performer": "演唱 歌手 原唱 翻唱 唱 主唱 演奏 表演 艺人 说唱 念白 配唱 演唱者 artist artists singer singers "
        "vocal vocals performer performers performed sung rap feat 出演 人声 献唱",
        "backing vocals": "和声 和音 和声编写 和声编唱 和声设计 合声 合唱 伴唱 和聲 背景和声 和声演唱 童声 "
        "backingvocal backingvocals backgroundvocals backgroundvocal chorus choir harmony harmonies",
        "instrument": "吉他 吉它 电吉他 木吉他 古典吉他 原声吉他 民谣吉他 贝斯 贝司 低音吉他 鼓 鼓手 架子鼓 打击乐 键盘 "
        "钢琴 弦乐 小提琴 中提琴 大提琴 二胡 古筝 琵琶 笛子 竹笛 箫 唢呐 萨克斯 小号 长号 口琴 手风琴 弦乐编写 "
        "弦乐编曲 弦乐监制 合成器 采样 guitar guitars electricguitar acousticguitar bass bassguitar drum drums "
        "percussion keyboard keyboards piano strings string violin viola cello saxophone trumpet synth "
        "synthesizer programming program 程序编写 编程 乐队 乐手 伴奏 band 二胡演奏 管弦乐 交响乐团",
        "publisher": "出品 出品人 出品方 出品公司 联合出品 联合出品人 发行 发行人 发行方 发行公司 版权 版权公司 厂牌 "
        "词版权 曲版权 音乐出版 op sp opsp isrc label publisher published copyright distributor distribution "
        "著作权 录音版权 推广 宣发 宣传 营销 营销推广 营销统筹 录音作品版权 词曲版权管理方",
        "staff": "统筹 企划 策划 项目统筹 制作统筹 音乐统筹 项目总监 总监 总策划 企宣 文案 海报 封面 封面设计 美工 设计 "
        "插画 视频 导演 经纪人 经纪公司 支持 鸣谢 特别鸣谢 特别感谢 感谢 调教 调校 曲绘 歌词翻译 翻译 校对 时间轴 "
        "artwork cover coverart design translation translator thanks specialthanks coordinator supervisor "
        "productioncoordinator 音乐企划 制作助理 顾问 艺人统筹 字幕 题字 书法 灵感来源 商务合作",
    }
)
"""Words for each role, in any order; white space, hyphens and "by" are left out of them, case does not matter."""

_ROLE_OF: Final = {word: role for role, words in ROLES.items() for word in words.split()}
_PARTS: Final = re.compile(r"[/／、&＆+,，|｜·]|(?:\band\b)|和(?!声|音|聲)")
_COLON: Final = re.compile(r"\s*[:：]\s*")
_BY: Final = re.compile(
    r"(?P<role>(?:words|lyrics?|music|written|composed|arranged|produced|mixed|mastered|recorded|performed|sung"
    r"|arrangement|production|executive produced|lyrics? and music|words and music|music and lyrics|vocals?"
    r"|written and composed|composed and arranged|produced and mixed|mixed and mastered)\s+(?:by|at)\b)"
    r"\s*[:：]?\s*(?P<names>\S.{0,80})",
    re.IGNORECASE,
)
_VERBS: Final = MappingProxyType(
    {
        "written": "lyricist",
        "composed": "composer",
        "arranged": "arranger",
        "produced": "producer",
        "executive produced": "producer",
    }
)
_NAMES: Final = re.compile(r"\s*(?:[/／、,，;；|｜]|\s&\s)\s*")
_NOTICE: Final = re.compile(
    r"未经.{0,20}(?:许可|授权|同意|书面|允许)|不得.{0,12}(?:翻唱|翻录|使用|转载)|版权所有|著作权|all rights reserved|翻唱请|"
    r"(?:本歌曲|本作品|此歌).{0,20}(?:版权|授权)|^\W*(?:©|℗|\(c\)|\(p\))",
    re.IGNORECASE,
)
_LATIN: Final = re.compile(r"[A-Za-z][A-Za-z.'’ \-]*")
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_MOST_ROLE: Final = 40
_MOST_LINE: Final = 300
_SHORT_LATIN_ROLE: Final = 3


def read_credits(line: str, *, at_edge: bool) -> tuple[Credit, ...]:
    """Read a line of credits: one for each role that it states (``词/曲：某人`` states two); empty for sung words.

    A Chinese role before a colon is a credit wherever it stands. English roles are words that are sung too
    ("Music: my only friend"), so they count only among the lines before the first or after the last sung one.

    Args:
        line: One line, without stamps.
        at_edge: Whether it stands before the first or after the last line that is sung.
    """
    if not line or len(line) > _MOST_LINE:
        return ()
    stated, colon, rest = _COLON.sub(":", line).partition(":")
    if colon and len(stated) <= _MOST_ROLE:
        roles = _roles(stated)
        if roles and (at_edge or _HAN.search(stated)):
            return tuple(Credit(role, _names(rest), stated.strip()) for role in roles)
    found = _BY.fullmatch(line) if at_edge else None
    if found:
        parts = re.sub(r"\s+(?:by|at)$", "", found["role"].casefold()).split(" and ")
        roles = tuple(dict.fromkeys(_role_of_verb(part.strip()) for part in parts))
        return tuple(Credit(role, _names(found["names"]), found["role"]) for role in roles)
    return ()


def is_notice(line: str) -> bool:
    """Return whether a line is about the rights in a song: neither words nor people."""
    return len(line) <= _MOST_LINE and _NOTICE.search(line) is not None


def _roles(stated: str) -> tuple[str, ...]:
    """Return the roles that a phrase names, each once; empty if a part of it is no role."""
    roles: dict[str, None] = {}
    for part in _PARTS.split(stated.strip(" \t[]【】()（）《》*-")):
        if part.strip():
            found = _roles_of_part(part)
            if not found:
                return ()
            roles |= dict.fromkeys(found)
    return tuple(roles)


def _roles_of_part(part: str) -> tuple[str, ...]:
    whole = _plain(part)
    if whole in _ROLE_OF:
        return (_ROLE_OF[whole],)
    # "混音师 Mixing Engineer": either language may say it.
    chinese, english = _plain(_LATIN.sub("", part)), _plain("".join(_LATIN.findall(part)))
    known = (_ROLE_OF.get(chinese) or _ROLE_OF.get(english)) if chinese and english else None
    if known:
        return (known,)
    # Two roles without a mark between them: 词曲, 作词作曲, 编曲混音.
    for cut in range(1, len(whole)):
        if whole[:cut] in _ROLE_OF and whole[cut:] in _ROLE_OF and _HAN.search(whole):
            return (_ROLE_OF[whole[:cut]], _ROLE_OF[whole[cut:]])
    return ()


def _plain(part: str) -> str:
    letters = re.sub(r"[\s\-_.()（）'’]+", "", part).casefold()
    return letters[:-2] if letters.endswith("by") and len(letters) > _SHORT_LATIN_ROLE else letters


def _role_of_verb(phrase: str) -> str:
    return _VERBS.get(phrase) or _ROLE_OF.get(phrase.replace(" ", ""), "other")


def _names(text: str) -> tuple[str, ...]:
    names = (name.strip(" \t.。") for name in _NAMES.split(text))
    return tuple(name for name in names if name)
