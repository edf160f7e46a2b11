"""What is said of a booked call: another one, another time or number, or a question about it."""

from __future__ import annotations

from actions.plain_words import any_of, said

ANOTHER_CALL = any_of(
    r"\banother\b(?! (?:time|day|number|hour|one?\b time))|\b(?:also|as well|additional|a second|one more|too)\b",
    r"另外|再[约打来安]|还要|还想|也[要想给打]|多约|第二[个次]",
)
CHANGES_NUMBER = any_of(r"\b(?:number|phone|e-?mail|address|reach me|call me|use)\b", r"号|电话|邮箱|打这个|联系我")
# Times that belong to deliveries, shops and returns.
OF_OTHER_TIMES = any_of(
    r"\b(?:deliver\w*|arriv\w*|ship\w*|order\w*|return\w*|parcel|package|open(?:ing)?|close[sd]?|buy|pay|refund)\b",
    r"送到|到货|发货|快递|订单|包裹|退|营业|开门|关门|买",
)
_PROPOSES_TIME = any_of(
    r"\b(?:better|instead|rather|make it|prefer|suits?|change|move|can it|could it|how about|what about)\b",
    r"改|换|更好|更方便|行吗|可以吗|吧|比较好",
)
ASKS_WHETHER_BOOKED = any_of(
    r"\b(?:do i have|have i got|have i|is there|are there|did i|did you|do you have)\b.{0,20}"
    r"\b(?:calls?|call-?backs?|appointments?|reminders?|meetings?)\b(?! cent)",
    r"(?:有没有|有|是否有)[^，。]{0,6}(?:预约|约好|约的)[^，。]{0,6}|(?:预约|约)[^，。]{0,4}(?:电话|回电)了?[吗没]|约了电话[吗没]",
)
ASKS_NUMBER = any_of(
    r"\b(?:which|what)(?:'s| is)?\b.{0,12}\b(?:phone|number|e-?mail)\b.{0,24}"
    r"\b(?:call|use|have|reach|ring|dial|for me|on file)\b",
    r"\bwhere will you (?:call|reach) me\b",
    r"[打用拨](?:的是)?(?:哪个|哪一个|什么)(?:号|电话|手机)|(?:哪个|什么)(?:号码?|电话|手机号?)[^，。]{0,4}(?:打|联系|找)|我的(?:号码|电话)是(?:多少|哪个|什么)",
)
ASKS_WHEN = any_of(
    r"^\W*(?:(?:so|and|sorry|wait|ok|okay)\W+)*(?:when|what (?:time|day)|which (?:day|time))\b.{0,8}"
    r"\b(?:is|was|are|will|did|do)\b(?: (?:it|that|this|the call|you|we|i|my call|he|she|they|somebody|someone))?"
    r"(?: (?:be|again|then|now|exactly|call|calling|ring|phone|call me|say|book|booked|for))*\W*$",
    r"^\W*(?:是|在|约的?是?|那是|电话是?在?)?(?:什么时候|几点|哪天|几号|什么时间)(?:打|来电|打来|呢|来着|啊|的)?\W*$",
)


def proposes_time(text: str) -> bool:
    """ "Tomorrow morning would be better"."""
    return said(_PROPOSES_TIME, text)
