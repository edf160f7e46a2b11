"""Messages about an order, told by their words: its number with a contact, "cancel", "what did I pay?"."""

from __future__ import annotations

import re

from actions import plain_words as words
from actions.calls.booked import cancels_last_call
from actions.checkout.details import read_details
from actions.orders.changes import changes_goods, corrects_details, new_address
from actions.orders.lookup import (
    ask_for_order,
    is_ours,
    known_order,
    look_up,
    number_said,
    order_without_contact,
    remember_order,
)
from actions.orders.requests import ORDER_ANSWERS, answer_about
from actions.topics import goods_shown_since, has_cart, just_spoken_of, last_topic
from actions.turn import Turn
from crm_store import conversations
from crm_store.tables import Order, OrderStatus

# Wishes of their own, in which an order is named by the way.
_OTHER_WISHES = frozenset(
    "complaint book_followup change_followup talk_to_human opt_out erase_my_data payment_issue account_help".split()
)
_SAYS_NOTHING = frozenset("out_of_scope give_contact_details affirm greet state_need refine_need ask_repeat".split())
_ORDER_WORD = re.compile(r"\border|\bpurchase|订单|单号|编号", re.IGNORECASE)
_RETURN_WORD = re.compile(r"\breturn|\brefund|send(?:ing)? (?:it )?back|退货|退款|退了?它", re.IGNORECASE)
_PAID = re.compile(
    r"(?:what|how much) (?:did|have) i (?:pay|paid|spend|spent)\b|how much (?:i paid|was my order)"
    r"|\border (?:total|amount)\b|total of my order"
    r"|付了多少|花了多少|一共付|总共付|订单(?:金额|总额|多少钱)|实付",
    re.IGNORECASE,
)
_ADDRESSED = re.compile(
    r"\b(?:which|what)(?:'s| is| was)?\b.{0,20}\baddress"
    r"|\bwhere\b.{0,24}\b(?:sent|shipped|delivered|going|deliver(?:ing)?|ship(?:ping)?|send(?:ing)?) (?:it )?to\b"
    r"|(?:收件|收货|送货|寄送|配送)地址(?:是|写|填)|[寄送发]到哪(?!了)|[寄送发]去哪",
    re.IGNORECASE,
)
_BARE_CANCEL = re.compile(
    r"\W*(?:(?:ok|okay|well|actually|no|sorry|then|please|pls|just"
    r"|can you|could you|i want to|i'd like to|let's)[\s,.]+)*"
    r"cancel(?: it| that| this| the order| my order| everything| all of it| it all| the whole thing)?"
    r"(?: then| again| now| please| pls| instead)*\W*"
    r"|(?:好的?[，, ]*|请|帮我|麻烦|那就|那|还是|都|全部?|给我|把它)*"
    r"取消(?:掉|了)?(?:它|这单|这个订单|订单|全部|所有的?|吧)*\W*",
    re.IGNORECASE,
)


_MONEY_BACK = re.compile(r"\bmoney back\b|退钱|把钱退|钱退给", re.IGNORECASE)
_ARRIVES = re.compile(
    r"\b(?:it|they|that|them|my (?:order|parcel|package|stuff|things|goods))\b.{0,24}"
    r"\b(?:arriv\w*|com(?:e|es|ing)\b(?! (?:in|with)\b)|delivered|shipped"
    r"|sent|get here|here|on (?:its|the) way|dispatched)"
    r"|(?:到|送到|寄到)(?:吗|了吗|没)|到货|发货[了没]|发了[吗没]|寄出|什么时候(?:能|会)?(?:到|送)|几[号天点](?:能|会)?到",
    re.IGNORECASE,
)
_SENDS = re.compile(r"\b(?:deliver|ship|send|redirect|forward)\b|[寄送]到?|改[送寄]", re.IGNORECASE)
_STILL_OPEN = (OrderStatus.PLACED, OrderStatus.SHIPPED)


def takes_order_mention(turn: Turn) -> bool:
    """Look up an order named with number and contact; in a message that says nothing else, its number will do."""
    details = read_details(turn.text, turn.countries)
    number, contact = turn.mentions.get("order_number") and number_said(turn, details), details.email or details.phone
    if not number or turn.intent in _OTHER_WISHES or not (is_ours(number) or _ORDER_WORD.search(turn.text)):
        return False
    if turn.checkout and not is_ours(number):  # a name, a house number and a contact are read by the checkout
        return False
    then = _wish(turn)
    order = order_without_contact(turn, number)
    if order is None and contact:
        order = look_up(turn, number, contact)
        if order is None:
            turn.ask("order", then=then, number=number, contact=contact, words=turn.text)
            return True
    if order is None:
        if not is_ours(number) or turn.intent not in _SAYS_NOTHING:
            return False
        ask_for_order(turn, then, number)
        return True
    if not contact and turn.intent not in _SAYS_NOTHING:
        return False
    answer_about(turn, then, order)
    return True


