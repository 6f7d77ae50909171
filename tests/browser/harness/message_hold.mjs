/** Splits what a server says after its 101 into WebSocket messages, and can keep them back. */
export class MessageHold {
  #upgraded = false;
  #holding = false;
  #rest = Buffer.alloc(0);
  #held = [];
  #waiting = [];

  constructor(write) {
    this.write = write;
  }

  get upgraded() {
    return this.#upgraded;
  }

  pass(bytes) {
    if (!this.#upgraded) {
      this.#upgraded = bytes.includes("HTTP/1.1 101");
      if (!this.#upgraded) return this.write(bytes);
      const end = bytes.indexOf("\r\n\r\n") + 4;
      this.write(bytes.subarray(0, end));
      bytes = bytes.subarray(end);
    }
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (let frame = this.#next(); frame; frame = this.#next()) this.#frame(frame);
  }

  hold() {
    this.#holding = true;
  }

  release() {
    if (!this.#upgraded) return new Promise(() => {});
    return new Promise((released) => {
      this.#waiting.push(released);
      this.#serve();
    });
  }

  flow() {
    this.#holding = false;
    for (const frame of this.#held.splice(0)) this.write(frame);
  }

  #frame(frame) {
    const control = (frame[0] & 0x08) !== 0;
    if (!this.#holding || control) return this.write(frame);
    this.#held.push(frame);
    this.#serve();
  }

  #serve() {
    while (this.#held.length && this.#waiting.length) {
      this.write(this.#held.shift());
      this.#waiting.shift()();
    }
  }

  #next() {
    const all = this.#rest;
    if (all.length < 2) return null;
    const short = all[1] & 0x7f;
    const head = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (all.length < head) return null;
    const length =
      short === 127 ? Number(all.readBigUInt64BE(2)) : short === 126 ? all.readUInt16BE(2) : short;
    if (all.length < head + length) return null;
    this.#rest = all.subarray(head + length);
    return all.subarray(0, head + length);
  }
}
