"""What a web customer is asked to agree to, for each purpose, word for word as it is shown and kept."""

from __future__ import annotations

from crm_store.consents import DETAILS, MARKETING

WORDING = {
    DETAILS: {
        "en": "For this I need details about you, such as your name, address, e-mail or phone number. The shop uses "
        "them to answer you, to deliver what you order and to call you back, and for nothing else. Say “delete my "
        "data” at any time and they are gone.",
        "zh": "接下来需要您的一些信息，例如姓名、地址、邮箱或电话。店铺只用它们来回复您、配送订单和给您回电，不作他用。"
        "随时说“删除我的数据”，我们就会删除。",
    },
    MARKETING: {
        "en": "Also write to me about a basket I left behind, offers and what is new. “Unsubscribe” ends it.",
        "zh": "也可以就未结算的购物车、优惠和新品给我发消息；说“退订”即可停止。",
    },
}
