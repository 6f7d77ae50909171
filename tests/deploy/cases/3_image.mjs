import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../browser/harness/server.mjs";
import { ask } from "../harness/http.mjs";
import { eventually, parleyd, root, run } from "../harness/system.mjs";

const text = readFileSync(join(root, "deploy/Dockerfile"), "utf8");
/** Its instructions, continued lines joined: [["FROM", "debian:12 AS build"], …]. */
const instructions = text
  .replace(/^#.*\n/gm, "")
  .replace(/\\\n\s*/g, "")
  .split("\n")
  .filter(Boolean)
  .map((line) => line.match(/^([A-Z]+) (.*)$/).slice(1));
const last = (word) => instructions.filter(([each]) => each === word).at(-1)?.[1];
const variables = Object.fromEntries(
  instructions.filter(([word]) => word === "ENV").flatMap(([, set]) => set.split(" ").map((each) => each.split("="))),
);
const nobody = process.getuid() === 0 ? { uid: 65534, gid: 65534 } : {};

let made; // the image's root, once for all cases

async function image(ending) {
  if (made) return made;
  const folder = ending.folder.call(shared);
  chmodSync(folder, 0o755);
  const path = join(folder, "image");
  const { code, out, err } = await run(join(root, "deploy/build-image-root"), [path]);
  assert.equal(code, 0, out + err);
  return (made = path);
}

export default {};
