"""Words of emotion in Chinese and English: a small lexicon of our own, with negation.

Each emotion has a valence, and the words under ``bright`` and ``dark`` have one without an emotion. A lexicon of a few
hundred words finds what is said outright; it does not understand images ("the last train has left").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

EMOTIONS: Final = ("joy", "love", "hope", "calm", "energy", "longing", "sadness", "fear", "anger")

_VALENCES: Final = MappingProxyType(
    {
        "joy": 1.0,
        "love": 0.6,
        "hope": 0.6,
        "calm": 0.3,
        "energy": 0.2,
        "longing": -0.3,
        "sadness": -1.0,
        "fear": -0.8,
        "anger": -0.8,
        "bright": 0.5,
        "dark": -0.5,
        "none": 0.0,
    }
)

_CHINESE_WORDS: Final = MappingProxyType(
    {
        "joy": "快乐 开心 高兴 欢乐 欢喜 喜悦 愉快 欢笑 微笑 笑容 笑脸 笑声 大笑 笑着 笑得 笑了 傻笑 幸福 美满 痛快 兴奋 欢呼 欢庆 庆祝 喜欢 "
        "得意 惊喜 甜蜜 快活 乐观 开怀 欣喜 雀跃 美好 享受 满足 好心情 心花怒放 眉开眼笑 快乐地 逍遥 欢畅 喜气 欢声 乐呵呵 乐开花 畅快",
        "love": "爱 爱你 爱我 爱上 爱着 爱人 爱情 相爱 深爱 热爱 亲爱 恋爱 恋人 情人 心爱 疼爱 爱恋 爱意 真爱 挚爱 拥抱 抱紧 亲吻 吻 吻你 牵手 "
        "牵你的手 宝贝 温柔 依偎 浪漫 心动 暗恋 钟情 深情 陪伴 陪你 相守 白头 厮守 怦然 呵护 可爱 情意 甜言蜜语 表白 告白",
        "hope": "希望 梦想 理想 明天会更好 未来 相信 信念 勇气 勇敢 坚强 坚持 黎明 曙光 重生 奇迹 祝福 愿望 盼望 期待 憧憬 成长 骄傲 新生 出发 "
        "启程 不放弃 永不放弃 不怕 不害怕 加油",
        "calm": "安静 宁静 平静 安宁 安详 轻轻 缓缓 静静 悠悠 悠闲 从容 淡然 沉静 静谧 安心 安稳 轻松 惬意 慢慢 漫步 散步 微风 清风 晚安 "
        "沉睡 入睡 安睡 低语 呢喃 柔和 漂浮 停留 发呆 放松 舒服 自在 祥和",
        "energy": "奔跑 燃烧 狂欢 疯狂 沸腾 呐喊 尖叫 跳舞 跳跃 舞动 摇摆 热血 飞驰 飞翔 冲刺 冲破 爆发 爆炸 闪电 火焰 烈火 激情 狂野 震撼 "
        "嗨 躁动 起舞 蹦 旋转 高歌 战斗 速度 心跳加速 咆哮 怒吼 狂奔 点燃 炸裂 爆裂",
        "longing": "想念 思念 怀念 想你 牵挂 惦记 回忆 往事 从前 曾经 当年 故乡 家乡 等你 等待 远方 遥远 眷恋 不舍 舍不得 念念不忘 追忆 旧时光 "
        "相思 挂念 乡愁 归来 重逢 何时 盼你 难忘 忘不了 忘不掉 青春 离乡",
        "sadness": "悲伤 伤心 难过 忧伤 哀伤 悲哀 悲痛 痛苦 心痛 心碎 眼泪 泪水 泪 流泪 落泪 泪光 泪滴 哭 哭泣 痛哭 想哭 哭了 哭着 孤独 孤单 寂寞 "
        "失落 失望 绝望 遗憾 忧郁 忧愁 愁 悲 痛 凄凉 凄美 苦涩 苦 分手 离开我 离别 别离 失去 破碎 伤痕 伤口 受伤 受伤的 委屈 无助 无奈 落寞 沮丧 "
        "憔悴 叹息 惆怅 哽咽 心酸 难受 不快乐 不开心 不幸 不高兴 崩溃 煎熬 空荡荡 狼狈 后悔 惋惜 沧桑 残忍 酸楚 悲凉 永别 不爱我 不再爱 不爱了 "
        "哀愁 肝肠寸断 失恋 苦痛 孤零零 冷冷清清 流着泪",
        "fear": "害怕 恐惧 恐慌 惊慌 惊恐 可怕 恐怖 担心 不安 焦虑 慌张 畏惧 噩梦 恶梦 颤抖 发抖 怕 惶恐 迷茫 慌 胆怯 战栗 窒息 黑暗",
        "anger": "愤怒 生气 恨 恨你 仇恨 怨恨 讨厌 厌恶 可恶 该死 滚开 滚 混蛋 背叛 欺骗 谎言 骗子 报复 复仇 憎恨 恼火 气愤 怒火 虚伪 咒骂 诅咒 "
        "撕裂 毁灭 丑陋 厌倦 烦 烦躁 鄙视",
        "bright": "阳光 灿烂 温暖 明亮 晴朗 彩虹 美丽 漂亮 光芒 甜 甜甜 金色 鲜花 绽放 春天 自由 光明 闪耀 闪亮 璀璨 精彩 完美 崭新 轻盈 芬芳 清新 "
        "缤纷 五彩 花开 晴天 暖 棒 太好了",
        "dark": "灰暗 冰冷 寒冷 阴暗 阴霾 乌云 枯萎 凋零 凋谢 沉重 褪色 荒凉 废墟 坟墓 死亡 死去 冷漠 残缺 疲惫 空虚 失败 堕落 深渊 腐烂 糟糕 暗淡 "
        "黯淡 昏暗 苍白 冷清 麻木 沉沦 坏 迷失 荒芜 毒 讽刺 累",
        # Longer words that hold one of those above and mean something else.
        "none": "恨不得 哭笑不得 爱好 爱护 可爱的 恐怕 哪怕 只怕 麻烦 烦请 辛苦 苦笑 刻苦 可笑 嘲笑 笑话 冷笑 滚烫 滚滚 悲欢 苦苦 痛快地 慈悲 不得不爱 "
        "坏人 累计 积累 累累 消毒 破坏 不坏 甜品 爱尔兰 爱奇艺",
    }
)
_ENGLISH_WORDS: Final = MappingProxyType(
    {
        "joy": "happy happiness happily joy joyful joyous glad smile laugh laughter cheer cheerful delight delighted fun "
        "celebrate bliss merry grin enjoy wonderful excited thrilled party sunshine paradise rejoice playful",
        "love": "love lover beloved darling sweetheart kiss hug embrace adore tender tenderly romance romantic honey caress "
        "devotion cherish lovely sweet valentine affection",
        "hope": "hope hopeful dream believe faith future tomorrow courage brave strong wish promise miracle survive rise "
        "blessing destiny trust proud dawn overcome",
        "calm": "calm peace peaceful quiet quietly silence silent gentle gently slowly slow rest serene tranquil breeze "
        "lullaby whisper sleep drift relax soft softly still stroll float soothe ease",
        "energy": "dance jump fire burn blaze run race fast wild loud scream shout explode thunder lightning energy power "
        "rock electric rush spin leap ignite louder faster roar burst crazy fight riot",
        "longing": "miss remember memory memories yesterday gone away distance faraway longing yearn homesick wait wonder "
        "nostalgia recall waiting return someday ago reminisce",
        "sadness": "sad sadness sadly cry tear tears weep sorrow sorrowful lonely loneliness alone pain painful hurt "
        "heartbreak heartbroken broken brokenhearted grief grieve mourn misery miserable blue goodbye regret lose lost "
        "despair hopeless unhappy depressed suffer ache sob farewell bleed empty ruin tragedy helpless sigh bitter",
        "fear": "fear afraid scared scary terror horror panic nightmare worry worried anxious dread tremble frightened "
        "frighten haunt haunted shiver demon ghost darkness danger",
        "anger": "angry anger hate hatred rage fury furious mad damn liar lie betray betrayal revenge enemy destroy kill "
        "bitch fuck bastard disgust bullshit curse violence cruel",
        "bright": "bright light sun sunny warm warmth golden beautiful shine spring rainbow free freedom flower bloom glow "
        "heaven good great best brand-new new perfect glorious alive",
        "dark": "dark cold grey gray heavy faded fade grave death dead die dying ashes hollow rotten numb bad worst "
        "wrong ugly poison hell weary tired bleak winter shadow",
    }
)  # fmt: skip

_NEGATION_WORDS: Final = """
    不 没 没有 别 无 未 莫 勿 不再 不要 不会 不能 不是 不曾 不用 不必 不想 从不 从未 从来不 从没 并不 并没有 毫不 毫无 绝不 永不 决不 一点也不 一点都不 再也不
    不太 不怎么 不那么 休 无须 何必 没什么 再没 别再
    not no never neither nor none nothing nobody without cannot can't don't doesn't didn't won't wouldn't isn't aren't
    wasn't weren't ain't couldn't shouldn't hasn't haven't hadn't hardly barely
    """
NEGATIONS: Final = frozenset(_NEGATION_WORDS.split())
_REACH: Final = 3
"""How many words before an emotion a negation may stand."""
_SUPERLATIVES: Final = frozenset({"这么", "如此", "这样", "so"})
_NEGATED: Final = -0.6
"""Not happy is sad, but less so than sad."""


@dataclass(frozen=True, slots=True)
class EmotionCount:
    """The emotion words of a text.

    Attributes:
        counts: Emotion → how often it is named and not negated; every emotion is there.
        valences: The valence of each word found, in order; of a negated word, its contrary times 0.6.
        words: How many words were looked at.
    """

    counts: Mapping[str, int]
    valences: tuple[float, ...]
    words: int

    def shares(self) -> dict[str, float]:
        """Return each emotion's share of all emotion words; all zero where there are none."""
        total = max(1, sum(self.counts.values()))
        return {emotion: self.counts[emotion] / total for emotion in EMOTIONS}


