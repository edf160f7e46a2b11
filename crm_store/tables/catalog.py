"""What the shop sells, and the shop itself."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm_store.tables.base import Base

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Shop(Base):
    """One row: who sells, in which currency, and on which terms."""

    __tablename__ = "shop"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    name_zh: Mapped[str | None] = mapped_column(String(120))
    currency: Mapped[str] = mapped_column(String(3))
    country: Mapped[str] = mapped_column(String(2))  # ISO 3166; the region of phone numbers without a prefix
    timezone: Mapped[str] = mapped_column(String(64))
    email: Mapped[str | None] = mapped_column(String(254))
    phone: Mapped[str | None] = mapped_column(String(32))
    delivery_days_min: Mapped[int]
    delivery_days_max: Mapped[int]
    delivery_fee: Mapped[Decimal]
    free_delivery_from: Mapped[Decimal | None]
    return_days: Mapped[int]
    warranty_months: Mapped[int]
    quote_days: Mapped[int]
    payment_methods: Mapped[list[str]]  # codes: card, paypal, bank_transfer, alipay, wechat_pay, cash_on_delivery
    exchange_rates: Mapped[dict[str, Any]]  # ISO 4217 code -> units of it for one unit of the shop's currency
    catalog_revision: Mapped[int] = mapped_column(default=0)
    contact_from: Mapped[int] = mapped_column(default=9)  # hours and days at which customers may be written to,
    contact_until: Mapped[int] = mapped_column(default=20)  # in their own time zone; until 24 is midnight
    contact_days: Mapped[list[str]] = mapped_column(default=lambda: list(WEEKDAYS[:6]))


class Category(Base):
    __tablename__ = "categories"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    name_zh: Mapped[str | None] = mapped_column(String(120))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"), index=True)
    synonyms: Mapped[list[str]] = mapped_column(default=list)

    parent: Mapped[Category | None] = relationship(remote_side=[id])


class Product(Base):
    """A model that is sold in one or more variants."""

    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(160), unique=True)  # category + model name when the file has none
    name: Mapped[str] = mapped_column(String(200))
    name_zh: Mapped[str | None] = mapped_column(String(200))
    brand: Mapped[str | None] = mapped_column(String(120), index=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id"), index=True)
    description: Mapped[str] = mapped_column(Text, default="")
    description_zh: Mapped[str | None] = mapped_column(Text)
    uses: Mapped[list[str]] = mapped_column(default=list)
    synonyms: Mapped[list[str]] = mapped_column(default=list)
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)  # name -> value, of every variant

    category: Mapped[Category] = relationship()
    variants: Mapped[list[Variant]] = relationship(back_populates="product", order_by="Variant.id")


class Variant(Base):
    """What is priced, stocked and ordered: a product in one colour and size."""

    __tablename__ = "variants"
    __table_args__ = (
        CheckConstraint("stock IS NULL OR stock >= 0", name="stock_not_negative"),
        CheckConstraint("price >= 0", name="price_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(String(64), unique=True)
    external_id: Mapped[str | None] = mapped_column(String(64), index=True)  # the key in the shop's own files
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), index=True)
    name: Mapped[str | None] = mapped_column(String(200))  # its own display name, where the shop gives one
    color: Mapped[str | None] = mapped_column(String(60))
    size: Mapped[str | None] = mapped_column(String(60))
    price: Mapped[Decimal]
    regular_price: Mapped[Decimal | None]  # above price while a promotion runs
    cost: Mapped[Decimal | None]
    stock: Mapped[int | None]  # None: the shop does not count this one
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)  # name -> value, besides colour and size
    image_url: Mapped[str | None] = mapped_column(String(500))
    active: Mapped[bool] = mapped_column(default=True)

    product: Mapped[Product] = relationship(back_populates="variants")
