/* What is seen of a conversation, and the card that asks for consent. Text only ever becomes text, never markup. */

const PERSONAL = /\S[@＠]\S|(?:\d[\s().-]?){7}|my (?:name|address) is|我叫|我住/i; // e-mail address, phone number ...
const WAITING = Infinity; // what has no number yet comes last

const ICONS = {
  chat: "M4 5h16v11H9l-5 4z", close: "M6 6l12 12M18 6L6 18", send: "M4 12l16-8-6 16-3-6z",
  fresh: "M20 11a8 8 0 1 0-2.3 6.3M20 5v6h-6", cart: "M3 4h3l2.4 11h9.2L20 7H6.7M10 20h.01M17 20h.01",
};

export function el(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children.filter((child) => child !== null));
  return node;
}

export const button = (onclick, className, ...children) => el("button", { type: "button", onclick, className }, ...children);

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.ariaHidden = "true";
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

function money({ price, currency }, language) {
  try {
    return Number(price).toLocaleString(language, { style: "currency", currency, currencyDisplay: "narrowSymbol" });
  } catch {
    return `${price} ${currency}`;
  }
}

/** A product's photograph; null when the shop has none. */
function picture({ image_url: address }, server) {
  if (!/^(https?:\/\/|\/)/.test(address || "")) return null;
  const image = el("img", { className: "picture", alt: "", loading: "lazy" });
  image.onerror = () => image.remove(); // also when the page's policy forbids it
  image.src = new URL(address, server);
  return image;
}

export class Log {
  /** `say(content, title)` is called when something is chosen. */
  constructor(server, say) {
    Object.assign(this, { server, say, seen: new Set() });
    this.typing = el("div", { className: "typing", role: "img", hidden: true }, el("i"), el("i"), el("i"));
    this.node = el("div", { className: "log", role: "log", tabIndex: 0, ariaLive: "polite" });
  }

  get newest() {
    return Math.max(0, ...this.seen);
  }

  speak(words, language) {
    Object.assign(this, { words, language });
    this.node.ariaLabel = words.log;
    this.typing.ariaLabel = words.typing;
  }

  clear() {
    this.seen.clear();
    this.fresh = false;
    this.node.replaceChildren(this.typing);
  }

  welcome() {
    const { words } = this;
    this.clear();
    this.put(el("div", { className: "bubble shop", textContent: words.welcome }));
    this.offer(words.ideas.map((text) => this.chip(text, { text })));
    this.fresh = true; // until somebody speaks
  }

  /** Show a message once, in its place; whether it is new. */
  show(message) {
    if (this.seen.has(message.id)) return false;
    this.seen.add(message.id);
    if (!message.text && !message.products?.length) return false; // erased
    this.begin();
    if (message.from === "customer") {
      this.put(this.bubbleOf(message) ?? this.bubble("customer", message.text, message.client_message_id), message.id);
      this.sent(message);
      return true;
    }
    this.clearOffers(message.id);
    const entry = el("div", { className: "entry" });
    if (message.author) entry.append(el("div", { className: "note by", textContent: this.words.person }));
    if (message.text) entry.append(this.bubble("shop", message.text));
    if (message.products?.length) entry.append(el("div", { className: "cards" }, ...message.products.map((product) => this.card(product))));
    this.put(entry, message.id, message.reply_to);
    if (message.quick_replies?.length) this.offer(message.quick_replies.map(({ title, payload }) => this.chip(title, { payload })), message.id, message.reply_to);
    return true;
  }

  showWaiting({ text, title, client_message_id: id }) {
    this.begin();
    this.clearOffers();
    this.put(this.bubble("customer waiting", text ?? title, id));
  }

  begin() {
    if (this.fresh) this.node.replaceChildren(this.typing);
    this.fresh = false;
  }

  bubbleOf({ client_message_id: id }) {
    return [...this.node.querySelectorAll(".customer")].find((node) => node.clientId === id);
  }

  /** The server has it, under its number if that is known. */
  sent(message) {
    const bubble = this.bubbleOf(message);
    if (!bubble) return;
    bubble.classList.remove("waiting");
    if (message.id) bubble.place = message.id;
    this.note(message, null);
  }

  /** A line under a message that is not through; null takes it away. */
  note(message, text, action = null) {
    const bubble = this.bubbleOf(message);
    if (!bubble || bubble.note?.firstChild.data === text) return;
    bubble.note?.remove();
    bubble.note = text ? el("div", { className: "note" }, text, action) : null;
    if (bubble.note) bubble.after(bubble.note);
    this.scroll();
  }

  remove(message) {
    this.note(message, null);
    this.bubbleOf(message)?.remove();
  }

  bubble(kind, text, clientId) {
    const who = kind === "shop" ? this.words.shop : this.words.you;
    return el("div", { className: `bubble ${kind}`, clientId }, el("span", { className: "unseen", textContent: `${who}: ` }), text);
  }

