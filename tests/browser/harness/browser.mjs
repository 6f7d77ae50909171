import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

const flags = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function openBrowser() {
  return chromium.launch({ executablePath, chromiumSandbox: false, args: flags });
}

/** A browser with a profile on disk, whose whole process can be killed and started again. */
export class BrowserProcess {
  #folder = mkdtempSync(join(tmpdir(), "parley-profile-"));
  #process = null;
  #browser = null;

  /** Its one context. */
  async start() {
    rmSync(this.#portFile, { force: true });
    const own = [
      "--headless",
      "--no-sandbox",
      "--remote-debugging-port=0",
      `--user-data-dir=${this.#folder}`,
    ];
    this.#process = spawn(executablePath, [...flags, ...own, "about:blank"], {
      stdio: "ignore",
      detached: true,
    });
    this.#browser = await chromium.connectOverCDP(`http://127.0.0.1:${await this.#port()}`);
    return this.#browser.contexts()[0];
  }

  /**
   * What a browser does to a tab that is out of sight for long: pages and workers stand still, the network goes on.
   * All tabs, or those of one renderer.
   */
  freeze(renderers = this.#renderers()) {
    for (const id of renderers) process.kill(id, "SIGSTOP");
  }

  thaw() {
    for (const id of this.#renderers()) process.kill(id, "SIGCONT");
  }

  /** The process that draws this page: the one that is busy when the page is. */
  async rendererOf(page) {
    const before = new Map(this.#renderers().map((id) => [id, workDone(id)]));
    await page.evaluate(() => {
      for (const end = performance.now() + 300; performance.now() < end;);
    });
    const busy = ([id, done]) => workDone(id) - done;
    return [...before].sort((a, b) => busy(b) - busy(a))[0][0];
  }

  /** The whole computer, its lid closed. */
  sleep() {
    process.kill(-this.#process.pid, "SIGSTOP");
  }

  wake() {
    process.kill(-this.#process.pid, "SIGCONT");
  }

  /** All of its processes at once, as with a power cut. */
  async kill() {
    if (!this.#process) return;
    const ended = once(this.#process, "exit");
    process.kill(-this.#process.pid, "SIGKILL");
    await ended;
    this.#process = null;
    await this.#browser?.close().catch(() => {});
  }

  async close() {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  get #portFile() {
    return join(this.#folder, "DevToolsActivePort");
  }

  #renderers() {
    const group = String(this.#process.pid);
    return readdirSync("/proc")
      .filter((id) => /^\d+$/.test(id) && groupOf(id) === group && isRenderer(id))
      .map(Number);
  }

  async #port() {
    for (const end = Date.now() + 20_000; Date.now() < end;) {
      try {
        const [port] = readFileSync(this.#portFile, "utf8").split("\n");
        if (port) return port;
      } catch {
        // not written yet
      }
      await new Promise((again) => setTimeout(again, 50));
    }
    throw new Error("the browser did not start");
  }
}

/** "" where the process has ended meanwhile. */
function told(id, what) {
  try {
    return readFileSync(`/proc/${id}/${what}`, "utf8");
  } catch {
    return "";
  }
}

/** What follows the name, which may have any letters: state, parent, group; ticks of work in its eleventh place. */
const statOf = (id) => told(id, "stat").split(") ").at(-1).split(" ");
const groupOf = (id) => statOf(id)[2];
const workDone = (id) => Number(statOf(id)[11]);
const isRenderer = (id) => told(id, "cmdline").includes("--type=renderer");