def takes_order_question(turn: Turn) -> bool:
    """ "What did I pay?", "收件地址是哪里": asked of the order that was talked about."""
    asks_paid, asks_address = bool(_PAID.search(turn.text)), _asks_address(turn.text)
    if not (asks_paid or asks_address) or turn.checkout or turn.intent == "change_order":
        return False
    order = order_without_contact(turn, turn.mentions.get("order_number"))
    if order is None:
        return False
    remember_order(turn, order)
    if asks_paid:
        turn.say("utter_order_total", number=order.number, total=turn.money(order.total))
    elif order.address:
        turn.say("utter_order_address", number=order.number, address=order.address)
    else:
        return False
    turn.outcome = "order_found"
    return True


def takes_cancel_word(turn: Turn) -> bool:
    """A bare "cancel it" means the call or the order spoken of last; an order is asked for before it is done."""
    if turn.checkout or not words.asks_to_cancel(turn.text):
        return False
    if turn.intent != "stop" and not _BARE_CANCEL.fullmatch(turn.text):
        return False
    open_cart = has_cart(turn)
    if _means_call(turn, open_cart) and cancels_last_call(turn):
        return True
    order = known_order(turn)
    if order is None or not _just_talked_about(turn, order) and (open_cart or order.status not in _STILL_OPEN):
        return False
    answer_about(turn, "cancel_order", order)
    return True


def takes_order_change(turn: Turn) -> bool:
    """A new address, name or number, or other goods, after an order and with nothing else in the cart."""
    if turn.checkout or turn.understood.button or turn.intent in _OTHER_WISHES or turn.mentions.get("moment"):
        return False
    if (
        words.asks_to_cancel(turn.text)
        or words.only_asks(turn.text)
        and not words.proposes(turn.text)
        or has_cart(turn)
    ):
        return False
    order = order_without_contact(turn, turn.mentions.get("order_number"))
    if order is None or order.status not in _STILL_OPEN:
        return False
    swaps = changes_goods(turn.text) and _is_topic(turn)
    if not swaps and not corrects_details(turn.text, turn.countries) and not _redirects(turn):
        return False
    answer_about(turn, "change_order", order)
    return True


def takes_order_wish(turn: Turn) -> bool:
    """ "Is it still arriving on Thursday?", "I want my money back": of the order that was spoken of."""
    wish = None if turn.checkout or turn.intent in _OTHER_WISHES else _unnamed_wish(turn)
    order = order_without_contact(turn, turn.mentions.get("order_number")) if wish else None
    if wish is None or order is None:
        return False
    answer_about(turn, wish, order)
    return True


def _unnamed_wish(turn: Turn) -> str | None:
    """The wish about an order in words that name none."""
    if words.said(_MONEY_BACK, turn.text) and not words.is_question(turn.text):
        return "request_refund"
    names_goods = any(turn.mentions.get(name) for name in ("products", "categories", "items"))
    if names_goods or not words.is_question(turn.text) or not _is_topic(turn) or turn.intent == "track_refund":
        return None
    asks = words.said(words.CANCELLED_ALREADY, turn.text) or words.said(_ARRIVES, turn.text)
    return "track_order" if asks else None


def _redirects(turn: Turn) -> bool:
    """ "Deliver it to 6 Low St, Derby instead": a new address in words of sending."""
    return words.said(_SENDS, turn.text) and new_address(turn.text) is not None


def _is_topic(turn: Turn) -> bool:
    return last_topic(turn) != "call" and not goods_shown_since(turn)


def _means_call(turn: Turn, open_cart: bool) -> bool:
    if last_topic(turn) != "call" or _ORDER_WORD.search(turn.text):
        return False
    return not open_cart or just_spoken_of(turn, "call")


def _asks_address(text: str) -> bool:
    is_of_delivery = _ADDRESSED.search(text) and not _RETURN_WORD.search(text) and "错" not in text
    return bool(is_of_delivery) and words.is_question(text)


def _wish(turn: Turn) -> str:
    if turn.intent in ORDER_ANSWERS:
        return turn.intent
    if words.asks_to_cancel(turn.text):
        return "cancel_order"
    return "request_refund" if _RETURN_WORD.search(turn.text) else "track_order"


def _just_talked_about(turn: Turn, order: Order) -> bool:
    said = conversations.last_replies(turn.session, turn.conversation.id, before=turn.message.id)
    return any(order.number in reply.text for reply in said)
