"""Words in Chinese and English of which invented lyrics and comments are made.

Every genre has words of its own; bright and dark looks follow valence, lively and calm acts follow energy.
"""

from __future__ import annotations

from typing import TypeAlias

Pair: TypeAlias = tuple[str, str]
"""The same thing in Chinese and in English."""


def _pairs(text: str) -> tuple[Pair, ...]:
    words = [entry.strip().split("=") for entry in text.split(",")]
    return tuple((zh, en) for zh, en in words)


GENRE_WORDS: dict[str, tuple[Pair, ...]] = {
    "民谣": _pairs(
        "麦田=wheat field,炊烟=chimney smoke,木吉他=wooden guitar,渡口=ferry,老屋=old house,河岸=riverbank"
    ),
    "摇滚": _pairs("公路=highway,引擎=engine,围墙=wall,皮夹克=leather jacket,舞台=stage,闪电=lightning"),
    "电子": _pairs("霓虹=neon,像素=pixel,卫星=satellite,电流=current,屏幕=screen,镭射=laser"),
    "说唱": _pairs("街区=block,麦克风=microphone,球鞋=sneaker,账本=ledger,韵脚=rhyme,天台=rooftop"),
    "古风": _pairs("青瓷=celadon,长亭=pavilion,宣纸=rice paper,剑鞘=scabbard,烛火=candle,楼台=terrace"),
    "爵士": _pairs(
        "萨克斯=saxophone,酒馆=tavern,烟圈=smoke ring,领结=bow tie,午夜场=late show,黑键=black key"
    ),
    "R&B": _pairs("丝绒=velvet,香水=perfume,唇印=lipstick,月光=moonlight,沙发=sofa,耳语=murmur"),
    "轻音乐": _pairs("露珠=dewdrop,竹林=bamboo grove,茶杯=teacup,薄雾=mist,溪水=brook,纱窗=window screen"),
    "金属": _pairs("铁砧=anvil,墓碑=tombstone,雷暴=thunderstorm,锁链=chain,火山=volcano,断崖=cliff"),
    "后摇": _pairs("极光=aurora,冰原=ice field,灯塔=lighthouse,云层=cloud bank,回声=echo,荒野=wilderness"),
    "朋克": _pairs("别针=safety pin,标语=slogan,地下室=basement,滑板=skateboard,罚单=ticket,涂鸦=graffiti"),
    "世界音乐": _pairs("驼铃=camel bell,集市=bazaar,手鼓=hand drum,草原=steppe,港口=harbour,椰林=palm grove"),
}
"""Words of each genre, by its name in ``GENRES``."""

LOOKS: dict[bool, tuple[Pair, ...]] = {
    True: _pairs(
        "明亮=bright,甜蜜=sweet,温暖=warm,快乐=happy,轻盈=light,金色=golden,晴朗=sunny,崭新=brand-new"
    ),
    False: _pairs(
        "灰暗=grey,苦涩=bitter,冰冷=cold,忧伤=sorrowful,沉重=heavy,破碎=broken,孤独=lonely,褪色=faded"
    ),
}
"""How things look: bright where valence is high, else dark."""

ACTS: dict[bool, tuple[Pair, ...]] = {
    True: _pairs(
        "奔跑=running,燃烧=burning,飞驰=racing,呐喊=shouting,跳跃=leaping,爆裂=bursting,旋转=spinning"
    ),
    False: _pairs(
        "沉睡=sleeping,漂浮=drifting,等待=waiting,低语=whispering,散步=strolling,发呆=dreaming,停留=staying"
    ),
}
"""What happens: lively where energy is high, else calm."""

LINES: tuple[Pair, ...] = (
    ("{look}的{noun}在{act}", "the {look} {noun} is {act}"),
    ("我在{noun}旁边{act}", "I am {act} beside the {noun}"),
    ("谁让{noun}变得{look}", "who made the {noun} so {look}"),
    ("{act}着经过{look}的{noun}", "{act} past a {look} {noun}"),
    ("{noun}和{other}都一样{look}", "the {noun} and the {other} are {look} alike"),
    ("带上{noun}，我们去{act}", "we bring the {noun} and go {act}"),
    ("{other}说，{noun}还在{act}", "says the {other}: the {noun} is still {act}"),
    ("把{noun}留给{look}的{other}", "leave the {noun} to the {look} {other}"),
    ("{look}啊{look}，{act}的{noun}", "{look}, oh {look}, {act} {noun}"),
    ("梦里{other}{act}，醒来{noun}{look}", "the {other} was {act}, I wake, the {noun} is {look}"),
)
"""Lines with gaps: ``{noun}``, ``{other}`` (words of a genre), ``{look}`` and ``{act}``."""

SCENES: tuple[Pair, ...] = (
    ("末班地铁上循环", "on repeat on the last train"),
    ("写作业听到现在", "been doing homework to this"),
    ("下雨天一个人听", "a rainy day, just me and this"),
    ("跑步的时候随机到", "shuffle gave me this on a run"),
    ("朋友推荐来的", "a friend sent me here"),
    ("凌晨三点还醒着", "three in the morning and wide awake"),
    ("第一次听是在外地", "first heard it far from home"),
    ("收藏很久了", "had this saved for ages"),
    ("从歌单里来的", "here from a playlist"),
    ("加班路过", "late at work, dropping by"),
)
"""Where a commenter is."""

OPINIONS: dict[bool, tuple[Pair, ...]] = {
    True: (
        ("太喜欢了", "love it so much"),
        ("单曲循环一整天", "on repeat all day"),
        ("前奏一响就沦陷", "had me from the first note"),
        ("怎么现在才听到", "how did I miss this until now"),
        ("每次听都起鸡皮疙瘩", "goosebumps every time"),
        ("值得更多人听到", "more people should hear this"),
        ("神仙编曲", "what an arrangement"),
    ),
    False: (
        ("不是我的菜", "not my thing"),
        ("听不下去", "could not finish it"),
        ("有点吵，切了", "skipped it"),
        ("没有想象中好听", "expected better"),
        ("副歌很普通", "the chorus is nothing special"),
        ("不懂为什么推荐给我", "no idea why I was given this"),
    ),
}
"""What a commenter thinks: approval where the song fits, else the contrary."""

FEELINGS: dict[bool, tuple[Pair, ...]] = {
    True: (
        ("听完心情都亮了", "my whole day got brighter"),
        ("嘴角忍不住上扬", "cannot stop smiling"),
        ("像夏天的风", "like a summer breeze"),
        ("今天也要开心呀", "be happy today, everyone"),
        ("想去旅行了", "now I want to travel"),
    ),
    False: (
        ("听着听着就哭了", "ended up in tears"),
        ("想起了再也回不去的日子", "days that will not come back"),
        ("心里空落落的", "feels so empty inside"),
        ("晚安，失眠的人", "good night to all who cannot sleep"),
        ("越听越难过", "sadder every time"),
    ),
}
"""What the song does to a commenter: glad where valence is high, else sad."""

REMEMBERED: tuple[Pair, ...] = (
    ("听到“{noun}”那句，{feeling}", "that line about the {noun}: {feeling}"),
    ("像看见{noun}一样，{feeling}", "like seeing a {noun}, {feeling}"),
)
"""Comments about a word of the song."""
