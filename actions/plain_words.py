"""What a message asks for by its plain words: they decide where a wrong guess of the intent would do harm."""

from __future__ import annotations

import re


def any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


def said(pattern: re.Pattern[str], text: str) -> bool:
    return bool(pattern.search(text.replace("’", "'")))


# --- questions -----------------------------------------------------------------------------------

_QUESTION = any_of(
    r"[?？吗呢]\s*$",
    r"^\W*(?:(?:hi|hello|hey|so|and|but|ok|okay|wait|sorry)\W+)*"
    r"(?:what|when|where|who|why|how|which|whose)\b",
    r"^\W*(?:is|are|was|were|do|does|did|have|has|can|could|will|would|should|am) "
    r"(?:i|you|we|they|it|there|that|this|the|my|our|your|someone|anyone|anybody)\b",
    r"什么|哪些|哪[里天个]|几[点号]|怎么|为啥|是不是|多少|多久|如何|能不能|可不可以|可以不|有没有",
)
_POLITE = any_of(
    r"\b(?:can|could|would|will) (?:you|we|i|someone)\b", r"\b(?:please|pls|plz)\b", r"[能请帮]|可以|麻烦|可不可以"
)


def is_question(text: str) -> bool:
    return said(_QUESTION, text.strip())


def only_asks(text: str) -> bool:
    """A question that wants an answer, not a favour: "was it cancelled?", but not "could you cancel it?"."""
    return is_question(text) and not said(_POLITE, text)


_PROPOSES = any_of(
    r"\b(?:can|could|may|might|would) (?:it|that|this|you|we|i)\b|\b(?:what|how) about\b|\bpossible\b|\bwould .{1,24}\bwork\b",
    r"行吗|可以吗|好吗|能不能|可不可以|行不行|可以不|[能可].{0,12}吗|怎么样|如何",
)


def proposes(text: str) -> bool:
    """A question that asks for something else: "can it be on Tuesday?"."""
    return said(_PROPOSES, text)


POLICY = any_of(
    r"\bhow (?:do|does|can|could|would|should|to|long|much)\b",
    r"\b(?:can|could|may) (?:i|we|one|you|things?|items?)\b",
    r"\bdo (?:you|i|we)\b|\bis it possible|\bwhat if\b|\bwho pays\b|\bpolic(?:y|ies)\b|\bwhat(?:'s| is| are) (?:the|your)\b",
    r"怎么(?!还|回事|不|没|一直|了|样了)|如何|怎样|能不能|可不可以|多久|谁[付出承]|流程|政策|规则|条件|[能可][^，。]{0,12}[吗么嘛]|可以[^，。]{0,12}[吗么]|支持[^，。]{0,8}吗",
)
POINTS_AT_ORDER = any_of(
    r"\bmy (?!country|place)\w+",
    r"\b(?:this|these|them|it)\b|\bi (?:just )?(?:bought|got|received|ordered|placed)\b",
    r"我的(?!家)|我要|我想|我买|收到|发错|给我|这[单个件]|那[单个件]|帮我",
)
CUSTOMS = any_of(r"\bcustoms\b|\bimport (?:dut|tax|fee|charge)|\bdut(?:y|ies)\b", r"关税|进口税|清关")


def asks_policy(text: str) -> bool:
    """How something works in general, and not what is with one order: "怎么退货", "can I get an invoice?"."""
    return said(POLICY, text) and not said(POINTS_AT_ORDER, text) and not said(_DEFECT, text)


def asks_about_customs(text: str) -> bool:
    return said(CUSTOMS, text) and not said(POINTS_AT_ORDER, text)


# --- cancelling ----------------------------------------------------------------------------------

