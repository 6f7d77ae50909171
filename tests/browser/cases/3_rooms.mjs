import assert from "node:assert/strict";
import { fact, live, row, stands, texts } from "../harness/person.mjs";

export default {
  async "a room that one makes is found, joined and talked in by another"(world) {
    const ann = await world.member("ann");
    const bob = await world.member("bob");
    await ann.createRoom("workshop");
    await ann.say("anybody here?");
    await stands(ann.page, "anybody here?", "stored");
    await bob.joinRoom("workshop");
    await bob.say("me");
    await row(ann.page, "me").waitFor();
    await row(bob.page, "anybody here?").waitFor();
  },

  async "joining and writing in one go is acknowledged, in that order"(world) {
    const ann = await world.member("ann");
    const bob = await world.member("bob");
    await ann.createRoom("workshop");
    await ann.say("welcome");
    await stands(ann.page, "welcome", "stored");
    world.proxy.delay(150);
    await bob.joinRoom("workshop");
    await bob.say("in one go");
    await stands(bob.page, "in one go", "stored");
    await row(ann.page, "in one go").waitFor();
  },

  async "leaving asks first, and Escape stays"(world) {
    const ann = await world.member("ann");
    await ann.createRoom("workshop");
    await ann.page.getByRole("button", { name: "Leave" }).click();
    await ann.page.getByRole("dialog").waitFor();
    await ann.page.keyboard.press("Escape");
    await ann.page.getByRole("dialog").waitFor({ state: "detached" });
    await ann.page.getByRole("textbox", { name: "Message" }).waitFor();
    await ann.page.getByRole("button", { name: "Leave" }).click();
    await ann.page.getByRole("dialog").getByRole("button", { name: "Leave" }).click();
    await ann.page.getByRole("heading", { name: "general", exact: true }).waitFor();
    await ann.page
      .getByRole("navigation")
      .getByRole("button", { name: "workshop" })
      .waitFor({ state: "detached" });
  },

  async "general can't be left"(world) {
    const ann = await world.member("ann");
    assert.equal(await ann.page.getByRole("button", { name: "Leave" }).count(), 0);
  },

  async "the dialog says when a name is taken"(world) {
    const ann = await world.member("ann");
    await ann.page.getByRole("button", { name: "New room" }).click();
    await ann.page.getByLabel("Room name").fill("General");
    await ann.page.getByText("There is a room called general already").waitFor();
    await ann.page.getByLabel("Room name").fill("General assembly");
    await ann.page.getByText("There is a room called").waitFor({ state: "detached" });
  },

  async "unread messages are counted in the list and in the tab's title, and reading clears them"(world) {
    const ann = await world.member("ann");
    const bob = await world.member("bob");
    await bob.createRoom("workshop");
    await ann.say("first");
    await ann.say("second");
    await bob.page
      .getByRole("navigation")
      .getByRole("button", { name: /general.*2 unread messages/ })
      .waitFor();
    await fact(bob.page, () => document.title.startsWith("(2) "));
    await bob.show("general");
    await bob.page.getByText("New messages").waitFor();
    await fact(bob.page, () => !document.title.startsWith("("));
  },

  async "a draft is kept for each room and over a reload"(world) {
    const ann = await world.member("ann");
    const field = ann.page.getByRole("textbox", { name: "Message" });
    await field.fill("for everybody");
    await ann.createRoom("workshop");
    assert.equal(await field.inputValue(), "");
    await field.fill("for the\nworkshop");
    await ann.show("general");
    await fact(ann.page, () => document.querySelector("textarea").value === "for everybody");
    await ann.page.reload();
    await live(ann.page);
    await fact(ann.page, () => document.querySelector("textarea")?.value === "for everybody");
    await ann.show("workshop");
    await fact(ann.page, () => document.querySelector("textarea").value === "for the\nworkshop");
    await field.press("Enter");
    await fact(ann.page, () => document.querySelector("textarea").value === "");
    await ann.page.reload();
    await live(ann.page);
    await ann.page.getByRole("heading", { level: 2, name: "workshop" }).waitFor();
    await ann.page.locator("[role=log] .text").first().waitFor();
    assert.deepEqual(await texts(ann.page), ["for the\nworkshop"]);
    assert.equal(await field.inputValue(), "");
  },

  "older messages come as one scrolls up, and nothing jumps": {
    options: ["--message-rate", 0, "--message-burst", 0],
    async run(world) {
      const ann = await world.member("ann");
      const room = await ann.roomId("general");
      for (let at = 0; at < 260; at++)
        await ann.http("POST", `/api/rooms/${room}/messages`, { text: `line ${at}` });
      await row(ann.page, "line 259").waitFor();
      await ann.page.reload();
      await row(ann.page, "line 259").waitFor();
      assert.equal(await row(ann.page, "line 0").count(), 0, "the beginning is not there yet");
      const jumps = await ann.page.evaluate(scrollUpAndWatch);
      assert.ok(jumps <= 1, `a row that is read moves by ${jumps} px at most`);
      await row(ann.page, "line 0").waitFor();
      const all = await texts(ann.page);
      assert.deepEqual(
        all,
        Array.from({ length: 260 }, (_, at) => `line ${at}`),
      );
      await ann.page.getByRole("button", { name: "Jump to latest" }).click();
      await fact(ann.page, () => {
        const log = document.querySelector("[role=log]");
        return log.scrollHeight - log.scrollTop - log.clientHeight < 2;
      });
      await ann.page.getByRole("button", { name: "Jump to latest" }).waitFor({ state: "detached" });
    },
  },

  "news while one reads above does not move the page and is counted": {
    options: ["--message-rate", 0, "--message-burst", 0],
    async run(world) {
      const ann = await world.member("ann");
      const bob = await world.member("bob");
      const room = await ann.roomId("general");
      for (let at = 0; at < 40; at++)
        await ann.http("POST", `/api/rooms/${room}/messages`, { text: `line ${at}` });
      await row(bob.page, "line 39").waitFor();
      await bob.page.evaluate(() => (document.querySelector("[role=log]").scrollTop = 200));
      await bob.page.getByRole("button", { name: "Jump to latest" }).waitFor();
      const before = await bob.page.evaluate(() => document.querySelector("[role=log]").scrollTop);
      await ann.say("news");
      await bob.page.getByRole("button", { name: /1 new message/ }).waitFor();
      assert.equal(await bob.page.evaluate(() => document.querySelector("[role=log]").scrollTop), before);
      await bob.page.getByRole("button", { name: "Jump to latest" }).click();
      await bob.page.getByText("New messages").waitFor();
    },
  },

  async "members are listed, and Escape closes their pane"(world) {
    const ann = await world.member("ann");
    await world.member("bob");
    await ann.page.getByRole("button", { name: /Members, 2 people/ }).click();
    const pane = ann.page.getByRole("region", { name: "Members" });
    await pane.getByText("bob").waitFor();
    await pane.getByText("ann").waitFor();
    await ann.page.keyboard.press("Escape");
    await pane.waitFor({ state: "detached" });
  },

  async "up and down walk the rooms, Enter opens one"(world) {
    const ann = await world.member("ann");
    await ann.createRoom("alpha");
    await ann.createRoom("beta");
    const rooms = ann.page.locator(".room-item");
    await rooms.nth(2).waitFor();
    await rooms.first().focus();
    await ann.page.keyboard.press("ArrowDown");
    const name = (await ann.page.evaluate(() => document.activeElement.textContent)).trim();
    await ann.page.keyboard.press("Enter");
    await ann.page.getByRole("heading", { level: 2, name }).waitFor();
  },

  async "a room that moves in the list keeps the focus"(world) {
    const ann = await world.member("ann");
    world.proxy.hold();
    await ann.createRoom("alpha");
    const rooms = ann.page.locator(".room-item");
    const names = () => rooms.locator(".room-name").allTextContents();
    assert.deepEqual(await names(), ["general", "alpha"]);
    await rooms.first().focus();
    world.proxy.heal();
    await fact(ann.page, () => document.querySelector(".room-item .room-name").textContent === "alpha");
    assert.equal(
      await ann.page.evaluate(() => document.activeElement.querySelector(":scope > .room-name")?.textContent),
      "general",
    );
  },

  async "addresses become links that open apart, and everything else stays text"(world) {
    const ann = await world.member("ann");
    const text = `<img src=x onerror="window.hurt=1"> javascript:alert(1) see https://example.org/a_(b)?c=1&d=2, or (http://example.com).`;
    await ann.page.getByRole("textbox", { name: "Message" }).fill(text);
    await ann.page.keyboard.press("Enter");
    const said = ann.page.locator("[role=log] .text");
    await said.waitFor();
    assert.equal(await said.textContent(), text);
    const links = await said
      .locator("a")
      .evaluateAll((all) => all.map((a) => [a.href, a.rel.includes("noopener"), a.target]));
    assert.deepEqual(links, [
      ["https://example.org/a_(b)?c=1&d=2", true, "_blank"],
      ["http://example.com/", true, "_blank"],
    ]);
    assert.equal(await said.locator("img").count(), 0);
    assert.equal(await ann.page.evaluate(() => window.hurt), undefined);
  },

  async "Shift and Enter make a new line, and the field grows with them"(world) {
    const ann = await world.member("ann");
    const field = ann.page.getByRole("textbox", { name: "Message" });
    const before = (await field.boundingBox()).height;
    await field.pressSequentially("one");
    await field.press("Shift+Enter");
    await field.pressSequentially("two");
    await fact(ann.page, (height) => document.querySelector("textarea").clientHeight > height + 10, before);
    await field.press("Enter");
    await fact(ann.page, (height) => document.querySelector("textarea").clientHeight <= height, before);
    await ann.page.locator("[role=log] .text").waitFor();
    assert.deepEqual(await texts(ann.page), ["one\ntwo"]);
  },
};

/** Scrolls to the top step by step, each step a frame; answers by how much a row in sight moved beyond the step. */
async function scrollUpAndWatch() {
  const log = document.querySelector("[role=log]");
  const frame = () => new Promise((next) => requestAnimationFrame(next));
  const inSight = () =>
    [...log.querySelectorAll(".row")].find((row) => row.getBoundingClientRect().top > 150);
  let worst = 0;
  for (const end = performance.now() + 15_000; performance.now() < end;) {
    const row = inSight();
    const top = row.getBoundingClientRect().top;
    const wanted = Math.min(150, log.scrollTop);
    log.scrollTop -= wanted;
    await frame();
    await frame();
    worst = Math.max(worst, Math.abs(row.getBoundingClientRect().top - top - wanted));
    if (
      log.scrollTop === 0 &&
      [...log.querySelectorAll(".text")].some((text) => text.textContent === "line 0")
    )
      break;
  }
  return Math.round(worst);
}
