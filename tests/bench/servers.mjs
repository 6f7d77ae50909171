// Starting and stopping what is measured, each on the core that is its own.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const serverCore = "0";
const generatorCore = "1";

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

async function until(what, child, done, patience_ms = 20_000) {
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

/** One server, up and pinned (`cores`: to these); limits that stand in the way of a measurement are off. */
export async function start(bin, name, program, options, cores = serverCore) {
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
  let child;
  const begin = async () => {
    child = listen(spawn("taskset", ["-c", cores, join(bin, program), ...own]));
    await until(name, child, () => takesConnections(port));
  };
  const end = async (signal) => {
    const ended = new Promise((done) => child.on("exit", done));
    if (child.exitCode === null) child.kill(signal);
    await ended;
  };
  await begin();
  return {
    port,
    flags: [program === "bench_raw" ? "--raw" : "--parley", `${name}=${port}:${child.pid}`],
    residentBytes: () =>
      1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))[1]),
    /** As a crash would; `again` starts it on the same port with the same data. */
    kill: () => end("SIGKILL"),
    again: begin,
    async stop() {
      await end("SIGTERM");
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

/** Has so many sessions lose their server for a while; the figures of their return. */
export async function loseServer(bin, server, sessions, away_ms) {
  const child = listen(spawn(join(bin, "bench_herd"), [String(server.port), String(sessions)]));
  const ended = new Promise((done) => child.on("close", done));
  await until("bench_herd", child, () => child.said.includes("level"), 60_000);
  await server.kill();
  await pause(away_ms);
  await server.again();
  child.stdin.write("back\n");
  const code = await ended;
  if (code !== 0) throw new Error(child.said.trim());
  return JSON.parse(child.said.slice(child.said.indexOf("{")));
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
