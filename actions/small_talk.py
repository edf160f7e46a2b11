"""Small talk, and what is left over: greetings, thanks, yes and no, and everything out of scope."""

from __future__ import annotations

import re

from actions.browsing.needs import understand_needs
from actions.browsing.references import referred_items
from actions.browsing.showing import offer_categories, show_or_ask
from actions.cart.lines import cart_lines
from actions.cart.ordering import asks_what_yes_means, describe, takes_pointed, turn_down
from actions.news import ask_for_news
from actions.sales_action import SalesAction
from actions.turn import Turn
from crm_store import carts, conversations

# What only the shop's people know: when and where they are to be found, and what can be tried there.
_ABOUT_THE_SHOP = re.compile(
    r"\b(?:opening|open|closing|business) (?:hours?|times?|on)\b|\b(?:are|when do|do) you open\b"
    r"|\bwhere (?:is|are) (?:your|the|you)\b|\b(?:physical|your) (?:shop|store)\b|\btest ride\b|\btry (?:it|them) on\b"
    r"|\bphone number of\b|\byour (?:phone|address|location)\b"
    r"|几点(?:开|关)|营业|开门|关门|上班|门店|实体店|店在哪|地址在哪|你们电话|电话多少|试骑|试穿|周[日末天六]开",
    re.IGNORECASE,
)


class ActionGreet(SalesAction):
    intent = "greet"

    def answer(self, turn: Turn) -> None:
        shop = turn.shop.name if turn.language == "en" else (turn.shop.name_zh or turn.shop.name)
        turn.say("utter_greet", shop=shop)
        offer_categories(turn)


class ActionGoodbye(SalesAction):
    intent = "goodbye"

    def answer(self, turn: Turn) -> None:
        turn.say("utter_goodbye")
        if carts.cart_of(turn.session, turn.conversation.id, turn.now).lines:
            turn.say("utter_goodbye_cart")
            ask_for_news(turn)


class ActionThank(SalesAction):
    intent = "thank"

    def answer(self, turn: Turn) -> None:
        turn.say("utter_thank")


class ActionPraise(SalesAction):
    intent = "praise"

    def answer(self, turn: Turn) -> None:
        turn.say("utter_praise")


class ActionAffirm(SalesAction):
    intent = "affirm"

    def answer(self, turn: Turn) -> None:
        if takes_pointed(turn):
            return
        if understand_needs(turn):
            show_or_ask(turn)
        elif not asks_what_yes_means(turn):
            turn.say("utter_affirm")
            offer_categories(turn)


class ActionDeny(SalesAction):
    intent = "deny"

    def answer(self, turn: Turn) -> None:
        pointed = referred_items(turn) if turn.mentions.get("positions") else []
        if turn_down(turn):
            return
        if pointed:
            describe(turn, pointed[0])
        elif understand_needs(turn):
            show_or_ask(turn)
        else:
            turn.say("utter_deny")
            turn.offer(turn.phrase("utter_button_human"), "talk_to_human")


class ActionStop(SalesAction):
    intent = "stop"

    def answer(self, turn: Turn) -> None:
        turn.remember(needs={}, asked=[], shown=[], rejected=[], focus_sku=None, questions_in_row=0)
        turn.keep_pending("question", None)
        turn.say("utter_stop")
        if cart_lines(turn):
            turn.say("utter_goodbye_cart")


class ActionAskRepeat(SalesAction):
    intent = "ask_repeat"

    def answer(self, turn: Turn) -> None:
        said = conversations.last_replies(turn.session, turn.conversation.id, before=turn.message.id)
        if not said:
            turn.say("utter_what_are_you_looking_for")
            return
        turn.say("utter_repeat")
        for reply in said:
            turn.say_text(reply.text)
            turn.replies[-1].products += reply.payload.get("products", [])
            turn.replies[-1].quick_replies += reply.payload.get("quick_replies", [])


class ActionBotChallenge(SalesAction):
    intent = "bot_challenge"

    def answer(self, turn: Turn) -> None:
        turn.say("utter_bot_challenge", shop=turn.shop.name)
        turn.offer(turn.phrase("utter_button_human"), "talk_to_human")


class ActionAskCapabilities(SalesAction):
    intent = "ask_capabilities"

    def answer(self, turn: Turn) -> None:
        turn.say("utter_capabilities")
        offer_categories(turn)


class ActionOutOfScope(SalesAction):
    intent = "out_of_scope"

    def answer(self, turn: Turn) -> None:
        decline(turn)


def decline(turn: Turn) -> None:
    """Say politely that this is not something a shop assistant can help with, and what is."""
    contact = turn.shop.phone or turn.shop.email
    if _ABOUT_THE_SHOP.search(turn.text) and contact:
        turn.say("utter_ask_the_shop", contact=contact)
        turn.offer(turn.phrase("utter_button_human"), "talk_to_human")
        turn.outcome = "declined"
        return
    turn.say("utter_out_of_scope")
    offer_categories(turn)
    turn.offer(turn.phrase("utter_button_human"), "talk_to_human")
    turn.outcome = "declined"
