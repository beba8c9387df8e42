"""What all pictures share: their look, their letters, and how they are kept as files."""

from __future__ import annotations

import io
import logging
import os
import secrets
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import Any

from zetdard.errors import InputError, MissingExtraError
from zetdard.surfaces.pictures import letters
from zetdard.surfaces.pictures.letters import clean

PAPER = "#fcfbf8"
INK = "#23282e"
MUTED = "#626970"
LINES = "#dcd8d0"
REST = "#b4b4b0"
OWN = "#2f6690"
ACCENT = "#c8553d"
GROUPS = ("#332288", "#cc6677", "#117733", "#ddaa33", "#44aa99", "#882255", "#88ccee", "#999933")
"""Colours that stay different for colour-blind eyes (after P. Tol, *Colour schemes*, 2021)."""

ENDINGS = (".png", ".svg")
_DPI = 100
_LIMITS = (400, 8_000)

_LOOK: dict[Any, Any] = {
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "axes.edgecolor": LINES,
    "axes.labelcolor": MUTED,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 14,
    "axes.titleweight": "bold",
    "axes.titlepad": 9,
    "axes.labelsize": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "axes.axisbelow": True,
    "axes.formatter.useoffset": False,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": 12,
    "ytick.labelsize": 12,
    "text.color": INK,
    "text.parse_math": False,  # a title may hold "$"
    "text.usetex": False,
    "font.family": [letters.USUAL],
    "font.size": 12.5,
    "legend.frameon": False,
    "legend.fontsize": 12,
    "svg.fonttype": "path",  # read on every machine, whatever fonts it has
    "svg.hashsalt": "zetdard",
    "path.simplify": True,
}

_DRAWING = RLock()
"""matplotlib's settings belong to the whole process: one picture at a time."""


@dataclass(slots=True, eq=False)
class Picture:
    """A picture that has been drawn.

    Attributes:
        figure: matplotlib's figure.
        title: What it shows, for who cannot see it; in the file as well.
        description: The same in a sentence or two.
        missing: Letters that no font of this machine has.
    """

    figure: Any
    title: str
    description: str
    missing: str = field(default="", init=False)

    def use_fonts(self) -> None:
        """Write every text with fonts that have its letters; needed before texts are measured."""
        texts = self.figure.findobj(lambda artist: hasattr(artist, "set_fontfamily"))
        choice = letters.choose(text.get_text() for text in texts)
        for text in texts:
            text.set_fontfamily(list(choice.families))
        self.missing = choice.missing

    def save(self, out: Path | str) -> tuple[str, ...]:
        """Write the picture, whole or not at all; the same picture gives the same bytes.

        Args:
            out: A file that ends in .png or .svg; one that is there is replaced.

        Returns:
            What the reader should be told: letters that no font has.

        Raises:
            InputError: The name ends in something else, or the file cannot be written.
        """
        path = checked(out)
        kind = path.suffix.lower()[1:]
        with look():
            data = self._rendered(kind)
        _write(path, data)
        return tuple(filter(None, (letters.advice(self.missing),)))

    def _rendered(self, kind: str) -> bytes:
        about: dict[str, str | None] = {"Title": self.title, "Description": self.description}
        about |= {"Software": "ZetDard"} if kind == "png" else {"Creator": "ZetDard", "Date": None}
        self.use_fonts()
        buffer = io.BytesIO()
        self.figure.savefig(buffer, format=kind, dpi=self.figure.dpi, metadata=about)
        return buffer.getvalue()


def checked(out: Path | str) -> Path:
    """Return the path of a picture, before the work of drawing one that cannot be kept.

    Raises:
        InputError: It does not end in .png or .svg, is a folder, or its folder is not there.
    """
    path = Path(out)
    if path.suffix.lower() not in ENDINGS:
        raise InputError(f"a picture's name ends in .png or .svg, not {path.name!r}")
    try:
        if not path.parent.is_dir():
            raise InputError(f"{path.parent}: there is no such folder to put a picture in")
        if path.is_dir():
            raise InputError(f"{path}: this is a folder, not a picture")
    except ValueError as error:  # a NUL character
        raise InputError(f"{str(out)!r} cannot be the name of a picture") from error
    return path


