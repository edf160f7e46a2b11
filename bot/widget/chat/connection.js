/* One conversation with the server: begun once, sent in order, followed. */

const PATIENCE = 25000; // ms; asking again under the same id has no second effect
const SLOW = 6000; // ms
const SILENCE = 45000; // ms; the server says something every 15 seconds
const PAGE = 200;
const LATE = 500; // by so many ids a message may come after newer ones

function within(ms, control, done) {
  const late = setTimeout(() => control.abort(), ms);
  return done.finally(() => clearTimeout(late));
}

/** Of no conversation yet; `outbox` is to be sent, `held` waits until the customer agrees. */
const NOTHING = { id: null, token: null, customer: null, again: undefined, agreed: false, read: 0, outbox: [], held: [] };

/** What the browser remembers of one shop, for all its tabs; one that keeps nothing still chats. */
export class Memory {
  constructor(server) {
    this.key = `salesclerk ${server}`;
    this.kept = { ...NOTHING };
    this.read();
  }

  read() {
    try {
      const kept = !this.alone && localStorage.getItem(this.key);
      if (kept) this.kept = { ...NOTHING, ...JSON.parse(kept) };
    } catch { /* unreadable or forbidden: go on with what we have */ }
  }

  save(changes) {
    this.read();
    Object.assign(this.kept, changes);
    try {
      if (!this.alone) localStorage.setItem(this.key, JSON.stringify(this.kept));
    } catch {
      this.alone = true; // private mode, or full: this page only
    }
  }

  /** Keep what is not sent yet, under an id that is new in its conversation. */
  keep(content, list = "outbox") {
    const item = { client_message_id: `${Date.now()}-${Math.random()}`, ...content };
    this.read();
    this.save({ [list]: [...this.kept[list], item] });
    return item;
  }

  drop({ client_message_id: id }) {
    this.read();
    this.save({ outbox: this.kept.outbox.filter((item) => item.client_message_id !== id) });
  }
}

const refusal = (status, problem) => Object.assign(new Error(status), problem, {
  gone: [401, 403, 404].includes(status), // it is not kept any more, or its token is too old
  final: status < 500 && ![408, 429].includes(status), // it would be refused again
});

/** `view` and `log` are told what happens; `start` gives what a conversation is started with. */
export class Connection {
  constructor(server, memory, view, log, start) {
    Object.assign(this, { server, memory, view, log, start, queue: [...memory.kept.outbox], synced: 0, waiting: new Set() });
    const { signal } = (this.life = new AbortController());
    addEventListener("online", () => this.wake(true), { signal });
    addEventListener("offline", () => view.reached(false), { signal });
    addEventListener("storage", (event) => event.key === memory.key && this.share(event), { signal });
    document.addEventListener("visibilitychange", () => (document.hidden ? this.rest() : this.wake(true)), { signal });
  }

  get id() {
    return this.memory.kept.id;
  }

  close() {
    this.life.abort();
    this.rest();
    this.wake();
  }

  /** Do not wait for the end of a pause, nor trust a stream of before. */
  wake(anew = false) {
    this.waiting.forEach((done) => done());
    if (anew) this.listen();
  }

  pause(tries) {
    let woken;
    return new Promise((done) => {
      this.waiting.add((woken = done));
      setTimeout(done, Math.min(1000 * 2 ** tries, 30000));
    }).then(() => this.waiting.delete(woken));
  }

  /** Another tab of this shop has sent or held back something, or begun another conversation.
   * When somebody else is signed in there, this page goes on by itself. */
  share({ oldValue, newValue }) {
    const { memory } = this;
    const [before, after] = [oldValue, newValue].map((kept) => ({ ...NOTHING, ...JSON.parse(kept) }));
    if (memory.alone) return;
    if (after.id && before.id !== after.id && after.customer !== named(this.start().customer_token)) {
      memory.alone = true;
      memory.kept = { ...memory.kept, ...NOTHING, outbox: this.queue };
    }
    memory.read();
    if (before.id !== after.id || before.held.length !== after.held.length) this.view.restart();
    else if (before.outbox.length > after.outbox.length) this.catchUp().catch(() => {});
  }

  async open(path, signal, { body, method = body ? "POST" : "GET", ...headers } = {}) {
    const { token } = this.memory.kept;
    if (token) headers.Authorization = `Bearer ${token}`;
    if (body) headers["Content-Type"] = "application/json";
    const answer = await fetch(`${this.server}/api/v1/conversations${path}`, { method, headers, body: body && JSON.stringify(body), signal });
    if (!answer.ok) throw refusal(answer.status, await answer.json().catch(() => {}));
    return answer;
  }

  call(path, options) {
    return this.open(path, AbortSignal.timeout(PATIENCE), options).then((answer) => answer.status === 204 || answer.json());
  }

  of(path, options) {
    return this.call(`/${this.id}${path}`, options);
  }

  /** Of several tabs one begins, and the others go on with that. */
  begin() {
    const { locks } = navigator; // with https alone
    return !this.id && (locks ? locks.request(this.memory.key, () => this.beginAlone()) : this.beginAlone());
  }

  async beginAlone() {
    await this.pause(-4); // until what another tab has kept is seen here
    this.memory.read();
    if (this.id) return;
    const body = { ...this.start(), timezone: Intl.DateTimeFormat().resolvedOptions().timeZone };
    // A token that proves nothing gives an anonymous chat; a browser may name a time zone that the server does not know.
    for (const doubtful of ["customer_token", "timezone", ""]) {
      try {
        const { id, token } = await this.call("", { body });
        this.memory.save({ id, token, customer: named(body.customer_token), agreed: false });
        this.listen();
        return this.identify(); // when its token was refused
      } catch (error) {
        if (!doubtful || !error.final) throw error;
        delete body[doubtful];
      }
    }
  }