_KEEPS = any_of(
    r"(?:别|勿|没有?|不)(?:是|要|用|想|必|打算|准备|说|需要|急着)*(?:先)?(?:把.{0,8}|给我)?取消",
    r"\b(?:don'?t|do not|dont|(?<!if )not|never|didn'?t|did not|no need)"
    r"(?: (?:want|wish|mean|ask|need|going|have|say|said|you|me|it|to|be|get|really|actually|please|yet))* cancel\w*",
)
CANCEL = any_of(
    r"\bcancel(?!l?ation policy)", r"\bcall (?:it|that|the order) off\b|\bcall off\b|\bannul\b", r"取消|撤销|撤单"
)
_CANCEL_CALL = any_of(
    CANCEL.pattern,
    r"\bno longer\b",
    r"\bcall(?:ing)? the (?:call|appointment|meeting|reminder) off\b",
    r"\b(?:don'?t|do not|dont|needn'?t|no need|not)(?: (?:have|need|want))?(?: (?:you|him|her|them|anyone|anybody))?(?: to)?"
    r" (?:call|phone|ring|remind|contact|e-?mail)\b(?! (?:me )?(?:before|until|between|after (?!all)))",
    r"\b(?:don'?t|do not|dont) (?:need|want) (?:the|that|this|my|a|any) (?:call|call-?back|phone call|reminder|appointment)\b",
    r"\b(?:forget|drop|scrap|skip) (?:about )?(?:the|my|that) (?:call|call-?back|reminder|appointment)\b",
    r"(?:不用|不要|不必|(?<!特)别|不需要)再?(?:给我|跟我|和我)?(?:打(?!错)|来电|提醒|联系|跟进|回访|回电)|不约了|不需要(?:电话|回访|提醒|回电)",
)
ABOUT_A_CALL = any_of(
    r"\b(?:call|callback|call-back|phone call|appointment|reminder|meeting)\b(?! off| it off)",
    r"电话|预约|约[的了好]|回电|回访|提醒|通话",
)
MOVES = any_of(
    r"\b(?:move|moved|shift|change|resched\w*|postpone|instead|rather|make it|push|delay|bring (?:it )?forward|later|earlier)\b",
    r"another (?:time|day)|different (?:time|day)",
    r"改|换|推迟|推后|延后|提前|往后|挪|晚点|早点",
)
OTHER_CONTACT = any_of(
    r"\b(?:other|another|different|new|wrong|change(?: the| my)?|change your)\b.{0,12}\b(?:number|phone|e-?mail|address)\b",
    r"(?:换|另|改|别的|其他)[^，。]{0,4}(?:号|电话|邮箱)|[号邮][码箱]?(?:错|不对|换了)",
)


def denies_cancelling(text: str) -> bool:
    """ "don't cancel it", "先不取消"."""
    return said(_KEEPS, text)


def asks_to_cancel(text: str) -> bool:
    text = text.replace("’", "'")
    return not denies_cancelling(text) and said(CANCEL, text) and not only_asks(text)


def asks_to_cancel_call(text: str) -> bool:
    """Whether a call, a reminder or an appointment is no longer wanted; asking about it cancels nothing."""
    rest = _KEEPS.sub(" ", text.replace("’", "'"))
    return said(_CANCEL_CALL, rest) and not only_asks(text)


_NOT_THEN = any_of(
    r"\b(?:can'?t|cannot|won'?t|unable|busy|not (?:free|available|home))\b(?: make it)?",
    r"不行|没空|不方便|有事|来不了|出差",
)
_RATHER_THEN = any_of(
    r"\b(?:instead|rather|move|make it|how about|what about|could we|can we|call me|try)\b",
    r"改(?!天|一天|个|时间)|换(?!一天|个|时间)",
)


def rules_a_moment_out(text: str) -> bool:
    """ "I can't make it on Friday": the day that is named is the one that does not suit."""
    no = _NOT_THEN.search(text.replace("’", "'"))
    return no is not None and not said(_RATHER_THEN, text[no.end() :])


CANCELLED_ALREADY = any_of(
    r"^\W*(?:did|have|has|was|is|were)\b.*\bcancell?ed\b|^\W*did .*\bcancel\b", r"取消了[吗没]|取消成功"
)

_NO_CALL = any_of(
    r"\b(?:don'?t|do not|dont|no need to) (?:call|phone|ring) me\b",
    r"(?:不要|别|不用|不必)(?:给我|跟我)?打电话|(?:不要|别|不用)来电",
)
_FOR_GOOD = any_of(r"\bever\b|\bagain\b|\bany ?more\b|\bnever\b|\bstop\b", r"再|以后|永远|[了]$|骚扰")