@contextmanager
def look() -> Iterator[None]:
    """Draw with the common look inside; one thread at a time."""
    try:
        import matplotlib
    except ImportError as error:
        raise MissingExtraError("pictures", "drawing pictures") from error
    with _DRAWING, matplotlib.rc_context(), warnings.catch_warnings(), _quiet_fonts():
        # Letters that no font has are told once, in words of our own.
        warnings.filterwarnings("ignore", message=r"Glyph \d+", category=UserWarning)
        matplotlib.rcdefaults()  # whatever the reader's own settings are
        matplotlib.rcParams.update(_LOOK)
        yield


@contextmanager
def _quiet_fonts() -> Iterator[None]:
    """Keep matplotlib from logging that a Chinese font has no bold letters."""
    logger = logging.getLogger("matplotlib.font_manager")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def sheet(width: int, height: int, title: str, subtitle: str = "", *, description: str = "") -> Picture:
    """Return an empty picture with its heading.

    Args:
        width: Pixels, 400 to 8,000.
        height: Likewise.
        title: Heading; not trusted.
        subtitle: A line below it; not trusted.
        description: What the picture shows, for who cannot see it; the subtitle if left out.

    Raises:
        InputError: The picture would be too small or too large.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    if not all(_LIMITS[0] <= side <= _LIMITS[1] for side in (width, height)):
        raise InputError(f"a picture is {_LIMITS[0]} to {_LIMITS[1]:,} pixels wide and high")
    figure = Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI)
    FigureCanvasAgg(figure)  # measures texts
    heading, line = clean(title, max(20, width // 22)), clean(subtitle, max(30, width // 12))
    figure.text(40 / width, 1 - 30 / height, heading, fontsize=21, fontweight="bold", va="top")
    if line:
        figure.text(40 / width, 1 - 72 / height, line, fontsize=13, color=MUTED, va="top")
    return Picture(figure, heading, clean(description, 400) or line)


def panel(picture: Picture, left: float, top: float, width: float, height: float, title: str = "") -> Any:
    """Return axes at a place in pixels from the top left corner."""
    whole_width, whole_height = picture.figure.get_size_inches() * _DPI
    axes = picture.figure.add_axes(
        (left / whole_width, 1 - (top + height) / whole_height, width / whole_width, height / whole_height)
    )
    if title:
        axes.set_title(title, y=1.0)  # stated, or it would give way to what lies beside it
    return axes


def say(axes: Any, text: str) -> None:
    """Fill a panel that has no data with words."""
    axes.set_axis_off()
    axes.text(0, 0.92, text, transform=axes.transAxes, color=MUTED, va="top", wrap=True)


def bars(axes: Any, rows: Sequence[tuple[str, float]], color: str, form: str = "{:.2f}") -> None:
    """Draw bars from the top down, each under its name and with its number at the end."""
    largest = max((value for _, value in rows), default=0.0) or 1.0
    axes.barh(range(len(rows)), [value for _, value in rows], height=0.34, color=color)
    for number, (name, value) in enumerate(rows):
        axes.text(0, number - 0.25, clean(name, 34), va="bottom")
        axes.text(value + largest * 0.02, number, form.format(value), va="center", color=MUTED, fontsize=11)
    axes.set_xlim(0, largest * 1.16)
    axes.set_ylim(max(len(rows), 4) - 0.6, -0.75)
    axes.set_axis_off()


def in_legend(text: str) -> str:
    """Return a text that a legend shows: matplotlib leaves out what begins with "_"."""
    return f"\u2009{text}" if text.startswith("_") else text


def _write(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        descriptor = os.open(
            temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666
        )
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise InputError(f"{path}: the picture cannot be written: {error.strerror}") from error
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
