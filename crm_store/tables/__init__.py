"""Every table of the store, one module per sales topic."""

from crm_store.tables.base import Base
from crm_store.tables.catalog import Category, Product, Shop, Variant
from crm_store.tables.conversations import Button, Conversation, Direction, Handoff, Message, MessageState
from crm_store.tables.customers import ChannelIdentity, Consent, Customer
from crm_store.tables.delivery import ChannelAddress, Delivery, DeliveryState, InboundUpdate, UpdateState
from crm_store.tables.erasures import Erasure
from crm_store.tables.pipeline import (
    FollowUp,
    FollowUpKind,
    FollowUpStatus,
    Lead,
    LeadStage,
    Opportunity,
    OpportunityStage,
    Touchpoint,
)
from crm_store.tables.selling import (
    Cart,
    CartLine,
    Order,
    OrderLine,
    OrderStatus,
    Quote,
    QuoteLine,
    RequestKind,
    RequestStatus,
    ServiceRequest,
)

__all__ = [
    "Base",
    "Button",
    "Cart",
    "CartLine",
    "Category",
    "ChannelAddress",
    "ChannelIdentity",
    "Consent",
    "Conversation",
    "Customer",
    "Delivery",
    "DeliveryState",
    "Direction",
    "Erasure",
    "FollowUp",
    "FollowUpKind",
    "FollowUpStatus",
    "Handoff",
    "InboundUpdate",
    "Lead",
    "LeadStage",
    "Message",
    "MessageState",
    "Opportunity",
    "OpportunityStage",
    "Order",
    "OrderLine",
    "OrderStatus",
    "Product",
    "Quote",
    "QuoteLine",
    "RequestKind",
    "RequestStatus",
    "ServiceRequest",
    "Shop",
    "Touchpoint",
    "UpdateState",
    "Variant",
]
