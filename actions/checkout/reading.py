"""What a message says to an open checkout: yes, no, wait, a detail, or something else altogether."""

from __future__ import annotations

import re

from actions.checkout import addresses
from actions.checkout.details import Details, read_details
from actions.checkout.person_names import WEAK_INTRODUCTION, as_name, is_written_as_a_name
from actions.turn import Turn
from actions.yes_no import asks, denies, says_no, says_yes

# Intents that are a wish of their own: in the checkout they are answered first, and then it goes on.
INTERRUPTING = frozenset(
    """ask_product_info ask_price ask_availability compare_products ask_promotion add_to_cart remove_from_cart view_cart
    request_quote track_order change_order cancel_order request_refund track_refund ask_delivery ask_return_policy
    ask_payment_methods payment_issue ask_invoice ask_warranty book_followup change_followup talk_to_human complaint
    opt_out erase_my_data account_help ask_repeat bot_challenge ask_capabilities state_need refine_need""".split()
)
SURE = 0.55  # from this confidence an interrupting intent is believed against an answer that could be anything
WANTS_OUT = 0.4
CHECKOUT_WORDS = re.compile(
    r"\bcheck ?out\b|\border (?:it|them|this|now|please)\b|\bplace (?:the|my|an|this) order\b|结账|下单|结算|买单",
    re.IGNORECASE,
)
_GOODS = ("products", "categories", "brands", "attributes", "items", "positions", "quantity", "pick", "change")
_AGREES = re.compile(
    r"(?:yes|yep|yeah|ok|okay|sure|great|perfect|好的?|对|嗯|没问题)?[\s,.!，。！]*"
    r"(?:(?:it |that |this |everything |all )*looks? (?:all )?(?:good|great|fine|right|correct)(?: to me)?"
    r"|(?:it's |that's |everything is |everything's )?all (?:good|correct|right|fine)"
    r"|(?:that's|that is) (?:correct|right|fine)"
    r"|(?:please )?(?:go ahead|continue|proceed|confirm|place|submit|order)(?: (?:and|with|to))?(?: (?:place|confirm))?"
    r"(?: (?:it|this|that|the order|my order|order))?"
    r"|(?:就这样|信息)?(?:都|全部)?(?:对的?|没问题|没错|正确)|就这样(?:吧)?"
    r"|(?:请|可以|帮我|那就|直接)*(?:确认|提交|下)(?:订单|下单|单)?(?:吧|了)?|继续(?:吧)?)"
    r"[\s,.!，。！]*(?:please|thanks|thank you|now|then|谢谢)?[\s.!。！]*",
    re.IGNORECASE,
)
_RESERVED = re.compile(
    r"\b(?:but|except|unless|after|later|tomorrow|first)\b|但|不过|除了|先|以后|明天|再|等", re.IGNORECASE
)
_LEAVES = re.compile(
    r"(?:no[,. ]+)?(?:please )?(?:cancel|stop|quit|exit|abort|forget (?:it|about it)|never ?mind|leave)"
    r"(?: (?:it|this|that|the (?:order|checkout)|checkout|everything|please))*"
    r"|(?:那?就?|还是|我|先)*(?:算了|不买了|不要了|不想买了|不下单了?|不下了|取消(?:吧|结账|下单|订单)?|退出(?:结账)?)(?:吧|谢谢)?",
    re.IGNORECASE,
)
_ORDERING = re.compile(r"\b(?:order|buy|check ?out|place|confirm)\b|下单|结账|买|确认|提交", re.IGNORECASE)
_WAITS = re.compile(
    r"(?:ok|no|oh|please|好的?|嗯|那|先|请)?[\s,，.]*(?:wait|hold on|hang on"
    r"|(?:just )?(?:one|a) (?:moment|second|sec|minute|min)"
    r"|稍等|等等|等一下|等一等|等下|等会儿?|我想想|我再?看看|让我看看|let me (?:check|think|see))"
    r"(?:[\s,，]*(?:please|a (?:moment|second|sec|minute)|一下|啊|哈|吧))?",
    re.IGNORECASE,
)
_IS_WRONG = re.compile(
    r"\b(?:wrong|incorrect|not (?:right|correct)|mistake|change something|isn'?t right)\b"
    r"|不对|错了|有误|改一下|要改|想改",
    re.IGNORECASE,
)


def speaks_of_goods(turn: Turn) -> bool:
    return any(turn.mentions.get(name) for name in _GOODS) or bool(turn.understood.needs)


def interrupts(turn: Turn) -> bool:
    return turn.intent in INTERRUPTING and turn.understood.confidence >= SURE


