"""Product files of all kinds become one catalogue."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm_store.catalog import CatalogItem, catalog_revision, items_by_sku, load_catalog
from crm_store.errors import ImportRefused
from crm_store.importing import ImportReport, import_file
from crm_store.tables import Category, Product, Shop, Variant
from tests.factories import NOW, make_product

Import = Callable[..., ImportReport]

OWN = """\
sku,product_code,name,name_zh,brand,category,category_zh,parent_category,parent_category_zh,category_synonyms,color,\
size,price,regular_price,cost,stock,description,description_zh,uses,synonyms,image_url,attr:material
R5-B-M,R5,Ridge 500,山脊500,Litware,Mountain Bikes,山地自行车,Bikes,自行车,mtb|山地车,Black,M,899.00,999.00,600.00,3,\
"Light, and tough.",轻巧耐用。,trails|commuting,ridge,/r5.jpg,aluminium
R5-R-L,R5,Ridge 500,山脊500,Litware,Mountain Bikes,山地自行车,Bikes,自行车,mtb|山地车,Red,L,899.00,,600.00,0,\
"Light, and tough.",轻巧耐用。,trails|commuting,ridge,/r5.jpg,aluminium
"""
ADVENTURE = """\
ProductKey,ProductSubcategoryKey,ProductSKU,ProductName,ModelName,ProductDescription,ProductColor,ProductSize,\
ProductStyle,ProductCost,ProductPrice,SubcategoryName,ProductCategoryKey,CategoryName
214,31,HL-R,"Trail Helmet, Red",Trail-1,Well vented.,Red,0,0,13.0863,34.985,Helmets,4,Accessories
215,31,HL-B,"Trail Helmet, Black",Trail-1,Well vented.,Black,0,0,12.0278,33.6442,Helmets,4,Accessories
301,20,SH-W-M,"Women's Shorts, M",Women's Shorts,Soft.,Silver/Black,M,W,26.1763,69.99,Shorts,3,Clothing
302,1,BK-42,"Hill-100 Silver, 42",Hill-100,Fast.,,42,U,1912.1544,3399.99,Mountain Bikes,1,Bikes
"""


@pytest.fixture
def take(session: Session, tmp_path: Path) -> Import:
    def take(text: str, name: str = "products.csv", **options: object) -> ImportReport:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return import_file(session, "products", path, now=NOW, **options)

    return take


def the(session: Session, sku: str) -> CatalogItem:
    return items_by_sku(session, [sku])[sku]


def test_our_own_layout_fills_everything(session: Session, take: Import) -> None:
    report = take(OWN)
    assert (report.read, report.created, report.bad) == (2, 2, [])
    item = the(session, "R5-B-M")
    assert (item.code, item.name, item.name_zh, item.brand) == ("R5", "Ridge 500", "山脊500", "Litware")
    assert (item.categories, item.categories_zh) == (("Mountain Bikes", "Bikes"), ("山地自行车", "自行车"))
    assert (item.price, item.regular_price, item.stock) == (Decimal("899.00"), Decimal("999.00"), 3)
    assert item.attributes["material"] == ["aluminium"]
    assert (item.uses, item.description_zh) == (("trails", "commuting"), "轻巧耐用。")
    assert the(session, "R5-R-L").regular_price is None
    assert the(session, "R5-R-L").stock == 0
    assert session.scalars(select(Category.synonyms).where(Category.name == "Mountain Bikes")).one() == [
        "mtb",
        "山地车",
    ]


def test_a_bike_shops_export_is_understood_without_help(session: Session, take: Import) -> None:
    report = take(ADVENTURE)
    assert (report.created, report.bad) == (4, [])
    helmet = the(session, "HL-R")
    assert (helmet.name, helmet.title("en")) == ("Trail-1", "Trail Helmet, Red")
    assert helmet.categories == ("Helmets", "Accessories")
    assert (helmet.price, helmet.size, helmet.stock) == (Decimal("34.99"), None, None)
    assert helmet.code == the(session, "HL-B").code == "helmets/trail-1"
    assert the(session, "SH-W-M").attributes == {
        "gender": ["women"],
        "color": ["Silver/Black", "Silver", "Black"],
        "size": ["M"],
    }
    assert (the(session, "BK-42").color, the(session, "BK-42").size) == (None, "42")
    assert session.scalar(select(Variant.external_id).where(Variant.sku == "BK-42")) == "302"
    assert any("no stock" in note for note in report.notes)
    assert any("rounded" in note for note in report.notes)


@pytest.mark.parametrize("text", [OWN, ADVENTURE])
def test_importing_twice_changes_nothing(session: Session, take: Import, text: str) -> None:
    first = take(text)
    before, revision = load_catalog(session), catalog_revision(session)
    again = take(text)
    assert (again.created, again.updated, again.unchanged) == (0, 0, first.created)
    assert (load_catalog(session), catalog_revision(session)) == (before, revision)


def test_a_dry_run_reports_the_same_and_writes_nothing(session: Session, take: Import) -> None:
    dry = take(OWN, dry_run=True)
    assert session.scalar(select(func.count(Product.id))) == 0
    assert session.scalar(select(func.count(Shop.id))) == 0
    wet = take(OWN)
    assert (dry.created, dry.bad, dry.notes, dry.mapped) == (wet.created, wet.bad, wet.notes, wet.mapped)


def test_every_bad_row_is_named_and_the_good_ones_are_kept(session: Session, take: Import) -> None:
    report = take(
        "SKU,Name,Price,Stock,Category\n"
        "A,Cap,9.95,5,Caps\n"
        ",Nameless,1,1,Caps\n"
        "B,Cap,cheap,5,Caps\n"
        "C,Cap,-1,5,Caps\n"
        "D,Cap,9.95,2.5,Caps\n"
        "A,Cap,9.95,5,Caps\n"
        "E,,9.95,5,Caps\n"
        "F,Cap, big,9.95,5,Caps\n"
        "G,Cap,,5,Caps\n"
        "H,Glove,19.95,,Gloves\n"
    )
    assert [(bad.row, bad.column, bad.value) for bad in report.bad] == [
        (3, "SKU", ""),
        (4, "Price", "cheap"),
        (5, "Price", "-1"),
        (6, "Stock", "2.5"),
        (7, "SKU", "A"),
        (8, "Name", ""),
        (9, "(row)", "Caps"),
        (10, "Price", ""),
    ]
    assert report.bad[4].reason == "is in row 2 already"
    assert [item.sku for item in load_catalog(session)] == ["A", "H"]
    assert report.read == report.created + len(report.bad) == 10


def test_only_what_the_file_has_a_column_for_is_changed(session: Session, take: Import) -> None:
    take(OWN)
    revision = catalog_revision(session)
    report = take("sku,price\nR5-B-M,849.00\nR5-R-L,899.00\n")
    assert (report.updated, report.unchanged) == (1, 1)
    item = the(session, "R5-B-M")
    assert (item.price, item.stock, item.name, item.brand) == (Decimal("849.00"), 3, "Ridge 500", "Litware")
    assert catalog_revision(session) == revision + 1


def test_a_list_of_stock_for_unknown_products_names_the_rows(session: Session, take: Import) -> None:
    take(OWN)
    report = take("sku,stock\nR5-B-M,7\nNEW,1\n")
    assert the(session, "R5-B-M").stock == 7
    assert [(bad.row, bad.column) for bad in report.bad] == [(3, "name")]


def test_a_missing_column_is_refused_with_what_was_looked_for_and_what_there_is(take: Import) -> None:
    with pytest.raises(ImportRefused) as refused:
        take("Artikel,Preis\nA,1\n", name="artikel.csv")
    sentence = str(refused.value)
    assert all(word in sentence for word in ("artikel.csv", "sku", "stockkeepingunit", "Artikel, Preis", "--map"))


def test_a_mapping_names_columns_in_any_language(session: Session, take: Import) -> None:
    text = "Artikel;Bezeichnung;Preis\nA-1;Mütze;1.299,50 €\n"
    report = take(text, mapping={"sku": "Artikel", "name": "Bezeichnung", "price": "preis"})
    assert the(session, "A-1").price == Decimal("1299.50")
    assert report.mapped == {"sku": "Artikel", "name": "Bezeichnung", "price": "Preis"}


def test_a_mapping_to_nothing_is_refused(take: Import) -> None:
    with pytest.raises(ImportRefused, match="no column 'Cost' for cost.*sku, name, price"):
        take("sku,name,price\nA,Cap,1\n", mapping={"cost": "Cost"})
    with pytest.raises(ImportRefused, match="no field 'colour'.*color"):
        take("sku,name,price\nA,Cap,1\n", mapping={"colour": "sku"})


def test_further_columns_are_attributes_when_customers_would_ask_for_them(session: Session, take: Import) -> None:
    rows = "".join(
        f"S{i},Tent {i},{100 + i},{('nylon', 'cotton')[i % 2]},{2 + i % 3},{('yes', 'no')[i % 2]},"
        f"{10 + i},{i}0000,standard,{'long text ' * 8}{i}\n"
        for i in range(12)
    )
    take("sku,name,price,Fabric,Sleeps,Waterproof,weight_kg,Supplier Id,Tax class,Story\n" + rows)
    assert the(session, "S0").attributes == {
        "fabric": ["nylon"],
        "sleeps": ["2"],
        "waterproof": ["waterproof"],
        "weight_kg": ["10"],
    }
    assert "waterproof" not in the(session, "S1").attributes


def test_an_attribute_that_a_row_leaves_blank_goes(session: Session, take: Import) -> None:
    take("sku,name,price,attr:material\nA,Cap,1,wool\n")
    take("sku,name,price,attr:material\nA,Cap,1,\n")
    assert the(session, "A").attributes == {}


def test_a_dress_of_size_zero_is_a_size(session: Session, take: Import) -> None:
    take("sku,name,price,size\nA,Dress,1,0\nB,Dress,1,2\n")
    assert the(session, "A").size == "0"


def test_a_shopify_export_is_one_row_per_variant(session: Session, take: Import) -> None:
    report = take(
        "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,"
        "Variant SKU,Variant Inventory Qty,Variant Price,Variant Compare At Price,Image Src,Status\n"
        "fern-tee,Fern Tee,<p>Soft &amp; light.</p>,Litware,T-Shirts,new,true,Color,Black,Size,M,FT-B-M,4,25.00,30.00,"
        "a.jpg,active\n"
        "fern-tee,,,,,,,,Black,,L,FT-B-L,0,25.00,,b.jpg,\n"
        "fern-tee,,,,,,,,,,,,,,,c.jpg,\n"
        "mug,Mug,,Litware,Mugs,,true,Title,Default Title,,,,8,12.00,,m.jpg,draft\n"
    )
    assert (report.created, report.bad) == (3, [])
    large = the(session, "FT-B-L")
    assert (large.name, large.color, large.size, large.brand) == ("Fern Tee", "Black", "L", "Litware")
    assert (large.code, large.description) == ("fern-tee", "Soft & light.")
    assert the(session, "FT-B-M").regular_price == Decimal("30.00")
    mug = session.scalars(select(Variant).where(Variant.sku == "mug")).one()
    assert (mug.active, mug.size, mug.attributes) == (False, None, {})


def test_a_woocommerce_export_joins_variations_with_their_parent(session: Session, take: Import) -> None:
    report = take(
        "ID,Type,SKU,Name,Published,Description,In stock?,Stock,Sale price,Regular price,Categories,Images,Parent,"
        "Attribute 1 name,Attribute 1 value(s),Attribute 1 visible,Attribute 1 global\n"
        '10,variable,HOOD,Hoodie,1,Warm.,1,,,,"Clothing > Hoodies, Sale","h.jpg, h2.jpg",,Color,"Blue, Green",1,1\n'
        "11,variation,HOOD-B,Hoodie - Blue,1,,1,3,,40,,,HOOD,Color,Blue,,1\n"
        "12,variation,HOOD-G,Hoodie - Green,1,,1,2,35,40,,,id:10,Color,Green,,1\n"
        "13,simple,CAP,Cap,1,Plain.,1,5,,9.95,Clothing > Caps,c.jpg,,,,,\n"
    )
    assert (report.created, report.bad) == (3, [])
    green = the(session, "HOOD-G")
    assert (green.name, green.color, green.categories) == ("Hoodie", "Green", ("Hoodies", "Clothing"))
    assert (green.price, green.regular_price) == (Decimal("35.00"), Decimal("40.00"))
    assert green.code == the(session, "HOOD-B").code
    assert (the(session, "CAP").price, the(session, "CAP").image_url) == (Decimal("9.95"), "c.jpg")


def test_a_category_under_two_parents_stays_where_the_file_first_puts_it(session: Session, take: Import) -> None:
    text = "sku,name,price,category,parent_category\nA,Glove,1,Gloves,Clothing\nB,Mitt,1,Gloves,Ski\n"
    take(text)
    assert the(session, "B").categories == ("Gloves", "Clothing")
    assert take(text).unchanged == 2


def test_a_category_that_is_its_own_parent_closes_no_circle(session: Session, take: Import) -> None:
    take("sku,name,price,category,parent_category\nA,Cap,1,Caps,Caps\nB,Cap,1,Hats,Caps\nC,Cap,1,Caps,Hats\n")
    assert the(session, "C").categories[0] == "Caps"


def test_a_product_that_the_file_does_not_name_stays(session: Session, take: Import) -> None:
    make_product(session, variants=[{"sku": "OLD"}])
    take(OWN)
    assert the(session, "OLD").in_stock
