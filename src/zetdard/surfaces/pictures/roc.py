"""The picture of how well tastes are told apart: mean ROC curves, one panel for each pool."""

from __future__ import annotations

from collections.abc import Mapping

from zetdard.errors import InputError
from zetdard.evaluation.taste.controls import ALWAYS_NO
from zetdard.evaluation.taste.result import TasteMeasured
from zetdard.measure.binary import FALSE_ALARMS
from zetdard.surfaces.pictures.canvas import GROUPS, MUTED, REST, Picture, look, panel, sheet

_MOST_MODELS = len(GROUPS)
_PANEL, _GAP, _LEFT, _TOP = 440, 90, 90, 130
_STYLES = ("--", ":", "-.", (0, (1, 3)), (0, (6, 2, 1, 2, 1, 2)))


def roc_picture(results: Mapping[str, TasteMeasured]) -> Picture:
    """Draw the mean ROC curves over listeners; models in colour, controls in grey.

    Args:
        results: Heading of a panel → what was found there. Of more than eight models the first eight are drawn.

    Raises:
        InputError: There are no results.
    """
    if not results:
        raise InputError("nothing was measured: there is nothing to draw")
    width = _LEFT + len(results) * (_PANEL + _GAP)
    with look():
        picture = sheet(
            width,
            _TOP + _PANEL + 80,
            "Liked songs told from others",
            "mean ROC curve over listeners · area under each curve",
            description=f"ROC curves of {', '.join(results)}",
        )
        for number, (heading, result) in enumerate(results.items()):
            axes = panel(picture, _LEFT + number * (_PANEL + _GAP), _TOP, _PANEL, _PANEL)
            axes.set_title(heading)
            axes.plot((0, 1), (0, 1), color=REST, linewidth=1)
            models = [one for one in result.runs if not one.control][:_MOST_MODELS]
            beside = [one for one in result.runs if one.control and one.name != ALWAYS_NO]
            for place, one in enumerate(models):
                label = f"{one.name} {one.means()['auc']:.3f}"
                axes.plot(FALSE_ALARMS, one.roc, color=GROUPS[place], linewidth=1.8, label=label)
            for place, one in enumerate(beside):
                label = f"{one.name} {one.means()['auc']:.3f}"
                style = _STYLES[place % len(_STYLES)]
                axes.plot(FALSE_ALARMS, one.roc, color=MUTED, linewidth=1.2, linestyle=style, label=label)
            axes.set_xlim(0, 1)
            axes.set_ylim(0, 1.01)
            axes.set_xlabel("share of the other songs that score above")
            if number == 0:
                axes.set_ylabel("share of the liked songs that score above")
            axes.legend(loc="lower right", fontsize=10.5)
        return picture