def agrees(turn: Turn) -> bool:
    """Whether a message is an explicit yes to placing the order: nothing in it denies, asks, or wants more."""
    text = turn.text
    if asks(text) or denies(text) or turn.mentions.get("moment"):
        return False
    if _AGREES.fullmatch(text):
        return True
    if speaks_of_goods(turn) or _RESERVED.search(text):
        return False
    sure = turn.understood.confidence >= SURE
    return says_yes(turn) or sure and turn.intent in ("place_order", "accept_offer")


def waits(turn: Turn) -> bool:
    return bool(_WAITS.fullmatch(_bare(turn.text)))


def leaves(turn: Turn, confirming: bool) -> bool:
    """Whether the customer wants out: by word, or by intent where the words do not ask something."""
    if _LEAVES.fullmatch(_bare(turn.text)):
        return True
    if asks(turn.text) or speaks_of_goods(turn):
        return False
    if denies(turn.text) and _ORDERING.search(turn.text) and not interrupts(turn):
        return True
    stops = turn.intent == "stop" or turn.intent == "cancel_order" and "order_number" not in turn.mentions
    if stops and turn.understood.confidence >= WANTS_OUT:
        return True
    refuses = says_no(turn) or denies(turn.text) and turn.intent in ("place_order", "accept_offer", "affirm")
    return confirming and refuses and not interrupts(turn)


def says_wrong(turn: Turn) -> bool:
    """Whether something is said to be wrong, without what."""
    return bool(_IS_WRONG.search(turn.text)) or turn.intent == "change_order" and "order_number" not in turn.mentions


def asked_name(turn: Turn) -> str | None:
    """The name in the answer to "what name?"; goods and colours are none, but Tom Brown is."""
    text = re.sub(r"^(?:ok|okay|sure|yes|hi|hello|好的?|嗯)[,，!. ]+", "", turn.text, flags=re.IGNORECASE)
    text = re.split(r"[,，\n]", text, maxsplit=1)[0]
    name = as_name(WEAK_INTRODUCTION.sub("", text, count=1))
    if name is None or asks(turn.text):
        return None
    if not speaks_of_goods(turn):
        return name
    only_a_colour = all(key == "attributes" for key in _GOODS if turn.mentions.get(key))
    only_a_colour = only_a_colour and set(turn.understood.needs) <= {"attributes"}
    return name if only_a_colour and " " in name and is_written_as_a_name(name) else None


def asked_address(turn: Turn) -> str | None:
    """The address in the answer to "where to?": a long text that is nothing else, or a place to begin with."""
    text = turn.text
    if asks(text) or addresses.is_sentence(text):
        return None
    if addresses.is_fragment(text):
        return addresses.joined([text])
    long_enough = len(text) >= 12 or addresses.is_chinese(text) and len(addresses.CHINESE_PARTS.findall(text)) >= 1
    if long_enough and not denies(text) and turn.intent in ("give_contact_details", "out_of_scope"):
        return addresses.joined(re.split(r"[\n,，]", text))
    return None


def is_town_asked_for(turn: Turn) -> bool:
    """Whether a message names the town that was asked for: by its shape, or when it is not a wish of its own."""
    if asks(turn.text) or denies(turn.text) or not addresses.is_fragment(turn.text, asked=True):
        return False
    by_shape = addresses.is_fragment(turn.text) or is_written_as_a_name(turn.text)
    return by_shape or not (interrupts(turn) or speaks_of_goods(turn))


def is_something_else(turn: Turn, step: str, details: Details) -> bool:
    """Whether the message is a wish of its own; a detail in it makes it an answer, and so does a name asked for."""
    if details:
        return False
    name = asked_name(turn) if step == "name" else None
    if name and (is_written_as_a_name(turn.text) or turn.intent not in INTERRUPTING):
        return False
    return interrupts(turn) or asks(turn.text)


def begins_checkout(turn: Turn) -> bool:
    """Whether a message outside the checkout gives the details of an order, as people do who are in a hurry."""
    if turn.intent in ("place_order", "accept_offer", "add_to_cart"):
        return False  # these put into the cart first what they speak of, and start the checkout themselves
    details = read_details(turn.text, turn.countries)
    wanted = CHECKOUT_WORDS.search(turn.text) and not denies(turn.text) and not asks(turn.text)
    answering = turn.intent in ("give_contact_details", "out_of_scope", "affirm", "greet")
    if wanted and (details or answering):
        return True
    contact = details.contact or details.problem
    return bool(answering and details.address and (contact or turn.intent == "give_contact_details")) or bool(
        answering and contact and details.name
    )


def _bare(text: str) -> str:
    return text.strip(" .!,。！，~～…").casefold()
