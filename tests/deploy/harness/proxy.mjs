import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../browser/harness/server.mjs";
import { connects } from "./http.mjs";
import { eventually, root, run } from "./system.mjs";

const program = "/usr/sbin/nginx";
const names = ["PROXY_LISTEN", "PROXY_FOLDER", "PROXY_TO_1", "PROXY_TO_2"];

/** nginx with deploy/nginx.conf, its four values filled in as docs/OPERATIONS.md says. */
export class Proxy {
  #process = null;
  output = "";

  /** `servers`: their two ports. `change`: of the configuration, before nginx reads it. */
  constructor(ending, servers, change = (text) => text) {
    this.folder = ending.folder();
    chmodSync(this.folder, 0o755); // started by root, its workers are others
    this.servers = servers;
    this.change = change;
    ending.keep(this);
  }

  async configure() {
    this.port ??= await freePort();
    const [first, second] = this.servers;
    const env = {
      PATH: process.env.PATH,
      PROXY_LISTEN: `127.0.0.1:${this.port}`,
      PROXY_FOLDER: this.folder,
      PROXY_TO_1: `127.0.0.1:${first}`,
      PROXY_TO_2: `127.0.0.1:${second}`,
    };
    const input = readFileSync(join(root, "deploy/nginx.conf"));
    const filled = await run("envsubst", [names.map((name) => `$${name}`).join(" ")], { env, input });
    this.file = join(this.folder, "nginx.conf");
    writeFileSync(this.file, this.change(filled.out));
    return this;
  }

  /** What nginx says of the configuration. */
  test() {
    return run(program, ["-t", "-q", "-e", "stderr", "-c", this.file]);
  }

  async start() {
    await this.configure();
    this.#process = spawn(program, ["-e", "stderr", "-c", this.file, "-g", "daemon off;"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#process.stderr.on("data", (text) => (this.output += text));
    await eventually(async () => {
      if (this.#process.exitCode !== null) throw new Error(`nginx did not start:\n${this.output}`);
      return connects(this.port);
    }, "nginx listens");
    return this;
  }

  url(path) {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  async close() {
    if (!this.#process || this.#process.exitCode !== null) return;
    this.#process.kill("SIGTERM");
    await once(this.#process, "exit");
  }
}
