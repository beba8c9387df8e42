"""What an evaluation found, as text: aligned for a terminal, or as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from zetdard.evaluation.result import Measured

_Table = tuple[list[str], list[list[str]]]


def to_text(result: Measured) -> str:
    """Return aligned plain text, ending with a newline."""
    parts = [_title(result)]
    for header, rows in (_models(result), _pairs(result)):
        if rows:
            parts.append("\n".join(aligned(header, rows)))
    parts.append("\n".join(_notes(result)))
    return "\n\n".join(parts) + "\n"


def to_brief(result: Measured) -> str:
    """Return one small table as aligned plain text: each run's nDCG, its interval, and recall."""
    k = _headline(result)
    header = ["model", f"nDCG@{k}", "95%", f"recall@{k}"]
    rows = []
    for run in result.runs:
        low, high = result.intervals[run.name][f"ndcg@{k}"]
        means = run.table.means()
        name = f"{run.name} (control)" if run.control else run.name
        rows.append(
            [name, f"{means[f'ndcg@{k}']:.3f}", f"{low:.3f} – {high:.3f}", f"{means[f'recall@{k}']:.3f}"]
        )
    return "\n".join(aligned(header, rows)) + "\n"


def to_markdown(result: Measured) -> str:
    """Return Markdown, ending with a newline."""
    parts = [f"**{escaped(_title(result))}**"]
    for header, rows in (_models(result), _pairs(result)):
        if rows:
            rule = ["---"] + ["---:"] * (len(header) - 1)
            parts.append(
                "\n".join("| " + " | ".join(map(escaped, row)) + " |" for row in [header, rule, *rows])
            )
    parts.append("\n".join(f"- {escaped(note)}" for note in _notes(result)))
    return "\n\n".join(parts) + "\n"


def _title(result: Measured) -> str:
    data = result.dataset
    return (
        f"{data['name']}: {data['users']:,} users × {data['items']:,} items; "
        f"{data['train_pairs']:,} pairs in train, {data['test_pairs']:,} in test; "
        f"{data['candidates']:,} candidates"
    )


def _headline(result: Measured) -> int:
    """Return the cut-off of the columns that are shown only once: the middle one."""
    return result.ks[len(result.ks) // 2]


def _models(result: Measured) -> _Table:
    head = _headline(result)
    header = ["model", *(f"nDCG@{k}" for k in result.ks), f"95% of nDCG@{head}"]
    header += [f"recall@{k}" for k in result.ks]
    header += [f"{name}@{head}" for name in ("coverage", "novelty", "gini")] + ["fit s", "score s"]
    rows = []
    for run in result.runs:
        means = run.table.means()
        low, high = result.intervals[run.name][f"ndcg@{head}"]
        row = [f"{run.name} (control)" if run.control else run.name]
        row += [f"{means[f'ndcg@{k}']:.4f}" for k in result.ks]
        row.append(f"{low:.4f} – {high:.4f}")
        row += [f"{means[f'recall@{k}']:.4f}" for k in result.ks]
        row += [
            f"{means[f'coverage@{head}']:.3f}",
            f"{means[f'novelty@{head}']:.2f}",
            f"{means[f'gini@{head}']:.3f}",
        ]
        row += [f"{run.fit_seconds:.2f}", f"{run.score_seconds:.2f}"]
        rows.append(row)
    return header, rows


def _pairs(result: Measured) -> _Table:
    header = ["pair (a − b)", f"nDCG@{_headline(result)}", "95%", "a better", "a worse"]
    rows = []
    for pair in result.paired:
        if pair.metric != f"ndcg@{_headline(result)}":
            continue
        found = pair.comparison
        low, high = found.interval
        rows.append(
            [
                f"{pair.a} − {pair.b}",
                f"{found.difference:+.4f}",
                f"{low:+.4f} – {high:+.4f}",
                f"{found.better:.0%}",
                f"{found.worse:.0%}",
            ]
        )
    return header, rows


def _notes(result: Measured) -> list[str]:
    protocol, data = result.protocol, result.dataset
    notes = [
        f"Ranked: {protocol['candidates']}; masked: {protocol['masked']}; ties {protocol['ties']}.",
        f"Averaged {protocol['average']} ({data['test_users']:,}); "
        f"{data['test_users_without_train_items']:,} of them hold nothing in train and get "
        f"{protocol['users_without_train_items']}.",
        f"{data['test_items_not_in_train']:,} test items stand in no train row"
        + ("." if protocol["cold"] else ": never ranked, counted as misses."),
        f"Intervals: {protocol['interval']}, {protocol['resamples']:,} resamples.",
    ]
    return notes + [f"{name}: {note}." for name, note in protocol["controls"].items()]


def aligned(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table for a terminal: the first column padded on the right, the others on the left."""
    widths = [max(len(row[place]) for row in [header, *rows]) for place in range(len(header))]
    lines = [
        "  ".join(
            text.ljust(width) if place == 0 else text.rjust(width)
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in [header, *rows]
    ]
    return [lines[0], "─" * max(map(len, lines)), *lines[1:]]


def escaped(text: str) -> str:
    """Keep a Markdown table's bars out of a text."""
    return text.replace("|", "\\|")
