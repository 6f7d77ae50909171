import assert from "node:assert/strict";
import { connection, fact, live, privateAddress, row, stands, texts } from "../harness/person.mjs";

export default {
  async "two people talk, and both see the same in the same order"(world) {
    const ann = await world.member("ann");
    const bob = await world.member("bob");
    await ann.say("Hello Bob");
    await row(bob.page, "Hello Bob").waitFor();
    await bob.say("Hello Ann");
    await stands(ann.page, "Hello Ann", "stored");
    await stands(ann.page, "Hello Bob", "stored");
    await stands(bob.page, "Hello Ann", "stored");
    assert.deepEqual(await texts(ann.page), ["Hello Bob", "Hello Ann"]);
    assert.deepEqual(await texts(bob.page), ["Hello Bob", "Hello Ann"]);
  },

  async "what is typed with the cable out is sent once when it is back"(world) {
    const ann = await world.member("ann");
    const bob = await world.member("bob");
    world.proxy.cut();
    await ann.page.locator('html:not([data-connection="live"])').waitFor({ state: "attached" });
    for (const text of ["one", "two", "three"]) await ann.say(text);
    await stands(ann.page, "three", "queued");
    world.proxy.heal();
    for (const text of ["one", "two", "three"]) {
      await stands(ann.page, text, "stored");
      await row(bob.page, text).waitFor();
    }
    assert.deepEqual(await texts(bob.page), ["one", "two", "three"]);
    assert.deepEqual(await texts(ann.page), ["one", "two", "three"]);
  },

  async "a server that is killed while one types costs no letter and no message"(world) {
    const ann = await world.member("ann");
    const bob = await world.member("bob");
    const field = ann.page.getByRole("textbox", { name: "Message" });
    await ann.say("before");
    await field.pressSequentially("half a sen");
    await world.server.kill();
    await field.pressSequentially("tence");
    await ann.page.locator('html:not([data-connection="live"])').waitFor({ state: "attached" });
    assert.equal(await field.inputValue(), "half a sentence");
    await field.press("Enter");
    await stands(ann.page, "half a sentence", "queued");
    await world.server.start();
    await stands(ann.page, "half a sentence", "stored");
    await row(bob.page, "half a sentence").waitFor();
    assert.deepEqual(await texts(bob.page), ["before", "half a sentence"]);
  },

  async "a reload right after Send loses nothing and sends nothing twice"(world) {
    const ann = await world.member("ann");
    const bob = await world.member("bob");
    for (let at = 0; at < 5; at++) {
      await ann.page.getByRole("textbox", { name: "Message" }).fill(`number ${at}`);
      await ann.page.getByRole("button", { name: "Send" }).click();
      await row(ann.page, `number ${at}`).waitFor();
      await ann.page.reload();
      await live(ann.page);
    }
    for (let at = 0; at < 5; at++) {
      await row(bob.page, `number ${at}`).waitFor();
      await stands(ann.page, `number ${at}`, "stored");
    }
    assert.deepEqual(
      await texts(bob.page),
      [0, 1, 2, 3, 4].map((at) => `number ${at}`),
    );
  },

  async "a half-open connection is noticed and what it swallowed arrives"(world) {
    const ann = await world.member("ann");
    const bob = await world.member("bob");
    await ann.say("before");
    world.proxy.halfOpen();
    await ann.say("into the void");
    await stands(ann.page, "into the void", "sending");
    const noticed = connection(ann.page, "live");
    await ann.page.evaluate(() => window.parley.ping());
    world.proxy.cut();
    world.proxy.heal();
    await noticed;
    await stands(ann.page, "into the void", "stored");
    await row(bob.page, "into the void").waitFor();
    assert.deepEqual(await texts(bob.page), ["before", "into the void"]);
  },

  async "a tab shows the same as its sister, each op once"(world) {
    const ann = await world.member("ann");
    const second = await ann.open();
    await live(second);
    await ann.show("general", second);
    await ann.say("from the first");
    await ann.say("from the second", second);
    for (const page of [ann.page, second]) {
      await stands(page, "from the first", "stored");
      await stands(page, "from the second", "stored");
      assert.deepEqual(await texts(page), ["from the first", "from the second"]);
    }
  },

  async "a duplicated tab takes an outbox of its own"(world) {
    const ann = await world.member("ann");
    const own = await ann.page.evaluate(() => ({ ...sessionStorage }));
    const copy = await ann.context.newPage();
    await copy.addInitScript(
      (items) => Object.entries(items).forEach(([key, value]) => sessionStorage.setItem(key, value)),
      own,
    );
    ann.pages.push(copy);
    await copy.goto(world.address);
    await live(copy);
    const place = Object.keys(own).find((key) => key.startsWith("parley.outbox."));
    await fact(copy, ([key, value]) => sessionStorage.getItem(key) && sessionStorage.getItem(key) !== value, [
      place,
      own[place],
    ]);
  },

  async "a worker that dies is replaced, and what it had not said is said again"(world) {
    const ann = await world.member("ann");
    const bob = await world.member("bob");
    await ann.say("before");
    await stands(ann.page, "before", "stored");
    await ann.page.evaluate(() => window.parley.crashWorker());
    await ann.say("after");
    await stands(ann.page, "after", "stored");
    await row(bob.page, "after").waitFor();
    assert.deepEqual(await texts(ann.page), ["before", "after"]);
    assert.ok(
      (await ann.page.evaluate(() => window.parley.log())).some((line) => line.includes("[worker_died]")),
    );
  },

  async "the device going offline is said, and coming back needs no hand"(world) {
    const ann = await world.member("ann");
    await ann.context.setOffline(true);
    await connection(ann.page, "offline");
    await ann.page.getByText("You are offline.").waitFor();
    await ann.say("later");
    await ann.context.setOffline(false);
    await live(ann.page);
    await stands(ann.page, "later", "stored");
    await ann.page.getByText("You are offline.").waitFor({ state: "detached" });
  },

  async "what was unsent when the browser was closed goes out when it is opened again"(world) {
    const ann = await world.member("ann");
    const bob = await world.member("bob");
    world.proxy.cut();
    await ann.page.locator('html:not([data-connection="live"])').waitFor({ state: "attached" });
    await ann.say("see you tomorrow");
    await ann.page.getByTitle("Queued, saved on this device").waitFor();
    await ann.page.close();
    world.proxy.heal();
    const page = await ann.open();
    await live(page);
    await row(bob.page, "see you tomorrow").waitFor();
    await ann.show("general", page);
    await stands(page, "see you tomorrow", "stored");
    assert.deepEqual(await texts(bob.page), ["see you tomorrow"]);
  },

  async "a device that can keep nothing says so and talks all the same"(world) {
    const ann = await world.member("ann");
    // A database of a later version can't be opened by this one.
    await ann.page.evaluate(async () => {
      const name = `parley/${window.parley.status().user}`;
      await new Promise((done, failed) =>
        Object.assign(indexedDB.open(name, 2), { onsuccess: done, onerror: failed }),
      );
    });
    await ann.page.reload();
    await live(ann.page);
    await ann.page.getByText("Nothing can be kept on this device.").waitFor();
    await ann.say("from memory");
    await stands(ann.page, "from memory", "stored");
  },

  async "over plain HTTP on an address, where there are no Web Locks, nothing is lost either"(world) {
    const address = privateAddress();
    if (!address) return;
    world.address = `http://${address}:${world.proxy.port}`;
    const ann = await world.member("ann");
    const bob = await world.member("bob");
    assert.equal(await ann.page.evaluate(() => isSecureContext), false);
    await ann.page.getByText("Not encrypted").waitFor();
    await ann.say("in the open");
    await stands(ann.page, "in the open", "stored");
    world.proxy.cut();
    await ann.page.locator('html:not([data-connection="live"])').waitFor({ state: "attached" });
    await ann.say("kept over a reload");
    await ann.page.getByTitle("Queued, saved on this device").waitFor();
    world.proxy.heal();
    await ann.page.reload();
    await live(ann.page);
    await stands(ann.page, "kept over a reload", "stored");
    await row(bob.page, "kept over a reload").waitFor();
    assert.deepEqual(await texts(bob.page), ["in the open", "kept over a reload"]);
  },
};
