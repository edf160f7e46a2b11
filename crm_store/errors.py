"""What can go wrong in a sale: every error carries the sentence that a person may read."""

from __future__ import annotations

from typing import Any


class SalesError(Exception):
    """Root of the store's errors: `code` for programs, `facts` for a translation, str() in English."""

    code = "sales_error"

    def __init__(self, sentence: str, **facts: Any) -> None:
        super().__init__(sentence)
        self.facts = facts


class SettingNotUsable(SalesError):
    """An environment variable has a value that cannot be used."""

    code = "setting_not_usable"

    def __init__(self, name: str, value: str, expected: str) -> None:
        super().__init__(f"{name} is {value!r}, but must be {expected}.", name=name, value=value, expected=expected)


class InvalidTerm(SalesError):
    """A term of the shop that means nothing; `term` is its name, `expected` what it must be."""

    code = "invalid_term"

    def __init__(self, term: str, value: str, expected: str) -> None:
        option = term.replace("_", "-")
        super().__init__(f"--{option} is {value!r}, but must be {expected}", term=term, value=value, expected=expected)


class ShopNotSetUp(SalesError):
    """The store has no shop yet."""

    code = "shop_not_set_up"

    def __init__(self) -> None:
        super().__init__("There is no shop in this store yet: import products or load the demo shop first.")


class ProductNotFound(SalesError):
    """No such SKU is on sale."""

    code = "product_not_found"

    def __init__(self, sku: str) -> None:
        super().__init__(f"There is no product {sku} on sale.", sku=sku)


class OutOfStock(SalesError):
    """More is wanted than there is; `available` is what is left."""

    code = "out_of_stock"

    def __init__(self, sku: str, name: str, available: int) -> None:
        left = f"only {available} left" if available else "sold out"
        super().__init__(f"{name} is {left}.", sku=sku, name=name, available=available)


class QuantityNotPossible(SalesError):
    """A quantity below 1 or beyond what one order takes."""

    code = "quantity_not_possible"

    def __init__(self, quantity: int) -> None:
        super().__init__(f"{quantity} is not a quantity that can be ordered (1 to 999).", quantity=quantity)


class CartEmpty(SalesError):
    """There is nothing to order or to quote."""

    code = "cart_empty"

    def __init__(self) -> None:
        super().__init__("The cart is empty.")


class OrderNotFound(SalesError):
    """No order that this person may see; it does not tell whether the number exists."""

    code = "order_not_found"

    def __init__(self, number: str | None = None) -> None:
        which = f"order {number}" if number else "an order"
        super().__init__(f"I cannot find {which} for you.", number=number)


class OrderCannotChange(SalesError):
    """The order is too far along to be changed."""

    code = "order_cannot_change"

    def __init__(self, number: str, status: str) -> None:
        super().__init__(f"Order {number} is {status} and cannot be changed any more.", number=number, status=status)


class OrderCannotBeCancelled(SalesError):
    """The order is too far along to be cancelled."""

    code = "order_cannot_be_cancelled"

    def __init__(self, number: str, status: str) -> None:
        super().__init__(f"Order {number} is {status} and cannot be cancelled any more.", number=number, status=status)


class ReturnNotPossible(SalesError):
    """A return is refused; `reason` is one of not_sent, cancelled, returned, too_late."""

    code = "return_not_possible"

    SENTENCES = {
        "not_sent": "Order {number} has not been delivered yet; it can be cancelled instead.",
        "cancelled": "Order {number} was cancelled, so there is nothing to return.",
        "returned": "Order {number} has been returned already.",
        "too_late": "The time for returning order {number} is over.",
    }

    def __init__(self, number: str, reason: str) -> None:
        super().__init__(self.SENTENCES[reason].format(number=number), number=number, reason=reason)


class InvalidEmail(SalesError):
    """Not an e-mail address that mail could be sent to."""

    code = "invalid_email"

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(f"{text!r} is not a valid e-mail address: {reason}", text=text, reason=reason)


class InvalidPhone(SalesError):
    """Not a phone number that could be called."""

    code = "invalid_phone"

    def __init__(self, text: str, region: str) -> None:
        super().__init__(
            f"{text!r} is not a valid phone number; with its country code, like +44, it always works.",
            text=text,
            region=region,
        )


class CustomerNotFound(SalesError):
    """No customer has this number or key."""

    code = "customer_not_found"

    def __init__(self, key: str) -> None:
        super().__init__(f"There is no customer {key}.", key=key)


class CustomerAmbiguous(SalesError):
    """What was given is one customer's key and our number of another."""

    code = "customer_ambiguous"

    def __init__(self, key: str, by_key: int, by_number: int) -> None:
        super().__init__(
            f"{key} is the key of customer #{by_key} in the shop's files, and our number of another: "
            f"say #{by_key} or #{by_number}.",
            key=key,
        )


class ConversationNotFound(SalesError):
    """No conversation has this id."""

    code = "conversation_not_found"

    def __init__(self, id: str) -> None:
        super().__init__(f"There is no conversation {id}.", id=id)


class ConversationTaken(SalesError):
    """A signed-in customer's or a rep's conversation cannot become another person's."""

    code = "conversation_taken"

    def __init__(self) -> None:
        super().__init__("This conversation belongs to somebody else; start a new one.")


class LeadNotFound(SalesError):
    """No lead has this number."""

    code = "lead_not_found"

    def __init__(self, lead_id: int) -> None:
        super().__init__(f"There is no lead {lead_id}.", lead_id=lead_id)


class ImportRefused(SalesError):
    """A file that cannot be imported at all; the sentence says what was looked for and what there is."""

    code = "import_refused"

    def __init__(self, message: str) -> None:
        super().__init__(message)
