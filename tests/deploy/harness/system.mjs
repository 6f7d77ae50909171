import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
export const parleyd = process.env.PARLEYD;

/** Runs a program to its end: {code, out, err}. `input` goes to it. */
export async function run(program, args, { input = "", ...options } = {}) {
  const started = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], ...options });
  const said = { code: null, out: "", err: "" };
  started.stdout.on("data", (text) => (said.out += text));
  started.stderr.on("data", (text) => (said.err += text));
  started.stdin.on("error", () => {});
  started.stdin.end(input);
  [said.code] = await once(started, "close");
  return said;
}

export async function eventually(holds, what, patience_ms = 10_000) {
  for (const end = Date.now() + patience_ms; !(await holds());) {
    if (Date.now() > end) throw new Error(`never: ${typeof what === "function" ? what() : what}`);
    await new Promise((again) => setTimeout(again, 20));
  }
}
