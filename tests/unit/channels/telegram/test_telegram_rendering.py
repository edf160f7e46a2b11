from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.settings import Settings
from bot.channels.telegram.rendering import Part, render, split, units
from bot.channels.telegram.sender import Limits
from bot.channels.telegram.words import COMMANDS, menu
from crm_store.home import Home
from tests.fake_telegram.html_check import visible_length, visible_text
from tests.fake_telegram.server import TOKEN

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=400)


@settings(max_examples=60, deadline=None)
@given(TEXT, st.integers(2, 60))
def test_pieces_fit_and_nothing_but_space_is_lost(text: str, limit: int) -> None:
    pieces = split(text, limit)
    assert all(0 < units(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_a_text_is_cut_after_a_line_else_a_sentence_else_a_word() -> None:
    assert split("aaaa bbbb\ncccc dddd", 12) == ["aaaa bbbb", "cccc dddd"]
    assert split("Yes, it is. And red", 15) == ["Yes, it is.", "And red"]
    assert split("aaaa bbbb cccc", 11) == ["aaaa bbbb", "cccc"]
    assert split("我们有绿色的。还有红色的", 9) == ["我们有绿色的。", "还有红色的"]
    assert split("🚲🚲🚲", 4) == ["🚲🚲", "🚲"]


@settings(max_examples=60, deadline=None)
@given(TEXT, TEXT, TEXT)
def test_whatever_a_reply_says_telegram_takes_it_and_shows_it_as_it_is(text: str, name: str, reason: str) -> None:
    product = {
        "sku": "A",
        "name": name,
        "price": "9",
        "currency": "GBP",
        "reason": reason * 20,
        "image_url": "http://x",
    }
    for part in render({"text": text, "products": [product]}, "en"):
        assert visible_length(part.html) <= (1024 if part.photo else 4096)
    shown = "".join(visible_text(part.html) for part in render({"text": text}, "en"))
    assert "".join(shown.split()) == "".join(text.split())


@pytest.mark.parametrize(("language", "by"), [("en", "Our staff:"), ("zh", "店员：")])
def test_what_a_person_of_the_shop_wrote_says_so_and_still_fits(language: str, by: str) -> None:
    short, long = (render({"text": text, "author": "person"}, language) for text in ("a < b", "x" * 5000))
    assert [part.html for part in short] == [f"<i>{by}\n</i>a &lt; b"]
    assert visible_length(long[0].html) <= 4096
    assert sum(part.html.count("x") for part in long) == 5000
    assert [part.html.count("x") for part in long] == [4000, 1000]
    assert by not in long[1].html


def test_prices_are_written_in_the_language_and_what_is_no_price_is_left_as_it_is() -> None:
    def price(amount: str, language: str) -> str:
        product = {"name": "Tent", "price": amount, "currency": "USD"}
        return render({"products": [product]}, language)[0].html.split("\n")[1]

    assert (price("1490.00", "en"), price("69.95", "zh")) == ("$1,490", "US$69.95")
    assert price("on request", "en") == "on request USD"


def test_short_buttons_stand_side_by_side_and_long_ones_alone() -> None:
    titles = ["Red", "Blue", "Green", "Black", "Anything but the colours above", "Up to $1,000"]
    part = Part("?", tuple((title, f"b_{number}") for number, title in enumerate(titles)))
    keyboard = part.keyboard()
    assert keyboard is not None
    rows = [[button.text for button in row] for row in keyboard.inline_keyboard]
    assert rows == [["Red", "Blue", "Green"], ["Black"], [titles[4]], ["Up to $1,000"]]


def test_a_payload_telegram_would_refuse_costs_the_button_and_not_the_message() -> None:
    replies = [{"title": "Good", "payload": "b_1"}, {"title": "Bad", "payload": "b_" + "x" * 63}]
    (part,) = render({"text": "?", "quick_replies": replies}, "en")
    assert part.buttons == (("Good", "b_1"),)


def test_a_reply_without_anything_is_no_message() -> None:
    assert render({"text": "  \n", "quick_replies": [], "products": []}, "en") == []


def test_where_a_phone_number_is_asked_for_a_button_shares_it_and_goes_with_the_next_question() -> None:
    asked = {"text": "Which number?", "asks": "contact"}
    (part,) = render(asked, "zh")
    (key,) = part.keyboard().keyboard[0]
    assert (key.text, key.request_contact) == ("分享我的手机号", True)
    assert render(asked, "en", private=False)[0].keyboard() is None
    (part,) = render({"text": "Where to?", "asks": "address"}, "en")
    assert part.keyboard().remove_keyboard
    button = [{"title": "Yes", "payload": "b_1"}]
    (part,) = render({"text": "All right?", "asks": "confirm", "quick_replies": button}, "en")
    assert part.keyboard().inline_keyboard


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_menu_fits_into_telegram(language: str) -> None:
    assert [name for name, _ in menu(language)] == list(COMMANDS)
    assert all(3 <= len(told) <= 256 for _, told in menu(language))


# Settings ---------------------------------------------------------------------------------------


def test_without_a_token_the_channel_is_off_and_the_app_says_how_to_turn_it_on(tmp_path) -> None:
    home = Home.from_environment({"SALESCLERK_HOME": str(tmp_path)})
    off = Settings.from_home(home, {})
    assert "TELEGRAM_BOT_TOKEN" in off.telegram() and "off" in off.telegram()
    on = Settings.from_home(home, {"TELEGRAM_BOT_TOKEN": f" {TOKEN}\n"})
    assert on.telegram() == "Telegram is on, by long polling."
    assert TOKEN.partition(":")[2] not in repr(on) + on.telegram()
    hooked = Settings.from_home(home, {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_WEBHOOK_URL": "https://shop.example/"})
    assert (hooked.telegram_webhook, hooked.telegram()) == ("https://shop.example", "Telegram is on, by webhook.")


@pytest.mark.parametrize("token", ["my bot", "4242", "4242:short", "4242:a-token_of-the-tests with a space"])
def test_what_is_no_token_is_refused_without_showing_it(tmp_path, token: str) -> None:
    with pytest.raises(ValueError, match="TELEGRAM_BOT_TOKEN") as refused:
        Settings.from_home(Home.from_environment({"SALESCLERK_HOME": str(tmp_path)}), {"TELEGRAM_BOT_TOKEN": token})
    assert token not in str(refused.value)


def test_a_webhook_without_https_is_refused(tmp_path) -> None:
    home = Home.from_environment({"SALESCLERK_HOME": str(tmp_path)})
    with pytest.raises(ValueError, match="TELEGRAM_WEBHOOK_URL"):
        Settings.from_home(home, {"TELEGRAM_WEBHOOK_URL": "http://shop.example"})


def test_a_bot_that_may_send_more_does(tmp_path) -> None:
    home = Home.from_environment({"SALESCLERK_HOME": str(tmp_path)})
    assert Settings.from_home(home, {"TELEGRAM_SPEED": "20"}).telegram_speed == 20
    assert Limits().times(20).all == (500, 500)
    for wrong in ("fast", "0", "nan", "1000"):
        with pytest.raises(ValueError, match="TELEGRAM_SPEED"):
            Settings.from_home(home, {"TELEGRAM_SPEED": wrong})
