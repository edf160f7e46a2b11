"""Words for the placeholders of the training data that do not come from a catalogue, in both languages.

The catalogue words are mixed with general ones, so that what is learned is the way people ask and not one shop's goods:
a product imported later is asked for in the same sentences.
"""

from __future__ import annotations

# Shares of fillings that take a general word although the catalogue has its own.
GENERAL_SHARE = 0.25

GENERAL = {
    "category": {
        "en": "bikes|helmets|gloves|running shoes|tents|jackets|backpacks|socks|lamps|headphones|bottles|sleeping bags",
        "zh": "自行车|头盔|手套|跑鞋|帐篷|冲锋衣|背包|袜子|台灯|耳机|水壶|睡袋",
    },
    "product": {
        "en": "Ridge 300|Alpina Pro|Trailrunner 2|Nova X5|Summit jacket|Classic tee",
        "zh": "Ridge 300|Nova X5|山峰冲锋衣|经典款T恤|Trailrunner 2|极光头灯",
    },
    "brand": {
        "en": "Northwind|Contoso|Fabrikam|Alpina|Litware|Tailspin",
        "zh": "Northwind|北风|Contoso|Fabrikam|云岭|Litware",
    },
    "color": {
        "en": "black|red|dark blue|green|white|grey|yellow|navy",
        "zh": "黑色|红色|深蓝色|绿色|白色|灰色|黄色|藏青",
    },
    "size": {
        "en": "M|medium|size 42|large|XL|small|20 inch|one size up",
        "zh": "M码|中号|42码|大号|XL|小号|20寸|大一码",
    },
    "use": {
        "en": "commuting|weekend trails|camping|the gym|winter running|travel|school",
        "zh": "通勤|周末骑行|露营|健身|冬天跑步|旅行|上学",
    },
    "attribute": {
        "en": "size|colour|weight|material|width|height|warranty period",
        "zh": "尺码|颜色|重量|材质|宽度|高度|保修期",
    },
    "price": {
        "en": "$50|100 dollars|80 bucks|2 grand|1.5k|$1,200|500|60 euros|a hundred|two hundred dollars|300 usd",
        "zh": "50块|100元|两百块|两千|一千五|1200元|500|60欧元|一万|三百块钱|五百左右",
    },
    "number": {
        "en": "2|two|3|three|four|5|6|ten",
        "zh": "两|2|三|3|四|5|六|十",
    },
    "order": {
        "en": "SC-7K3M9Q|SC-2F8P4T|sc9x1b6d|SO45080|SO51123|10293|#48213",
        "zh": "SC-7K3M9Q|SC-2F8P4T|sc9x1b6d|SO45080|SO51123|10293|48213",
    },
    "name": {
        "en": "Anna Schmidt|Tom Baker|Priya|Sam|Maria Lopez|Mr Jones|Olivia|Ken Adams",
        "zh": "王伟|李娜|张小姐|陈先生|刘洋|赵敏|小林|周杰",
    },
    "date": {
        "en": "tomorrow|next tuesday|friday afternoon|monday at 10|5pm|june 3rd|next week|in two hours|this weekend",
        "zh": "明天|下周二|周五下午|周一上午十点|下午五点|六月三号|下周|两小时后|这个周末",
    },
}

# The names of attributes as people say them; an attribute that is not here is filled by its own name.
ATTRIBUTE_NAMES = {
    "color": {"en": "colour", "zh": "颜色"},
    "size": {"en": "size", "zh": "尺码"},
    "material": {"en": "material", "zh": "材质"},
    "weight": {"en": "weight", "zh": "重量"},
}


def general_words(placeholder: str, language: str) -> list[str]:
    """Returns the general words of a placeholder; raises KeyError when there is no such placeholder."""
    return GENERAL[placeholder][language].split("|")
