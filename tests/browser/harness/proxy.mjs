import { createServer, connect } from "node:net";
import { MessageHold } from "./message_hold.mjs";

/**
 * The network between browser and server, with its faults. `cut` ends what is open and refuses what is new, `stall`
 * lets nothing through and ends nothing, `halfOpen` ends the server's side alone, `blackHole` swallows what is open and
 * lets through what is new, `delay` slows both ways, `hold` keeps back the server's WebSocket messages until they are
 * released one by one.
 */
export class Proxy {
  #server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  #links = new Set();
  #refusing = false;
  #stalled = false;
  #holding = false;
  #delay_ms = 0;
  port = 0;

  constructor(target) {
    this.target = target;
  }

  async open() {
    await new Promise((done) => this.#server.listen(0, "0.0.0.0", done));
    this.port = this.#server.address().port;
  }

  async close() {
    this.cut();
    await new Promise((done) => this.#server.close(done));
  }

  cut() {
    this.#refusing = true;
    for (const link of this.#links) link.end();
  }

  heal() {
    this.#refusing = this.#stalled = this.#holding = false;
    this.#delay_ms = 0;
    for (const link of this.#links) link.flow();
  }

  stall() {
    this.#stalled = true;
  }

  halfOpen() {
    this.#stalled = true;
    for (const link of this.#links) link.server.destroy();
  }

  /** `which`: "all" that is open, or the "newest" WebSocket alone. */
  blackHole(which = "all") {
    const sockets = [...this.#links].filter((link) => link.messages.upgraded);
    for (const link of which === "newest" ? sockets.slice(-1) : sockets) link.swallow();
  }

  delay(ms) {
    this.#delay_ms = ms;
  }

  hold() {
    this.#holding = true;
    for (const link of this.#links) link.messages.hold();
  }

  /** Lets one held message of the server through, as soon as there is one. */
  release() {
    return Promise.any([...this.#links].map((link) => link.messages.release()));
  }

  #accept(client) {
    if (this.#refusing) return client.destroy();
    const server = connect({ port: this.target, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
    const link = new Link(client, server, () => ({ stalled: this.#stalled, delay_ms: this.#delay_ms }));
    if (this.#holding) link.messages.hold();
    this.#links.add(link);
    client.on("close", () => this.#links.delete(link));
  }
}

class Link {
  #kept = [];
  #swallowing = false;

  constructor(client, server, weather) {
    this.client = client;
    this.server = server;
    this.weather = weather;
    this.messages = new MessageHold((bytes) => client.write(bytes));
    client.setNoDelay(true);
    client.on("data", (bytes) => this.#carry(() => server.write(bytes)));
    server.on("data", (bytes) => this.#carry(() => this.messages.pass(bytes)));
    client.on("end", () => this.#carry(() => server.end()));
    server.on("end", () => this.#carry(() => client.end()));
    client.on("error", () => server.destroy());
    server.on("error", () => this.#carry(() => client.destroy()));
    client.on("close", () => server.destroy());
  }

  #carry(step) {
    const { stalled, delay_ms } = this.weather();
    if (this.#swallowing) return;
    if (stalled || this.#kept.length) this.#kept.push(step);
    else if (delay_ms) setTimeout(step, delay_ms);
    else step();
  }

  flow() {
    for (const step of this.#kept.splice(0)) step();
    this.messages.flow();
  }

  swallow() {
    this.#swallowing = true;
  }

  end() {
    this.client.destroy();
    this.server.destroy();
  }
}