def count_emotions(words: Sequence[str]) -> EmotionCount:
    """Find emotion words and what negates them.

    Words of a lexicon that the segmentation took apart are put together again, the longest first.

    Args:
        words: As ``words.words_of`` gives them, stop words included: they hold the negations. ``""`` parts clauses.
    """
    counts: Counter[str] = Counter()
    valences: list[float] = []
    at, since = 0, 0
    while at < len(words):
        if not words[at]:
            at = since = at + 1
            continue
        found, length, inside = _match(words, at)
        if found is None or found == "none":
            at += length
            since = at if found == "none" else since
            continue
        # A double negation ("never not happy") affirms.
        before = words[max(since, at - _REACH) : at]
        # 从没有这么快乐, "never so happy": the greatest, not the least.
        said = 0 if _SUPERLATIVES.intersection(before) else sum(word in NEGATIONS for word in before)
        negated = (said + inside) % 2 == 1
        valences.append(_VALENCES[found] * (_NEGATED if negated else 1.0))
        if found in EMOTIONS and not negated:
            counts[found] += 1
        at += length
        since = at  # a negation holds for one word of emotion
    n_words = sum(1 for word in words if word)
    return EmotionCount(
        MappingProxyType({emotion: counts[emotion] for emotion in EMOTIONS}), tuple(valences), n_words
    )


