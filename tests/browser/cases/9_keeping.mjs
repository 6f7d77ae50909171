import assert from "node:assert/strict";
import { moveClock } from "../harness/faults.mjs";
import { fact, kept, live, lost, row, stands, texts } from "../harness/person.mjs";
import { readRecords, writeRecords } from "../harness/records.mjs";

const day_ms = 24 * 3_600_000;

const userOf = (page) => page.evaluate(() => window.parley.status().user);

/** A page of the same origin on which nothing of Parley runs. */
async function bystander(person) {
  const page = await person.context.newPage();
  await page.goto(`${person.world.address}/icon.svg`);
  return page;
}

/** The records of these messages, written while the network was away, after their tab was closed. */
async function leftBehind(world, person, ...said) {
  const other = await bystander(person);
  world.proxy.cut();
  await lost(person.page);
  for (const text of said) await person.say(text);
  await kept(person.page);
  const user = await userOf(person.page);
  await person.page.close();
  const records = (await readRecords(other, user)).filter(([key]) => key.includes("/op/"));
  assert.equal(records.length, said.length);
  return { user, other, records };
}

const setAside = (page) =>
  page.evaluate(() => window.parley.log().filter((line) => line.includes("[record_set_aside]")).length);

const signOut = async (page) => {
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
};

export default {
  async "stored messages that are damaged or of another version are kept aside, and the others go out"(
    world,
  ) {
    const ann = await world.member("ann");
    const bob = await world.member("bob");
    const { user, other, records } = await leftBehind(
      world,
      ann,
      "cut short",
      "newer",
      "older",
      "flipped",
      "whole",
    );
    const spoil = [
      (bytes) => bytes.slice(0, bytes.length / 2),
      (bytes) => [bytes[0] + 1, ...bytes.slice(1)],
      (bytes) => [bytes[0] - 1, ...bytes.slice(1)],
      (bytes) => bytes.map((byte, at) => (at === 60 ? byte ^ 1 : byte)),
      (bytes) => bytes,
    ];
    const spoilt = records.map(([key, bytes], at) => [key, spoil[at](bytes)]);
    const prefix = records[0][0].split("/op/")[0];
    const odd = [
      [`${prefix}/op/`, []],
      [`${prefix}/op/no id at all`, "a text"],
      [`${prefix}/draft/nonsense`, [1]],
      ["device", [0]],
      ["clock", []],
      ["something else", [1, 2, 3]],
    ];
    await writeRecords(other, user, [...spoilt, ...odd]);
    world.proxy.heal();
    const page = await ann.open();
    await live(page);
    await ann.show("general", page);
    await stands(page, "whole", "stored");
    await page.getByText("6 messages on this device can’t be read.").waitFor();
    assert.ok((await setAside(page)) >= 8);
    await ann.say("all goes on", page);
    await row(bob.page, "all goes on").waitFor();
    assert.deepEqual(await texts(bob.page), ["whole", "all goes on"]);
    await fact(page, () => window.parley.outbox().length === 0);
    const now = new Map(await readRecords(other, user));
    for (const [key, bytes] of spoilt.slice(0, 4))
      assert.deepEqual(now.get(key), bytes, "it is left as it was");
    await page.getByRole("button", { name: "Close" }).click();
    await page.getByText("can’t be read.").waitFor({ state: "detached" });
  },

  async "a stored message of another user or another server is kept aside and never sent"(world) {
    const ann = await world.member("ann");
    const bob = await world.member("bob");
    const hers = await bystander(ann);
    const { other, records } = await leftBehind(world, bob, "from bob alone");
    const user = await userOf(ann.page);
    await ann.page.close();
    await writeRecords(hers, user, records);
    world.proxy.heal();
    const page = await ann.open();
    await live(page);
    await ann.show("general", page);
    await page.getByText("1 message on this device can’t be read.").waitFor();
    await ann.say("from ann", page);
    await stands(page, "from ann", "stored");
    assert.deepEqual(await texts(page), ["from ann"]);
    await other.close();
    const back = await bob.open();
    await live(back);
    await bob.show("general", back);
    await stands(back, "from bob alone", "stored");
    await row(page, "from bob alone").waitFor();
    assert.deepEqual(await texts(page), ["from ann", "from bob alone"]);
  },

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

  async "signing out does not wait for a frozen tab, which says nothing of before when it wakes"(world) {
    const ann = await world.personWithProcess("ann");
    await ann.signUp();
    await ann.show("general");
    const bob = await world.member("bob");
    const other = await ann.open();
    await live(other);
    await ann.show("general", other);
    world.proxy.cut();
    await lost(other);
    await ann.say("never sent", other);
    await kept(other);
    const [its, mine] = [await ann.machine.rendererOf(other), await ann.machine.rendererOf(ann.page)];
    assert.notEqual(its, mine);
    ann.machine.freeze([its]);
    await signOut(ann.page);
    await ann.page.getByLabel("Username").waitFor();
    world.proxy.heal();
    await ann.signIn(ann.page);
    await live(ann.page);
    await ann.show("general");
    await ann.say("after");
    await stands(ann.page, "after", "stored");
    ann.machine.thaw();
    await row(other, "after").waitFor();
    await live(other);
    await ann.say("awake", other);
    await stands(other, "awake", "stored");
    for (const page of [ann.page, other, bob.page]) {
      await row(page, "awake").waitFor();
      assert.deepEqual(await texts(page), ["after", "awake"]);
    }
  },
};
