/* What the widget itself says. */
export const WORDS = {
  en: {
    title: "Ask {shop}", untitled: "Ask us", online: "Answers right away", open: "Open the chat", close: "Close the chat",
    log: "Conversation", write: "Write a message", send: "Send", other: "中文", otherName: "切换到中文",
    fresh: "Start a new chat", freshSure: "Start a new chat and leave this cart behind?",
    typing: "Writing", you: "You said", shop: "The shop said", person: "Our staff", cart: "Cart: {n}", cartText: "What's in my cart?",
    welcome: "Hello! Tell me what you are looking for and I will find it, check the stock and take your order.",
    ideas: ["I'm looking for a mountain bike", "What's on offer?", "Where is my order?"],
    unread: "{n} unread",
    slow: "This takes longer than usual …", offline: "No connection just now", again: "Try now",
    away: "The shop cannot be reached just now. Your message is kept and goes out as soon as it can.",
    refused: "This message could not be taken.",
    consent: "Your details", agree: "I agree", refuse: "Not now", agreeSend: "Agree and send", refuseSend: "Do not send",
    withoutConsent: "Nothing was sent. I can still advise you.", leave: "Leave it for now", leaveText: "cancel",
  },
  zh: {
    title: "咨询{shop}", untitled: "在线咨询", online: "即时回复", open: "打开聊天", close: "关闭聊天",
    log: "对话", write: "输入消息", send: "发送", other: "EN", otherName: "Switch to English",
    fresh: "开始新对话", freshSure: "开始新对话并放弃当前购物车？",
    typing: "正在输入", you: "您说", shop: "店家说", person: "店员", cart: "购物车：{n} 件", cartText: "看看我的购物车",
    welcome: "您好！告诉我您想找什么，我来帮您挑选、查库存、下单。",
    ideas: ["我想买一辆山地车", "有什么优惠？", "我的订单到哪了？"],
    unread: "{n} 条未读",
    slow: "比平时慢一些，请稍候…", offline: "暂时没有连接", again: "马上重试",
    away: "暂时联系不上店铺。消息已保留，一旦恢复就会发出。",
    refused: "这条消息无法接收。",
    consent: "您的信息", agree: "同意", refuse: "暂不", agreeSend: "同意并发送", refuseSend: "不发送",
    withoutConsent: "没有发送任何内容。我仍然可以为您推荐商品。", leave: "先不继续", leaveText: "算了",
  },
};

export const filled = (text, value) => text.replace(/{.+}/, () => value);
