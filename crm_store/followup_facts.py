"""What has happened since something was promised: whether it is still sensible to keep the promise."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, selectinload

from crm_store import consents, privacy
from crm_store.followups import ASKED_FOR
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

_ASKED_FOR = ASKED_FOR | {FollowUpKind.BACK_IN_STOCK}
_OF_ORDER = frozenset({FollowUpKind.ORDER_SHIPPED, FollowUpKind.ORDER_DELIVERED})
_AGREED_TO = frozenset({FollowUpKind.BASKET_LEFT, FollowUpKind.BUY_AGAIN})


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
        """Where the customer is reached: where it was promised, else where they last wrote, proven to be them."""
        if self._follow_up.conversation_id:
            return self._session.get(Conversation, self._follow_up.conversation_id)
        if self._follow_up.customer_id is None:
            return None
        newest = (
            select(Conversation)
            .where(
                Conversation.customer_id == self._follow_up.customer_id,
                Conversation.identified,
                Conversation.rep_name.is_(None),
            )
            .order_by(Conversation.updated_at.desc(), Conversation.id)
        )
        return self._session.scalar(newest.limit(1))

    @cached_property
    def customer(self) -> Customer | None:
        id = self._follow_up.customer_id or (self.conversation.customer_id if self.conversation else None)
        return self._session.get(Customer, id) if id else None

    @cached_property
    def refusal(self) -> str | None:
        """Why nothing may be said to this customer, None when it may."""
        if self.conversation is not None and privacy.has_blocked(self._session, self.conversation):
            return "the customer has blocked the channel"
        is_erased = self.customer is not None and self.customer.erased_at is not None
        wanted_at = self._wanted_at
        if is_erased or any(wanted_at is None or at >= wanted_at for at in self._opt_outs()):
            return "the customer wants no messages"
        return None

    @property
    def _wanted_at(self) -> datetime | None:
        """When the customer wanted this, so that only a "stop" said after it counts; None when any ever said does.

        "Stop" is meant for what has been said and for all that we write unasked. Who asks for something afterwards, a
        reminder or news of offers, wants that. Who orders afterwards waits to hear that it was sent and has arrived,
        which is part of the sale and no advertising (Art. 6(1)(b) GDPR). A question how it was is asked for our own
        sake, and counts as advertising: an order is no leave for it.
        """
        kind = self._follow_up.kind
        if kind in _ASKED_FOR:
            return self._follow_up.created_at
        if kind in _OF_ORDER:
            return self.order.placed_at if self.order else None
        return self._agreed_at if kind in _AGREED_TO else None

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

    @property
    def agreed_to_news(self) -> bool:
        """Whether the customer wants to hear what they did not ask for."""
        return self._agreed_at is not None

    @cached_property
    def _agreed_at(self) -> datetime | None:
        if self.conversation is None:
            return None
        word = consents.latest_consent(self._session, self.conversation, consents.MARKETING)
        return word.at if word is not None and word.granted else None

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

    @property
    def order_is_nobodys(self) -> bool:
        """Whether who placed it has been forgotten: an order of the chat has a name and a contact until then."""
        return self.order is not None and not (self.order.name or self.order.email or self.order.phone)

    def emptied_since(self, moment: datetime) -> bool:
        """Whether who spoke in this conversation has been forgotten since: of what they said by then no word is left.

        An erasure itself also names conversations of others, in which the person was spoken of.
        """
        if self.conversation is None:
            return False
        said = select(func.count(), func.count(func.nullif(Message.text, ""))).where(
            Message.conversation_id == self.conversation.id,
            Message.direction == Direction.INBOUND,
            Message.at <= moment,
        )
        messages, with_words = self._session.execute(said).one()
        return messages > 0 and with_words == 0

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