def refuses_one_call(text: str) -> bool:
    """ "don't call me", which is said of one call; "never call me again" is not."""
    return said(_NO_CALL, text) and not said(_FOR_GOOD, text)


# --- privacy and people --------------------------------------------------------------------------

DELETES = any_of(
    r"\bgone\b|delet|delte|\beras|\bremov|\bforget|\bwipe|\bdestroy|\bget rid|\bpurge|\bbin\b|\bscrub",
    r"删|清除|清空|清掉|抹|注销|销毁|不再保存",
)
_KEEPS_DATA = any_of(
    r"(?:别|勿|没有?|不)(?:是|要|用|想|必|打算|说|需要|急着)*(?:把.{0,8}|给我)?(?:删|清除|清空|抹|注销)",
    r"\b(?:don'?t|do not|not|never|didn'?t|did not|won'?t)(?! forget to)(?: \w+){0,3}? (?:delet|eras|remov|forget|wip)\w*",
)
ABOUT_DATA = any_of(
    r"\b(?:data|privacy|private|personal|information|gdpr)\b", r"\bknow about me\b|\b(?:store|keep|hold|save|have) (?:about|on) me\b",
    r"信息|资料|隐私|数据|保存了|存了|知道我|泄露",
)  # fmt: skip
# An order to delete that is an answer to "are you sure?" all by itself.
SURELY_DELETES = re.compile(
    r"\W*(?:(?:yes|yeah|yep|sure|ok|okay|please|just|是的?|对的?|好的?|嗯|确[定认]|可以)[\s,，.!。！]*)+"
    r"(?:delete|erase|remove|(?:全都|全部?|都)?删除?)?(?: (?:it|them|everything|all|all of it|my data|please|now))*(?:吧|了|掉|的|全部|所有|我的|资料|信息|数据)*\W*"
    r"|\W*(?:delete|erase) (?:it|them|everything|it all|all of it)(?: please)?\W*|\W*(?:都|全部?)?删(?:除|掉|了)?吧\W*",
    re.IGNORECASE,
)


def denies_deleting(text: str) -> bool:
    return said(_KEEPS_DATA, text)


def surely_deletes(text: str) -> bool:
    """ "yes, delete everything"; a plain yes is `says_yes`."""
    return bool(SURELY_DELETES.fullmatch(text)) and said(DELETES, text) and not denies_deleting(text)


STAYS_SUBSCRIBED = any_of(
    r"(?:不要|别|不用|没有?|不是|不想|不)(?:要|想|说|打算|给我)*(?:退订|取消订阅)",
    r"\b(?:don'?t|do not|not|never|didn'?t|did not)(?: \w+){0,3}? (?:unsubscribe|opt(?:ing)? out)|\b(?:keep|stay|remain)\b.{0,6} subscribed",
)
REFUSES_PERSON = any_of(
    r"(?:不用|不要|别|不需要|不必|不想)(?:给我|帮我|再)?(?:转接?|找|联系|接)?(?:到)?(?:人工|真人)(?!智能)",
    r"\b(?:don'?t|do not|dont) (?:need|want)(?: to (?:talk|speak) (?:to|with))? (?:a |an |any )?(?:human|person|agent|colleague|real person)\b",
    r"\bno (?:human|person|agent)(?: needed|,? please|,? thanks)",
)
WANTS_PERSON = any_of(
    r"\b(?:want|need|like|let me|can i|could i|may i|get me|prefer)\b(?: to)?(?: (?:speak|talk|chat))?(?: (?:to|with))?"
    r" (?:a |an |some |the )?(?:real |actual |live )?(?:human|person|agent|human being|operator|representative)\b",
    r"\b(?:speak|talk|chat) (?:to|with) (?:a |an |some |the )?(?:real |actual |live )?(?:human|person|agent|operator|representative)\b",
    r"(?:转|找|要|接|和|跟)(?:一下|个|到)?(?:人工(?!智能)|真人)",
)
_ANYONE_THERE = re.compile(
    r"\W*(?:(?:hello|hi|hey|knock knock|喂|你好|您好)\W*)*"
    r"(?:(?:is )?(?:any|some)(?:one|body)(?: still| out| else)? (?:there|here|home|around)|(?:are )?you (?:still )?there|(?:i'?m )?still waiting"
    r"|(?:hello|hi|hey)\s*\?+|(?:还|在|到底)?有(?:没有)?人(?:在|理我)?(?:吗|没|么)?|(?:还)?在(?:吗|不在|不)|人呢|怎么没人(?:回|理我|回复)?)\W*",
    re.IGNORECASE,
)


