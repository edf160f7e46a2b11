"""The model card: what models were learned from, and how good they are beside their baselines."""

from __future__ import annotations

from typing import Any

from models.evaluation.recommendation import held_out_figures
from models.learning import SalesModels
from models.preparation.frames import SalesFrames


def model_card(frames: SalesFrames, models: SalesModels) -> dict[str, Any]:
    """Data, period, what cleaning did, and figures of the offers on the last weeks, held back, beside baselines."""
    placed = frames.lines["placed_at"]
    return {
        "learned_at": models.learned_at.isoformat(),
        "period": [placed.min().isoformat(), placed.max().isoformat()],
        "order_lines": len(frames.lines),
        "orders": int(frames.lines["order_id"].nunique()),
        "customers": len(frames.customers),
        "products": int(frames.products["product"].nunique()),
        "left_out": {note.finding: note.rows for note in frames.notes if note.done == "dropped"},
        "settled_leads": None if models.leads is None else models.leads.leads_,
        "spend": {"shape": models.spend.shape_, "effects": _effects(models)},
        "groups": [] if models.groups is None else list(models.groups.names_),
        "offers": held_out_figures(frames, models.offers),
    }


def _effects(models: SalesModels) -> list[str]:
    """What makes a customer spend more; only straight lines read as such sentences."""
    if models.spend.shape_ != "line":
        return []
    return [effect.sentence() for effect in models.spend.effects()[:5]]
