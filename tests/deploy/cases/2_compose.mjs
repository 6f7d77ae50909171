import { strict as assert } from "node:assert";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { parleyd, root, run } from "../harness/system.mjs";

/// What compose would make of the file, as far as it can be known without an engine: no word that it does not know, no
/// name that nothing stands behind.

const words = {
  file: ["services", "networks", "volumes"],
  service: [
    ...[
      "image",
      "build",
      "command",
      "environment",
      "depends_on",
      "restart",
      "healthcheck",
      "volumes",
      "tmpfs",
      "ports",
    ],
    ...["networks", "ulimits", "stop_grace_period", "cap_drop", "security_opt", "read_only"],
  ],
  build: ["context", "dockerfile"],
  healthcheck: ["test", "interval", "timeout", "retries", "start_period", "disable"],
  conditions: ["service_started", "service_healthy", "service_completed_successfully"],
  restart: ["no", "always", "on-failure", "unless-stopped"],
};
const once = ["migrate", "bucket"];
const text = readFileSync(join(root, "docker-compose.yml"), "utf8");
const dockerfile = readFileSync(join(root, "deploy/Dockerfile"), "utf8");
const proxyTemplate = readFileSync(join(root, "deploy/nginx.conf"), "utf8");
const example = readFileSync(join(root, ".env.example"), "utf8");

const set = Object.fromEntries(
  [...example.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
);

/** As compose puts in what .env says: ${NAME:-else} and ${NAME:?complaint}. */
function filled(value, env) {
  if (typeof value === "string")
    return value.replace(/\$\{([A-Z_]+)(:[-?])([^}]*)\}/g, (_, name, how, rest) => {
      if (env[name]) return env[name];
      if (how === ":?") throw new Error(`${name}: ${rest}`);
      return rest;
    });
  if (Array.isArray(value)) return value.map((each) => filled(each, env));
  if (value && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, filled(each, env)]));
  return value;
}

function read(env = { ...set, DB_PASSWORD: "d", REDIS_PASSWORD: "r", MINIO_PASSWORD: "m" }) {
  const document = parseDocument(text, { merge: true, strict: true, uniqueKeys: true });
  assert.deepEqual([...document.errors, ...document.warnings], []);
  return filled(document.toJS(), env);
}

const only = (object, known, where) =>
  assert.deepEqual(
    Object.keys(object).filter((word) => !known.includes(word) && !word.startsWith("x-")),
    [],
    where,
  );

const isTime = (value) => /^\d+(ms|s|m)$/.test(value);
const number = (address) => address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
const within = (address, network) => {
  const [base, bits] = network.split("/");
  return number(address) >= number(base) && number(address) < number(base) + 2 ** (32 - bits);
};
const servers = (file) => Object.entries(file.services).filter(([name]) => /^parley-\d$/.test(name));

