import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { live, row, stands } from "../harness/person.mjs";
import { shell } from "../harness/server.mjs";
import { results } from "../harness/world.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Looks as a screen reader would, and keeps a picture. */
async function look(page, name) {
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))),
  );
  const { colorScheme, width } = await page.evaluate(() => ({
    colorScheme: matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light",
    width: innerWidth,
  }));
  await page.screenshot({ path: join(results, `${name}-${width}-${colorScheme}.png`) });
  const found = await page.evaluate(`(() => { ${axe}; return axe.run({ resultTypes: ["violations"] }); })()`);
  const told = found.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`,
  );
  assert.deepEqual(told, [], `${name} at ${width} px, ${colorScheme}`);
  assert.ok(
    await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
    `${name} fits into ${width} px`,
  );
}

async function tour(world, options) {
  const ann = await world.person("ann", options);
  const page = await ann.open();
  const narrow = options.viewport.width < 700;
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  await look(page, "sign-in");
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByLabel("Invitation").waitFor();
  await look(page, "sign-up");
  await ann.fillIn(page);
  await page.getByRole("button", { name: "Create account" }).click();
  await live(page);
  await page.getByRole("navigation").getByRole("button", { name: "general" }).waitFor();
  await look(page, "rooms");
  await ann.show("general");
  await look(page, "empty-room");

  const bob = await world.member("bob");
  await bob.say(
    "Good morning! The release notes are at https://example.org/notes, have a look when you can.",
  );
  await bob.say("The short version: nothing is lost any more when the train goes into the tunnel.");
  await row(
    page,
    "The short version: nothing is lost any more when the train goes into the tunnel.",
  ).waitFor();
  await ann.say(
    "Lovely. I tried it on the way in: eleven messages typed under the river, all of them here, in order.",
  );
  await bob.say("Then let’s ship it.");
  await row(page, "Then let’s ship it.").waitFor();
  await stands(
    page,
    "Lovely. I tried it on the way in: eleven messages typed under the river, all of them here, in order.",
    "stored",
  );
  await look(page, "room");

  await page.getByRole("button", { name: /Members/ }).click();
  await page.getByRole("region", { name: "Members" }).getByText("bob").waitFor();
  await look(page, "members");
  await page.keyboard.press("Escape");
  if (narrow) await page.getByRole("button", { name: "Back to rooms" }).click();
  for (const [button, name, ready] of [
    ["New room", "dialog-create", "Room name"],
    ["Browse rooms", "dialog-browse", "Find a room"],
    ["Invite people", "dialog-invite", "Invitation link"],
    ["Report a problem", "dialog-report", "Include what people wrote"],
    ["Sign out", "dialog-sign-out", "Close"],
  ]) {
    await page.getByRole("button", { name: button }).click();
    await page.getByRole("dialog").getByLabel(ready).waitFor();
    await look(page, name);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  }
  await ann.createRoom("workshop");
  await page.getByRole("button", { name: "Leave" }).click();
  await page.getByRole("dialog").waitFor();
  await look(page, "dialog-leave");
  await page.keyboard.press("Escape");

  await world.server.kill();
  await page.getByText(/Attempt\s+\d+\s+of\s+10/).waitFor();
  await ann.say("This one waits until the server is back.");
  await page.getByTitle("Queued, saved on this device").waitFor();
  await look(page, "waiting");
}

const phone = { width: 360, height: 720 };
const desktop = { width: 1280, height: 800 };

export default {
  "every view is accessible and fits, wide and light": (world) =>
    tour(world, { viewport: desktop, colorScheme: "light" }),
  "every view is accessible and fits, wide and dark": (world) =>
    tour(world, { viewport: desktop, colorScheme: "dark" }),
  "every view is accessible and fits, 360 px and light": (world) =>
    tour(world, { viewport: phone, colorScheme: "light", hasTouch: true }),
  "every view is accessible and fits, 360 px and dark": (world) =>
    tour(world, { viewport: phone, colorScheme: "dark", hasTouch: true }),

  async "the first load stays within 60 KB of script and style and 40 KB of WASM, compressed"() {
    const sum = (pattern) =>
      readdirSync(shell, { recursive: true })
        .filter((file) => pattern.test(file))
        .reduce((bytes, file) => bytes + gzipSync(readFileSync(join(shell, file)), { level: 9 }).length, 0);
    const script = sum(/\.(js|css|html)$/);
    const core = sum(/parley-[^/]*\.wasm$/);
    console.log(`        ${script} bytes of script and style, ${core} bytes of WASM`);
    assert.ok(script <= 60 * 1024, `${script} bytes of script and style`);
    assert.ok(core <= 40 * 1024, `${core} bytes of WASM`);
  },
};
