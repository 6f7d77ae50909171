import assert from "node:assert/strict";
import { endings, hang } from "../harness/faults.mjs";
import { chatter, fact, kept, live, row, stands, texts } from "../harness/person.mjs";

/** From here on a worker that says nothing for ten seconds is given up, as by default. */
const givenUp_ms = 10_000;

export default {
  async "a worker that hangs is replaced after ten seconds, though nobody writes"(world) {
    const ann = await world.member("ann");
    const bob = await world.member("bob");
    await ann.say("before");
    await stands(ann.page, "before", "stored");
    const ended = await endings(ann.page);
    const began = Date.now();
    await hang(ann.page);
    await bob.say("does ann hear this?");
    await row(ann.page, "does ann hear this?").waitFor({ timeout: 3 * givenUp_ms });
    assert.ok(Date.now() - began >= givenUp_ms, "not sooner");
    assert.ok(Date.now() - began < 2 * givenUp_ms, "not much later");
    assert.match((await ended()).join(), /worker_died.*no sign of life/);
  },

  async "a worker that is terminated between Send and the server's answer sends nothing twice"(world) {
    const ann = await world.member("ann");
    const bob = await world.member("bob");
    world.proxy.hold();
    await ann.say("unanswered");
    await stands(ann.page, "unanswered", "sending");
    assert.deepEqual(await ann.storedTexts("general", "unanswered"), ["unanswered"]);
    await ann.page.evaluate(() => window.parley.crashWorker());
    world.proxy.heal();
    await stands(ann.page, "unanswered", "stored");
    await ann.say("after");
    await stands(ann.page, "after", "stored");
    await row(bob.page, "after").waitFor();
    for (const page of [ann.page, bob.page]) assert.deepEqual(await texts(page), ["unanswered", "after"]);
  },

  "a worker that is terminated again and again while one writes loses and doubles nothing": {
    options: ["--message-burst", 0],
    async run(world) {
      const ann = await world.member("ann");
      const bob = await world.member("bob");
      for (let round = 0; round < 4; round++) {
        await ann.page.evaluate(chatter, ["said", 20, 25 * round]);
        // Some are on the disk by now, some on their way, and of some the worker has not heard.
        await fact(
          ann.page,
          (count) => document.querySelectorAll("[role=log] .text").length > count,
          25 * round,
        );
        await ann.page.evaluate(chatter, ["said", 5, 25 * round + 20]);
        await ann.page.evaluate(() => window.parley.crashWorker());
      }
      const all = Array.from({ length: 100 }, (_, at) => `said ${at}`);
      await stands(ann.page, all.at(-1), "stored");
      await row(bob.page, all.at(-1)).waitFor();
      assert.deepEqual(await texts(bob.page), all);
      // A worker that fell far behind begins anew with the newest.
      const seen = await texts(ann.page);
      assert.ok(seen.length >= 50);
      assert.deepEqual(seen, all.slice(-seen.length));
    },
  },

  async "a browser that is killed between Send and the server's answer sends nothing twice"(world) {
    const ann = await world.personWithProcess("ann");
    await ann.signUp();
    await ann.show("general");
    const bob = await world.member("bob");
    world.proxy.hold();
    await ann.say("unanswered");
    await kept(ann.page);
    assert.deepEqual(await ann.storedTexts("general", "unanswered"), ["unanswered"]);
    await ann.restartBrowser();
    world.proxy.heal();
    const page = await ann.open();
    await ann.enter(page);
    await ann.show("general", page);
    await stands(page, "unanswered", "stored");
    await ann.say("after", page);
    await row(bob.page, "after").waitFor();
    for (const each of [page, bob.page]) assert.deepEqual(await texts(each), ["unanswered", "after"]);
  },

  async "what a closed tab left unsent goes out from another tab within two seconds"(world) {
    const ann = await world.member("ann");
    const bob = await world.member("bob");
    const second = await ann.open();
    await live(second);
    await ann.show("general", second);
    world.proxy.blackHole("newest");
    for (const text of ["one", "two", "three"]) await ann.say(text, second);
    await kept(second);
    const closed = second.close();
    await row(bob.page, "three").waitFor({ timeout: 2_000 });
    await closed;
    await stands(ann.page, "three", "stored");
    for (const page of [ann.page, bob.page]) assert.deepEqual(await texts(page), ["one", "two", "three"]);
  },

  async "the witness sees a row that is drawn twice or that disappears"(world) {
    const ann = await world.member("ann");
    await ann.say("seen");
    await stands(ann.page, "seen", "stored");
    await row(ann.page, "seen").evaluate((drawn) => {
      const copy = document.createElement("p");
      copy.dataset.op = drawn.dataset.op;
      drawn.after(copy);
      requestAnimationFrame(() => requestAnimationFrame(() => copy.remove()));
    });
    await fact(ann.page, () => window.witness.twice.length > 0);
    await row(ann.page, "seen")
      .first()
      .evaluate((drawn) => drawn.remove());
    await fact(ann.page, () => window.witness.missing.length > 0);
    await ann.page.evaluate(() => {
      for (const list of ["twice", "missing", "redrawn"]) window.witness[list].length = 0;
    });
  },
};
