"""Offers as a rep or a program gets them: what is ranked for a customer, with the variant to sell and the reasons."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from crm_store.catalog import CatalogItem
from crm_store.offer_records import bought_skus, declined_codes
from crm_store.shop import current_shop
from models.matching import matching_items
from models.needs import Needs
from models.offers.reasons import rep_reasons

if TYPE_CHECKING:
    from models.learning import SalesModels
    from models.offers.next_best_offer import RankedProduct

DECLINED_FOR = timedelta(days=90)  # as long a no is remembered
DECLINED_OFTEN = 2  # conversations in which something was turned down, from which it is not offered again


@dataclass(frozen=True, slots=True)
class Offer:
    """One variant to offer, how its product was ranked, and the reasons for a rep."""

    item: CatalogItem
    ranked: RankedProduct
    reasons: tuple[str, ...]

    @property
    def expected_margin(self) -> Decimal | None:
        """Chance times margin of this variant, in the shop's currency."""
        if self.item.cost is None:
            return None
        return (Decimal(str(self.ranked.propensity)) * (self.item.price - self.item.cost)).quantize(Decimal("0.01"))


def offers_for(
    session: Session,
    models: SalesModels,
    catalog: Sequence[CatalogItem],
    *,
    customer_id: int | None,
    needs: Needs,
    now: datetime,
    rejected: Collection[str] = (),
    count: int = 5,
) -> list[Offer]:
    """The next best offers for a customer (None: somebody unknown) among what fits these needs.

    `rejected` are products turned down in the conversation at hand; those turned down in several others lately are
    left out too.
    """
    shop = current_shop(session)
    items = matching_items(catalog, needs, shop.currency, shop.exchange_rates) if needs else catalog
    declined, since, bought = set(rejected), [], []
    if customer_id is not None:
        counts = declined_codes(session, customer_id, now - DECLINED_FOR)
        declined |= {code for code, times in counts.items() if times >= DECLINED_OFTEN}
        # Everything, not only what came after the learning: an import brings old orders, too.
        kept = bought_skus(session, customer_id)
        since = [code for _, code in kept]
        by_sku = {item.sku: item for item in catalog}
        bought = [by_sku[sku] for sku, _ in kept if sku in by_sku]
    variants: dict[str, list[CatalogItem]] = defaultdict(list)
    for item in items:
        if item.in_stock:
            variants[item.code].append(item)
    ranked = models.offers.rank(customer_id, k=count, allowed=variants, declined=declined, bought_since=since)
    choices = usual_choices(bought)
    return [
        Offer(
            _variant(variants[product.product], choices),
            product,
            tuple(
                rep_reasons(product, models.path(customer_id, product.category), shop.currency, models.offers.horizon)
            ),
        )
        for product in ranked
    ]


def usual_choices(items: Sequence[CatalogItem]) -> dict[str, list[str]]:
    """Sizes and colours of what was bought, the most frequent first."""
    counts: dict[str, Counter[str]] = {"size": Counter(), "color": Counter()}
    for item in items:
        for name, value in (("size", item.size), ("color", item.color)):
            if value:
                counts[name][value] += 1
    return {name: [value for value, _ in counter.most_common()] for name, counter in counts.items()}


def _variant(variants: Sequence[CatalogItem], bought: Mapping[str, Collection[str]]) -> CatalogItem:
    """In the customer's size and colour where there is one, else what sells most."""
    sizes, colors = list(bought.get("size", ())), list(bought.get("color", ()))

    def preference(item: CatalogItem) -> tuple[int, int, int, str]:
        size = sizes.index(item.size) if item.size in sizes else len(sizes)
        color = colors.index(item.color) if item.color in colors else len(colors)
        return size, color, -item.units_sold, item.sku

    return min(variants, key=preference)
