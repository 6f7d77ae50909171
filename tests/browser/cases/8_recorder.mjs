import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { workerOf } from "../harness/faults.mjs";
import { live, row, stands, texts } from "../harness/person.mjs";
import { results } from "../harness/world.mjs";
import { recorderClass, replay, report, withFolder } from "../harness/recordings.mjs";

const lost = (page) => page.locator('html:not([data-connection="live"])').waitFor({ state: "attached" });

/** The core traps at the next fact after somebody has asked for it. */
const trapping = `{
  const { instantiateStreaming } = WebAssembly;
  WebAssembly.instantiateStreaming = async (...from) => {
    const { exports } = (await instantiateStreaming.apply(WebAssembly, from)).instance;
    const step = (...with_) => {
      if (self.trapNext) throw new WebAssembly.RuntimeError("unreachable");
      return exports.step(...with_);
    };
    return { instance: { exports: { ...exports, step } } };
  };
}`;

const said = [
  "the heron stands in the reeds",
  "Grüße aus der Mühle – 你好 🦆",
  "two lines\nof a letter",
  "said while nobody listened",
];

/** Two people talk, the network goes and comes back, and a draft stays. */
async function talk(world) {
  const ann = await world.member("ann");
  const bob = await world.member("bob");
  await ann.createRoom("workshop");
  await ann.show("general");
  await ann.say(said[0]);
  await bob.say(said[1]);
  await row(ann.page, said[1]).waitFor();
  await ann.say(said[2]);
  await stands(ann.page, said[0], "stored");
  world.proxy.cut();
  await lost(ann.page);
  await ann.say(said[3]);
  world.proxy.heal();
  await live(ann.page);
  await stands(ann.page, said[3], "stored");
  await row(bob.page, said[3]).waitFor();
  await ann.page.getByRole("textbox", { name: "Message" }).fill("unfinished thoughts about otters");
  await ann.show("workshop");
  await ann.show("general");
  return ann;
}