def _match(words: Sequence[str], at: int) -> tuple[str | None, int, bool]:
    """Return the emotion that begins at a word, how many words it takes, and whether they hold a negation.

    ``None``, 1 and ``False`` where no emotion begins.
    """
    first = words[at]
    if first.isascii():
        return next((_ENGLISH[form] for form in _forms(first) if form in _ENGLISH), None), 1, False
    joined = ""
    best: tuple[str | None, int, bool] = (None, 1, False)
    for place in range(at, min(len(words), at + _MOST_JOINED)):
        if not words[place] or words[place].isascii():
            break
        joined += words[place]
        if len(joined) > _LONGEST:
            break
        if joined in _CHINESE:
            best = (_CHINESE[joined], place - at + 1, False)
    if best[0] is None and len(first) > 2 and first not in NEGATIONS:
        return _within(first)
    return best


def _within(word: str) -> tuple[str | None, int, bool]:
    """Find an emotion of two or more characters at either end of a word that segmentation left whole: 别难过."""
    for length in range(len(word) - 1, 1, -1):
        for part in (word[-length:], word[:length]):
            if part in _CHINESE:
                return _CHINESE[part], 1, word[: len(word) - length] in NEGATIONS
    return None, 1, False


def _forms(word: str) -> list[str]:
    """Return a word and what it may be a form of: ``crying`` → ``cry``, ``tried`` → ``try``, ``dancing`` → ``dance``."""
    forms = [word]
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) + len(instead) >= _SHORTEST:
            stem = word[: len(word) - len(ending)] + instead
            forms.append(stem)
            if not instead and len(stem) > _SHORTEST and stem[-1] == stem[-2]:
                forms.append(stem[:-1])  # running → run
    return forms


_SHORTEST: Final = 3
_MOST_JOINED: Final = 4
_ENDINGS: Final = (
    ("ies", "y"), ("ied", "y"), ("es", ""), ("s", ""), ("ing", ""), ("ing", "e"), ("ed", ""), ("ed", "e"), ("er", ""),
    ("est", ""), ("ier", "y"), ("iest", "y"), ("ly", ""), ("ness", ""), ("'s", ""),
)  # fmt: skip
_CHINESE: Final = {word: emotion for emotion, words in _CHINESE_WORDS.items() for word in words.split()}
_ENGLISH: Final = {word: emotion for emotion, words in _ENGLISH_WORDS.items() for word in words.split()}
_LONGEST: Final = max(map(len, _CHINESE))
