import assert from "node:assert/strict";
import { connection, fact, live, row, stands } from "../harness/person.mjs";

const icon = (page, text) => row(page, text).locator(".state");

/** A room in which ann's next message will be refused: she left it by another way while this device was away. */
async function refusedMessage(world, ann) {
  await ann.createRoom("workshop");
  await ann.say("accepted");
  await stands(ann.page, "accepted", "stored");
  const room = await ann.roomId("workshop");
  world.proxy.cut();
  await ann.page.locator('html:not([data-connection="live"])').waitFor({ state: "attached" });
  await ann.say("too late");
  await ann.http("POST", `/api/rooms/${room}/leave`, {});
  world.proxy.heal();
  await stands(ann.page, "too late", "failed");
  return room;
}

export default {
  async "each state has its icon and its words"(world) {
    const ann = await world.member("ann");
    await ann.say("settled");
    await stands(ann.page, "settled", "stored");
    assert.equal(await icon(ann.page, "settled").innerText(), "Stored");

    world.proxy.hold();
    await ann.say("on its way");
    await stands(ann.page, "on its way", "sending");
    assert.equal(await icon(ann.page, "on its way").innerText(), "Sending");
    await world.proxy.release();
    await stands(ann.page, "on its way", "sent");
    assert.equal(await icon(ann.page, "on its way").innerText(), "Sent");
    world.proxy.heal();
    await stands(ann.page, "on its way", "stored");

    world.proxy.cut();
    await ann.page.locator('html:not([data-connection="live"])').waitFor({ state: "attached" });
    await ann.say("waiting");
    await stands(ann.page, "waiting", "queued");
    await fact(
      ann.page,
      () => document.querySelector('[data-state="queued"] .state')?.title === "Queued, saved on this device",
    );
    const icons = await ann.page.locator(".state svg").evaluateAll((all) => all.map((svg) => svg.innerHTML));
    assert.equal(new Set(icons).size, 2, "ticks and clock are drawn differently");
    world.proxy.heal();
    await stands(ann.page, "waiting", "stored");
  },

  async "a refused message says why, and Try again sends it once one may"(world) {
    const ann = await world.member("ann");
    const room = await refusedMessage(world, ann);
    await row(ann.page, "too late").getByText("Not sent:").waitFor();
    assert.equal(await icon(ann.page, "too late").innerText(), "Not sent");
    await ann.http("POST", `/api/rooms/${room}/join`, {});
    await row(ann.page, "too late").getByRole("button", { name: "Try again" }).click();
    await stands(ann.page, "too late", "stored");
  },

  async "a refused message that is discarded is gone, after a reload too"(world) {
    const ann = await world.member("ann");
    await refusedMessage(world, ann);
    await row(ann.page, "too late").getByRole("button", { name: "Discard" }).click();
    await row(ann.page, "too late").waitFor({ state: "detached" });
    await fact(ann.page, () => window.parley.status().outbox === 0);
    await ann.page.reload();
    await live(ann.page);
    assert.equal(await row(ann.page, "too late").count(), 0);
  },

  async "the text of a refused message can be copied"(world) {
    const ann = await world.member("ann");
    await ann.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await refusedMessage(world, ann);
    await row(ann.page, "too late").getByRole("button", { name: "Copy text" }).click();
    await row(ann.page, "too late").getByRole("button", { name: "Copied" }).waitFor();
    assert.equal(await ann.page.evaluate(() => navigator.clipboard.readText()), "too late");
    await stands(ann.page, "too late", "failed");
  },

  async "a failed message is still there after a reload"(world) {
    const ann = await world.member("ann");
    await refusedMessage(world, ann);
    await ann.page.reload();
    await live(ann.page);
    await stands(ann.page, "too late", "failed");
  },

  async "a lost connection is told in words with its attempts, and Retry now tries at once"(world) {
    const ann = await world.member("ann");
    await world.server.kill();
    await connection(ann.page, "waiting");
    await ann.page.getByText(/Attempt\s+\d+\s+of\s+10/).waitFor();
    await ann.say("kept meanwhile");
    await ann.page.getByText("1 message waits here").waitFor();
    await world.server.start();
    await ann.page
      .getByRole("button", { name: "Retry now" })
      .click({ timeout: 5_000 })
      .catch(() => {});
    await live(ann.page);
    await ann.page.getByRole("button", { name: "Retry now" }).waitFor({ state: "detached" });
    await stands(ann.page, "kept meanwhile", "stored");
  },

  "what is told of a lost connection does not move the page with each attempt": {
    options: ["--client", "backoff_min_ms=50,backoff_max_ms=100,connect_timeout_ms=200,attempts=5"],
    async run(world) {
      const ann = await world.member("ann");
      await ann.page.evaluate(() => {
        window.heights = [];
        const pane = document.querySelector(".banner-pane");
        new ResizeObserver(() => window.heights.push(pane.offsetHeight)).observe(pane);
      });
      world.proxy.cut();
      await connection(ann.page, "waiting");
      world.proxy.heal();
      world.proxy.stall();
      await connection(ann.page, "failed");
      await ann.page.getByText("The server can’t be reached.").waitFor();
      const heights = await ann.page.evaluate(() => window.heights);
      const told = heights.slice(heights.findIndex((height) => height > 0));
      assert.equal(told.length, 1, `the page moved: ${told}`);
      assert.ok(told[0] > 0);
    },
  },

  "who writes too fast is told calmly, and all of it arrives in order": {
    options: ["--message-burst", 3, "--message-rate", 20],
    async run(world) {
      const ann = await world.member("ann");
      for (let at = 0; at < 6; at++) await ann.say(`quick ${at}`);
      await ann.page.getByText("A little slower").waitFor();
      for (let at = 0; at < 6; at++) await stands(ann.page, `quick ${at}`, "stored");
      await ann.page.getByText("A little slower").waitFor({ state: "detached" });
    },
  },

  async "a text that is too long stays in the composer with the reason"(world) {
    const ann = await world.member("ann");
    const field = ann.page.getByRole("textbox", { name: "Message" });
    const text = "a".repeat(10_001);
    await field.fill(text);
    await field.press("Enter");
    await ann.page.getByRole("alert").waitFor();
    assert.equal((await field.inputValue()).length, text.length);
    assert.equal(await ann.page.locator("[role=log] .text").count(), 0);
  },

  async "a row stays the same element from Send to stored"(world) {
    const ann = await world.member("ann");
    await ann.say("one element");
    const element = await row(ann.page, "one element").elementHandle();
    await stands(ann.page, "one element", "stored");
    assert.equal(await element.getAttribute("data-state"), "stored");
  },

  async "the console offers status, outbox, ping and the log, which outlives a reload"(world) {
    const ann = await world.member("ann");
    await ann.say("hello");
    await stands(ann.page, "hello", "stored");
    const status = await ann.page.evaluate(() => window.parley.status());
    assert.equal(status.connection, "live");
    assert.equal(status.userName, "ann");
    assert.deepEqual(await ann.page.evaluate(() => window.parley.outbox()), []);
    assert.ok((await ann.page.evaluate(() => window.parley.ping())) >= 0);
    const before = await ann.page.evaluate(() => window.parley.log());
    assert.ok(before.length > 0);
    for (const line of before)
      assert.match(
        line,
        /^\[\d{4}-\d\d-\d\dT[\d:.]+Z\] \[(DEBUG|INFO|WARN|ERROR)\] \[\w+\] socket=\S+ userId=\S+ roomId=\S+ msg=".*" meta=\{.*\}$/,
      );
    await ann.page.reload();
    await live(ann.page);
    const after = await ann.page.evaluate(() => window.parley.log());
    assert.deepEqual(after.slice(0, before.length), before);
  },

  async "the outbox tells every op without a verdict, of all rooms and of a tab that is gone"(world) {
    const ann = await world.member("ann");
    await ann.createRoom("workshop");
    await ann.say("made");
    await stands(ann.page, "made", "stored");
    const [general, workshop] = [await ann.roomId("general"), await ann.roomId("workshop")];
    const second = await ann.open();
    await live(second);
    await ann.show("general", second);
    const outbox = () => ann.page.evaluate(() => window.parley.outbox());
    assert.deepEqual(await outbox(), []);

    world.proxy.cut();
    for (const page of [ann.page, second])
      await page.locator('html:not([data-connection="live"])').waitFor({ state: "attached" });
    await ann.say("here");
    await ann.say("there", second);
    await second.getByTitle("Queued, saved on this device").waitFor();
    await ann.show("general");
    await second.close();
    await fact(ann.page, () => {
      const ops = window.parley.outbox();
      return ops.length === 2 && ops.every(({ saved }) => saved);
    });
    const told = (await outbox()).map(({ change, ...rest }) => rest);
    const queued = { kind: "message", state: "queued", reason: "", saved: true };
    assert.deepEqual(told, [
      { ...queued, room: workshop, text: "here" },
      { ...queued, room: general, text: "there" },
    ]);
    world.proxy.heal();
    await fact(ann.page, () => window.parley.outbox().length === 0);
    await stands(ann.page, "there", "stored");
  },

  async "a part that fails says so, is logged, and comes back by Reload this part"(world) {
    const ann = await world.member("ann");
    await ann.say("first");
    await ann.page.evaluate(() => {
      const { get } = Object.getOwnPropertyDescriptor(Intl.DateTimeFormat.prototype, "format");
      window.breaking = true;
      Object.defineProperty(Intl.DateTimeFormat.prototype, "format", {
        get() {
          if (window.breaking) throw new Error("no time today");
          return get.call(this);
        },
      });
    });
    const field = ann.page.getByRole("textbox", { name: "Message" });
    await field.fill("second");
    await field.press("Enter");
    await ann.page.getByRole("button", { name: "Reload this part" }).waitFor();
    assert.equal(await field.isVisible(), true, "the composer goes on");
    assert.ok(
      (await ann.page.evaluate(() => window.parley.log())).some((line) => line.includes("[part_failed]")),
    );
    await ann.page.evaluate(() => (window.breaking = false));
    await ann.page.getByRole("button", { name: "Reload this part" }).click();
    await stands(ann.page, "second", "stored");
  },
};
