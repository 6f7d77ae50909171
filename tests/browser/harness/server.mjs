import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
const program = process.env.PARLEYD ?? join(root, "build/dev/bin/parleyd");
export const shell = process.env.PARLEY_WEB ?? join(root, "web/dist");

/** A real parleyd with a data folder of its own, which outlives its kills. */
export class Server {
  #process = null;
  #data = mkdtempSync(join(tmpdir(), "parley-browser-"));
  output = "";
  port = 0;

  /** `workerPrelude`: a script that runs in each worker before its own. */
  constructor(options = [], workerPrelude = "") {
    this.options = options;
    this.shell = workerPrelude ? this.#shellWith(workerPrelude) : shell;
  }

  async start() {
    this.port ||= await freePort();
    const args = ["--port", this.port, "--data", this.#data, "--web", this.shell, ...this.options].map(
      String,
    );
    const environment = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !name.startsWith("PARLEY")),
    );
    const started = spawn(program, args, { env: environment, stdio: ["ignore", "pipe", "pipe"] });
    this.#process = started;
    for (const stream of [started.stdout, started.stderr]) stream.on("data", (text) => (this.output += text));
    await this.#healthy(started);
  }

  /** What the server says of this, as soon as it does. */
  async said(pattern) {
    for (const end = Date.now() + 10_000; Date.now() < end;) {
      const found = pattern.exec(this.output);
      if (found) return found[1];
      await Promise.race([once(this.#process.stdout, "data"), once(this.#process.stderr, "data"), turn()]);
    }
    throw new Error(`parleyd never said ${pattern}:\n${this.output}`);
  }

  /** Gone at once, as with a power cut. */
  async kill() {
    if (!this.#process || this.#process.exitCode !== null || this.#process.signalCode) return;
    this.#process.kill("SIGKILL");
    await once(this.#process, "exit");
  }

  async close() {
    await this.kill();
    rmSync(this.#data, { recursive: true, force: true });
  }

  #shellWith(prelude) {
    const copy = join(this.#data, "web");
    cpSync(shell, copy, { recursive: true });
    const assets = join(copy, "assets");
    const worker = join(
      assets,
      readdirSync(assets).find((name) => /^main-.*\.js$/.test(name)),
    );
    writeFileSync(worker, `${prelude};\n${readFileSync(worker, "utf8")}`);
    rmSync(`${worker}.gz`);
    return copy;
  }

  async #healthy(started) {
    for (const end = Date.now() + 20_000; Date.now() < end;) {
      if (started.exitCode !== null)
        throw new Error(`parleyd ended with ${started.exitCode}:\n${this.output}`);
      const answer = await fetch(`http://127.0.0.1:${this.port}/health`).catch(() => null);
      if (answer?.ok) return;
      await turn();
    }
    throw new Error(`parleyd did not become healthy:\n${this.output}`);
  }
}

const turn = () => new Promise((again) => setTimeout(again, 20));

export async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}
