"""The shapes of the HTTP API, with examples for /openapi.json."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from bot.channels.customer_text import BUTTON_ID, LONGEST_TEXT
from bot.channels.identity import LONGEST_TOKEN


def _known_timezone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("must be a time zone such as Europe/London")
    return name


def _spoken_language(tag: str) -> str:
    """What we speak for a language tag: Chinese for zh-anything, English for all others."""
    return "zh" if tag.lower().split("-")[0] == "zh" else "en"


Language = Annotated[
    str,
    Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35),
    AfterValidator(_spoken_language),
]
Purpose = Literal["details", "marketing"]  # as in consent_wording
Timezone = Annotated[str, Field(max_length=64), AfterValidator(_known_timezone)]


class NewConversation(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={"example": {"language": "en", "timezone": "Europe/London", "source": "/tents"}}
    )

    language: Language | None = Field(None, description="A language tag; the assistant speaks en and zh")
    timezone: Timezone | None = Field(None, description="The customer's, IANA name; the shop's when absent")
    source: str | None = Field(None, max_length=120, description="Where they came from: a page, a campaign")

    customer_token: str | None = Field(
        None, max_length=LONGEST_TOKEN, description="Signed by the shop's server: who is signed in with the shop"
    )


class SignIn(BaseModel):
    customer_token: str = Field(max_length=LONGEST_TOKEN)


class SpokenTo(BaseModel):
    language: Language


class ConversationState(BaseModel):
    """What a page shows beside the messages."""

    language: Literal["en", "zh"]
    cart_items: int = Field(description="Pieces in the cart")
    details_expected: bool = Field(description="A name, an address or a contact is asked for: first get consent")
    details_agreed: bool = Field(description="The customer has agreed to that, and was not forgotten since")


class ConsentGiven(BaseModel):
    purpose: Purpose
    granted: bool
    language: Language = Field(description="In which the customer read the wording")


class AskedConsent(BaseModel):
    purpose: Purpose
    wording: str
    granted: bool | None
    at: datetime | None


class Consents(BaseModel):
    consents: list[AskedConsent]


class ConversationStarted(BaseModel):
    id: str
    token: str = Field(description="Send it as `Authorization: Bearer TOKEN` with all calls below")
    language: Literal["en", "zh"]


class CustomerMessage(BaseModel):
    """What a customer says, as text or by pressing a quick reply."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"text": "a tent for two, up to 300", "client_message_id": "5f0c2a"}}
    )

    text: str | None = Field(None, max_length=LONGEST_TEXT)
    payload: str | None = Field(None, pattern=BUTTON_ID, description="The payload of a quick reply that was shown")
    client_message_id: str = Field(
        min_length=1,
        max_length=128,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        description=(
            "Chosen by the client, new for every message. The same id again returns the replies to the first "
            "message under it, whatever the text, and has no second effect."
        ),
    )

    @model_validator(mode="after")
    def _text_or_payload(self) -> CustomerMessage:
        if (self.text is None) == (self.payload is None):
            raise ValueError("send either text or payload")
        return self


class QuickReply(BaseModel):
    model_config = ConfigDict(extra="allow")

    title: str
    payload: str


class OfferedProduct(BaseModel):
    """A product in a reply; `actions` are quick replies that go with it."""

    model_config = ConfigDict(extra="allow")

    sku: str
    name: str
    price: str | float
    currency: str
    reason: str | None = None
    image_url: str | None = None
    actions: list[QuickReply] = []


class ShownMessage(BaseModel):
    model_config = ConfigDict(
        extra="allow",
        populate_by_name=True,
        json_schema_extra={
            "example": {
                "id": 12,
                "from": "shop",
                "reply_to": 11,
                "text": "This one keeps two dry for 249.00.",
                "quick_replies": [{"title": "Cheaper", "payload": "b_Zk3vQ0"}],
                "products": [
                    {
                        "sku": "TENT-2-GRN",
                        "name": "Fernhill Lakeside 2",
                        "price": "249.00",
                        "currency": "GBP",
                        "reason": "Fits your budget",
                    }
                ],
                "at": "2026-11-23T09:30:00Z",
            }
        },
    )

    id: int
    sender: Literal["customer", "shop"] = Field(alias="from")
    reply_to: int | None = Field(None, description="The id of the customer's message that this answers")
    client_message_id: str | None = None
    author: Literal["person"] | None = Field(None, description="Set when a person of the shop wrote it")
    text: str
    quick_replies: list[QuickReply] = []
    products: list[OfferedProduct] = []
    at: datetime


class Messages(BaseModel):
    messages: list[ShownMessage]
    state: ConversationState


class ListedProduct(BaseModel):
    sku: str
    name: str
    category: str
    brand: str | None
    price: Decimal
    regular_price: Decimal | None
    currency: str
    in_stock: bool
    variants: int = Field(description="In how many colours and sizes it comes")
    image_url: str | None


class Listing(BaseModel):
    shop: str
    currency: str
    departments: list[str]
    products: list[ListedProduct]
