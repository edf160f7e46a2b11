"""Everything that is learned from a shop's sales, learned in one go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from models.habits import CustomerGroups, NeedSVM, main_targets
from models.leads.scorer import LeadScorer
from models.offers.next_best_offer import NextBestOffer
from models.preparation.customer_features import TrainingRows, customer_features, training_rows
from models.preparation.encoding import NothingToLearnFrom
from models.preparation.frames import SalesFrames
from models.purchase import PathReason, PurchaseTree
from models.spend import SpendRegressor, spend_rows

Tell = Callable[[str], None]


@dataclass(slots=True)
class SalesModels:
    """What was learned as of `learned_at`; `leads` is None when no lead was settled yet."""

    offers: NextBestOffer
    spend: SpendRegressor
    order_spend: SpendRegressor
    purchase: PurchaseTree
    habits: NeedSVM
    groups: CustomerGroups | None
    leads: LeadScorer | None
    profiles: pd.DataFrame  # by customer_id, what the tree asks of a customer
    learned_at: datetime

    def path(self, customer_id: int | None, category: str) -> PathReason | None:
        """Why the tree expects a customer to buy from a category, or not to; None for somebody unknown."""
        if customer_id is None or customer_id not in self.profiles.index:
            return None
        return self.purchase.reason(self.profiles.loc[[customer_id]], category)


def learn(frames: SalesFrames, leads: LeadScorer | None, tell: Tell = lambda step: None) -> SalesModels:
    """Learn everything from the cleaned store; raises NothingSold or NothingToLearnFrom when there is too little."""
    tell("spend")
    rows = order_rows(frames)
    spend = learn_spend(frames, rows)
    table, spent, customers = spend_rows(rows)
    order_spend = SpendRegressor().fit(table, spent, groups=customers)
    tell("purchases")
    purchase = PurchaseTree().fit(rows)
    tell("habits")
    habits = learn_habits(rows)
    features = customer_features(frames.lines, frames.customers, frames.now)
    groups = _groups(features)
    tell("offers")
    offers = NextBestOffer().fit(frames, spend)
    profiles = features[purchase.asked_columns()]
    return SalesModels(offers, spend, order_spend, purchase, habits, groups, leads, profiles, frames.now)


def order_rows(frames: SalesFrames) -> TrainingRows:
    """Every order with what was known of its customer just before."""
    if frames.lines.empty:
        raise NothingToLearnFrom("there is no order of a known customer yet")
    return training_rows(frames.lines, frames.customers, frames.lines["placed_at"].min(), frames.now)


def learn_spend(frames: SalesFrames, rows: TrainingRows | None = None) -> SpendRegressor:
    """What customers pay for one piece, by category."""
    table, spend, customers = spend_rows(rows or order_rows(frames), frames.lines)
    return SpendRegressor().fit(table, spend, groups=customers)


def learn_habits(rows: TrainingRows) -> NeedSVM:
    """The category of the next order."""
    used = rows.targets.any(axis=1)
    return NeedSVM().fit(rows.features[used], main_targets(rows.targets[used]))


def _groups(features: pd.DataFrame) -> CustomerGroups | None:
    try:
        return CustomerGroups().fit(features)
    except NothingToLearnFrom:
        return None  # hardly anybody has come back yet