const rowsOf = (output) =>
  [...output.matchAll(/^ {4}\d+ "[^"]*" message text "((?:[^"\\]|\\.)*)"/gm)].map(([, text]) =>
    text.replace("\\x0a", "\n"),
  );

export default {
  async "a recorded session plays again byte for byte, with and without what people wrote"(world) {
    const ann = await talk(world);
    await withFolder(async (folder) => {
      const open = await report(ann.page, folder, { withWords: true });
      const again = await replay(open.path);
      assert.equal(again.code, 0, again.output.slice(-2_000) + again.errors);
      assert.match(again.output, /---- equal: all \d+ moments gave what was recorded/);
      assert.match(again.output, /flight 1 of 1: \d+ facts from/);
      assert.deepEqual(rowsOf(again.output), await texts(ann.page), "the state is what the page shows");
      for (const words of ["heron", "Mühle", "你好", "letter", "unfinished thoughts about otters"])
        assert.ok(open.bytes.includes(words), `${words} is in the open file`);

      const masked = await report(ann.page, folder);
      const blind = await replay(masked.path);
      assert.equal(blind.code, 0, blind.output.slice(-2_000) + blind.errors);
      assert.match(blind.output, /what people wrote is masked/);
      assert.match(blind.output, /---- equal: all \d+ moments gave what was recorded/);
      assert.deepEqual(
        rowsOf(blind.output).map((text) => [...text].length),
        said.map((text) => [...text].length),
        "as many characters as were written",
      );
      const words = [...said, "unfinished thoughts about otters"].flatMap((text) => text.split(/\s+/));
      for (const word of words.filter(({ length }) => length > 3))
        for (const inside of [masked.bytes, Buffer.from(blind.output)])
          assert.ok(!inside.includes(word), `${word} is in the masked file`);
      for (const { bytes } of [open, masked])
        for (const secret of [ann.password, ...(await ann.context.cookies()).map(({ value }) => value)])
          assert.ok(!bytes.includes(secret), "neither passwords nor sign-ins are in a file");
    });
  },

  "what a worker had recorded when its core ended is in the file": {
    workerPrelude: trapping,
    async run(world) {
      const ann = await world.member("ann");
      await ann.say("before the end");
      await stands(ann.page, "before the end", "stored");
      const worker = await workerOf(ann.page);
      await worker.evaluate(() => (self.trapNext = true));
      await ann.say("into the end");
      await stands(ann.page, "into the end", "stored");
      await withFolder(async (folder) => {
        for (const withWords of [true, false]) {
          const { path } = await report(ann.page, folder, { withWords });
          const { code, output } = await replay(path);
          assert.match(output, /flight 1 of 2/);
          assert.match(output, /here the worker's core ended/);
          assert.match(output, /the core goes on where the worker's ended/, "this one was ended by hand");
          assert.match(output, /the worker ended: unreachable/);
          assert.match(output, /flight 2 of 2[^]*---- equal: all/);
          assert.equal(code, 1);
        }
      });
    },
  },

  "a tab that has given up can still save what its last worker had recorded": {
    workerPrelude: trapping,
    async run(world) {
      const { page } = await world.member("ann");
      for (let deaths = 0; deaths < 5; deaths++) await page.evaluate(() => window.parley.crashWorker());
      await live(page);
      const [worker] = page.workers().slice(-1);
      await worker.evaluate(() => (self.trapNext = true));
      await page.evaluate(() => dispatchEvent(new Event("online")));
      await page.getByRole("heading", { name: "Parley has stopped in this tab" }).waitFor();
      await withFolder(async (folder) => {
        const { path } = await report(page, folder);
        await page.screenshot({ path: join(results, "stopped.png") });
        assert.match((await replay(path)).output, /flight 1 of 1[^]*the worker ended: unreachable/);
      });
    },
  },

  async "a recorder that is full says that it begins in the middle"(world) {
    const ann = await world.member("ann");
    await ann.page.evaluate(() => {
      for (let at = 0; at < 10_500; at++) dispatchEvent(new Event("online"));
    });
    await ann.say("a word at the end");
    await stands(ann.page, "a word at the end", "stored");
    await withFolder(async (folder) => {
      const open = await report(ann.page, folder, { withWords: true });
      const { code, output } = await replay(open.path);
      assert.equal(code, 0);
      assert.match(output, /flight 1 of 1: 10000 facts/);
      assert.match(output, /it begins in the middle: \d+ facts before it were dropped/);
      assert.match(output, /→ send on attempt 1.*\n.*op .* message text "a word at the end"/);
      const masked = await report(ann.page, folder);
      assert.ok(!masked.bytes.includes("a word at the end"));
      assert.match((await replay(masked.path)).output, /→ send on attempt 1.*\n.*op .* message text/);
    });
  },

  async "a recorder keeps no more than 10,000 facts and 16 MiB"() {
    const Recorder = await recorderClass();
    const told = (recorder) => {
      const flight = recorder.flight();
      const view = new DataView(flight.buffer);
      return { forgotten: view.getUint32(0, true), moments: view.getUint32(8, true), size: flight.length };
    };
    const many = new Recorder();
    const large = new Recorder();
    for (let at = 0; at < 25_000; at++) {
      many.step(new Uint8Array(10), at, at);
      many.stepped(new Uint8Array(10));
      many.view(at, at);
      many.viewed(new Uint8Array(10));
    }
    assert.deepEqual(told(many), { forgotten: 15_000, moments: 20_000, size: 12 + 10_000 * (45 + 29) });
    for (let at = 0; at < 40; at++) {
      large.step(new Uint8Array(2 ** 20), at, at);
      large.stepped(new Uint8Array(0));
    }
    assert.deepEqual(told(large), { forgotten: 25, moments: 15, size: 12 + 15 * (25 + 2 ** 20) });
    large.step(new Uint8Array(10), 1, 1);
    assert.equal(told(large).moments, 16, "a call that has not returned is there too");
  },

  async "parley-replay says in one line what is wrong with a file"(world) {
    const ann = await world.member("ann");
    await withFolder(async (folder) => {
      const { bytes } = await report(ann.page, folder);
      const damaged = Buffer.from(bytes);
      damaged[damaged.length >> 1] ^= 4;
      for (const [name, content, words] of [
        ["damaged", damaged, "is damaged"],
        ["cut", bytes.subarray(0, bytes.length - 9), "is cut short"],
        ["other", Buffer.from("Dear Parley,"), "is no recording of Parley"],
        ["empty", Buffer.alloc(0), "is no recording of Parley"],
      ]) {
        const path = join(folder, name);
        writeFileSync(path, content);
        assert.deepEqual(await replay(path), {
          code: 2,
          output: "",
          errors: `parley-replay: ${path} ${words}\n`,
        });
      }
      assert.equal((await replay(join(folder, "nowhere"))).code, 2);
    });
  },
};
