/* One conversation with the server: started once, remembered, sent in order, followed. */

const RETRIES = [1000, 2000, 4000, 8000]; // ms between tries of a message that did not get through
const PAGE = 200;
const SILENCE = 45000; // ms

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** An id for a message; randomUUID would need https. */
function freshId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What the browser remembers of one shop; a browser that keeps nothing still chats. */
export class Memory {
  constructor(server) {
    this.key = `salesclerk ${server}`;
    this.kept = { outbox: [] };
    try {
      this.kept = { outbox: [], ...JSON.parse(localStorage.getItem(this.key) || "{}") };
    } catch { /* unreadable or forbidden: start fresh */ }
  }

  save(changes) {
    Object.assign(this.kept, changes);
    try {
      localStorage.setItem(this.key, JSON.stringify(this.kept));
    } catch { /* private mode: this page only */ }
  }
}

class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }

  /** The conversation is not kept any more, or the token is too old. */
  get gone() {
    return [401, 403, 404].includes(this.status);
  }

  /** Sending the same again would be refused again. */
  get final() {
    return this.status >= 400 && this.status < 500 && this.status !== 429;
  }
}

/**
 * `view` is told what happens: show(message, live), sent(message), failed(message), refused(message), busy(isBusy).
 * `start` gives what a new conversation is started with.
 */
export class Connection {
  constructor(server, memory, view, start) {
    Object.assign(this, { server, memory, view, start, newest: 0, sending: false, following: false });
    addEventListener("online", () => this.back());
  }

  /** The network is there again: do not wait for the end of a pause, nor trust the stream of before. */
  back() {
    if (this.memory.kept.id) this.listen();
    this.flush();
  }

  get outbox() {
    return this.memory.kept.outbox;
  }

  async call(path, options = {}) {
    const headers = { "Content-Type": "application/json" };
    if (this.memory.kept.token) headers.Authorization = `Bearer ${this.memory.kept.token}`;
    const url = `${this.server}/api/v1/conversations${path}`;
    const answer = await fetch(url, { ...options, headers: { ...headers, ...options.headers } });
    if (answer.ok) return answer;
    const problem = await answer.json().catch(() => ({}));
    throw new Refused(answer.status, problem.detail);
  }

  post(path, body) {
    return this.call(path, { method: "POST", body: JSON.stringify(body) });
  }

  async begin() {
    if (this.memory.kept.id) return;
    const wanted = this.start();
    const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    // A browser may name a time zone that the server does not know.
    const answer = await this.post("", { ...wanted, timezone }).catch((error) => {
      if (error.status !== 422) throw error;
      return this.post("", wanted);
    });
    const { id, token } = await answer.json();
    this.memory.save({ id, token });
    this.listen();
  }

  /** What was said before, what did not get through, and what comes from now on; false when the conversation is gone. */
  async resume() {
    if (this.memory.kept.id) {
      try {
        await this.catchUp();
      } catch (error) {
        if (error.gone) return false;
      }
      this.listen();
    }
    return true;
  }

  async catchUp() {
    let page;
    do {
      const answer = await this.call(`/${this.memory.kept.id}/messages?after=${this.newest}&limit=${PAGE}`);
      page = (await answer.json()).messages;
      page.forEach((message) => this.take(message, false));
    } while (page.length === PAGE);
  }

  take(message, live) {
    this.newest = Math.max(this.newest, message.id);
    this.view.show(message, live);
  }

  forget() {
    this.stream?.abort();
    this.newest = 0;
    this.memory.save({ id: null, token: null, outbox: [] });
  }

  /** Keep a message for sending; `title` is what a pressed button said. */
  add(content, title) {
    const message = { ...content, title, client_message_id: freshId() };
    this.memory.save({ outbox: [...this.outbox, message] });
    return message;
  }

  /** Send the outbox in order; a message that arrives twice has one effect, by its client_message_id. */
  async flush() {
    if (this.sending || !this.outbox.length) return;
    this.sending = true;
    this.view.busy(true);
    try {
      while (this.outbox.length && (await this.send(this.outbox[0]))) {
        this.memory.save({ outbox: this.outbox.slice(1) });
      }
    } finally {
      this.sending = false;
      this.view.busy(false);
    }
  }

  /** True when the message needs no more sending. */
  async send(message) {
    const { title, ...body } = message;
    for (const pause of [...RETRIES, null]) {
      try {
        await this.begin();
        const answer = await this.post(`/${this.memory.kept.id}/messages`, body);
        this.view.sent(message);
        if (!this.following) this.listen();
        (await answer.json()).messages.forEach((reply) => this.take(reply, true));
        return true;
      } catch (error) {
        if (error.gone) this.memory.save({ id: null, token: null }); // the next try starts anew
        else if (error.final) {
          this.view.refused(message);
          return true;
        }
        if (pause !== null) await sleep(pause);
      }
    }
    this.view.failed(message);
    return false;
  }

  /** Follow the event stream; fetch can send the token, EventSource cannot. */
  async listen() {
    this.stream?.abort();
    this.following = false;
    const { signal } = (this.stream = new AbortController());
    for (let pause = 1000; !signal.aborted; pause = Math.min(pause * 2, 30000)) {
      try {
        const headers = { "Last-Event-ID": String(this.newest) };
        const answer = await this.call(`/${this.memory.kept.id}/events`, { signal, headers });
        pause = 1000;
        this.following = true;
        await this.read(answer.body.pipeThrough(new TextDecoderStream()).getReader());
      } catch (error) {
        if (signal.aborted || error.gone) return;
      }
      this.following = false;
      await sleep(pause);
    }
  }

  async read(reader) {
    let rest = "";
    for (;;) {
      // The server says something every 15 seconds; a stream that is silent for longer is dead.
      const late = sleep(SILENCE).then(() => Promise.reject(new Error("silent")));
      const { value, done } = await Promise.race([reader.read(), late]);
      if (done) return;
      const events = (rest + value).split(/\r?\n\r?\n/);
      rest = events.pop();
      for (const event of events) {
        const line = event.split(/\r?\n/).find((part) => part.startsWith("data:"));
        if (line) this.take(JSON.parse(line.slice(5)), true);
      }
    }
  }
}
