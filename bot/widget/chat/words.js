/* What the widget itself says, in both languages. */
export const WORDS = {
  en: {
    title: "Ask {shop}", online: "Answers right away", open: "Open the chat", close: "Close the chat",
    log: "Conversation", write: "Write a message", send: "Send", other: "中文", otherName: "切换到中文",
    fresh: "Start a new chat", typing: "Writing", you: "You said", shop: "The shop said",
    welcome: "Hello! Tell me what you are looking for and I will find it, check the stock and take your order.",
    ideas: ["I'm looking for a mountain bike", "What's on offer?", "Where is my order?"],
    add: "Add to cart", addText: "Add {name} to my cart", failed: "This did not get through.", again: "Try again",
    away: "The shop cannot be reached just now. Your message is kept; I will try again.",
    refused: "This message could not be taken.", unread: "{n} unread",
  },
  zh: {
    title: "咨询{shop}", online: "即时回复", open: "打开聊天", close: "关闭聊天",
    log: "对话", write: "输入消息", send: "发送", other: "EN", otherName: "Switch to English",
    fresh: "开始新对话", typing: "正在输入", you: "您说", shop: "店家说",
    welcome: "您好！告诉我您想找什么，我来帮您挑选、查库存、下单。",
    ideas: ["我想买一辆山地车", "有什么优惠？", "我的订单到哪了？"],
    add: "加入购物车", addText: "把{name}加入购物车", failed: "消息没有发出去。", again: "重试",
    away: "暂时联系不上店铺。消息已保留，我会再试。",
    refused: "这条消息无法接收。", unread: "{n} 条未读",
  },
};

export const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