export default {
  "compose: it knows every word, and every name has something behind it"() {
    const file = read();
    only(file, words.file, "the file");
    for (const [name, service] of Object.entries(file.services)) {
      only(service, words.service, name);
      assert.match(service.image, /:(?!latest)[\w.-]+$/, `${name} has an image of a certain version`);
      assert.ok(words.restart.includes(service.restart), `${name} restarts or does not`);
      assert.equal(service.restart === "no", once.includes(name), `${name} restarts unless it runs once`);
      if (service.build) {
        only(service.build, words.build, `${name}.build`);
        assert.ok(existsSync(join(root, service.build.context, service.build.dockerfile)));
      }
      for (const [other, how] of Object.entries(service.depends_on ?? {})) {
        assert.ok(words.conditions.includes(how.condition), `${name} waits for ${other}`);
        const on = file.services[other];
        assert.ok(on, `${name} waits for ${other}`);
        if (how.condition === "service_healthy")
          assert.ok(on.healthcheck || on.build, `${other} tells how it is`);
        if (how.condition === "service_completed_successfully")
          assert.ok(once.includes(other), `${other} ends`);
      }
      for (const volume of service.volumes ?? []) {
        const [from, to] = volume.split(":");
        assert.ok(to.startsWith("/"));
        if (from.startsWith(".")) assert.ok(existsSync(join(root, from)), from);
        else assert.ok(from in file.volumes, from);
      }
      for (const [key, value] of Object.entries(service.environment ?? {}))
        assert.ok(/^\w+$/.test(key) && typeof value === "string", `${name}: ${key} is text`);
      for (const word of service.command ?? [])
        assert.equal(typeof word, "string", `${name}: ${word} is text`);
    }
  },

  "compose: whoever stays is looked after"() {
    for (const [name, { healthcheck, build, restart, stop_grace_period: grace = "10s" }] of Object.entries(
      read().services,
    )) {
      assert.ok(isTime(grace), name);
      if (restart === "no" || (build && !healthcheck)) continue; // the image brings one
      only(healthcheck, words.healthcheck, name);
      assert.ok(["CMD", "CMD-SHELL"].includes(healthcheck.test[0]), name);
      for (const time of ["interval", "timeout"]) assert.ok(isTime(healthcheck[time]), `${name}: ${time}`);
      assert.ok(Number.isInteger(healthcheck.retries), name);
    }
    assert.match(dockerfile, /^HEALTHCHECK .*CMD \[/m);
    for (const [, server] of servers(read())) assert.ok(parseInt(server.stop_grace_period) > 15);
  },

  "compose: addresses are fixed where somebody is told them"() {
    const file = read();
    const [{ subnet, gateway, ip_range: range }] = file.networks.default.ipam.config;
    const address = (name) => file.services[name].networks.default.ipv4_address;
    const fixed = ["nginx", ...servers(file).map(([name]) => name)].map(address);
    assert.equal(new Set([...fixed, gateway]).size, fixed.length + 1);
    for (const each of [...fixed, gateway]) assert.ok(within(each, subnet) && !within(each, range), each);
    const { environment } = file.services.nginx;
    assert.deepEqual(
      servers(file).map(([name]) => `${address(name)}:8080`),
      [environment.PROXY_TO_1, environment.PROXY_TO_2],
    );
    for (const [, server] of servers(file))
      assert.deepEqual(server.environment.PARLEY_PROXY.split(","), [address("nginx"), gateway]);
    const inside = Number(environment.PROXY_LISTEN);
    assert.deepEqual(file.services.nginx.ports, [`127.0.0.1:8080:${inside}`]);
  },

  "compose: nginx is given all that its template wants, and nothing else"() {
    const given = Object.keys(read().services.nginx.environment).filter((name) => name.startsWith("PROXY_"));
    const wanted = new Set([...proxyTemplate.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name));
    assert.deepEqual(new Set(given), wanted);
  },

  "compose: the servers' variables are options of parleyd, and it takes their values"() {
    return takes(read());
  },

  "compose: Redis keeps nothing and drops nothing"() {
    const words = read().services.redis.command.join(" ");
    assert.match(
      words,
      /^redis-server --save {2}--appendonly no --maxmemory 512mb --maxmemory-policy noeviction /,
    );
  },

  "compose: without a secret it says which one, and .env.example names all that is asked"() {
    for (const name of ["DB_PASSWORD", "REDIS_PASSWORD", "MINIO_PASSWORD"]) {
      assert.equal(set[name], "", `${name} has no value that everybody knows`);
      const others = { ...set, DB_PASSWORD: "d", REDIS_PASSWORD: "r", MINIO_PASSWORD: "m", [name]: "" };
      assert.throws(() => read(others), new RegExp(`: set ${name} in .env`));
    }
    const asked = new Set([...text.matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name));
    assert.deepEqual(asked, new Set(Object.keys(set)));
  },
};

async function takes(file) {
  const { PATH } = process.env;
  const { out: help } = await run(parleyd, ["--help"], { env: { PATH } });
  for (const [name, { environment }] of servers(file)) {
    for (const variable of Object.keys(environment))
      assert.ok(help.includes(`Env:${variable}`), `${name}: ${variable}`);
    // It reads its options before it looks at the command's argument, which is missing.
    const said = await run(parleyd, ["disable-user"], { env: { PATH, ...environment } });
    assert.match(said.err, /^parleyd: name is required/, said.err);
  }
}
