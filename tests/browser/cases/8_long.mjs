import assert from "node:assert/strict";
import { fact, row, stands, texts } from "../harness/person.mjs";

const count = 5_000;
const shownMost = 1_200; // limits::timeline_events, and what joins them at the end

/** Writes many messages, many at once, and answers them in the order that the room gave them. */
async function fill(person, room) {
  const path = `/api/rooms/${room}/messages`;
  let next = 0;
  const some = async () => {
    for (let at = next++; at < count; at = next++)
      await person.http("POST", path, {
        text: `line ${at} ${"and a few words more ".repeat(at % 7)}`.trim(),
      });
  };
  await Promise.all(Array.from({ length: 48 }, some));
  const all = [];
  for (let after = 0, more = true; more;) {
    const page = await person.http("GET", `${path}?after=${after}&limit=200`);
    all.push(...page.messages.map(({ text }) => text));
    more = page.more;
    after = page.messages.at(-1).seq;
  }
  return all;
}

/** Scrolls on, a screenful each frame, until the log begins or ends. */
function scrollTo(end) {
  const log = document.querySelector("[role=log]");
  const there = () =>
    end === "beginning"
      ? log.scrollTop === 0 && document.querySelector(".beginning")
      : !document.querySelector(".to-latest");
  return new Promise((done, failed) => {
    const deadline = performance.now() + 60_000;
    const step = () => {
      if (there()) return done();
      if (performance.now() > deadline) return failed(new Error(`the ${end} never came`));
      log.scrollTop += (end === "beginning" ? -1 : 1) * log.clientHeight;
      requestAnimationFrame(step);
    };
    step();
  });
}

/** How long frames take while one scrolls, and from a key to the frame that shows it: the middle and the 9th of 10. */
async function measure() {
  const log = document.querySelector("[role=log]");
  const field = document.querySelector("textarea");
  const frame = () => new Promise((next) => requestAnimationFrame(next));
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const of = (times) => times.sort((a, b) => a - b).filter((_, at) => at === 30 || at === 54);
  const scrolling = [];
  for (let at = 0, before = performance.now(); at < 60; at++) {
    log.scrollTop += at < 30 ? 300 : -300;
    const now = await frame();
    scrolling.push(now - before);
    before = now;
  }
  const typing = [];
  for (let at = 0; at < 60; at++) {
    const began = performance.now();
    field.value += at % 20 ? "x" : "\n";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    await painted();
    typing.push(performance.now() - began);
  }
  field.value = "";
  field.dispatchEvent(new Event("input", { bubbles: true }));
  return { scrolling: of(scrolling), typing: of(typing) };
}

/** What is shown is a part of the room without a gap, and not too much of it; answers where it begins and ends. */
async function stretch(page, all) {
  const shown = await texts(page);
  assert.ok(shown.length <= shownMost, `${shown.length} rows`);
  const from = all.indexOf(shown[0]);
  assert.deepEqual(shown, all.slice(from, from + shown.length));
  return [from, from + shown.length];
}

export default {
  "five thousand messages can be read from the end to the beginning and back, without jank": {
    options: ["--message-burst", 0, "--max-unfinished-per-address", 0],
    dropsRows: true,
    async run(world) {
      const ann = await world.member("ann");
      const all = await fill(ann, await ann.roomId("general"));
      assert.equal(all.length, count);
      await stands(ann.page, all.at(-1), "stored");

      await ann.page.evaluate(scrollTo, "beginning");
      assert.equal((await stretch(ann.page, all))[0], 0);
      const { scrolling, typing } = await ann.page.evaluate(measure);
      const told = (times) => times.map(Math.round).join(" and ");
      console.log(
        `        frames of ${told(scrolling)} ms while scrolling, ${told(typing)} ms from key to screen`,
      );
      assert.ok(scrolling[0] < 34, `a frame of ${scrolling[0]} ms while scrolling`);
      assert.ok(typing[0] < 50, `${typing[0]} ms from key to screen`);

      await ann.page.evaluate(scrollTo, "end");
      assert.equal((await stretch(ann.page, all))[1], count);

      await ann.page.evaluate(scrollTo, "beginning");
      await ann.page.getByText("Later messages").waitFor({ state: "attached" });
      await ann.say("written at the beginning");
      await stands(ann.page, "written at the beginning", "stored");
      await fact(ann.page, () => !document.querySelector(".to-latest"));
      assert.equal((await texts(ann.page)).at(-1), "written at the beginning");

      await ann.page.evaluate(scrollTo, "beginning");
      const bob = await world.member("bob");
      await bob.say("news");
      await ann.page.getByRole("button", { name: /Jump to latest/ }).click();
      await row(ann.page, "news").waitFor();
      await fact(ann.page, () => !document.querySelector(".to-latest"));
    },
  },
};