def calls_for_somebody(text: str) -> bool:
    """ "Hello? Anyone there?", and nothing else."""
    return bool(_ANYONE_THERE.fullmatch(text.replace("’", "'")))


# --- things that are not as they should be --------------------------------------------------------

_DEFECT = any_of(
    r"\b(?:broken|(?:it|just) broke|broke (?:after|off|down|within|on)|damaged|defective|faulty|leak(?:s|ing|ed|y)?|crack(?:ed|s)?|smashed|torn|ripped|snapped|doesn'?t work|not working|"
    r"stopped working|fell apart|fallen apart|in pieces|crushed|scratched)\b",
    r"[坏破漏裂断碎烂]了|漏[水气油]|坏的|破的|破损|损坏|开裂|开胶|掉漆|用不了|不能用|有瑕疵|有质量问题",
)
_MINE = any_of(
    r"\bmy (?:new )?\w+|\bi (?:just |only )?(?:bought|got|received|ordered)\b|\bjust arrived\b|\barrived\b|\bthe \w+ (?:you sent|i bought)",
    r"我的|买的|收到|刚买|才用|用了|买了|到货|寄来",
)
_NOTHING_BOUGHT = any_of(
    r"\b(?:e-?mail|password|account|log-?in|link|website|page|card|phone number)\b|\bold\b", r"旧|账号|密码|链接|网页"
)
_NEW_NEED = any_of(
    r"\b(?:(?:need|want|would like) (?:an?|some|new|to buy)|looking for|recommend|show me|buy|a new|new one|replace(?:ment)?|spare|repair)\b",
    r"想买|再买|买[一个]|需要|推荐|想换|找一|想要|修",
)
CUSTOMER_IS_ANGRY = any_of(
    r"\b(?:complain|complaint|disgrace\w*|unacceptable|terrible|awful|ridiculous|rubbish|worst|rip-?off|furious|angry|scam)\b",
    r"投诉|太差|垃圾|气死|差评|过分|骗|无语|坑人|愤怒|生气|差劲",
)


def reports_defect(text: str) -> bool:
    """ "my bike arrived broken", "上个月买的帐篷漏水": something bought here, no wish for something new."""
    is_bought = said(_MINE, text) and not said(_NEW_NEED, text) and not said(_NOTHING_BOUGHT, text)
    return said(_DEFECT, text) and is_bought and not only_asks(text)


_HERE = any_of(
    r"\b(?:arrived|came|received|got|turned up|was delivered|has been delivered|were delivered|opened)\b",
    r"收到|到货|到了|送来|寄来|拆开|打开",
)
_NOT_HERE = any_of(r"\b(?:not|never|hasn'?t|haven'?t|didn'?t|yet)\b", r"[没未]")
_WRONG_GOODS = any_of(
    r"\bwrong\b|\bmissing\b|\bempty\b|\bincomplete\b|\bnot what i ordered\b|\binstead of\b|\bsmells?\b|\bdirty\b|\bused\b",
    r"发错|错了|少[发了]|漏发|缺[了少]|空盒|不是我[买订]的|二手|脏",
)


def came_wrong(text: str) -> bool:
    """ "my order arrived broken": it is here, and not as it should be."""
    if said(_DEFECT, text):
        return not only_asks(text)
    here = said(_HERE, text) and not said(_NOT_HERE, text.replace("not what", ""))
    return here and said(_WRONG_GOODS, text) and not only_asks(text)


SENDS_BACK = any_of(
    r"\breturn|\brefund|\bmoney back\b|\bsend(?:ing)? (?:it |them )?back", r"退货|退款|退钱|退了|退掉|退换|退给"
)


def mentions_defect(text: str) -> bool:
    return said(_DEFECT, text)
