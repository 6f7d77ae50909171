import { request } from "node:http";
import { connect, createServer } from "node:net";
import { once } from "node:events";

/**
 * One request on a connection of its own: {status, headers, body}. With `json` it says where it comes from, as a page
 * does. `from` is the address that it comes from.
 */
export function ask(
  port,
  path,
  { method = "GET", headers = {}, json, from, create = request, ...more } = {},
) {
  const host = `127.0.0.1:${port}`;
  const body = json === undefined ? "" : JSON.stringify(json);
  const said =
    method === "GET" ? {} : { Origin: `http://${host}`, "Content-Length": Buffer.byteLength(body) };
  if (json !== undefined) said["Content-Type"] = "application/json";
  return new Promise((resolve, reject) => {
    const asked = create(
      {
        host: "127.0.0.1",
        port,
        path,
        method,
        localAddress: from,
        agent: false,
        ...more,
        headers: { ...said, ...headers },
      },
      (answer) => {
        const parts = [];
        answer.on("data", (part) => parts.push(part));
        answer.on("error", reject);
        answer.on("end", () =>
          resolve({
            status: answer.statusCode,
            headers: answer.headers,
            body: Buffer.concat(parts).toString(),
          }),
        );
      },
    );
    asked.on("error", reject);
    asked.setTimeout(20_000, () => asked.destroy(new Error(`${method} ${path}: no answer in 20 s`)));
    asked.end(body);
  });
}

/** The cookie of a new account. */
export async function signUp(port, username) {
  const answer = await ask(port, "/api/accounts", {
    method: "POST",
    json: { username, password: "correct horse battery" },
  });
  if (answer.status !== 201) throw new Error(`no account: ${answer.status} ${answer.body}`);
  return answer.headers["set-cookie"][0].split(";")[0];
}

/** A WebSocket as far as these cases need one: {head, send, next, ended}. */
export async function upgrade(port, cookie = "") {
  const socket = connect(port, "127.0.0.1");
  let held = Buffer.alloc(0);
  let ended = false;
  let wake = () => {};
  socket.on("data", (part) => {
    held = Buffer.concat([held, part]);
    wake();
  });
  socket.on("close", () => {
    ended = true;
    wake();
  });
  socket.on("error", () => {});
  const more = () => {
    if (ended) throw new Error("the connection is closed");
    return new Promise((resolve) => (wake = resolve));
  };
  socket.write(
    `GET /ws HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nOrigin: http://127.0.0.1:${port}\r\nConnection: Upgrade\r\n` +
      "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
      `Sec-WebSocket-Protocol: parley.v1\r\nCookie: ${cookie}\r\n\r\n`,
  );
  while (!held.includes("\r\n\r\n")) await more();
  const cut = held.indexOf("\r\n\r\n") + 4;
  const head = held.subarray(0, cut).toString();
  held = held.subarray(cut);
  return {
    head,
    close: () => socket.destroy(),
    /** Short frames only. */
    send(opcode, payload) {
      const bytes = Buffer.from(payload);
      socket.write(Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | bytes.length, 0, 0, 0, 0]), bytes]));
    },
    /** The next frame: {opcode, payload}. */
    async next() {
      while (held.length < 2) await more();
      const short = held[1] & 0x7f;
      const from = short === 126 ? 4 : 2;
      while (held.length < from) await more();
      const length = short === 126 ? held.readUInt16BE(2) : short;
      while (held.length < from + length) await more();
      const frame = { opcode: held[0] & 0x0f, payload: held.subarray(from, from + length) };
      held = held.subarray(from + length);
      return frame;
    },
  };
}

export function connects(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

/** Listens in a server's place: `answer(request)` gives the bytes to answer with, or null to hang up without a word. */
export async function pretend(ending, answer) {
  const requests = [];
  const server = createServer((socket) => {
    let held = "";
    socket.on("error", () => {});
    socket.on("data", (part) => {
      held += part;
      const end = held.indexOf("\r\n\r\n");
      const length = Number(/^content-length: (\d+)/im.exec(held)?.[1] ?? 0);
      if (end < 0 || held.length < end + 4 + length) return;
      const request = { head: held.slice(0, end), body: held.slice(end + 4) };
      requests.push(request);
      const bytes = answer(request);
      if (bytes === null) socket.destroy();
      else socket.end(bytes);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  ending.keep(server);
  return { port: server.address().port, requests };
}
