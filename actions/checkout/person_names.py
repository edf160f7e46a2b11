"""People's names, told from everything else that is typed where a name could stand."""

from __future__ import annotations

import re

from actions.checkout.places import is_place

HAN = r"\u4e00-\u9fff"
MOST_NAME = 80
# "My name is ..." says that what follows is a name.
INTRODUCTION = (
    r"\b(?:my (?:full )?name(?:'s| is)?|the name(?:'s| is)"
    r"|(?:full |recipient(?:'s)? )?name\s*(?:is\b|[:：=]|(?-i:(?=[A-Z])))"
    r"|recipient\s*(?:is\b|[:：=])|put it (?:on|under)|under the name(?: of)?)\s*[:：=]?"
    r"|(?:我的)?(?:姓名|名字|收件人|收货人|联系人)\s*(?:是|叫|为|[:：=])?|我叫"
)
# "I'm ..." may be followed by anything.
WEAK_INTRODUCTION = re.compile(
    r"^\s*(?:(?:hi|hello|hey|ok|okay|sure|yes)\b[,!. ]*)*(?:i am|i'm|im|it's|its|this is|call me|我是|我叫|是|叫)\s*",
    re.IGNORECASE,
)
# Words that no name is made of, in an introduction neither: "I'm looking for ..."
NOT_IN_NAMES = frozenset(
    """i you he she it we they me us him her them my your his our their the a an this that these those there here
    am is are was were be been do does did don't doesn't isn't not no nor yes ok okay sure yeah yep nope none
    nothing     anything everything something want wants wanted need needs would could should shall can cannot
    can't like love have has     had get got give take taking buy buying bought order orders ordering change
    changed correct update wrong incorrect     misspelled misspelt make put use add remove show see look looking
    search find tell ask know think wait hold cancel     stop quit confirm confirmed continue proceed checkout
    check cart basket back go come send sent ship shipping deliver     delivery arrive pay paying card cash
    paypal invoice receipt return refund discount what why how where when who which     much many more less
    price cost cheap cheaper cheapest expensive please thanks thank hello hi hey bye goodbye for with
    without from to at on in of under over about and or but if because so actually instead also too only just
    now later     soon today tomorrow tonight yesterday great fine nice perfect cool good bad help human agent
    person name names number     address email e-mail phone mobile contact details quantity colour color size
    street st road rd avenue ave lane drive     way square court close flat apt apartment unit suite floor
    building room house block city town postcode zip     standard express free it's its that's i'm i'd i'll i've
    im let let's maybe never mind another different same mine     wrongly left right one two three first second
    last aluminum aluminium steel carbon leather cotton wool plastic nylon     size small medium large black
    white silver""".split()
)
# Of these, some are people's names as well: they may stand in a name in which every word has a capital.
ALSO_NAMES = frozenset("an do you me can hi so to my way lane close court white black silver drive house love".split())
_NO_CHINESE_NAME = re.compile(
    r"[说要改换吗呢请我你您他她它不没的了这哪几个付退等买吧啊呀嘛么把再错叫问]"
    r"|多少|什么|怎么|订单|地址|购物车|确认|确定|下单|结账|谢谢|可以|好的|取消|继续|现在|今天|明天|电话|手机|邮箱|姓名|名字"
    r"|支付|微信|信用卡|快递|发货|送货|运费|价格|便宜|尺码|颜色|数量|加入|查看|同意|提交|发票|保修|客服|人工|随便|那个|就行"
    r"|[市区县镇]"
)
_STREET_END = re.compile(r"[路街号楼室村]$")
_LATIN_NAME = re.compile(r"[^\W\d_]+(?:[.'’-]+[^\W\d_]+)*\.?(?: [^\W\d_]+(?:[.'’-]+[^\W\d_]+)*\.?){0,3}")
_CHINESE_NAME = re.compile(rf"[{HAN}]{{2,4}}|[{HAN}]{{1,8}}(?:[·•・][{HAN}]{{1,8}})+")
# The hundred commonest surnames: who says "我是..." without one of them says what they are, not who.
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾萧肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆"
    "范汪廖石金贾韦夏付方邹熊白孟秦邱侯江尹薛闫雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔汤温康施牛樊葛邢安齐易乔伍庞欧上诸司"
)
_POLITE_TAIL = re.compile(r"[,，\s]*(?:please|thanks|thank you|instead|谢谢|吧)[.!。！]*$", re.IGNORECASE)
_KIN = re.compile(
    r"^(?:我(?:的)?)?(?:妈妈?|爸爸?|老婆|老公|太太|先生|儿子|女儿|哥哥?|姐姐?|弟弟|妹妹|朋友|同事|奶奶|爷爷|外婆|外公)"
    rf"(?=[{HAN}]{{2,4}}$)|^(?:my )?(?:mum|mom|mother|dad|father|wife|husband|son|daughter|brother|sister|friend)"
    r"[, ]+(?=\w)",
    re.IGNORECASE,
)


def as_name(text: str, introduced: bool = False) -> str | None:
    """The text as a person's name, or None when it does not look like one; 王小路 has to be introduced."""
    name = _POLITE_TAIL.sub("", re.sub(r"\s+", " ", text).strip(' ,，.。;；!！:："“”'))
    name = _KIN.sub("", name)
    if not 0 < len(name) <= MOST_NAME or is_place(name):
        return None
    if _CHINESE_NAME.fullmatch(name):
        if not name.isalpha():
            return name
        street = _STREET_END.search(name) and not introduced
        return None if street or _NO_CHINESE_NAME.search(name) else name
    return name if _LATIN_NAME.fullmatch(name) and _words_may_be_a_name(name) else None


def name_after_introduction(text: str) -> str | None:
    """The name at the beginning of what follows "my name is": "John Doe and I live in Leeds"."""
    words = text.strip().split()
    if words and re.fullmatch(rf"[{HAN}·]+", words[0]):
        return as_name(words[0], introduced=True)
    end = next((i for i, word in enumerate(words) if word.casefold().strip(".") in NOT_IN_NAMES - ALSO_NAMES), None)
    return as_name(" ".join(words[:end]))


def name_said_weakly(text: str) -> str | None:
    """The name in "I'm Ann"; "I'm tall" has none."""
    introduced = WEAK_INTRODUCTION.match(text)
    name = as_name(text[introduced.end() :]) if introduced else None
    return name if name and (name[0] in _SURNAMES or _all_capitals(name)) else None


def is_written_as_a_name(text: str) -> bool:
    """Several words, each with a capital, or a few Chinese characters: not a single word that could be anything."""
    name = as_name(text)
    if name is None:
        return False
    return bool(_CHINESE_NAME.fullmatch(name)) or (" " in name and _all_capitals(name))


def _words_may_be_a_name(name: str) -> bool:
    words = {word.strip(".").replace("’", "'") for word in name.casefold().split()}
    unlikely = words & NOT_IN_NAMES
    return not unlikely or (unlikely <= ALSO_NAMES and unlikely != words and _all_capitals(name))


def _all_capitals(name: str) -> bool:
    return all(word[0].isupper() for word in name.split())
