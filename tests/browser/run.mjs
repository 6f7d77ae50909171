// Runs the cases in cases/ against a real parleyd and Chromium, one after another; names given as arguments pick some.
//
//     PARLEYD      the server             build/dev/bin/parleyd
//     PARLEY_WEB   the built shell        web/dist
//     CHROMIUM     the browser            /usr/bin/chromium

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

let browser = await openBrowser();
let failed = 0;
for (const [at, { name, setting, run }] of cases.entries()) {
  const world = new World(browser, setting);
  const began = Date.now();
  try {
    await within(limit_ms, async () => {
      await world.begin();
      await run(world);
      await world.check();
    });
    console.log(`ok      ${name} (${Date.now() - began} ms)`);
  } catch (error) {
    failed++;
    console.log(`FAILED  ${name} (${Date.now() - began} ms)\n${error.stack ?? error}`);
    await world.screenshots(`failed-${at}`);
    console.log(await world.logs());
    console.log(world.server.output.split("\n").slice(-15).join("\n"));
  }
  await world.end().catch(() => {});
  if (!browser.isConnected()) browser = await openBrowser();
}
await browser.close();
console.log(`${cases.length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);

async function within(limit, work) {
  let timer;
  const late = new Promise(
    (_, reject) => (timer = setTimeout(() => reject(new Error(`not done in ${limit} ms`)), limit)),
  );
  await Promise.race([work(), late]).finally(() => clearTimeout(timer));
}
