// Runs the cases in cases/ against a real parleyd and Chromium; names given as arguments pick some.
//
//     PARLEYD          the server                       build/dev/bin/parleyd
//     PARLEY_REPLAY    what reads recordings            build/dev/bin/parley-replay
//     PARLEY_WEB       the built shell                  web/dist
//     CHROMIUM         the browser                      /usr/bin/chromium
//     PARLEY_BROWSERS  how many cases run side by side  2

import { readdirSync } from "node:fs";
import { openBrowser } from "./harness/browser.mjs";
import { World } from "./harness/world.mjs";

const limit_ms = 180_000;
const here = new URL("cases/", import.meta.url);
const wanted = process.argv.slice(2);

const cases = [];
for (const file of readdirSync(here).sort()) {
  const { default: all } = await import(new URL(file, here));
  for (const [name, value] of Object.entries(all)) {
    const { run, ...setting } = typeof value === "function" ? { run: value } : value;
    if (!wanted.length || wanted.some((part) => name.includes(part) || file.startsWith(part)))
      cases.push({ name, setting, run });
  }
}

const waiting = cases.entries();
const runners = Math.min(Number(process.env.PARLEY_BROWSERS ?? 2), cases.length);
const failures = await Promise.all(Array.from({ length: runners }, runSome));
const failed = failures.reduce((sum, some) => sum + some, 0);
console.log(`${cases.length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);

/** Takes cases as long as there are any, one after the other, in a browser of its own. */
async function runSome() {
  let browser = await openBrowser();
  let bad = 0;
  for (const [at, each] of waiting) {
    if (!browser.isConnected()) browser = await openBrowser();
    if (!(await holds(each, at, browser))) bad++;
  }
  await browser.close();
  return bad;
}

async function holds({ name, setting, run }, at, browser) {
  const world = new World(browser, setting);
  const began = Date.now();
  let error = null;
  try {
    await within(limit_ms, async () => {
      await world.begin();
      await run(world);
      await world.check();
    });
    console.log(`ok      ${name} (${Date.now() - began} ms)`);
  } catch (caught) {
    error = caught;
    await world.screenshots(`failed-${at}`);
    const output = world.server.output.split("\n").slice(-15).join("\n");
    console.log(
      `FAILED  ${name} (${Date.now() - began} ms)\n${error.stack ?? error}\n${await world.logs()}\n${output}`,
    );
  }
  await world.end().catch(() => {});
  return !error;
}

async function within(limit, work) {
  let timer;
  const late = new Promise(
    (_, reject) => (timer = setTimeout(() => reject(new Error(`not done in ${limit} ms`)), limit)),
  );
  await Promise.race([work(), late]).finally(() => clearTimeout(timer));
}
