import { strict as assert } from "node:assert";
import { request as https } from "node:https";
import { join } from "node:path";
import { freePort, Server } from "../../browser/harness/server.mjs";
import { ask, pretend, signUp, upgrade } from "../harness/http.mjs";
import { Proxy } from "../harness/proxy.mjs";
import { eventually, run } from "../harness/system.mjs";

async function serving(ending, ...options) {
  const server = ending.keep(new Server(["--store", "memory", ...options]));
  await server.start();
  return server;
}

/** One server behind nginx, which is asked for as both. */
async function proxied(ending, change) {
  const server = await serving(ending, "--proxy", "127.0.0.1");
  const proxy = await new Proxy(ending, [server.port, server.port], change).start();
  return { server, proxy };
}

async function roomOf(port, cookie) {
  const { rooms } = JSON.parse((await ask(port, "/api/rooms", { headers: { Cookie: cookie } })).body);
  return rooms[0].id;
}

const created = "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

/** Two pretended servers behind nginx: the first hangs up on whatever it is asked, the second answers. */
async function oneDies(ending) {
  const dying = await pretend(ending, () => null);
  const living = await pretend(ending, () => created);
  const proxy = await new Proxy(ending, [dying.port, living.port]).start();
  return { dying, living, proxy };
}

export default {
  async "nginx takes the configuration without a word"(ending) {
    const proxy = await new Proxy(ending, [1, 2]).configure();
    const said = await proxy.test();
    assert.equal(said.err, "");
    assert.equal(said.code, 0);
  },

  async "page, bundle and API come through, the bundle gzipped, and nginx says no version"(ending) {
    const { proxy } = await proxied(ending);
    const page = await ask(proxy.port, "/");
    assert.equal(page.status, 200);
    assert.equal(page.headers.server, "nginx");
    assert.match(page.headers["content-security-policy"], /default-src 'none'/);
    const bundle = /src="(\/assets\/[^"]+\.js)"/.exec(page.body)[1];
    const packed = await ask(proxy.port, bundle, { headers: { "Accept-Encoding": "gzip" } });
    assert.equal(packed.headers["content-encoding"], "gzip");
    assert.match(packed.headers["cache-control"], /immutable/);
    assert.equal((await ask(proxy.port, bundle)).headers["content-encoding"], undefined);
    assert.equal(JSON.parse((await ask(proxy.port, "/health")).body).status, "ok");
    assert.equal((await ask(proxy.port, "/api/session")).status, 401);
  },

  async "a message is stored through nginx, with a key once"(ending) {
    const { proxy } = await proxied(ending);
    const cookie = await signUp(proxy.port, "ann");
    const room = await roomOf(proxy.port, cookie);
    const say = (text, key) =>
      ask(proxy.port, `/api/rooms/${room}/messages`, {
        method: "POST",
        headers: { Cookie: cookie, ...(key && { "Idempotency-Key": key }) },
        json: { text },
      });
    assert.equal((await say("hello")).status, 201);
    const first = await say("again", "order-17");
    const repeated = await say("again", "order-17");
    assert.deepEqual([first.status, repeated.status, repeated.body], [201, 200, first.body]);
    assert.equal((await say("other", "order-17")).status, 409);
    assert.equal((await say("ü".repeat(10_000))).status, 201);
  },

  async "a body that parleyd would refuse ends at nginx, in the same words"(ending) {
    const { server, proxy } = await proxied(ending);
    for (const headers of [{}, { "Idempotency-Key": "order-17" }]) {
      const large = { method: "POST", json: { text: "x".repeat(65_536) }, headers };
      const [here, there] = [
        await ask(proxy.port, "/api/session", large),
        await ask(server.port, "/api/session", large),
      ];
      assert.deepEqual([here.status, there.status], [413, 413]);
      assert.equal(JSON.parse(here.body).error.code, JSON.parse(there.body).error.code);
      assert.match(here.headers["content-type"], /^application\/json/);
    }
  },

  async "a WebSocket goes through nginx both ways"(ending) {
    const { proxy } = await proxied(ending);
    const socket = ending.keep(await upgrade(proxy.port, await signUp(proxy.port, "ann")));
    assert.match(socket.head, /^HTTP\/1\.1 101 /);
    assert.match(socket.head, /sec-websocket-protocol: parley\.v1/i);
    socket.send(9, "are you there?");
    const pong = await socket.next();
    assert.deepEqual([pong.opcode, pong.payload.toString()], [10, "are you there?"]);
  },

  async "who is cut by parleyd is told why through nginx"(ending) {
    const { proxy } = await proxied(ending);
    const socket = ending.keep(await upgrade(proxy.port));
    assert.equal((await socket.next()).opcode, 2);
    const close = await socket.next();
    assert.deepEqual([close.opcode, close.payload.readUInt16BE(0)], [8, 4401]);
  },

  async "X-Forwarded-For is believed from nginx and from nobody else"(ending) {
    const { server, proxy } = await proxied(ending);
    const fail = (port, username, from) =>
      ask(port, "/api/session", {
        method: "POST",
        json: { username, password: "wrong horse" },
        from,
        headers: { "X-Forwarded-For": "198.51.100.7" },
      });
    const address = () => server.said(/.*sign_in_failed.*"address":"([^"]+)"/s);
    await fail(proxy.port, "through", "127.0.0.3");
    await eventually(async () => (await address()) === "127.0.0.3", "the address behind nginx is logged");
    await fail(server.port, "stranger", "127.0.0.4");
    await eventually(async () => (await address()) === "127.0.0.4", "the word of a stranger is not believed");
  },

  async "when a server is killed the other one answers; when both are, nginx says so in JSON"(ending) {
    const servers = [await serving(ending), await serving(ending)];
    const proxy = await new Proxy(
      ending,
      servers.map((each) => each.port),
    ).start();
    await servers[0].kill();
    for (let i = 0; i < 20; i++) assert.equal((await ask(proxy.port, "/health")).status, 200);
    const socket = ending.keep(await upgrade(proxy.port));
    assert.match(socket.head, /^HTTP\/1\.1 101 /);

    await servers[1].kill();
    const asked = await ask(proxy.port, "/api/session");
    assert.deepEqual([asked.status, JSON.parse(asked.body).error.code], [503, "unavailable"]);
    assert.equal(asked.headers["retry-after"], "2");
    const changed = await ask(proxy.port, "/api/session", { method: "POST", json: {} });
    assert.deepEqual([changed.status, JSON.parse(changed.body).error.code], [503, "outcome_unknown"]);

    await servers[0].start();
    await eventually(
      async () => (await ask(proxy.port, "/health")).status === 200,
      "the server is used again",
      4_000,
    );
  },

  async "one server after the other may go: the first is used as soon as it is back"(ending) {
    const servers = [await serving(ending), await serving(ending)];
    const ports = servers.map((each) => each.port);
    const proxy = await new Proxy(ending, ports).start();
    for (const server of servers) {
      await server.kill();
      for (let i = 0; i < 10; i++) assert.equal((await ask(proxy.port, "/health")).status, 200);
      await server.start();
    }
  },

  async "a request that a server died over is sent to the next one if it changes nothing or has a key"(
    ending,
  ) {
    for (const [method, headers] of [
      ["GET", {}],
      ["POST", { "Idempotency-Key": "order-17" }],
    ]) {
      const { dying, living, proxy } = await oneDies(ending);
      const json = method === "POST" ? { text: "once" } : undefined;
      const said = { method, headers, json };
      await eventually(async () => {
        assert.equal((await ask(proxy.port, "/api/rooms/x/messages", said)).status, 201);
        return dying.requests.length > 0;
      }, "the dying server is asked");
      assert.equal(living.requests.at(-1).body, json ? JSON.stringify(json) : "");
      assert.match(living.requests.at(-1).head, new RegExp(`^${method} /api/rooms/x/messages HTTP/1.1`));
    }
  },

  async "without a key what changes something is sent to one server only"(ending) {
    const { dying, living, proxy } = await oneDies(ending);
    const said = { method: "POST", json: { text: "perhaps twice" } };
    await eventually(async () => {
      const before = living.requests.length;
      const answer = await ask(proxy.port, "/api/rooms/x/messages", said);
      if (dying.requests.length === 0) return false;
      assert.deepEqual([answer.status, JSON.parse(answer.body).error.code], [503, "outcome_unknown"]);
      assert.equal(living.requests.length, before);
      return true;
    }, "the dying server is asked");
  },

  async "a 503 of parleyd's own is passed on as it is, with a key too"(ending) {
    const words = '{"error":{"code":"busy","message":"later"}}';
    const busy = await pretend(
      ending,
      () =>
        `HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: ${words.length}\r\n\r\n${words}`,
    );
    const proxy = await new Proxy(ending, [busy.port, busy.port]).start();
    for (const headers of [{}, { "Idempotency-Key": "order-17" }]) {
      const answer = await ask(proxy.port, "/api/rooms", { method: "POST", json: {}, headers });
      assert.deepEqual([answer.status, answer.body, answer.headers["retry-after"]], [503, words, "1"]);
    }
    assert.equal(busy.requests.length, 2);
  },

  async "its lines for TLS are good as they stand"(ending) {
    const folder = ending.folder();
    const [key, certificate] = [join(folder, "chat.key"), join(folder, "chat.crt")];
    const made = await run("openssl", [
      ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost".split(
        " ",
      ),
      ...["-keyout", key, "-out", certificate],
    ]);
    assert.equal(made.code, 0, made.err);
    const port = await freePort();
    const { proxy } = await proxied(ending, (text) =>
      text
        .replace("# listen 443 ssl http2;", `listen 127.0.0.1:${port} ssl http2;`)
        .replace("# ssl_certificate /etc/nginx/chat.crt;", `ssl_certificate ${certificate};`)
        .replace("# ssl_certificate_key /etc/nginx/chat.key;", `ssl_certificate_key ${key};`),
    );
    const page = await ask(port, "/", { create: https, rejectUnauthorized: false });
    assert.equal(page.status, 200, proxy.output);
  },
};
