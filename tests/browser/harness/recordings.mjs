import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
const program = process.env.PARLEY_REPLAY ?? join(root, "build/dev/bin/parley-replay");

/** The worker's ring, as a class of this process. */
export async function recorderClass() {
  const { transformSync } = createRequire(join(root, "web/package.json"))("esbuild");
  const source = readFileSync(join(root, "web/src/worker/recorder.ts"), "utf8");
  const { code } = transformSync(source, { loader: "ts", format: "esm" });
  return (await import(`data:text/javascript,${encodeURIComponent(code)}`)).Recorder;
}

/** Somewhere for recordings, which goes when the work is done. */
export async function withFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), "parley-recordings-"));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Saves a recording as people do, and returns where it lies and what is in it. */
export async function report(page, folder, { withWords = false } = {}) {
  await page.getByRole("button", { name: "Report a problem" }).click();
  const dialog = page.getByRole("dialog");
  if (withWords) await dialog.getByLabel("Include what people wrote").check();
  const downloading = page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Save the file" }).click();
  const download = await downloading;
  await dialog.getByText("The file is among your downloads.").waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  const path = join(folder, `${withWords ? "with-words-" : ""}${download.suggestedFilename()}`);
  await download.saveAs(path);
  return { path, bytes: readFileSync(path) };
}

/** What parley-replay says of a file, and how it ends. */
export function replay(path, ...options) {
  return new Promise((done) => {
    execFile(program, [path, ...options], { maxBuffer: 2 ** 28 }, (error, output, errors) =>
      done({ code: error ? error.code : 0, output, errors }),
    );
  });
}