  card(product) {
    const price = el("div", { className: "price", textContent: money(product, this.language) });
    if (product.stock) price.append(el("span", { textContent: product.stock }));
    const chips = (product.actions ?? []).map(({ title, payload }, position) => {
      const chip = this.chip(title, { payload });
      if (!position) chip.classList.add("strong");
      chip.ariaLabel = `${title}: ${product.name}`;
      return chip;
    });
    return el("article", { className: "card", ariaLabel: product.name }, picture(product, this.server),
      el("div", { className: "name", textContent: product.name }), price,
      product.reason ? el("p", { className: "reason", textContent: product.reason }) : null, el("div", { className: "row" }, ...chips));
  }

  chip(title, content) {
    const chosen = () => {
      this.node.focus(); // the button goes away; the input would open a phone's keyboard
      this.say(content, title);
    };
    return button(chosen, "chip", title);
  }

  offer(chips, id = WAITING, question = id) {
    this.offered = el("div", { className: "row" }, ...chips);
    this.put(this.offered, id, question);
  }

  /** Quick replies answer the last question only. */
  clearOffers(before = WAITING) {
    if (this.offered?.place > before) return;
    this.offered?.remove();
    this.offered = null;
  }

  /** Put a node where its message belongs, by the server's order, what is on its way last; `question` stays in sight. */
  put(node, place = WAITING, question = place) {
    node.place = place;
    const nodes = [...this.node.children];
    this.node.insertBefore(node, nodes.find((child) => child !== node && child.place > place) ?? this.typing);
    if (node.note) node.after(node.note);
    this.top = nodes.find((child) => child.place === question) ?? node;
    this.scroll();
  }

  busy(isBusy) {
    this.typing.hidden = !isBusy;
    if (isBusy) this.scroll();
  }

  /** To the end, but not past the beginning of what was put last. */
  scroll() {
    const { top = this.typing, node } = this;
    node.scrollTop = Math.min(node.scrollHeight, top.isConnected && top.offsetTop ? top.offsetTop - 12 : Infinity);
  }
}

/** Before the first personal detail leaves the page, the customer is asked: what for, in words, yes or no. */
export class Consent {
  constructor(view, connection) {
    Object.assign(this, { view, connection, memory: view.memory, log: view.log });
  }

  get held() {
    return this.memory.kept.held;
  }

  /** The assistant asks for a detail, or no longer does. */
  expect(expected) {
    const begins = expected && !this.expected;
    this.expected = expected;
    if (begins && !this.memory.kept.agreed) this.ask();
  }

  /** Hold back what may not be sent yet; true when it is held. */
  holds(text) {
    if (this.memory.kept.agreed || !(this.expected || PERSONAL.test(text))) return false;
    this.log.showWaiting(this.memory.keep({ text }, "held"));
    this.ask(true);
    return true;
  }

  ask(focus = false) {
    this.focus = focus;
    const { language } = this.view;
    if (!this.connection.queue.some((item) => item.asking === language)) this.connection.add({ asking: language });
    this.connection.flush();
  }

  /** What to ask for, by purpose, and what was answered before. */
  asked(purposes, language) {
    const { details, marketing } = Object.fromEntries(purposes.map((one) => [one.purpose, one]));
    if (details.granted) this.pass();
    else if (details.granted === null || this.held.length) this.show(details, marketing, language);
  }

  show(details, marketing, language) {
    const { words } = this.view;
    const more = el("input", { type: "checkbox", defaultChecked: marketing.granted });
    const say = (granted) => {
      const consents = [{ purpose: "details", granted, language }];
      if (granted && more.checked !== more.defaultChecked) consents.push({ purpose: "marketing", granted: more.checked, language });
      this.connection.add({ consents });
      if (granted) this.pass();
      else this.refuse();
    };
    const [yes, no] = this.held.length ? [words.agreeSend, words.refuseSend] : [words.agree, words.refuse];
    const choice = (title, granted) => button(() => say(granted), "chip", title);
    const label = el("label", {}, more, el("span", { textContent: marketing.wording }));
    this.leave();
    this.card = el("div", { className: "card consent", role: "group", tabIndex: -1, ariaLabel: words.consent, lang: language },
      el("p", { textContent: details.wording }), label, el("div", { className: "row" }, choice(yes, true), choice(no, false)));
    this.log.put(this.card);
    if (this.focus) this.card.focus();
  }

  speak() {
    if (this.card) this.ask();
  }

  pass() {
    this.memory.save({ agreed: true });
    this.leave();
    this.held.forEach((item) => this.connection.add(item)); // under the same id: once, whichever tabs do it
    this.memory.save({ held: [] });
    this.connection.flush();
  }

  refuse() {
    const { words } = this.view;
    this.leave();
    this.view.takeBack(this.held);
    this.memory.save({ held: [] });
    const leave = this.expected ? this.log.chip(words.leave, { text: words.leaveText }) : null;
    this.log.put(el("div", { className: "note" }, words.withoutConsent, leave), this.log.newest);
    this.connection.flush();
  }

  /** The card goes, and the focus that was in it does not get lost. */
  leave() {
    const focused = this.card?.contains(this.card.getRootNode().activeElement);
    this.card?.remove();
    this.card = null;
    if (focused) this.view.input.focus();
  }

  forget() {
    this.expected = false;
    this.leave();
  }
}
