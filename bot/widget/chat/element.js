/* The custom element <salesclerk-chat>: the window around the conversation. */
import { Connection, Memory } from "./connection.js";
import { Consent, Log, button, el, icon } from "./log.js";
import { styleSheet } from "./style.js";
import { WORDS, filled } from "./words.js";

const FULL = matchMedia("(max-width: 520px)"); // as in style.js: the chat covers the page

const named = (node, text) => Object.assign(node, { ariaLabel: text, title: text });

class SalesclerkChat extends HTMLElement {
  static observedAttributes = ["customer-token"];

  connectedCallback() {
    const server = this.getAttribute("server") || new URL(import.meta.url).origin;
    this.memory = new Memory(server);
    this.log ??= new Log(server, (content, title) => this.say(content, title));
    this.connection = new Connection(server, this.memory, this, this.log, () => ({
      language: this.language,
      source: this.getAttribute("source") || location.pathname.slice(0, 120),
      customer_token: this.getAttribute("customer-token") || undefined,
    }));
    this.consent = new Consent(this, this.connection);
    this.language = this.memory.kept.language || (this.getAttribute("language") === "zh" ? "zh" : "en");
    if (!this.shadowRoot) this.build();
    const wide = this.getAttribute("open") === "wide" && matchMedia("(min-width: 1100px)").matches;
    this.restart();
    this.toggle(this.memory.kept.open ?? wide, false);
  }

  disconnectedCallback() {
    this.connection.close();
  }

  attributeChangedCallback() {
    this.connection?.identify();
  }

  /** Say something for the customer, e.g. from a button of the page. */
  ask(text) {
    this.toggle(true);
    this.say({ text });
  }

  build() {
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [styleSheet()];
    this.badge = el("span", { className: "badge", hidden: true });
    this.launcher = button(() => this.toggle(true), "launcher", icon("chat"), this.badge);
    this.heading = el("h2");
    this.status = el("p", { role: "status" });
    this.pieces = el("span", { className: "badge" });
    this.cart = button(() => this.say({ text: this.words.cartText }), "", icon("cart"), this.pieces);
    this.cart.hidden = true;
    this.switcher = button(() => this.switchLanguage(), "");
    this.renewer = button(() => this.renewByHand(), "", icon("fresh"));
    this.closer = button(() => this.toggle(false), "", icon("close"));
    const head = el("div", { className: "head" }, el("div", {}, this.heading, this.status), this.cart, this.switcher, this.renewer, this.closer);
    this.input = el("textarea", { rows: 1, maxLength: 20000, autocomplete: "off", oninput: () => this.grow() });
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    this.sender = el("button", { type: "submit" }, icon("send"));
    const form = el("form", { onsubmit: (event) => this.onSubmit(event) }, this.input, this.sender);
    this.panel = el("section", { className: "panel", role: "dialog", hidden: true }, head, this.log.node, form);
    this.panel.addEventListener("keydown", (event) => this.onPanelKey(event));
    root.append(this.panel, this.launcher);
    visualViewport.addEventListener("resize", () => this.fit());
  }

  speak() {
    const words = (this.words = WORDS[this.language]);
    const shop = this.getAttribute("shop");
    this.panel.lang = this.language;
    this.heading.textContent = shop ? filled(words.title, shop) : words.untitled;
    this.panel.ariaLabel = this.heading.textContent;
    this.switcher.textContent = words.other;
    named(this.switcher, words.otherName);
    named(this.renewer, words.fresh);
    named(this.closer, words.close);
    named(this.sender, words.send);
    this.fill(this.pieces.textContent);
    this.input.placeholder = this.input.ariaLabel = words.write;
    this.log.speak(words, this.language);
    this.reached(this.isReached);
    this.count(this.unread);
    if (this.log.fresh) this.log.welcome();
    this.consent.speak();
  }

  fill(pieces) {
    this.pieces.textContent = pieces;
    this.cart.hidden = !Number(pieces);
    named(this.cart, filled(this.words.cart, pieces));
  }

  switchLanguage() {
    this.settle(this.language === "en" ? "zh" : "en");
    if (!this.connection.id) return;
    this.connection.add({ language: this.language });
    this.connection.flush();
  }

  settle(language) {
    this.language = language;
    this.memory.save({ language });
    this.speak();
  }

