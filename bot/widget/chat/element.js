/* The custom element <salesclerk-chat>: what is seen and pressed. */
import { Connection, Memory } from "./connection.js";
import { el, icon, money, picture } from "./elements.js";
import { styleSheet } from "./style.js";
import { WORDS, filled } from "./words.js";

const LONGEST = 20000;

class SalesclerkChat extends HTMLElement {
  connectedCallback() {
    if (this.shadowRoot) return;
    const server = this.getAttribute("server") || new URL(import.meta.url).origin;
    this.memory = new Memory(server);
    this.connection = new Connection(server, this.memory, this, () => ({
      language: this.language,
      source: this.getAttribute("source") || location.pathname.slice(0, 120),
    }));
    this.seen = new Set();
    this.unread = 0;
    this.language = this.memory.kept.language || (this.getAttribute("language") === "zh" ? "zh" : "en");
    this.build();
    this.speak();
    const wide = this.getAttribute("open") === "wide" && matchMedia("(min-width: 1100px)").matches;
    this.toggle(this.memory.kept.open ?? wide, false);
    this.resume();
  }

  disconnectedCallback() {
    this.connection.stream?.abort();
  }

  /** Say something for the customer, e.g. from a button of the page. */
  ask(text) {
    this.toggle(true);
    this.say({ text });
  }

  build() {
    const button = (action, ...children) => el("button", { type: "button", onclick: action }, ...children);
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [styleSheet()];
    this.badge = el("span", { className: "badge", hidden: true });
    this.launcher = button(() => this.toggle(true), icon("chat"), this.badge);
    this.launcher.className = "launcher";
    this.heading = el("h2");
    this.status = el("p");
    this.switcher = button(() => this.switchLanguage());
    this.renewer = button(() => this.renew(), icon("fresh"));
    this.closer = button(() => this.toggle(false), icon("close"));
    const head = el("header", {}, el("div", {}, this.heading, this.status), this.switcher, this.renewer, this.closer);
    this.log = el("div", { className: "log", role: "log", tabIndex: 0, "aria-live": "polite" });
    this.typing = el("div", { className: "typing", role: "status", hidden: true }, el("i"), el("i"), el("i"));
    this.input = el("textarea", { rows: 1, maxLength: LONGEST, autocomplete: "off", oninput: () => this.grow() });
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    this.sender = el("button", { type: "submit" }, icon("send"));
    const form = el("form", { onsubmit: (event) => this.onSubmit(event) }, this.input, this.sender);
    this.panel = el("section", { className: "panel", role: "region", hidden: true }, head, this.log, form);
    this.panel.addEventListener("keydown", (event) => event.key === "Escape" && this.toggle(false));
    root.append(this.panel, this.launcher);
  }

  /** Put every fixed word in the chosen language. */
  speak() {
    const words = (this.words = WORDS[this.language]);
    const named = (node, text) => Object.assign(node, { ariaLabel: text, title: text });
    this.panel.lang = this.language;
    this.heading.textContent = filled(words.title, { shop: this.getAttribute("shop") || "" });
    this.panel.setAttribute("aria-label", this.heading.textContent);
    this.status.textContent = words.online;
    this.switcher.textContent = words.other;
    named(this.switcher, words.otherName);
    named(this.renewer, words.fresh);
    named(this.closer, words.close);
    named(this.sender, words.send);
    this.count(this.unread);
    this.log.ariaLabel = words.log;
    this.typing.ariaLabel = words.typing;
    this.input.placeholder = this.input.ariaLabel = words.write;
    if (!this.seen.size && !this.connection.outbox.length) this.welcome();
  }

  welcome() {
    this.offered = el("div", { className: "row" }, ...this.words.ideas.map((text) => this.chip(text, { text })));
    const hello = el("div", { className: "bubble shop", textContent: this.words.welcome });
    this.log.replaceChildren(hello, this.offered, this.typing);
  }

  switchLanguage() {
    this.language = this.language === "en" ? "zh" : "en";
    this.memory.save({ language: this.language });
    this.speak();
  }

  toggle(open, byHand = true) {
    this.panel.hidden = !open;
    this.launcher.hidden = open;
    if (open) {
      this.count(0);
      this.scroll();
    }
    if (!byHand) return;
    this.memory.save({ open });
    (open ? this.input : this.launcher).focus();
  }

  count(unread) {
    this.unread = unread;
    this.badge.hidden = !unread;
    this.badge.textContent = unread;
    const news = unread ? ` (${filled(this.words.unread, { n: unread })})` : "";
    this.launcher.ariaLabel = this.words.open + news;
  }

  grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight + 2, 130)}px`;
  }

  onKey(event) {
    // While an input method composes Chinese, Enter picks a word and does not send.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) this.onSubmit(event);
  }

  onSubmit(event) {
    event.preventDefault();
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = "";
    this.grow();
    this.say({ text });
  }

  say(content, title) {
    this.showWaiting(this.connection.add(content, title));
    this.connection.flush();
  }

  /** Forget this conversation and begin another. */
  renew(focus = true) {
    this.connection.forget();
    this.seen.clear();
    this.speak();
    if (focus) this.input.focus();
  }

  async resume() {
    if (!(await this.connection.resume())) return this.renew(false);
    this.connection.outbox.filter((message) => !this.bubbleOf(message)).forEach((message) => this.showWaiting(message));
    this.connection.flush();
  }

  // What the connection tells.

  show(message, live) {
    if (this.seen.has(message.id)) return;
    if (!this.seen.size && !this.log.querySelector(".customer")) this.log.replaceChildren(this.typing);
    this.seen.add(message.id);
    if (message.from === "customer") {
      if (!this.bubbleOf(message)) this.put(this.bubble("customer", message.text, message.client_message_id));
      this.sent(message);
      return;
    }
    this.clearOffers();
    if (message.text) this.put(this.bubble("shop", message.text));
    if (message.products?.length) this.put(el("div", { className: "cards" }, ...message.products.map((product) => this.card(product))));
    if (message.quick_replies?.length) {
      this.offered = el("div", { className: "row" }, ...message.quick_replies.map(({ title, payload }) => this.chip(title, { payload })));
      this.put(this.offered);
    }
    if (live && this.panel.hidden) this.count(this.unread + 1);
  }

  sent(message) {
    this.bubbleOf(message)?.classList.remove("waiting");
    this.note(message, null);
  }

  failed(message) {
    const again = el("button", { className: "link", type: "button", textContent: this.words.again });
    again.onclick = () => {
      this.log.focus();
      this.note(message, null);
      this.connection.flush();
    };
    this.note(message, this.words.failed, again);
  }

  refused(message) {
    this.note(message, this.words.refused);
  }

  busy(isBusy) {
    this.typing.hidden = !isBusy;
    this.scroll();
  }

  // What is shown.

  bubbleOf(message) {
    return [...this.log.querySelectorAll(".customer")].find((node) => node.clientId === message.client_message_id);
  }

  showWaiting(message) {
    if (!this.seen.size && !this.log.querySelector(".customer")) this.log.replaceChildren(this.typing);
    this.clearOffers();
    this.put(this.bubble("customer waiting", message.text ?? message.title, message.client_message_id));
  }

  bubble(kind, text, clientId) {
    const who = kind === "shop" ? this.words.shop : this.words.you;
    return el("div", { className: `bubble ${kind}`, clientId }, el("span", { className: "unseen", textContent: `${who}: ` }), text);
  }

  card(product) {
    const price = el("div", { className: "price", textContent: money(product, this.language) });
    if (product.stock) price.append(el("span", { textContent: product.stock }));
    const add = { title: this.words.add, text: filled(this.words.addText, product) };
    const actions = product.actions?.length ? product.actions : [add];
    const chips = actions.map(({ title, payload, text }, position) => {
      const chip = this.chip(title, payload ? { payload } : { text });
      if (!position) chip.classList.add("strong");
      chip.ariaLabel = `${title}: ${product.name}`;
      return chip;
    });
    return el("article", { className: "card" }, picture(product), el("div", { className: "name", textContent: product.name }), price,
      product.reason ? el("p", { className: "reason", textContent: product.reason }) : null, el("div", { className: "row" }, ...chips));
  }

  chip(title, content) {
    const chosen = () => {
      this.log.focus(); // the button goes away; the input would open a phone's keyboard
      this.say(content, title);
    };
    return el("button", { className: "chip", type: "button", textContent: title, onclick: chosen });
  }

  /** Quick replies answer the last question only. */
  clearOffers() {
    this.offered?.remove();
    this.offered = null;
  }

  /** A line under a message that did not get through; null takes it away. */
  note(message, text, button = null) {
    const bubble = this.bubbleOf(message);
    if (!bubble) return;
    bubble.note?.remove();
    bubble.note = text ? el("div", { className: "note" }, text, button) : null;
    if (bubble.note) bubble.after(bubble.note);
    this.scroll();
  }

  put(node) {
    this.log.append(node, this.typing);
    this.scroll();
  }

  scroll() {
    this.log.scrollTop = this.log.scrollHeight;
  }
}

customElements.define("salesclerk-chat", SalesclerkChat);
