"""Further columns of a product file: which of them say something a customer would ask for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crm_store.importing.columns import Columns, snake_case
from crm_store.importing.values import YES_OR_NO, yes_or_no

_LONGEST_VALUE = 40
_MOST_VALUES = 60
_OWN_PREFIX = "attr:"
_KEY_LIKE = re.compile(
    r"(^|_)(id|ids|key|code|number|no|date|time|at|by|url|link|guid|uuid|barcode|ean|upc|gtin|isbn|asin|mpn|handle"
    r"|slug|sku|skus|owner|email|phone)$"
)
# How a shop runs its catalogue is nothing that a customer asks for.
_ADMINISTRATIVE = re.compile(
    r"(^|_)(tax|taxable|taxes|shipping|ship|publish|published|visible|visibility|featured|gift|inventory|tracker"
    r"|policy|fulfillment|backorder|backorders|review|reviews|position|seo|google|meta|status|download|downloads"
    r"|downloadable|sold|allow|upsells|upsell|cross|tags|image|images|alt|currency|active|deleted|created|modified"
    r"|updated|supplier|vendor|warehouse|reorder|margin|commission|price|cost|stock|in_stock|low|note|external"
    r"|grouped|button|class|swatch|parent|included|expires|unit)(_|$)"
    r"|^option\d|^\d"
)
_MEASURES = re.compile(
    r"(^|_)(weight|length|width|height|depth|volume|capacity|power|range|grams|kg|cm|mm|inches)(_|$)"
)
_GENDERS = {
    "u": "unisex", "unisex": "unisex", "w": "women", "women": "women", "womens": "women", "women's": "women",
    "female": "women", "ladies": "women", "f": "women", "m": "men", "men": "men", "mens": "men", "men's": "men",
    "male": "men", "gents": "men", "kids": "kids", "girls": "girls", "boys": "boys",
}  # fmt: skip
_NONE = {"", "0", "n/a", "na", "none", "null", "-", "--", "not applicable"}


def said(text: str) -> str:
    """A descriptive cell's text, "" where it says that there is none."""
    return "" if text.lower() in _NONE else text


def gender(text: str) -> str:
    """Whom a product is made for: women, men, unisex, kids; "" when the text says none of them."""
    return _GENDERS.get(text.lower(), "")


class Facets:
    """The columns of a file that become attributes, decided over all of its rows."""

    def __init__(self, columns: Columns, rows: Sequence[Sequence[str]]) -> None:
        self._columns = columns
        self._taken: dict[str, int] = {}
        self._flags: set[str] = set()
        self.left_out: list[str] = []
        for position, column in columns.left_over:
            name = attribute_name(column)
            values = [value for cells in rows if (value := said(columns.at(cells, position)))]
            own = column.lower().startswith(_OWN_PREFIX)
            if name in self._taken or not (own or self._is_facet(name, values, len(rows))):
                self.left_out.append(column)
                continue
            self._taken[name] = position
            if {value.lower() for value in values} <= YES_OR_NO and not own:
                self._flags.add(name)

    @property
    def names(self) -> list[str]:
        return list(self._taken)

    def of(self, cells: Sequence[str]) -> dict[str, str | list[str] | None]:
        """Attribute name -> value of a row, None where the row has none; "a|b" is a list of two."""
        found: dict[str, str | list[str] | None] = {}
        for name, position in self._taken.items():
            value = said(self._columns.at(cells, position))
            if name in self._flags:
                # "waterproof: yes" is asked for as "waterproof".
                found[name] = name.replace("_", " ") if value and yes_or_no(value, name) else None
            elif "|" in value:
                found[name] = [part.strip() for part in value.split("|") if part.strip()]
            else:
                found[name] = value or None
        return found

    @staticmethod
    def _is_facet(name: str, values: Sequence[str], rows: int) -> bool:
        """Few short values that tell products apart; a key, a long text and a constant are none."""
        if not name or _KEY_LIKE.search(name) or _ADMINISTRATIVE.search(name):
            return False
        if not values:
            return False
        distinct = set(values)
        if max(map(len, distinct)) > _LONGEST_VALUE:
            return False
        if _MEASURES.search(name):
            return True
        constant = len(distinct) == 1 and len(values) == rows > 3
        few = len(distinct) <= _MOST_VALUES and (rows < 10 or len(distinct) <= len(values) / 2)
        return few and not constant


def attribute_name(column: str) -> str:
    """An attribute's name from its column's: "attr:Material", "ProductMaterial" and "material" are all material."""
    own = column.lower().startswith(_OWN_PREFIX)
    name = snake_case(column[len(_OWN_PREFIX) :] if own else column)
    return re.sub(r"^(product|variant|item|attribute|metafield|is)_(?=.)", "", name)