  toggle(open, byHand = true) {
    this.panel.hidden = !open;
    this.launcher.hidden = open;
    this.fit();
    if (open) {
      this.markRead();
      this.log.scroll();
    }
    if (!byHand) return;
    this.memory.save({ open });
    (open ? this.input : this.launcher).focus();
  }

  /** On a small screen the chat covers the page, as far as a phone's keyboard leaves it. */
  fit() {
    const full = FULL.matches && !this.panel.hidden;
    this.panel.ariaModal = full ? "true" : null;
    this.panel.style.height = full ? `${visualViewport.height}px` : "";
  }

  markRead() {
    const { newest } = this.log;
    if (newest > this.memory.kept.read) this.memory.save({ read: newest });
    this.count(0);
  }

  count(unread) {
    this.unread = unread;
    this.badge.hidden = !unread;
    this.badge.textContent = unread;
    const news = unread ? ` (${filled(this.words.unread, unread)})` : "";
    this.launcher.ariaLabel = this.words.open + news;
  }

  grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight + 2}px`;
  }

  onKey(event) {
    // While an input method composes Chinese, Enter picks a word and does not send.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) this.onSubmit(event);
  }

  onPanelKey(event) {
    if (event.key === "Escape") this.toggle(false);
    if (event.key !== "Tab" || !FULL.matches) return;
    // What the chat covers cannot be seen, so Tab stays inside.
    const stops = [...this.panel.querySelectorAll("button, textarea, input, .log")].filter((node) => node.offsetParent);
    if (event.shiftKey) stops.reverse();
    if (this.shadowRoot.activeElement !== stops.at(-1)) return;
    event.preventDefault();
    stops[0].focus();
  }

  onSubmit(event) {
    event.preventDefault();
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = "";
    this.grow();
    if (!this.consent.holds(text)) this.say({ text });
  }

  say(content, title) {
    this.log.showWaiting(this.connection.add({ ...content, title }));
    this.connection.flush();
  }

  renewByHand() {
    if (!this.cart.hidden && !confirm(this.words.freshSure)) return;
    this.renew();
    this.input.focus();
  }

  renew() {
    this.connection.forget();
    this.restart();
  }

  restart() {
    this.consent.forget();
    this.log.clear();
    this.log.fresh = !this.connection.id;
    this.speak();
    this.fill(0);
    this.count(0);
    this.connection.synced = 0;
    [...this.connection.queue, ...this.consent.held].filter((item) => item.text ?? item.title).forEach((item) => this.log.showWaiting(item));
    this.connection.resume();
  }

  // What the connection tells.

  show(message) {
    if (!this.log.show(message)) return;
    if (!this.panel.hidden) this.markRead();
    else if (message.from === "shop" && message.id > this.memory.kept.read) this.count(this.unread + 1);
  }

  state({ language, cart_items: pieces, details_expected: expected, details_agreed: agreed }) {
    const { queue } = this.connection; // what is on its way counts more
    if (language !== this.language && !queue.some((item) => item.language)) this.settle(language);
    if (agreed !== this.memory.kept.agreed && !queue.some((item) => item.consents)) this.memory.save({ agreed });
    this.fill(pieces);
    this.consent.expect(expected);
    if (this.log.node.children.length === 1) this.log.welcome(); // only the dots
    this.dispatchEvent(new CustomEvent("salesclerk-cart", { bubbles: true, detail: { pieces } }));
  }

  slow(item) {
    this.log.note(item, this.words.slow);
  }

  delayed(item) {
    this.reached(false);
    const again = button(() => this.tryAgain(item), "link", this.words.again);
    this.log.note(item, this.words.away, again);
    this.log.busy(false);
  }

  tryAgain(item) {
    this.log.node.focus();
    this.log.note(item, null);
    this.log.busy(true);
    this.connection.wake(true);
  }

  refused(item) {
    this.log.note(item, this.words.refused);
  }

  reached(isReached = true) {
    this.isReached = isReached;
    const said = isReached ? this.words.online : this.words.offline;
    if (this.status.textContent !== said) this.status.textContent = said;
  }

  /** What is not sent goes back to where it was written. */
  takeBack(messages) {
    messages.forEach((message) => this.log.remove(message));
    this.input.value = [...messages.map(({ text }) => text), this.input.value].join("\n").trim();
    this.grow();
  }
}

customElements.define("salesclerk-chat", SalesclerkChat);
