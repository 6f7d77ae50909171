import assert from "node:assert/strict";
import { moveClock } from "../harness/faults.mjs";
import { fact, kept, live, lost, row, stands, texts } from "../harness/person.mjs";

const day_ms = 24 * 3_600_000;

const userOf = (page) => page.evaluate(() => window.parley.status().user);

const signOut = async (page) => {
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
};

export default {
  async "what waits while the clock is moved by a day goes out in order, at the true time"(world) {
    const ann = await world.member("ann");
    const bob = await world.member("bob");
    await ann.say("now");
    await stands(ann.page, "now", "stored");
    world.proxy.cut();
    await lost(ann.page);
    await ann.say("offline now");
    await moveClock(ann.page, day_ms);
    await ann.say("offline tomorrow");
    await moveClock(ann.page, -2 * day_ms);
    await ann.say("offline yesterday");
    await kept(ann.page);
    world.proxy.heal();
    await stands(ann.page, "offline yesterday", "stored");
    await ann.page.reload();
    await live(ann.page);
    await ann.say("true again");
    await stands(ann.page, "true again", "stored");
    await row(bob.page, "true again").waitFor();
    const all = ["now", "offline now", "offline tomorrow", "offline yesterday", "true again"];
    for (const page of [ann.page, bob.page]) {
      assert.deepEqual(await texts(page), all);
      const times = await page
        .locator("[role=log] [data-op] time")
        .evaluateAll((found) => found.map((time) => Date.parse(time.dateTime)));
      for (const time of times) assert.ok(Math.abs(time - Date.now()) < 120_000, `${new Date(time)} is now`);
      assert.deepEqual(times, [...times].sort(), "they rise");
    }
    assert.deepEqual(await ann.page.evaluate(() => window.parley.outbox()), []);
  },

  async "a sign-in that has ended pauses what waits; another user never sees it, and its owner goes on"(
    world,
  ) {
    const ann = await world.member("ann");
    const bob = await world.member("bob");
    await ann.say("before");
    await stands(ann.page, "before", "stored");
    world.proxy.cut();
    await lost(ann.page);
    await ann.say("not sent yet");
    await ann.page.getByRole("textbox", { name: "Message" }).fill("half a thought");
    await kept(ann.page);
    await ann.http("DELETE", "/api/session");
    world.proxy.heal();
    await ann.page.getByText("Your sign-in has ended.").waitFor();

    const guest = await world.person("cleo", {});
    await guest.signUp();
    await ann.page.getByLabel("Username").fill("cleo");
    await ann.page.getByLabel("Password").fill(guest.password);
    await ann.page.getByRole("button", { name: "Sign in" }).click();
    await live(ann.page);
    await ann.show("general");
    await row(ann.page, "before").waitFor();
    assert.equal(await row(ann.page, "not sent yet").count(), 0);
    assert.equal(await ann.page.getByRole("textbox", { name: "Message" }).inputValue(), "");
    assert.deepEqual(await ann.page.evaluate(() => window.parley.outbox()), []);
    await ann.say("cleo was here");
    await stands(ann.page, "cleo was here", "stored");
    await signOut(ann.page);

    await ann.page.getByLabel("Username").waitFor();
    await ann.signIn(ann.page);
    await live(ann.page);
    await ann.show("general");
    await stands(ann.page, "not sent yet", "stored");
    await fact(ann.page, () => document.querySelector("textarea")?.value === "half a thought");
    await row(bob.page, "not sent yet").waitFor();
    assert.deepEqual(await texts(bob.page), ["before", "cleo was here", "not sent yet"]);
  },

  async "a tab that is asked to sign in again keeps ops and draft, and goes on as the same user"(world) {
    const ann = await world.member("ann");
    const bob = await world.member("bob");
    world.proxy.cut();
    await lost(ann.page);
    for (const text of ["one", "two"]) await ann.say(text);
    await ann.page.getByRole("textbox", { name: "Message" }).fill("half a thought");
    await kept(ann.page);
    await ann.http("DELETE", "/api/session");
    world.proxy.heal();
    await ann.page.getByText("Your sign-in has ended.").waitFor();
    await bob.say("meanwhile");
    await stands(bob.page, "meanwhile", "stored");
    assert.deepEqual(await texts(bob.page), ["meanwhile"]);
    await ann.signIn(ann.page);
    await live(ann.page);
    await stands(ann.page, "two", "stored");
    assert.equal(await ann.page.getByRole("textbox", { name: "Message" }).inputValue(), "half a thought");
    await row(bob.page, "two").waitFor();
    assert.deepEqual(await texts(bob.page), ["meanwhile", "one", "two"]);
  },

  async "signing out in one tab signs out all, with what they had not sent and one that is offline"(world) {
    const ann = await world.member("ann");
    const bob = await world.member("bob");
    const pages = [ann.page, await ann.open(), await ann.open()];
    for (const page of pages) await ann.show("general", page);
    world.proxy.cut();
    await Promise.all(pages.map(lost));
    await ann.say("of the second tab", pages[1]);
    await kept(pages[1]);
    await pages[2].getByRole("textbox", { name: "Message" }).fill("a draft of the third");
    const user = await userOf(ann.page);
    await signOut(pages[0]);
    for (const page of pages) await page.getByLabel("Username").waitFor();
    await fact(pages[0], async () => (await indexedDB.databases()).length === 0);
    world.proxy.heal();
    await ann.signIn(pages[2]);
    for (const page of pages) {
      await live(page);
      await ann.show("general", page);
    }
    assert.equal(await userOf(pages[1]), user);
    await ann.say("after", pages[1]);
    await row(bob.page, "after").waitFor();
    for (const page of [...pages, bob.page]) {
      await row(page, "after").waitFor();
      assert.deepEqual(await texts(page), ["after"]);
    }
    assert.equal(await pages[2].getByRole("textbox", { name: "Message" }).inputValue(), "");
  },
};
