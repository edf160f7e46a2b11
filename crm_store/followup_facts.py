"""What has happened since something was promised: whether it is still sensible to keep the promise."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, selectinload

from crm_store import consents
from crm_store.shop import current_shop
from crm_store.tables import (
    Cart,
    CartLine,
    Conversation,
    Customer,
    Direction,
    FollowUp,
    FollowUpKind,
    Message,
    Order,
    OrderLine,
    OrderStatus,
    Product,
    Quote,
    RequestStatus,
    ServiceRequest,
    Shop,
    Variant,
)

_ASKED_FOR = frozenset({FollowUpKind.MESSAGE, FollowUpKind.BACK_IN_STOCK})


class Facts:
    """The facts about one follow-up, each looked up when it is asked for."""

    def __init__(self, session: Session, follow_up: FollowUp) -> None:
        self._session = session
        self._follow_up = follow_up

    @cached_property
    def shop(self) -> Shop:
        return current_shop(self._session)

    @cached_property
    def conversation(self) -> Conversation | None:
        """Where the customer is reached: where it was promised, else where they wrote last."""
        if self._follow_up.conversation_id:
            return self._session.get(Conversation, self._follow_up.conversation_id)
        if self._follow_up.customer_id is None:
            return None
        newest = (
            select(Conversation)
            .where(Conversation.customer_id == self._follow_up.customer_id, Conversation.rep_name.is_(None))
            .order_by(Conversation.updated_at.desc(), Conversation.id)
        )
        return self._session.scalar(newest.limit(1))

    @cached_property
    def customer(self) -> Customer | None:
        id = self._follow_up.customer_id or (self.conversation.customer_id if self.conversation else None)
        return self._session.get(Customer, id) if id else None

    @cached_property
    def opted_out(self) -> bool:
        """Whether the customer wants no messages; what they ask for after that they want all the same."""
        if self.customer is not None and self.customer.erased_at is not None:
            return True
        asked_at = self._follow_up.created_at if self._follow_up.kind in _ASKED_FOR else None
        return any(asked_at is None or at >= asked_at for at in self._opt_outs())

    def _opt_outs(self) -> list[datetime]:
        """When the customer said so, where it still holds: for themselves, and in this conversation."""
        said = []
        if self.customer is not None and self.customer.opted_out_at is not None:
            said.append(self.customer.opted_out_at)
        if self.conversation is not None:
            word = consents.latest_consent(self._session, self.conversation, consents.CONTACT)
            if word is not None and not word.granted:
                said.append(word.at)
        return said

    @cached_property
    def agreed_to_news(self) -> bool:
        """Whether the customer wants to hear what they did not ask for."""
        if self.conversation is None:
            return False
        word = consents.latest_consent(self._session, self.conversation, consents.MARKETING)
        return word is not None and word.granted

    def wrote_after(self, moment: datetime) -> bool:
        wrote = (
            select(Message.id)
            .join(Conversation, Conversation.id == Message.conversation_id)
            .where(Message.direction == Direction.INBOUND, Message.at > moment, self._of_person(Conversation.id))
        )
        return self._session.scalar(wrote.limit(1)) is not None

    def ordered_after(self, moment: datetime, product_code: str | None = None) -> bool:
        """Whether the customer has bought since: anything, or this product."""
        bought = select(Order.id).where(
            Order.placed_at > moment, Order.status != OrderStatus.CANCELLED, self._of_person(Order.conversation_id)
        )
        if product_code is not None:
            bought = (
                bought.join(OrderLine, OrderLine.order_id == Order.id)
                .join(Variant, Variant.id == OrderLine.variant_id)
                .join(Product, Product.id == Variant.product_id)
                .where(Product.code == product_code)
            )
        return self._session.scalar(bought.limit(1)) is not None

    def _of_person(self, conversation_id: ColumnElement[str | None] | ColumnElement[str]) -> ColumnElement[bool]:
        here = conversation_id == (self.conversation.id if self.conversation else None)
        if self.customer is None:
            return here
        theirs = select(Conversation.id).where(Conversation.customer_id == self.customer.id)
        by_customer = conversation_id.in_(theirs)
        if conversation_id is Order.conversation_id:
            by_customer = or_(by_customer, Order.customer_id == self.customer.id)
        return or_(here, by_customer)

    @cached_property
    def quote(self) -> Quote | None:
        return self._session.scalar(select(Quote).where(Quote.number == self._follow_up.about.get("quote")))

    @cached_property
    def cart(self) -> Cart | None:
        return self._session.scalar(
            select(Cart)
            .where(Cart.conversation_id == self._follow_up.conversation_id)
            .options(selectinload(Cart.lines).joinedload(CartLine.variant).joinedload(Variant.product))
        )

    @cached_property
    def order(self) -> Order | None:
        return self._session.scalar(
            select(Order)
            .where(Order.number == self._follow_up.about.get("order"))
            .options(selectinload(Order.lines).joinedload(OrderLine.variant).joinedload(Variant.product))
        )

    @cached_property
    def request_open(self) -> bool:
        """Whether the customer waits for something about the order: a return, a complaint."""
        if self.order is None:
            return False
        waiting = select(func.count()).where(
            ServiceRequest.order_id == self.order.id, ServiceRequest.status == RequestStatus.OPEN
        )
        return bool(self._session.scalar(waiting))

    @cached_property
    def variant(self) -> Variant | None:
        """What is back in stock, or may be needed again."""
        sku = self._follow_up.about.get("sku")
        return self._session.scalar(select(Variant).where(Variant.sku == sku, Variant.active))

    @cached_property
    def in_stock(self) -> bool:
        return self.variant is not None and (self.variant.stock is None or self.variant.stock > 0)
