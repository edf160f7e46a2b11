"""Imports products: one row a variant, whatever shop software wrote the file."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from crm_store.importing.columns import Columns, recognise, require
from crm_store.importing.facets import Facets, gender, said
from crm_store.importing.product_store import OTHER, KnownProducts, write_products
from crm_store.importing.report import ImportReport, RowRefused
from crm_store.importing.sheets import Sheet
from crm_store.importing.values import money, number, split_list, whole_number
from crm_store.shop import ensure_shop
from crm_store.text import one_line

ALIASES: Mapping[str, Sequence[str]] = {
    "sku": (
        "sku", "productsku", "variantsku", "itemsku", "stockkeepingunit", "articlenumber", "itemnumber",
        "productnumber", "partnumber", "stockcode", "货号", "商品编号",
    ),
    "product_code": ("productcode", "handle", "modelcode", "parentsku", "itemgroupid", "code"),
    "external_id": ("productkey", "variantid", "externalid", "productid", "itemid", "recordid", "id"),
    "name": (
        "modelname", "productmodel", "name", "title", "producttitle", "itemname", "productname", "商品名称", "名称",
    ),
    "variant_name": ("variantname", "varianttitle", "displayname", "productname"),
    "name_zh": ("namezh", "chinesename", "中文名", "中文名称"),
    "brand": ("brand", "brands", "brandname", "vendor", "manufacturer", "make", "品牌"),
    "category": (
        "subcategoryname", "subcategory", "productsubcategory", "category", "productcategory", "categoryname",
        "categories", "producttype", "type", "family", "productfamily", "类别", "分类",
    ),
    "category_zh": ("categoryzh", "subcategoryzh"),
    "parent_category": (
        "parentcategory", "maincategory", "topcategory", "department", "categoryname", "category", "productcategory",
    ),
    "parent_category_zh": ("parentcategoryzh", "maincategoryzh"),
    "category_synonyms": ("categorysynonyms",),
    "color": ("color", "colour", "productcolor", "productcolour", "variantcolor", "colorname", "颜色"),
    "size": ("size", "productsize", "variantsize", "尺码", "尺寸"),
    "gender": ("gender", "targetgender"),
    "style": ("productstyle", "style"),
    "price": (
        "price", "productprice", "variantprice", "saleprice", "sellingprice", "retailprice", "listprice",
        "unitprice", "价格", "售价",
    ),
    "regular_price": (
        "regularprice", "compareatprice", "variantcompareatprice", "rrp", "msrp", "originalprice", "原价",
    ),
    "cost": ("cost", "productcost", "unitcost", "costperitem", "costprice", "standardcost", "purchaseprice", "成本"),
    "stock": (
        "stock", "variantinventoryqty", "inventoryqty", "stockquantity", "quantityinstock", "qtyinstock", "inventory",
        "onhand", "quantityonhand", "quantity", "qty", "库存",
    ),
    "description": (
        "description", "productdescription", "bodyhtml", "body", "longdescription", "shortdescription", "描述",
    ),
    "description_zh": ("descriptionzh", "中文描述"),
    "uses": ("uses",),
    "synonyms": ("synonyms", "keywords"),
    "image_url": ("imageurl", "variantimage", "imagesrc", "image", "images", "imagelink", "picture"),
    "active": ("active", "isactive", "productactive", "status", "published"),
}  # fmt: skip
_INACTIVE = {"0", "-1", "no", "false", "inactive", "draft", "archived", "private", "discontinued", "f", "n"}


@dataclass(slots=True)
class ImportedVariant:
    """A row of the file; a column is absent from `variant` and `product` when the file does not have it."""

    row: int
    sku: str
    path: tuple[str, ...]  # category names, the most specific last; () when the file has none
    code: str | None
    variant: dict[str, Any]
    product: dict[str, Any]
    attributes: dict[str, Any] = field(default_factory=dict)
    category_words: dict[str, Any] = field(default_factory=dict)


def import_products(
    session: Session,
    sheet: Sheet,
    report: ImportReport,
    mapping: Mapping[str, str] | None,
    now: datetime,
    progress: Callable[[int], None],
) -> None:
    """Read the rows of a product file into the catalogue; what the file has no column for stays as it was."""
    ensure_shop(session)
    columns = _recognised(sheet, mapping)
    report.mapped = columns.mapped
    rows = list(sheet.rows())
    known = KnownProducts(session)
    _require(sheet, columns, known, rows)
    reader = _RowReader(columns, [cells for _, cells in rows])
    variants: dict[str, ImportedVariant] = {}
    for line, cells in rows:
        report.read += 1
        try:
            variant = reader.variant(line, cells)
            if variant.sku in variants:
                raise RowRefused("sku", variant.sku, f"is in row {variants[variant.sku].row} already")
            known.check(variant)
            variants[variant.sku] = variant
        except RowRefused as refusal:
            report.refuse(line, refusal)
        progress(report.read)
    report.count(write_products(session, list(variants.values()), known))
    report.notes += reader.notes()


def _recognised(sheet: Sheet, mapping: Mapping[str, str] | None) -> Columns:
    columns = recognise(sheet, ALIASES, mapping)
    # Some CRMs call the SKU "Product Code"; some shops have only a key.
    for stand_in in ("product_code", "external_id"):
        if "sku" not in columns and stand_in in columns:
            position = columns.positions[stand_in]
            if stand_in == "product_code":
                del columns.positions[stand_in]
            columns.positions["sku"] = position
    return columns


def _require(sheet: Sheet, columns: Columns, known: KnownProducts, rows: Sequence[tuple[int, Sequence[str]]]) -> None:
    require(sheet, columns, ALIASES, ("sku",))
    # A list of prices or of stock may do without names when it speaks of products that are there.
    if not any(columns.cell(cells, "sku") in known.variants for _, cells in rows):
        require(sheet, columns, ALIASES, ("name",), ("price", "regular_price"))


class _RowReader:
    """Turns the cells of a row into a variant and what it says of its product."""

    def __init__(self, columns: Columns, rows: Sequence[Sequence[str]]) -> None:
        self._columns = columns
        self._facets = Facets(columns, rows)
        sizes = {columns.cell(cells, "size") for cells in rows}
        self._zero_is_a_size = bool(sizes & {"00", "1", "2", "4"})
        styles = {text for cells in rows if (text := said(columns.cell(cells, "style")))}
        self._style_is_gender = bool(styles) and all(gender(text) for text in styles)
        self._rounded = 0

    def notes(self) -> list[str]:
        """What a shopkeeper should know about how the file was read."""
        notes = []
        if "stock" not in self._columns:
            notes.append("The file has no stock: products new to the shop are sold without counting.")
        if "category" not in self._columns:
            notes.append(f"The file has no categories: new products are in {OTHER!r}.")
        if self._rounded:
            notes.append(f"{self._rounded} prices or costs had more than two places and were rounded to cents.")
        if self._facets.names:
            notes.append("Further columns taken as attributes: " + ", ".join(self._facets.names) + ".")
        if self._facets.left_out:
            notes.append("Columns not used: " + ", ".join(self._facets.left_out) + ".")
        return notes

    def variant(self, line: int, cells: Sequence[str]) -> ImportedVariant:
        """The row as a variant; raises RowRefused."""
        self._columns.check_width(cells)
        sku = self._columns.needed(cells, "sku")
        if len(sku) > 64:
            raise RowRefused("sku", sku, "is longer than 64 characters")
        return ImportedVariant(
            row=line,
            sku=sku,
            path=self._path(cells),
            code=one_line(self._columns.cell(cells, "product_code"), 160),
            variant=self._variant_columns(cells),
            product=self._product_columns(cells),
            attributes=self._attributes(cells),
            category_words=self._category_words(cells),
        )

    def _path(self, cells: Sequence[str]) -> tuple[str, ...]:
        """The category and its parents, the widest first; "Clothing > Gloves, Sale" is Gloves in Clothing."""
        text = self._columns.cell(cells, "category")
        parent = self._columns.cell(cells, "parent_category")
        if ">" in text:
            text = text.split(",")[0]
        names = [*parent.split(">"), *text.split(">")]
        return tuple(name for part in names if (name := one_line(part, 120)))

    def _variant_columns(self, cells: Sequence[str]) -> dict[str, Any]:
        price, regular = self._prices(cells)
        size = self._columns.cell(cells, "size")
        if not (size == "0" and self._zero_is_a_size):
            size = said(size)
        read: dict[str, Any] = {
            "external_id": one_line(self._columns.cell(cells, "external_id"), 64),
            "color": one_line(said(self._columns.cell(cells, "color")), 60),
            "size": one_line(size, 60),
            "cost": self._money(cells, "cost"),
            "stock": self._stock(cells),
            "image_url": one_line(self._columns.cell(cells, "image_url").split(",")[0], 500),
            "active": self._columns.cell(cells, "active").lower() not in _INACTIVE,
        }
        here = {name: value for name, value in read.items() if name in self._columns}
        if "variant_name" in self._columns:
            here["name"] = one_line(self._columns.cell(cells, "variant_name"), 200)
        if "price" in self._columns or "regular_price" in self._columns:
            here["price"] = price
        if "regular_price" in self._columns:
            here["regular_price"] = regular
        return here

    def _prices(self, cells: Sequence[str]) -> tuple[Decimal | None, Decimal | None]:
        """(price, regular price while a promotion runs)."""
        price, regular = self._money(cells, "price"), self._money(cells, "regular_price")
        if price is None:
            return regular, None
        return price, regular if regular is not None and regular > price else None

    def _money(self, cells: Sequence[str], field: str) -> Decimal | None:
        text = self._columns.cell(cells, field)
        if not text:
            return None
        amount = money(text, field)
        self._rounded += amount != number(text, field)
        return amount

    def _stock(self, cells: Sequence[str]) -> int | None:
        text = self._columns.cell(cells, "stock")
        if not text:
            return None
        if number(text, "stock") < 0:
            return 0  # oversold: there is nothing to sell
        return whole_number(text, "stock")

    def _product_columns(self, cells: Sequence[str]) -> dict[str, Any]:
        cell = self._columns.cell
        read: dict[str, Any] = {
            "name": one_line(cell(cells, "name"), 200),
            "name_zh": one_line(cell(cells, "name_zh"), 200),
            "brand": one_line(cell(cells, "brand"), 120),
            "description": _plain_text(cell(cells, "description")) or None,
            "description_zh": _plain_text(cell(cells, "description_zh")) or None,
            "uses": split_list(cell(cells, "uses")) or None,
            "synonyms": split_list(cell(cells, "synonyms")) or None,
        }
        return {name: value for name, value in read.items() if name in self._columns}

    def _category_words(self, cells: Sequence[str]) -> dict[str, Any]:
        return {
            "name_zh": one_line(self._columns.cell(cells, "category_zh"), 120),
            "parent_name_zh": one_line(self._columns.cell(cells, "parent_category_zh"), 120),
            "synonyms": split_list(self._columns.cell(cells, "category_synonyms")),
        }

    def _attributes(self, cells: Sequence[str]) -> dict[str, Any]:
        """Attribute name -> value, None where the file has the column and the row nothing in it."""
        found: dict[str, Any] = self._facets.of(cells)
        style = said(self._columns.cell(cells, "style"))
        if self._style_is_gender:
            found["gender"] = gender(style) or None
        elif "style" in self._columns:
            found["style"] = one_line(style, 60)
        if "gender" in self._columns:
            text = said(self._columns.cell(cells, "gender"))
            found["gender"] = gender(text) or one_line(text, 60)
        return found


def _plain_text(text: str) -> str:
    """A description without markup."""
    if "<" in text and ">" in text:
        text = html.unescape(re.sub(r"<[^>]*>", " ", text))
    return re.sub(r"[ \t]+", " ", text).strip()
