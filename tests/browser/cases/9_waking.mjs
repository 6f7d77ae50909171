import assert from "node:assert/strict";
import { endings, tabbing, throttleTimers } from "../harness/faults.mjs";
import { fact, live, lost, passes, row, stands, texts } from "../harness/person.mjs";

/** So soon one is up to date again once one can be. */
const promised_ms = 3_000;

const soon = (page, text) => row(page, text).waitFor({ timeout: promised_ms });

/** The connection as it is kept by default, but all of it sooner. */
const brisk = ["--client", "ping_interval_ms=400,ping_timeout_ms=300,worker_silence_ms=1500"];

/** Somebody in `general` whose browser can be stopped as a whole, and somebody who goes on. */
async function sleeperAndTalker(world) {
  const ann = await world.personWithProcess("ann");
  await ann.signUp();
  await ann.show("general");
  const bob = await world.member("bob");
  await ann.say("before");
  await stands(ann.page, "before", "stored");
  await row(bob.page, "before").waitFor();
  return [ann, bob];
}

async function sayAndStore(person, text) {
  await person.say(text);
  await stands(person.page, text, "stored");
}

export default {
  async "a tab that was hidden for two minutes, its timers a minute late, is connected and up to date"(
    world,
  ) {
    const ann = await world.person("ann");
    await ann.context.addInitScript(tabbing);
    await ann.signUp();
    await ann.show("general");
    const bob = await world.member("bob");
    await ann.say("before");
    await stands(ann.page, "before", "stored");
    const ended = await endings(ann.page);
    await ann.page.evaluate(() => window.tab.hide());
    const cameLate = await throttleTimers(ann.page, 60_000);
    for (let at = 0; at < 2; at++) {
      const late = cameLate();
      await bob.say(`minute ${at}`);
      await fact(ann.page, (count) => document.title.startsWith(`(${count}) `), at + 1);
      await late;
    }
    await sayAndStore(bob, "the last");
    await ann.page.evaluate(() => window.tab.show());
    await soon(ann.page, "the last");
    await throttleTimers(ann.page, 0);
    await ann.say("back");
    await stands(ann.page, "back", "stored");
    assert.deepEqual(await texts(ann.page), ["before", "minute 0", "minute 1", "the last", "back"]);
    assert.deepEqual(await ended(), []);
  },

  async "a tab that is shown again after its connection died unseen is live within three seconds"(world) {
    const ann = await world.person("ann");
    await ann.context.addInitScript(tabbing);
    await ann.signUp();
    await ann.show("general");
    const bob = await world.member("bob");
    await sayAndStore(ann, "before");
    await ann.page.evaluate(() => window.tab.hide());
    world.proxy.blackHole();
    await bob.page.reload();
    await live(bob.page);
    await bob.show("general");
    await sayAndStore(bob, "while ann was away");
    await ann.page.evaluate(() => window.tab.show());
    await soon(ann.page, "while ann was away");
    assert.deepEqual(await texts(ann.page), ["before", "while ann was away"]);
  },

  async "a network that is back is used within three seconds, though the old connection is dead"(world) {
    const ann = await world.member("ann");
    const bob = await world.member("bob");
    await sayAndStore(ann, "before");
    await ann.context.setOffline(true);
    await ann.say("into the tunnel");
    await stands(ann.page, "into the tunnel", "sending");
    world.proxy.blackHole();
    await ann.context.setOffline(false);
    await row(ann.page, "into the tunnel")
      .and(ann.page.locator('[data-state="stored"]'))
      .waitFor({ timeout: promised_ms });
    await bob.page.reload();
    await live(bob.page);
    await row(bob.page, "into the tunnel").waitFor();
    assert.deepEqual(await texts(bob.page), ["before", "into the tunnel"]);
  },

  async "a network that was away for a moment does not cost the connection"(world) {
    const ann = await world.member("ann");
    await sayAndStore(ann, "before");
    const ended = await endings(ann.page);
    await ann.context.setOffline(true);
    await ann.say("into the tunnel");
    await stands(ann.page, "into the tunnel", "sending");
    await ann.context.setOffline(false);
    await stands(ann.page, "into the tunnel", "stored");
    assert.ok((await ann.page.evaluate(() => window.parley.ping())) >= 0);
    assert.deepEqual(await ended(), []);
  },

  "a frozen tab that wakes is up to date within three seconds, and kept its connection": {
    options: brisk,
    async run(world) {
      const [ann, bob] = await sleeperAndTalker(world);
      const ended = await endings(ann.page);
      ann.machine.freeze();
      await passes(bob.page, 4_000);
      await sayAndStore(bob, "while ann was frozen");
      ann.machine.thaw();
      await soon(ann.page, "while ann was frozen");
      await sayAndStore(ann, "good morning");
      assert.deepEqual(await ended(), []);
      assert.deepEqual(await texts(ann.page), ["before", "while ann was frozen", "good morning"]);
    },
  },

  async "a frozen tab that lost its connection is live within three seconds of waking"(world) {
    const [ann, bob] = await sleeperAndTalker(world);
    ann.machine.freeze();
    world.proxy.cut();
    await lost(bob.page);
    world.proxy.heal();
    await live(bob.page);
    await sayAndStore(bob, "while ann was frozen");
    ann.machine.thaw();
    await soon(ann.page, "while ann was frozen");
    assert.deepEqual(await texts(ann.page), ["before", "while ann was frozen"]);
  },

  "a computer that slept for a moment goes on with the connection that it had": {
    options: brisk,
    async run(world) {
      const [ann, bob] = await sleeperAndTalker(world);
      const ended = await endings(ann.page);
      ann.machine.sleep();
      await passes(bob.page, 4_000);
      await sayAndStore(bob, "while ann slept");
      ann.machine.wake();
      await soon(ann.page, "while ann slept");
      await sayAndStore(ann, "good morning");
      assert.deepEqual(await ended(), []);
    },
  },

  "a computer that wakes with a dead connection is live within three seconds": {
    options: ["--client", "ping_interval_ms=1000"],
    async run(world) {
      const [ann, bob] = await sleeperAndTalker(world);
      ann.machine.sleep();
      world.proxy.blackHole();
      await passes(bob.page, 5_000);
      await bob.page.reload();
      await live(bob.page);
      await bob.show("general");
      await sayAndStore(bob, "while ann slept");
      ann.machine.wake();
      await soon(ann.page, "while ann slept");
      await sayAndStore(ann, "good morning");
      assert.deepEqual(await texts(ann.page), ["before", "while ann slept", "good morning"]);
    },
  },
};
