// Runs the cases in cases/, what an operator is given: nginx's configuration, the image, compose, the unit, the cluster.
// Words given as arguments pick some: the beginning of a file's name or a part of a case's name.
//
//     PARLEYD      the server          build/release/bin/parleyd
//     PARLEY_WEB   the built shell     web/dist

import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ending } from "./harness/ending.mjs";

process.env.PARLEYD ??= fileURLToPath(new URL("../../build/release/bin/parleyd", import.meta.url));
const limit_ms = 60_000;
const here = new URL("cases/", import.meta.url);
const wanted = process.argv.slice(2);
let passed = 0;
let failed = 0;

for (const file of readdirSync(here).sort()) {
  const { default: all } = await import(new URL(file, here));
  for (const [name, run] of Object.entries(all)) {
    if (wanted.length && !wanted.some((part) => name.includes(part) || file.startsWith(part))) continue;
    if (await holds(name, run)) passed++;
    else failed++;
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);

async function holds(name, run) {
  const ending = new Ending();
  const began = Date.now();
  let timer;
  const late = new Promise(
    (_, reject) => (timer = setTimeout(() => reject(new Error(`not done in ${limit_ms} ms`)), limit_ms)),
  );
  try {
    await Promise.race([run(ending), late]);
    console.log(`ok      ${name} (${Date.now() - began} ms)`);
    return true;
  } catch (error) {
    console.log(`FAILED  ${name} (${Date.now() - began} ms)\n${error.stack ?? error}`);
    return false;
  } finally {
    clearTimeout(timer);
    await ending.end();
  }
}
