import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../browser/harness/server.mjs";
import { ask } from "../harness/http.mjs";
import { eventually, parleyd, root, run } from "../harness/system.mjs";

const builder = join(root, "deploy/build-image-root");

/** The Dockerfile's instructions, continued lines joined: [["FROM", "debian:12 AS build"], …]. */
const instructions = readFileSync(join(root, "deploy/Dockerfile"), "utf8")
  .replace(/^#.*\n/gm, "")
  .replace(/\\\n\s*/g, "")
  .split("\n")
  .filter(Boolean)
  .map((line) => /^([A-Z]+) (.*)$/.exec(line).slice(1));
const all = (word) => instructions.filter(([each]) => each === word).map(([, rest]) => rest);
const last = (word) => all(word).at(-1);
const variables = Object.fromEntries(
  all("ENV").flatMap((set) => set.split(" ").map((each) => each.split("="))),
);

/** Nobody's, where root runs this: a container has no root either. */
const nobody = process.getuid() === 0 ? { uid: 65534, gid: 65534 } : {};

/** A server out of an image's root, with the environment that the Dockerfile gives and nothing else. */
async function started(ending, image) {
  const data = join(ending.folder(), "data");
  chmodSync(join(data, ".."), 0o755);
  mkdirSync(data);
  if (nobody.uid) chownSync(data, nobody.uid, nobody.gid);
  const port = await freePort();
  const env = {
    ...variables,
    PATH: `${image}/usr/local/bin:/usr/bin:/bin`,
    PARLEY_PORT: String(port),
    PARLEY_DATA: data,
  };
  const [program] = JSON.parse(last("ENTRYPOINT"));
  const server = spawn(program, [], { env, cwd: "/", stdio: ["ignore", "pipe", "pipe"], ...nobody });
  server.output = "";
  for (const stream of [server.stdout, server.stderr]) stream.on("data", (said) => (server.output += said));
  ending.keep({ close: () => server.kill("SIGKILL") });
  return { server, port, env };
}

export default {
  async "image: its root is built by the Dockerfile's own script, and the server runs out of it"(ending) {
    const folder = ending.folder();
    chmodSync(folder, 0o755);
    const image = join(folder, "image");
    const built = await run(builder, [image]);
    assert.equal(built.code, 0, built.out + built.err);

    const { server, port, env } = await started(ending, image);
    const ready = () => run(/CMD \["(.*)"\]/.exec(last("HEALTHCHECK"))[1], [], { env });
    await eventually(
      async () => (await ready()).code === 0,
      () => `it is ready:\n${server.output}`,
    );
    const page = await ask(port, "/");
    assert.equal(page.status, 200);
    for (const file of [
      "web/index.html",
      "../doc/parley/deploy/parley.service",
      "../doc/parley/deploy/nginx.conf",
    ])
      assert.ok(existsSync(join(image, "usr/local/share/parley", file)), file);
    assert.match(server.output, /Its invitation is: /, "who reaches it from elsewhere needs the code");

    server.kill(last("STOPSIGNAL"));
    assert.deepEqual(await once(server, "exit"), [0, null]);
    assert.deepEqual(await ready(), { code: 1, out: "", err: "" });
  },

  async "image: a folder with something in it is left alone, in one line"(ending) {
    const folder = ending.folder();
    writeFileSync(join(folder, "mine"), "");
    for (const args of [[folder], [join(folder, "mine")], [], ["a", "b"], [""]]) {
      const { code, out, err } = await run(builder, args);
      assert.deepEqual([code, out, err.match(/\n/g).length], [1, "", 1], err);
    }
  },

  "image: what the Dockerfile copies is there, and what it runs is what is tested here"() {
    for (const words of all("COPY").filter((copy) => !copy.startsWith("--from")))
      for (const from of words.split(" ").slice(0, -1)) assert.ok(existsSync(join(root, from)), from);
    assert.deepEqual(all("FROM"), ["debian:12 AS build", "debian:12-slim"]);
    assert.ok(all("RUN").includes("deploy/build-image-root /image"));
    assert.ok(all("COPY").includes("--from=build /image /"));
    assert.match(last("USER"), /^[1-9]\d*:[1-9]\d*$/);
    assert.equal(last("STOPSIGNAL"), "SIGTERM");
    assert.ok(last("EXPOSE") === variables.PARLEY_PORT && variables.PARLEY_LISTEN === "0.0.0.0");
  },

  async "image: what the build makes for itself does not go into the context"() {
    const ignored = readFileSync(join(root, ".dockerignore"), "utf8").split("\n").filter(Boolean);
    const { out } = await run("git", ["-C", root, "ls-files"]);
    for (const path of out.split("\n").filter(Boolean))
      assert.ok(
        !ignored.some((pattern) => path === pattern || path.startsWith(`${pattern}/`)),
        `${path} is left out`,
      );
    for (const path of [".git", ".env", "build", "**/node_modules", "web/dist"])
      assert.ok(ignored.includes(path), path);
  },

  async "unit: systemd takes it, and finds little to say against it"(ending) {
    const unit = join(ending.folder(), "parley.service");
    const text = readFileSync(join(root, "deploy/parley.service"), "utf8");
    assert.match(text, /^ExecStart=\/usr\/local\/bin\/parleyd$/m);
    writeFileSync(unit, text.replace("/usr/local/bin/parleyd", parleyd));
    const verified = await run("systemd-analyze", ["verify", "--man=no", unit]);
    assert.deepEqual([verified.code, verified.err], [0, ""]);
    const judged = await run("systemd-analyze", [
      "security",
      "--offline=yes",
      "--threshold=20",
      "--no-pager",
      unit,
    ]);
    assert.equal(judged.code, 0, judged.out + judged.err);
  },

  async "unit: its variables are options of parleyd"() {
    const text = readFileSync(join(root, "deploy/parley.service"), "utf8");
    const { out: help } = await run(parleyd, ["--help"]);
    for (const [, name] of text.matchAll(/^Environment=(\w+)=/gm))
      assert.ok(help.includes(`Env:${name}`), name);
    for (const name of Object.keys(variables)) assert.ok(help.includes(`Env:${name}`), name);
  },
};
