import assert from "node:assert/strict";
import { chatter, fact, live, lost, privateAddress, row, stands, texts } from "../harness/person.mjs";

async function tabs(person, count) {
  const pages = [person.page];
  while (pages.length < count) {
    const page = await person.open();
    await live(page);
    await person.show("general", page);
    pages.push(page);
  }
  return pages;
}

export default {
  "eight tabs write a hundred messages each, and all show and count the same": {
    options: ["--message-burst", 0],
    async run(world) {
      const ann = await world.member("ann");
      const bob = await world.member("bob");
      await bob.createRoom("workshop");
      await bob.say("come in");
      await ann.joinRoom("workshop");
      await ann.show("general");
      const pages = await tabs(ann, 8);
      for (const text of ["one", "two", "three"]) await bob.say(text);
      await Promise.all(pages.map((page, at) => page.evaluate(chatter, [`tab ${at} says`, 100])));
      await Promise.all(
        pages.map((page) =>
          fact(
            page,
            () => document.querySelectorAll('[role=log] [data-state="stored"] .text').length === 800,
          ),
        ),
      );
      const seen = await Promise.all(pages.map((page) => texts(page)));
      for (const other of seen)
        assert.deepEqual(other, seen[0], "every tab shows the same in the same order");
      for (let at = 0; at < 8; at++) {
        const own = seen[0].filter((text) => text.startsWith(`tab ${at} says `));
        assert.deepEqual(
          own,
          Array.from({ length: 100 }, (_, n) => `tab ${at} says ${n}`),
          "what one tab wrote stands in the order written",
        );
      }
      for (const page of pages) {
        assert.deepEqual(await page.evaluate(() => window.parley.outbox()), [], "nothing waits any more");
        await page.getByRole("button", { name: /workshop.*3 unread messages/ }).waitFor();
        await fact(page, () => document.title.startsWith("(3) "));
      }
    },
  },

  async "unread counts are the same in all tabs, and reading in one clears them in the other"(world) {
    const ann = await world.member("ann");
    const bob = await world.member("bob");
    await bob.createRoom("workshop");
    await bob.say("come in");
    await stands(bob.page, "come in", "stored");
    await ann.joinRoom("workshop");
    await ann.show("general");
    const pages = await tabs(ann, 2);
    await bob.say("one");
    await bob.say("two");
    const unread = (page) =>
      page.getByRole("navigation").getByRole("button", { name: /workshop.*2 unread messages/ });
    for (const page of pages) await unread(page).waitFor();
    await ann.show("workshop", pages[0]);
    await unread(pages[1]).waitFor({ state: "detached" });
    await fact(pages[1], () => !document.title.startsWith("("));
  },

  async "two tabs race for what a third left behind, and it goes out once"(world) {
    const ann = await world.member("ann");
    const bob = await world.member("bob");
    const pages = await tabs(ann, 3);
    const written = Array.from({ length: 5 }, (_, at) => `left behind ${at}`);
    world.proxy.cut();
    await Promise.all(pages.map(lost));
    for (const text of written) await ann.say(text, pages[2]);
    await fact(pages[2], () => window.parley.outbox().every(({ saved }) => saved));
    await pages[2].close();
    world.proxy.heal();
    await row(bob.page, "left behind 4").waitFor();
    for (const page of pages.slice(0, 2)) {
      await stands(page, "left behind 4", "stored");
      assert.deepEqual(await texts(page), written);
    }
    assert.deepEqual(await texts(bob.page), written);
  },

  "two tabs that both believe to own an outbox send what is in it once": {
    // They can't ask each other whose it is.
    workerPrelude: "self.BroadcastChannel = class { postMessage() {} close() {} }",
    async run(world) {
      const address = privateAddress();
      if (!address) return;
      world.address = `http://${address}:${world.proxy.port}`;
      const ann = await world.member("ann");
      const bob = await world.member("bob");
      world.proxy.cut();
      await lost(ann.page);
      await ann.say("claimed twice");
      await ann.page.getByTitle("Queued, saved on this device").waitFor();
      const own = await ann.page.evaluate(() => Object.entries(sessionStorage));
      const [place, outbox] = own.find(([key]) => key.startsWith("parley.outbox."));
      await ann.page.close();
      world.proxy.heal();
      await ann.context.addInitScript(([key, value]) => sessionStorage.setItem(key, value), [place, outbox]);
      const pages = await Promise.all([ann.open(), ann.open()]);
      for (const page of pages) {
        await live(page);
        await ann.show("general", page);
        await stands(page, "claimed twice", "stored");
        assert.equal(await page.evaluate((key) => sessionStorage.getItem(key), place), outbox);
      }
      await ann.say("after it", pages[0]);
      await row(bob.page, "after it").waitFor();
      assert.deepEqual(await texts(bob.page), ["claimed twice", "after it"]);
      for (const page of pages) {
        await stands(page, "after it", "stored");
        assert.deepEqual(await texts(page), ["claimed twice", "after it"]);
      }
    },
  },

  async "a browser that is killed keeps what was saved, and sends it once when it is back"(world) {
    const ann = await world.personWithProcess("ann");
    await ann.signUp();
    await ann.show("general");
    const bob = await world.member("bob");
    await ann.say("before");
    await stands(ann.page, "before", "stored");
    world.proxy.cut();
    await lost(ann.page);
    await ann.say("written in the dark");
    await ann.say("and another");
    await fact(ann.page, () => window.parley.outbox().every(({ saved }) => saved));
    await ann.restartBrowser();
    world.proxy.heal();
    const page = await ann.open();
    await ann.enter(page);
    await ann.show("general", page);
    await stands(page, "and another", "stored");
    await row(bob.page, "and another").waitFor();
    assert.deepEqual(await texts(bob.page), ["before", "written in the dark", "and another"]);
    assert.deepEqual(await texts(page), ["before", "written in the dark", "and another"]);
  },
};
