"""Taste experiments as text: aligned for a terminal, or as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from zetdard.evaluation.report import aligned, escaped
from zetdard.evaluation.taste.protocol import IN_FOLDS, TasteRun
from zetdard.evaluation.taste.result import TasteMeasured

HEADINGS = {
    "auc": "AUC",
    IN_FOLDS: "AUC in folds",
    "balanced_accuracy": "balanced accuracy",
    "average_precision": "average precision",
    "accuracy": "accuracy",
}
"""Metrics in the order in which they are shown, and what they are called."""

_Table = tuple[list[str], list[list[str]]]


def to_text(result: TasteMeasured) -> str:
    """Return one pool's result as aligned plain text, ending with a newline."""
    parts = [_title(result)]
    parts += ["\n".join(aligned(*table)) for table in (_models(result), _pairs(result)) if table[1]]
    parts.append("\n".join(_notes(result)))
    return "\n\n".join(parts) + "\n"


def to_markdown(result: TasteMeasured) -> str:
    """Return one pool's result as Markdown, ending with a newline."""
    parts = [f"**{escaped(_title(result))}**"]
    parts += [_markdown(table) for table in (_models(result), _pairs(result)) if table[1]]
    parts.append("\n".join(f"- {escaped(note)}" for note in _notes(result)))
    return "\n\n".join(parts) + "\n"


def overview_text(results: Mapping[str, TasteMeasured]) -> str:
    """Return the pools beside each other, AUC ± half its interval (balanced accuracy), as aligned plain text.

    Args:
        results: Heading of a column → what was found there.
    """
    return "\n".join(aligned(*_overview(results))) + "\n"


def overview_markdown(results: Mapping[str, TasteMeasured]) -> str:
    """Return the pools beside each other, AUC ± half its interval (balanced accuracy), as Markdown.

    Args:
        results: Heading of a column → what was found there.
    """
    return _markdown(_overview(results)) + "\n"


def _title(result: TasteMeasured) -> str:
    data = result.dataset
    return (
        f"{result.pool}: {data['listeners']:,} listeners, {data['songs']:,} songs, {data['labels']:,} labels, "
        f"{data['liked']:.0%} liked; {data['folds']} folds"
    )


def _label(run: TasteRun) -> str:
    return f"{run.name} (control)" if run.control else run.name


def _models(result: TasteMeasured) -> _Table:
    lift = ["of the oracle's lift (95%)"] if result.lifts else []
    header = ["model", *(f"{heading} (95%)" for heading in HEADINGS.values()), *lift, "learn s"]
    rows = []
    for run in result.runs:
        means, row = run.means(), [_label(run)]
        for metric in HEADINGS:
            low, high = result.intervals[run.name][metric]
            row.append(f"{means[metric]:.3f} ({low:.2f} – {high:.2f})")
        if result.lifts:
            own = result.lifts.get(run.name)
            row.append("–" if own is None else "{:.0%} ({:.0%} – {:.0%})".format(own.share, *own.interval))
        rows.append([*row, f"{run.learn_seconds:.1f}"])
    return header, rows


def _pairs(result: TasteMeasured) -> _Table:
    header = ["pair (a − b)", "AUC", "95%", "a better", "a worse"]
    rows = []
    for pair in result.paired:
        if pair.metric == "auc":
            low, high = pair.comparison.interval
            rows.append(
                [
                    f"{pair.a} − {pair.b}",
                    f"{pair.comparison.difference:+.3f}",
                    f"{low:+.3f} – {high:+.3f}",
                    f"{pair.comparison.better:.0%}",
                    f"{pair.comparison.worse:.0%}",
                ]
            )
    return header, rows


def _overview(results: Mapping[str, TasteMeasured]) -> _Table:
    labels: dict[str, str] = {}
    for result in results.values():
        labels |= {run.name: _label(run) for run in result.runs if run.name not in labels}
    rows = [[label, *(_cell(result, name) for result in results.values())] for name, label in labels.items()]
    return ["model", *results], rows


def _cell(result: TasteMeasured, name: str) -> str:
    run = next((one for one in result.runs if one.name == name), None)
    if run is None:
        return "–"
    means, (low, high) = run.means(), result.intervals[name]["auc"]
    return f"{means['auc']:.3f} ± {(high - low) / 2:.3f} ({means['balanced_accuracy']:.2f})"


def _notes(result: TasteMeasured) -> list[str]:
    protocol = result.protocol
    told = "all"
    if protocol["likes"] is not None:
        told = f"{protocol['likes']} at most, and {protocol['others']} other songs for each"
    notes = [
        f"Folds: {protocol.get('folds', 'as given')}; {protocol['split']}; {protocol['pooled']}.",
        f"Likes told of each listener: {told}. Verdict: {protocol['verdict']}.",
        f"Intervals: {protocol['interval']}, {protocol['resamples']:,} resamples; "
        f"draws: {protocol['draws']}, seed {protocol['seed']}.",
    ]
    if "negatives" in protocol:
        notes.append(f"Songs taken as not liked: {protocol['negatives']}.")
    if result.lifts:
        notes.append("The oracle's lift is its mean AUC less ½; a model's share is its own lift in that.")
    for name, facts in result.dataset["features"].items():
        if facts["known"] < result.dataset["songs"]:
            notes.append(f"{name} is known for {facts['known']:,} of {result.dataset['songs']:,} songs.")
    return notes + [f"{name}: {note}." for name, note in protocol["controls"].items()]


def _markdown(table: _Table) -> str:
    header, rows = table
    rule = ["---"] + ["---:"] * (len(header) - 1)
    lines: Sequence[Sequence[str]] = [header, rule, *rows]
    return "\n".join("| " + " | ".join(map(escaped, row)) + " |" for row in lines)
