"""Words that say little of a song: what grammar needs, and what is sung for its sound."""

from __future__ import annotations

from typing import Final

_ENGLISH = """
    a about after again ain't all am an and any anymore are aren't around as at away back be because been before being
    both but by can can't cannot come could couldn't did didn't do does doesn't doing don't down each else even ever
    every few for from get gets getting go goes going gone gonna got gotta had hadn't has hasn't have haven't having he
    he'd he'll he's her here hers herself him himself his how i i'd i'll i'm i've if in into is isn't it it'd it'll it's
    its itself just know let let's like made make makes me might mine more most much must my myself never no nor not now
    of off on once one only or other our ours ourselves out over own put really said same say see she she'd she'll she's
    should shouldn't so some still such take than that that's the their theirs them themselves then there there's these
    they they'd they'll they're they've thing things this those though through till to too under until up upon us very
    wanna want was wasn't way we we'd we'll we're we've well were weren't what what's when where which while who who's
    whom why will with without won't would wouldn't yes yet you you'd you'll you're you've your yours yourself
    ah aha ay ayy da dah doo dum eh ey ha hah hey hmm ho la lala mm mmm na nah nana o oh ohh ooh oo oooh uh uhh whoa
    woah wo woo yeah yea yah yo ya ye ok okay
    """
ENGLISH: Final = frozenset(_ENGLISH.split())

_CHINESE = """
    的 了 着 过 地 得 是 在 有 和 与 跟 同 及 或 而 且 但 但是 可是 不过 却 就 才 又 也 都 还 还是 再 更 最 很 太 真 好 挺 非常
    我 你 您 他 她 它 我们 你们 他们 她们 它们 咱 咱们 自己 人家 大家 谁 什么 怎么 怎样 怎能 为什么 为何 哪 哪里 哪儿 那 那么 那个 那些
    那里 那样 这 这么 这个 这些 这里 这样 这儿 那儿 一 一个 一种 一样 一些 一点 一下 一次 两 几 多 多少 每 每个 某 各 第一 个 只 只是 只有
    只能 不 没 没有 不是 不会 不能 不要 不用 不再 别 无 未 非 要 会 能 能够 可以 可 应该 该 想 想要 让 把 被 给 对 对于 从 到 往 向 由 于
    以 用 为 为了 因为 因 所以 如果 若 如 像 好像 仿佛 虽然 即使 就算 就是 也许 或许 可能 已 已经 曾 曾经 正 正在 将 将要 刚 刚刚 总 总是 一直
    一切 所有 全 全部 之 其 其实 此 所 者 们 上 下 里 外 中 内 间 前 后 左 右 旁 旁边 时 时候 当 然后 以后 以前 之后 之前 来 去 起 起来 出 出来
    进 回 开 到底 说 看 看到 看见 听 听到 知道 觉得 做 有些 有点 有人 没人 是否 难道 究竟 竟 居然 便 则 并 并不 而是 不管 无论 只要 除了 直到
    啊 呀 哦 噢 喔 呢 吗 嘛 吧 啦 哇 哎 唉 嗯 嘿 哈 哈哈 呜 啦啦 啦啦啦 哟 耶 咿 哼 喂 诶 么
    """
CHINESE: Final = frozenset(_CHINESE.split())
