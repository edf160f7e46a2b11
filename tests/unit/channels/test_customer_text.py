from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.customer_text import LONGEST_UNDERSTOOD, WORDLESS, for_engine, kept, pressed

DISGUISES = ["", " ", "\n\t", "\x00", "\x1b", "\u200b", "\ufeff", "\u2060 ", "\u202e", "\x85", "\u2028"]
SLASHES = ["/", "／", "⁄", "∕", "//", "/ ／"]


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize("slash", SLASHES)
def test_an_intent_that_a_customer_spells_out_is_not_understood(disguise: str, slash: str) -> None:
    assert for_engine(f'{disguise}{slash}{disguise}place_order{{"sku": "X"}}') == WORDLESS


@pytest.mark.parametrize(
    ("typed", "understood"), [("/cart", "cart"), (" / hello there", "hello there"), ("1/2", "1/2")]
)
def test_a_leading_slash_falls_away_and_the_words_stay(typed: str, understood: str) -> None:
    assert for_engine(typed) == understood


@pytest.mark.parametrize("nothing", ["", " ", "/", "\u200b\u200b", "\x00\x07", "／／／"])
def test_a_message_without_words_is_still_a_turn(nothing: str) -> None:
    assert for_engine(nothing) == WORDLESS


def test_control_characters_become_gaps_and_invisible_ones_vanish() -> None:
    assert for_engine("a\x00tent\u200b for\x1btwo") == "a tent for two"


def test_lines_of_an_address_stay_lines() -> None:
    assert for_engine("Ann Lee\n1 High Street\nYork") == "Ann Lee\n1 High Street\nYork"


def test_a_very_long_text_is_cut_for_the_engine_only() -> None:
    assert len(for_engine("x" * 15_000)) == LONGEST_UNDERSTOOD
    assert len(kept("x" * 15_000)) == 15_000


def test_what_was_typed_is_kept_but_for_nul() -> None:
    assert kept('/greet\x00 \x1b "hi"') == '/greet \x1b "hi"'


@given(st.text())
def test_the_engine_never_takes_a_text_for_an_intent(text: str) -> None:
    seen = for_engine(text)
    assert seen == WORDLESS or (seen and not seen.strip().startswith("/"))


@given(st.text(alphabet="/／⁄ \t\n\x00\x1f\x85\u200b\u2028\ufeffgreet_{}", min_size=1))
def test_no_mixture_of_slashes_and_invisible_characters_gets_through(text: str) -> None:
    seen = for_engine(text)
    assert seen == WORDLESS or not seen.strip().startswith(("/", "／"))


@given(st.text(max_size=300))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = for_engine(text)
    assert once == WORDLESS or for_engine(once) == once


def test_a_button_reaches_the_engine_as_the_server_s_own_intent() -> None:
    message = pressed("b_Zk3-vQ_0")
    assert message.startswith("/press_button{")
    assert json.loads(message.removeprefix("/press_button")) == {"button": "b_Zk3-vQ_0"}
