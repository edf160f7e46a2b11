"""Why a product is offered: for the customer as facts to be worded, for a rep as sentences."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from crm_store.catalog import CatalogItem
from models.recommender import Liking, Reason

if TYPE_CHECKING:
    from models.learning import SalesModels
    from models.offers.next_best_offer import RankedProduct
    from models.purchase import PathReason

SURE_LIFT = 1.5  # how much likelier than just anybody a customer must be, for a rep to be told


def customer_reasons(ranked: RankedProduct) -> list[Reason]:
    """What speaks for it that a customer may be told, the strongest first; nothing about who they are."""
    reasons = []
    if ranked.times_bought > 1:
        reasons.append(Reason("bought_before", {"times": ranked.times_bought}))
    elif ranked.times_bought:
        reasons.append(Reason("bought_once", {}))
    if companion := ranked.companion:
        reasons.append(Reason("goes_with", {"owned": companion.owned, "share": round(100 * companion.share)}))
    if ranked.fits_spend and not ranked.times_bought:
        reasons.append(Reason("usual_price", {}))
    return reasons


def liking_of(models: SalesModels, customer_id: int | None, items: Iterable[CatalogItem]) -> dict[str, Liking]:
    """By product code, how likely a customer (None: somebody unknown) is to buy it, and what they may be told."""
    ranked = models.offers.rank(customer_id, k=None, allowed={item.code for item in items}, everything=True)
    return {one.product: Liking(one.propensity, tuple(customer_reasons(one))) for one in ranked}


def rep_reasons(ranked: RankedProduct, path: PathReason | None, currency: str, horizon: int) -> list[str]:
    """What a rep reads, in English: chance, history, companions, price fit, and the tree's path where it fits."""
    said = [
        f"{_percent(ranked.propensity)} likely to be bought within {horizon} days ({_percent(ranked.base)} for anybody)"
    ]
    if ranked.times_bought:
        times = "once" if ranked.times_bought == 1 else f"{ranked.times_bought} times"
        said.append(f"bought {times}, last {ranked.days_since:.0f} days ago")
    if companion := ranked.companion:
        said.append(
            f"{_percent(companion.share)} of the {companion.buyers} customers who bought {companion.owned} bought "
            f"{ranked.category} then or later ({_percent(companion.base)} of all who bought anything)"
        )
    if ranked.fits_spend:
        low, high = ranked.fits_spend
        said.append(f"its price is within what they are likely to spend on one: {low:,.0f} to {high:,.0f} {currency}")
    if path is not None and path.conditions and path.lift >= SURE_LIFT:
        said.append(path.sentence())
    return said


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share < 0.1 else f"{100 * share:.0f} %"
