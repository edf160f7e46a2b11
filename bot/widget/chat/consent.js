/* Before the first personal detail leaves the page, the customer is asked: what for, in words, yes or no. */
import { button, el } from "./log.js";

const PERSONAL = /\S@\S|(?:\d[\s().-]?){7}/; // an e-mail address, a phone number

export class Consent {
  constructor(view, connection) {
    Object.assign(this, { view, connection, memory: view.memory, log: view.log, held: [], expected: false, card: null });
  }

  get given() {
    return Boolean(this.memory.kept.agreed);
  }

  /** The assistant asks for a detail, or no longer does. */
  expect(expected) {
    const begins = expected && !this.expected;
    this.expected = expected;
    if (begins && !this.given) this.ask();
  }

  /** Hold back what may not be sent yet; true when it is held. */
  holds(text) {
    if (this.given || !(this.expected || PERSONAL.test(text))) return false;
    const client_message_id = `held ${text} ${this.held.length}`;
    this.held.push({ text, client_message_id });
    this.log.showWaiting({ text, client_message_id });
    this.ask(true);
    return true;
  }

  ask(focus = false) {
    this.focus = focus;
    this.connection.add({ asking: this.view.language });
    this.connection.flush();
  }

  /** The server has told what to ask for, for each purpose, and what was answered before. */
  asked(purposes, language) {
    const { details, marketing } = Object.fromEntries(purposes.map((one) => [one.purpose, one]));
    if (details.granted) this.pass();
    else if (details.granted === null || this.held.length) this.show(details, marketing, language);
  }

  show(details, marketing, language) {
    const { words } = this.view;
    const more = el("input", { type: "checkbox", defaultChecked: Boolean(marketing.granted) });
    const say = (granted) => {
      const consents = [{ purpose: "details", granted, language }];
      if (granted && more.checked !== more.defaultChecked) consents.push({ purpose: "marketing", granted: more.checked, language });
      this.connection.add({ consents });
      if (granted) this.pass();
      else this.refuse();
    };
    const [yes, no] = this.held.length ? [words.agreeSend, words.refuseSend] : [words.agree, words.refuse];
    const choice = (title, granted) => Object.assign(button(() => say(granted), title), { className: "chip" });
    const label = el("label", {}, more, el("span", { textContent: marketing.wording }));
    this.close();
    this.card = el("div", { className: "card consent", role: "group", tabIndex: -1, "aria-label": words.consent, lang: language },
      el("p", { textContent: details.wording }), label, el("div", { className: "row" }, choice(yes, true), choice(no, false)));
    this.log.put(this.card);
    if (this.focus) this.card.focus();
  }

  /** In other words, when they are on the screen. */
  speak() {
    if (this.card) this.ask();
  }

  pass() {
    this.memory.save({ agreed: true });
    this.leave();
    this.held.splice(0).forEach(({ text, client_message_id }) => this.view.resay(client_message_id, text));
    this.connection.flush();
  }

  refuse() {
    const { words } = this.view;
    this.leave();
    const typed = this.held.splice(0);
    typed.forEach((message) => this.view.takeBack(message));
    const leave = this.expected ? this.log.chip(words.leave, { text: words.leaveText }) : null;
    this.log.put(el("div", { className: "note wide" }, words.withoutConsent, leave), this.log.newest);
    this.connection.flush();
  }

  /** The card goes, and the focus that was in it does not get lost. */
  leave() {
    const focused = this.card?.contains(this.card.getRootNode().activeElement);
    this.close();
    if (focused) this.view.input.focus();
  }

  close() {
    this.card?.remove();
    this.card = null;
  }

  forget() {
    this.held = [];
    this.expected = false;
    this.close();
  }
}
