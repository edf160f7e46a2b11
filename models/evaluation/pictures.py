"""Pictures of an evaluation as PNG."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence

from matplotlib.figure import Figure

from models.evaluation.intents import Judged


def confusion_matrix(judged: Sequence[Judged]) -> bytes:
    """A square for every pair of intents, darker the larger its share of the messages of that intent."""
    names = sorted({one.intent for one in judged} | {one.predicted for one in judged})
    place = {name: index for index, name in enumerate(names)}
    counts = Counter((one.intent, one.predicted) for one in judged)
    totals = Counter(one.intent for one in judged)
    shares = [[0.0] * len(names) for _ in names]
    for (intent, predicted), count in counts.items():
        shares[place[intent]][place[predicted]] = count / totals[intent]
    figure = Figure(figsize=(13, 12), layout="constrained")
    axes = figure.subplots()
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7)
    axes.set_yticks(range(len(names)), names, fontsize=7)
    axes.set_xlabel("predicted")
    axes.set_ylabel("intent")
    figure.colorbar(image, label="share of the messages of an intent", shrink=0.6)
    return png(figure)


def confidence_histogram(judged: Sequence[Judged]) -> bytes:
    """How sure the right and the wrong predictions were."""
    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.subplots()
    right = [one.confidence for one in judged if one.is_right]
    wrong = [one.confidence for one in judged if not one.is_right]
    axes.hist(
        [right, wrong], bins=20, range=(0, 1), stacked=True, color=["#3b7dd8", "#d8573b"], label=["right", "wrong"]
    )
    axes.set_xlabel("confidence")
    axes.set_ylabel("messages")
    axes.legend()
    return png(figure)


def bars(shares: dict[str, float], label: str) -> bytes:
    """One horizontal bar for each name, from 0 to 1."""
    figure = Figure(figsize=(8, 0.4 * len(shares) + 1), layout="constrained")
    axes = figure.subplots()
    names = list(shares)[::-1]
    drawn = axes.barh(names, [shares[name] for name in names], color="#3b7dd8")
    axes.bar_label(drawn, fmt="%.2f", padding=3)
    axes.set_xlim(0, 1.1)
    axes.set_xlabel(label)
    return png(figure)


def png(figure: Figure) -> bytes:
    """The figure as a PNG file."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=110)
    return file.getvalue()
