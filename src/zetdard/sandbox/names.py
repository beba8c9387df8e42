"""Invented names, Chinese and English, composed from word lists: artists, songs, listeners, playlists, ids.

No list holds a real artist, song or person. Some names carry what real ones carry and careless code splits:
``&`` and ``/`` inside a name, a version in brackets, a featured guest in the title.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_ZH_THINGS = _words(
    "灯塔 信箱 纸鸢 渡口 雨衣 月台 罗盘 萤火 书签 贝壳 风铃 邮差 沙漏 长椅 唱针 烟囱 候鸟 麦田 石阶 屋檐 "
    "旧伞 潮汐 云梯 棋盘 铁轨 苔藓 磨坊 望远镜 留声机 热气球"
)
_ZH_LOOKS = _words(
    "迟到的 折叠的 半透明的 会走路的 靛蓝色的 失眠的 倒放的 无人的 第七个 柔软的 遥远的 发条 薄荷 琥珀 "
    "透明 低空 深蓝 午后 无声 锈色"
)
# None of these is a usual family name, so that nobody real is called so.
_ZH_FAMILY = _words("雾 萤 盐 榛 霁 岚 砾 檐 汀 漪 荻 霏")
_ZH_GIVEN = _words("砚 舟 澜 棠 微 屿 枝 影 禾 苇 柠 池 予 舒 野 满 晚 听 知 南")
_ZH_BANDS = ("乐队", "合唱团", "电台", "兄弟", "计划", "")
_ZH_ACTS = _words(
    "忘记了 写信给 走过 等待 拆开 借走 想念 路过 数着 藏起 告别 听见 寄往 梦见 收集 画下 追赶 翻阅"
)
_ZH_WHEN = _words("昨夜 清晨 雨季 十一月 黄昏 零点 夏末 立冬 午夜 春分 假日 星期四")

_EN_LOOKS = _words(
    "Velvet Paper Hollow Amber Crooked Quiet Static Plastic Northern Second Copper Sleepless Feral Lunar "
    "Marble Tidal Woolen Electric Gentle Rusted"
)
_EN_THINGS = _words(
    "Gazebo Lighthouse Orchard Kettle Sextant Satellite Thimble Harbor Lantern Almanac Staircase Pelican "
    "Typewriter Greenhouse Caravan Meridian Sparrow Tunnel Postcard Chimney Narwhal Pendulum Archive Teapot"
)
_EN_FIRST = _words("Odda Marlow Ines Tobin Wren Calla Jory Petra Lowell Sable Ansel Briar Edda Quill")
_EN_FAMILY_HEADS = _words("Fenni Harrow Quill Tams Oaken Pell Thistle Marrow Van Eller Dun Castle Sorrel Wex")
_EN_FAMILY_TAILS = _words("more gate feather worth stone triss wick combe brook thwaite")
_EN_ACTS = _words("Waiting Falling Running Writing Sailing Counting Dancing Waking Burning Drifting Leaving")
_EN_WHERE = _words("for under beyond toward without beside around")
_LETTERS = "KVXQZJWYT"

_ZH_SINGERS = _words("爱听歌的 打瞌睡的 骑车的 迷路的 存钱的 冒泡的 早起的 不吃香菜的 数星星的 晒太阳的")
_ZH_BEASTS = _words("橘猫 海獭 水豚 企鹅 麻雀 刺猬 松鼠 柴犬 鲸鱼 蜗牛 树懒 狐狸")
_EN_BEASTS = _words("otter capybara heron badger newt marmot puffin lynx gecko walrus moth ibex")
_EN_MOODS = _words("sleepy humming salty dizzy tiny brave mellow rusty cosmic soggy")

_VERSIONS_ZH = ("{} (Live)", "{}（现场版）", "{} (伴奏)", "{} (Demo)", "{}（钢琴版）", "{} (2019重制版)")
_VERSIONS_EN = (
    "{} (Live)",
    "{} - Live at Quillshire",
    "{} (Acoustic Version)",
    "{} - Remastered 2019",
    "{} (Demo)",
    "{} [Instrumental]",
)
_PLAYLISTS = ("{}｜单曲循环", "深夜{}", "{} for driving", "写作业的时候听{}", "{} mixtape", "我的{}抽屉")


def artist_names(random: np.random.Generator, chinese: Sequence[bool]) -> list[str]:
    """Compose a distinct name for each artist; about one in 25 holds ``&`` and one in 40 holds ``/``."""
    return _distinct([_artist_name(random, number, zh) for number, zh in enumerate(chinese)])


def _artist_name(random: np.random.Generator, number: int, zh: bool) -> str:
    # Counted, not drawn, so that a small world has them too.
    if number % 25 == 3:
        if zh:
            return f"{_person(random, zh)} & {_person(random, zh)}"
        return f"{_english_family(random)} & {_english_family(random)}"
    if number % 40 == 7:
        letters = random.choice(list(_LETTERS), size=4, replace=False)
        return f"{letters[0]}{letters[1]}/{letters[2]}{letters[3]}"
    if random.random() < 0.45:
        return _person(random, zh)
    if zh:
        return _one(random, _ZH_LOOKS) + _one(random, _ZH_THINGS) + _one(random, _ZH_BANDS)
    name = f"{_one(random, _EN_LOOKS)} {_one(random, _EN_THINGS)}"
    return f"The {name}s" if random.random() < 0.4 else name


def _person(random: np.random.Generator, zh: bool) -> str:
    if zh:
        return _one(random, _ZH_FAMILY) + _one(random, _ZH_GIVEN) + _one(random, _ZH_GIVEN)
    return f"{_one(random, _EN_FIRST)} {_english_family(random)}"


def _english_family(random: np.random.Generator) -> str:
    return _one(random, _EN_FAMILY_HEADS) + _one(random, _EN_FAMILY_TAILS)


def person(random: np.random.Generator, zh: bool) -> str:
    """Compose the name of a person who writes words or tunes."""
    return _person(random, zh)


def song_title(random: np.random.Generator, zh: bool) -> str:
    """Compose the title of an original song; two songs may share one, as in life."""
    pattern = int(random.integers(3))
    if zh:
        first, thing = _one(random, _ZH_ACTS), _one(random, _ZH_THINGS)
        if pattern == 0:
            return first + thing
        if pattern == 1:
            return f"{_one(random, _ZH_WHEN)}的{thing}"
        return f"{first}{_one(random, _ZH_LOOKS)}{thing}"
    thing = _one(random, _EN_THINGS)
    if pattern == 0:
        return f"{_one(random, _EN_ACTS)} {_one(random, _EN_WHERE)} the {thing}"
    if pattern == 1:
        return f"{_one(random, _EN_LOOKS)} {thing}"
    return f"{thing} {_one(random, _EN_WHERE)} {_one(random, _EN_LOOKS)} {_one(random, _EN_THINGS)}s"


def version_title(random: np.random.Generator, original: str, zh: bool) -> str:
    """Name another version, by the same artist, of the song titled ``original``."""
    return _one(random, _VERSIONS_ZH if zh else _VERSIONS_EN).format(original)


def cover_title(random: np.random.Generator, original: str, performer: str, zh: bool) -> str:
    """Name a cover: half say in brackets whose song it is, half carry the bare title."""
    if random.random() < 0.5:
        return original
    return f"{original}（翻自 {performer}）" if zh else f"{original} (Cover: {performer})"


def featuring_title(random: np.random.Generator, title: str, guest: str) -> str:
    """Half of the songs with a guest say so in their title."""
    return f"{title} (feat. {guest})" if random.random() < 0.5 else title


def album_title(random: np.random.Generator, zh: bool) -> str:
    """Compose the title of an album."""
    if zh:
        return _one(random, _ZH_WHEN) + _one(random, _ZH_THINGS)
    return f"{_one(random, _EN_THINGS)} {int(random.integers(1, 13))}"


def nicknames(random: np.random.Generator, n: int, chinese_share: float) -> list[str]:
    """Compose ``n`` distinct nicknames."""
    names = []
    for _ in range(n):
        if random.random() < chinese_share:
            year = str(random.integers(1960, 2012)) if random.random() < 0.6 else ""
            names.append(_one(random, _ZH_SINGERS) + _one(random, _ZH_BEASTS) + year)
        else:
            number = int(random.integers(10, 100))
            names.append(f"{_one(random, _EN_MOODS)}_{_one(random, _EN_BEASTS)}_{number}")
    return _distinct(names)


def playlist_name(random: np.random.Generator, theme: str) -> str:
    """Compose the name of an own playlist about the genre ``theme``."""
    return _one(random, _PLAYLISTS).format(theme)


def digit_ids(random: np.random.Generator, n: int, lowest: int) -> list[str]:
    """Return ``n`` distinct ids made of digits, in an order that says nothing; all ≥ ``lowest``."""
    ids = lowest + np.cumsum(random.integers(1, 900, size=n))
    return [str(value) for value in random.permutation(ids).tolist()]


def _one(random: np.random.Generator, words: Sequence[str]) -> str:
    return words[int(random.integers(len(words)))]


def _distinct(names: list[str]) -> list[str]:
    """Number the repeats: the second "Quiet Kettle" is "Quiet Kettle 2"."""
    seen: dict[str, int] = {}
    distinct = []
    for name in names:
        count = seen[name] = seen.get(name, 0) + 1
        distinct.append(name if count == 1 else f"{name} {count}")
    return distinct
