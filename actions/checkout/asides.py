"""What is said beside the answer in a checkout: what is in it, not now, and why a detail is needed at all."""

from __future__ import annotations

import re

from actions.checkout.corrections import FIELDS
from actions.turn import Turn

_WHAT_IS_ORDERED = re.compile(
    r"\bwhat(?:'s| is| was| do i have| did i (?:order|put))?(?: again)?(?: in| on)?"
    r" (?:my|the|this) (?:order|cart|basket|list)\b"
    r"|\b(?:show|read|repeat|see|check)(?: me)? (?:my |the )(?:order|cart|basket|summary)(?: again)?\b"
    r"|\bwhat am i (?:ordering|buying)\b|\border summary\b"
    r"|(?:订单|购物车|单子)[里中上]?(?:都|现在)?有(?:什么|哪些|啥)|(?:都|一共)?(?:买|订|要|下单)了(?:什么|哪些|啥)"
    r"|[看查核]一?下(?:我的)?(?:订单|购物车)",
    re.IGNORECASE,
)
_NOT_NOW = re.compile(
    r"(?:no[,. ]+|sorry[,. ]+|actually[,. ]+|maybe |i'?d rather )?"
    r"(?:not (?:now|today|yet|right now|at the moment)|(?:maybe |some other time|another time|later)+"
    r"|i changed my mind)"
    r"(?:[,. ]+(?:thanks?|thank you|please|maybe later))?"
    r"|(?:现在|今天|暂时)?(?:先)?(?:不[要想]?(?:下单|买|结账)?了?|不是现在)"
    r"|(?:下次|改天|以后)(?:再[说买来])?(?:吧)?|现在不(?:要|买|行|方便)?"
    r"|先不(?:了|买|下单|结账)?(?:吧)?|我?改主意了",
    re.IGNORECASE,
)
_KEEPS_BACK = re.compile(
    r"\b(?:rather not|prefer not|don'?t want to|do not want to|not comfortable|not going to|won'?t"
    r"|do i (?:have|need) to"
    r"|must i|why do you (?:need|want)|is it necessary)\b"
    r"|不想(?:给|说|留|填|提供|透露)|不愿意?|不方便(?:给|说|留|填|提供|透露)?|可以不[给说留填]|能不能不|一定要|必须[要给填留]|为什么要",
    re.IGNORECASE,
)
_PRIVATE = re.compile(r"\b(?:it|that|give|share|say|tell|details)\b|[给说留填]|提供|透露|隐私", re.IGNORECASE)


def asks_what_is_ordered(turn: Turn) -> bool:
    return bool(_WHAT_IS_ORDERED.search(turn.text.replace("’", "'")))


def not_now(turn: Turn) -> bool:
    return bool(_NOT_NOW.fullmatch(turn.text.strip(" .!,。！，~～…")))


def keeps_back(turn: Turn, step: str) -> str | None:
    """The step whose detail the customer would rather not give; None when nothing is kept back."""
    text = turn.text.replace("’", "'")
    if step == "confirm" or not _KEEPS_BACK.search(text):
        return None
    named = [name for name in ("address", "email", "phone", "contact", "name") if FIELDS[name].search(text)]
    if named:
        return {"email": "contact", "phone": "contact"}.get(named[0], named[0])
    return step.removesuffix("_more") if _PRIVATE.search(text) else None


def say_why_needed(turn: Turn, step: str) -> None:
    """Say what the detail is for, and offer a person or the way out."""
    turn.say(f"utter_checkout_why_{step}")
    turn.offer(turn.phrase("utter_button_human"), "talk_to_human")
    turn.offer(turn.phrase("utter_button_leave_checkout"), "stop")
    turn.outcome = "asked_step"
