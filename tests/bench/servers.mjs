// Starting and stopping what is measured, each on the core that is its own.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const serverCore = "0";
const generatorCore = "1";
const patience_ms = 20_000;

function freePort() {
  return new Promise((done, failed) => {
    const probe = createServer();
    probe.on("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function until(what, child, done) {
  for (const deadline = Date.now() + patience_ms; Date.now() < deadline; await pause(10)) {
    if (child.exitCode !== null) throw new Error(`${what} ended with ${child.exitCode}: ${child.said}`);
    if (await done()) return;
  }
  throw new Error(`${what} did not come up: ${child.said}`);
}

function listen(child) {
  child.said = "";
  const keep = (data) => (child.said = (child.said + data).slice(-4000));
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  return child;
}

const answers = (port) =>
  fetch(`http://127.0.0.1:${port}/`).then(
    (answer) => answer.ok,
    () => false,
  );

async function takesConnections(port) {
  const { connect } = await import("node:net");
  return new Promise((done) => {
    const socket = connect(port, "127.0.0.1", () => (socket.destroy(), done(true)));
    socket.on("error", () => done(false));
  });
}

/** One server, up and pinned; limits that stand in the way of a measurement are off. */
export async function start(bin, name, program, options) {
  const port = await freePort();
  const data = mkdtempSync(join(tmpdir(), "parley-bench-"));
  const own =
    program === "bench_raw"
      ? [...options, String(port)]
      : [
          "--port",
          String(port),
          "--data",
          data,
          "--message-rate",
          "0",
          "--max-connections-per-address",
          "0",
          ...options,
        ];
  const child = listen(spawn("taskset", ["-c", serverCore, join(bin, program), ...own]));
  await until(name, child, () => takesConnections(port));
  return {
    flags: [program === "bench_raw" ? "--raw" : "--parley", `${name}=${port}:${child.pid}`],
    residentBytes: () =>
      1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))[1]),
    async stop() {
      const ended = new Promise((done) => child.on("exit", done));
      if (child.exitCode === null) child.kill("SIGTERM");
      await ended;
      rmSync(data, { recursive: true, force: true });
    },
  };
}

export async function stopAll(servers) {
  await Promise.all(servers.map((server) => server.stop()));
}

/** Has the generator measure; its lines as objects. */
export async function load(bin, servers, parameters) {
  const flags = servers.flatMap((server) => server.flags);
  const child = spawn("taskset", ["-c", generatorCore, join(bin, "bench_load"), ...flags, ...parameters], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.on("data", (data) => (said += data));
  const code = await new Promise((done) => child.on("close", done));
  if (code !== 0) throw new Error(`bench_load ended with ${code}`);
  return said
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** Milliseconds from calling a script that becomes the server until its page is there. */
export async function startScript(script) {
  const port = await freePort();
  const data = mkdtempSync(join(tmpdir(), "parley-bench-"));
  const began = performance.now();
  const environment = { ...process.env, PARLEY_PORT: String(port), PARLEY_DATA: data };
  const child = listen(spawn(script, [], { env: environment }));
  await until(script, child, () => answers(port));
  const took = performance.now() - began;
  const ended = new Promise((done) => child.on("exit", done));
  child.kill("SIGTERM");
  await ended;
  rmSync(data, { recursive: true, force: true });
  return took;
}
