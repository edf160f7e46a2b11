"""What the customers say, in both languages, and what must be in the store once they have said it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Press:
    """Press the button of this title as soon as it is there."""

    title: str


Step = str | Press


@dataclass(frozen=True, slots=True)
class Script:
    """One conversation from the first message to the last; `{n}` in a step is a number of the customer's own.

    `effects` is what one such conversation leaves in the store, by the names of `counts.EFFECTS`.
    """

    name: str
    language: str
    steps: tuple[Step, ...]
    effects: Mapping[str, int] = field(default_factory=dict)


SCRIPTS = (
    Script(
        "bike",
        "en",
        (
            "hi",
            "I'm after a mountain bike for weekend trails, not red, up to 2 grand",
            "anything cheaper?",
            "is the second one in stock in a medium?",
            "ok i'll take it, and a helmet",
            "how long does delivery take?",
            "checkout",
            "Anna Schmidt",
            "anna@nowhere",
            "anna.schmidt{n}@example.org",
            "14 Mill Lane, Bath BA1 2XY",
            "yes please",
            "can someone call me next tuesday afternoon?",
            "where is my order?",
        ),
        {"orders": 1, "ordered": 2, "cart": 0, "promises": 1},
    ),
    Script(
        "helmet, cancelled",
        "en",
        (
            "a helmet under 200 in black",
            "i'll take the first",
            "what's in my cart?",
            "checkout",
            "how long does delivery take?",
            "Ann Lee",
            "ann.lee{n}@example.org",
            "3 Park Road, Leeds LS1 2AB",
            Press("Yes, place the order"),
            "where is my order?",
            "cancel my order please",
            "yes",
            "where is my order?",
            "thank you",
        ),
        {"orders": 1, "cancelled orders": 1, "ordered": 1, "cart": 0, "promises": 0},
    ),
    Script(
        "call, moved and cancelled",
        "en",
        (
            "hello",
            "please call me tomorrow at 3pm on +44 20 7946 0123",
            "make it thursday 4pm",
            "how much is shipping?",
            "cancel the call",
            "can you call me back?",
            "tomorrow at 10am",
            "bye",
        ),
        {"orders": 0, "promises": 2, "promises dropped": 1},
    ),
    Script(
        "a change of mind",
        "en",
        (
            "a helmet under 200 in black",
            "i'll take the first",
            "take the helmet out of my cart",
            "show my cart",
            "a tent under 900 for camping",
            "i'll take the first",
            "checkout",
            "Ann Lee, ann.lee{n}@example.org, 3 Park Road, Leeds LS1 2AB",
            "no",
            "what's in my cart?",
        ),
        {"orders": 0, "cart": 1},
    ),
    Script(
        "small talk",
        "en",
        (
            "hi",
            "what can you do?",
            "can I return things I don't like?",
            "do you take paypal?",
            "how long is the warranty?",
            "tell me a joke",
            "I want to talk to a human being",
            "thanks",
        ),
        {"orders": 0, "cart": 0, "handoffs": 1},
    ),
    Script(
        "山地车",
        "zh",
        (
            "你好",
            "我想买一辆周末骑的山地车，不要红色，一万五以内",
            "有便宜一点的吗",
            "第二款有中号的吗",
            "好的，就要这个，再加一个头盔",
            "送货要多久？",
            "结账",
            "李雷",
            "lilei@",
            "lilei{n}@example.org",
            "上海市长宁区延安西路100号3栋502室",
            "确认",
            "下周二下午能给我打个电话吗",
            "我的订单到哪了？",
        ),
        {"orders": 1, "ordered": 2, "cart": 0, "promises": 1},
    ),
    Script(
        "头盔",
        "zh",
        (
            "我想买个黑色的头盔，200美元以内",
            "就要第一个",
            "结账",
            "韩梅梅",
            "hanmeimei{n}@example.org",
            "北京市海淀区中关村大街1号",
            "确认",
            "我的订单到哪了？",
        ),
        {"orders": 1, "ordered": 1, "cart": 0},
    ),
    Script(
        "打电话",
        "zh",
        ("你好", "下周二下午能给我打个电话吗", "13800138000", "运费多少钱", "可以七天无理由退货吗", "谢谢"),
        {"orders": 0, "promises": 1},
    ),
    Script(
        "算了",
        "zh",
        ("我想买个黑色的头盔，200美元以内", "就要第一个", "结账", "可以货到付款吗？", "算了", "我要找人工客服"),
        {"orders": 0, "cart": 1, "handoffs": 1},
    ),
)

REMINDED = Script("reminders", "en", ("hi",))  # of people for whom reminders are booked