  /** What was said, what waits, and what comes from now on. */
  async resume() {
    await this.identify();
    if (this.id) await this.catchUp().catch((error) => (error.gone ? this.anew() : this.view.reached(false)));
    this.listen();
    if (this.view.consent.held.length) this.view.consent.ask();
    this.flush();
  }

  /** Let the conversation be that of whoever is signed in with the shop; nobody else's is shown.
   * Whom the store does not know stays anonymous, and it is asked again a day later. */
  async identify() {
    const { customer_token } = this.start();
    const who = named(customer_token);
    const { customer, again } = this.memory.kept;
    if (!this.id || (customer === who && !(again < Date.now()))) return;
    if (customer && customer !== who) return this.view.renew();
    try {
      await this.of("/customer", { body: { customer_token } });
      this.memory.save({ customer: who, again: undefined });
    } catch ({ code }) {
      if (code === "conversation_taken") this.view.renew();
      if (code === "customer_not_found") this.memory.save({ customer: who, again: Date.now() + 864e5 });
    }
  }

  async catchUp() {
    const { id } = this;
    let page, after = Math.max(0, this.synced - LATE);
    do {
      const answer = await this.of(`/messages?after=${after}&limit=${PAGE}`);
      if (this.id !== id) return;
      page = answer.messages;
      page.forEach((message) => this.view.show(message));
      after = page.at(-1)?.id ?? after;
      this.view.state(answer.state);
    } while (page.length === PAGE);
    this.synced = Math.max(this.synced, after);
  }

  /** What is not sent yet goes into another conversation. */
  anew() {
    const { outbox, held } = this.memory.kept;
    this.memory.save({ ...NOTHING, outbox, held });
    this.view.restart();
  }

  forget() {
    this.rest();
    this.queue = [];
    this.memory.save(NOTHING);
  }

  /** Keep something for sending: {text}, {payload} with its `title`, {consents}, {language}, or {asking} what to consent to. */
  add(content) {
    const item = this.memory.keep({ of: this.id, ...content });
    this.queue.push(item);
    return item;
  }

  async flush() {
    if (this.sending) return this.wake();
    this.sending = true;
    this.log.busy(true);
    while (this.queue.length && !this.life.signal.aborted) {
      const item = this.queue[0];
      if (await this.deliver(item)) {
        this.memory.drop(item);
        if (this.queue[0] === item) this.queue.shift();
      }
    }
    this.sending = false;
    this.log.busy(false);
  }

  /** Try until it is through or refused; what arrives twice has one effect, by its client_message_id. */
  async deliver(item) {
    for (let tries = 0; this.queue[0] === item && !this.life.signal.aborted; tries++) {
      const slow = setTimeout(() => this.view.slow(item), SLOW);
      try {
        await this.begin();
        await this.hand(item);
        this.view.reached(true);
        return true;
      } catch (error) {
        if (error.gone) this.memory.save({ id: null, token: null }); // the next try starts anew
        else if (error.final) {
          this.view.refused(item);
          return true;
        } else this.view.delayed(item);
      } finally {
        clearTimeout(slow);
      }
      await this.pause(tries);
    }
    return false;
  }

  async hand({ text, payload, title, asking, consents, language, of, client_message_id }) {
    const { id } = this;
    if (asking) this.view.consent.asked((await this.of(`/consents?language=${asking}`)).consents, asking);
    else if (consents) for (const consent of consents) await this.of("/consents", { body: consent });
    else if (language) this.view.state(await this.of("", { method: "PATCH", body: { language } }));
    else {
      const body = payload && of === id ? { payload } : { text: text ?? title }; // buttons are one conversation's
      const answer = await this.of("/messages", { body: { ...body, client_message_id } });
      if (this.id !== id) return; // forgotten meanwhile
      this.log.sent({ client_message_id, id: answer.messages[0]?.reply_to });
      answer.messages.forEach((reply) => this.view.show(reply));
      this.view.state(answer.state);
    }
  }

  rest() {
    this.following = null;
    this.stream?.abort();
  }

  /** Follow the event stream while the page is seen; fetch can send the token, EventSource cannot. */
  async listen() {
    this.rest();
    if (!this.id || document.hidden || this.life.signal.aborted) return;
    const mine = (this.following = {});
    for (let tries = 0; this.following === mine; tries++) {
      const stream = (this.stream = new AbortController());
      try {
        const answer = await within(PATIENCE, stream, this.open(`/${this.id}/events`, stream.signal, { "Last-Event-ID": `${this.synced}` }));
        await this.catchUp(); // what came while nobody listened; what comes from now on is in the stream
        tries = 0;
        this.view.reached(true);
        await this.read(answer.body.pipeThrough(new TextDecoderStream()).getReader(), stream);
      } catch (error) {
        if (this.following !== mine || error.gone) return;
        this.view.reached(false);
      } finally {
        stream.abort();
      }
      await this.pause(tries);
    }
  }

  async read(reader, stream) {
    for (let rest = ""; ;) {
      const { value, done } = await within(SILENCE, stream, reader.read());
      if (done) return;
      const events = (rest + value).split(/\r?\n\r?\n/);
      rest = events.pop();
      for (const event of events) {
        const line = event.split(/\r?\n/).find((part) => part.startsWith("data:"));
        if (line) this.view.show(JSON.parse(line.slice(5)));
      }
    }
  }
}

/** Whom a customer token names, for comparing only: the server alone can tell whether it is true. */
function named(token) {
  return token ? token.split(".").slice(0, -2).join(".") : null;
}
