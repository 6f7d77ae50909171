import assert from "node:assert/strict";
import { fillDevice, hang, moveClock, tabbing, throttleTimers, workerOf } from "../harness/faults.mjs";
import { connection, fact, live, lost, row, stands, texts } from "../harness/person.mjs";

const logged = (page, event) =>
  page.evaluate((name) => window.parley.log().filter((line) => line.includes(`[${name}]`)), event);

const databaseOf = (page) => page.evaluate(() => `parley/${window.parley.status().user}`);

/** Ten tries that fail take a second. */
const hasty = ["--client", "backoff_min_ms=20,backoff_max_ms=60,failed_retry_ms=1500"];

const wrongClock = "{ const { now } = Date; Date.now = () => now() + 2 * 24 * 3_600_000; }";

export default {
  "a worker that hangs is replaced, and what it had not said is said again": {
    options: ["--client", "worker_silence_ms=1500"],
    async run(world) {
      const ann = await world.member("ann");
      const bob = await world.member("bob");
      await ann.say("before");
      await stands(ann.page, "before", "stored");
      await hang(ann.page);
      const field = ann.page.getByRole("textbox", { name: "Message" });
      await field.fill("into the hang");
      await field.press("Enter");
      await stands(ann.page, "into the hang", "stored");
      await row(bob.page, "into the hang").waitFor();
      assert.equal(await field.inputValue(), "");
      assert.deepEqual(await texts(ann.page), ["before", "into the hang"]);
      assert.equal((await logged(ann.page, "worker_died")).length, 1);
    },
  },

  "a page that is busy for long does not take its worker for dead": {
    options: ["--client", "worker_silence_ms=1000"],
    async run(world) {
      const ann = await world.member("ann");
      await ann.page.evaluate(() => {
        for (const end = Date.now() + 2_500; Date.now() < end;);
      });
      await ann.say("still here");
      await stands(ann.page, "still here", "stored");
      assert.deepEqual(await logged(ann.page, "worker_died"), []);
    },
  },

  async "a worker that throws is replaced"(world) {
    const ann = await world.member("ann");
    await ann.say("before");
    await stands(ann.page, "before", "stored");
    const worker = await workerOf(ann.page);
    await worker.evaluate(() => {
      setTimeout(() => {
        throw new WebAssembly.RuntimeError("unreachable");
      });
    });
    await fact(ann.page, () => window.parley.log().some((line) => line.includes("[worker_died]")));
    await ann.say("after");
    await stands(ann.page, "after", "stored");
    assert.deepEqual(await texts(ann.page), ["before", "after"]);
  },

  async "what is wrong in config.json is ignored and logged"(world) {
    const ann = await world.person("ann");
    await ann.context.route("**/config.json", (route) =>
      route.fulfill({ json: { attempts: 0, ping_misses: "many", colour: 3, ping_interval_ms: 500 } }),
    );
    await ann.signUp();
    await ann.page.reload();
    await live(ann.page);
    const lines = await logged(ann.page, "config");
    for (const name of ["attempts", "ping_misses", "colour"])
      assert.ok(
        lines.some((line) => line.includes("[WARN]") && line.includes(`"name":"${name}"`)),
        `${name} is logged`,
      );
    assert.ok(!lines.some((line) => line.includes("ping_interval_ms")));
    await fact(ann.page, () => window.parley.status().roundTrip >= 0); // it pings every 0.5 s
  },

  "after ten tries the connection has failed, is tried on, and mends": {
    options: hasty,
    async run(world) {
      const ann = await world.member("ann");
      world.proxy.cut();
      await connection(ann.page, "failed");
      const banner = ann.page.getByRole("status");
      await banner.getByText("The server can’t be reached.").waitFor();
      await banner.getByText(/Still trying every\s+2 s/).waitFor();
      await ann.say("all the same");
      await stands(ann.page, "all the same", "queued");
      assert.equal(await ann.page.evaluate(() => window.parley.status().attempt), 10);
      world.proxy.heal();
      await live(ann.page);
      await stands(ann.page, "all the same", "stored");
      world.proxy.cut();
      await connection(ann.page, "failed");
      world.proxy.heal();
      await ann.page.getByRole("button", { name: "Retry now" }).click();
      await live(ann.page);
    },
  },

  "a hidden tab with slow timers stays connected, counts what it misses, and is up to date when shown": {
    options: ["--client", "ping_interval_ms=400,ping_timeout_ms=300,worker_silence_ms=1500"],
    async run(world) {
      const ann = await world.person("ann");
      await ann.context.addInitScript(tabbing);
      await ann.signUp();
      await ann.show("general");
      const bob = await world.member("bob");
      await ann.say("before");
      await stands(ann.page, "before", "stored");
      const log = await ann.page.evaluate(() => window.parley.log().length);

      await ann.page.evaluate(() => window.tab.hide());
      const cameLate = await throttleTimers(ann.page, 3_100);
      for (let at = 0; at < 2; at++) {
        const late = cameLate();
        await bob.say(`while ann is away ${at}`);
        await fact(ann.page, (count) => document.title.startsWith(`(${count}) `), at + 1);
        await late;
      }
      await ann.page.evaluate(() => window.tab.show());
      await throttleTimers(ann.page, 0);
      await row(ann.page, "while ann is away 1").waitFor();
      await ann.page.getByText("New messages").waitFor();
      await fact(ann.page, () => !document.title.startsWith("("));
      const since = (await ann.page.evaluate(() => window.parley.log())).slice(log);
      assert.deepEqual(
        since.filter((line) => /socket_closed|no_answer|worker_died/.test(line)),
        [],
        "a healthy connection is not closed for nothing",
      );
      await ann.say("back");
      await stands(ann.page, "back", "stored");
      await row(bob.page, "back").waitFor();
    },
  },

  async "a slow machine is slow and loses nothing"(world) {
    const ann = await world.member("ann");
    const bob = await world.member("bob");
    const session = await ann.context.newCDPSession(ann.page);
    await session.send("Emulation.setCPUThrottlingRate", { rate: 8 });
    for (let at = 0; at < 5; at++) {
      await ann.say(`slow ${at}`);
      await bob.say(`quick ${at}`);
    }
    for (let at = 0; at < 5; at++) {
      await stands(ann.page, `slow ${at}`, "stored");
      await stands(ann.page, `quick ${at}`, "stored");
    }
    await stands(bob.page, "slow 4", "stored");
    assert.deepEqual(await texts(ann.page), await texts(bob.page));
    assert.deepEqual(await logged(ann.page, "socket_closed"), []);
  },

  async "a full device says so, and keeps again once there is room"(world) {
    const ann = await world.member("ann");
    await ann.say("before");
    await stands(ann.page, "before", "stored");
    world.proxy.cut();
    await lost(ann.page);
    await fillDevice(ann.page);
    await ann.say("nowhere to keep this");
    await ann.page.getByText("This device is full.").waitFor();
    await stands(ann.page, "nowhere to keep this", "queued");
    assert.deepEqual(await ann.page.evaluate(() => window.parley.outbox().map(({ saved }) => saved)), [
      false,
    ]);
    await fillDevice(ann.page, false);
    await ann.page.getByText("This device is full.").waitFor({ state: "detached" });
    await ann.page.getByTitle("Queued, saved on this device").waitFor();
    world.proxy.heal();
    await stands(ann.page, "nowhere to keep this", "stored");
  },

  async "a device that is wiped under a tab is said at once, and the tab works on"(world) {
    const ann = await world.member("ann");
    world.proxy.cut();
    await lost(ann.page);
    await ann.say("was kept");
    await ann.page.getByTitle("Queued, saved on this device").waitFor();
    const session = await ann.context.newCDPSession(ann.page);
    await session.send("Storage.clearDataForOrigin", { origin: world.address, storageTypes: "indexeddb" });
    await ann.page.getByText("Nothing can be kept on this device.").waitFor();
    await fact(ann.page, () => window.parley.outbox().every(({ saved }) => !saved));
    await ann.say("from memory");
    world.proxy.heal();
    await stands(ann.page, "was kept", "stored");
    await stands(ann.page, "from memory", "stored");
  },

  async "a database that another context deletes is let go, and the tab works on"(world) {
    const ann = await world.member("ann");
    const name = await databaseOf(ann.page);
    const deleted = await ann.page.evaluate(
      (database) =>
        new Promise((done) => {
          const request = indexedDB.deleteDatabase(database);
          request.onsuccess = () => done("deleted");
          request.onblocked = () => done("blocked");
        }),
      name,
    );
    assert.equal(deleted, "deleted", "it never stands in the way");
    await ann.page.getByText("Nothing can be kept on this device.").waitFor();
    await ann.say("from memory");
    await stands(ann.page, "from memory", "stored");
  },

  "without any storage the page says so and talks all the same": {
    workerPrelude: "Object.defineProperty(self, 'indexedDB', { value: undefined })",
    async run(world) {
      const ann = await world.member("ann");
      await ann.page.getByText("Nothing can be kept on this device.").waitFor();
      await ann.say("from memory");
      await stands(ann.page, "from memory", "stored");
    },
  },

  async "a database that an older tab blocks is not waited for"(world) {
    const ann = await world.member("ann");
    const name = await databaseOf(ann.page);
    const other = await ann.context.newPage();
    await other.goto(`${world.address}/icon.svg`);
    await ann.page.close();
    await other.evaluate(
      (database) =>
        new Promise((stuck, failed) => {
          const gone = indexedDB.deleteDatabase(database);
          gone.onerror = failed;
          gone.onsuccess = () => {
            const request = indexedDB.open(database, 1);
            request.onupgradeneeded = () => {
              const store = request.result.createObjectStore("records");
              const busy = () => (store.get(0).onsuccess = busy);
              busy();
              stuck();
            };
          };
        }),
      name,
    );
    const page = await ann.open();
    await live(page);
    await page.getByText("Nothing can be kept on this device.").waitFor();
    await ann.show("general", page);
    await ann.say("not blocked", page);
    await stands(page, "not blocked", "stored");
  },

  async "a clock that is moved by a day changes neither what is sent nor its order"(world) {
    const ann = await world.member("ann");
    const bob = await world.member("bob");
    const day_ms = 24 * 3_600_000;
    await ann.say("today");
    await moveClock(ann.page, day_ms);
    await ann.say("tomorrow");
    await stands(ann.page, "tomorrow", "stored");
    await moveClock(ann.page, -2 * day_ms);
    await ann.say("yesterday");
    await stands(ann.page, "yesterday", "stored");
    await row(bob.page, "yesterday").waitFor();
    assert.deepEqual(await texts(bob.page), ["today", "tomorrow", "yesterday"]);
    assert.deepEqual(await texts(ann.page), ["today", "tomorrow", "yesterday"]);
  },

  "a device whose clock is wrong by two days sends and is understood": {
    workerPrelude: wrongClock,
    async run(world) {
      const ann = await world.person("ann");
      await ann.context.addInitScript(wrongClock);
      await ann.signUp();
      await ann.show("general");
      await ann.say("from the day after tomorrow");
      await stands(ann.page, "from the day after tomorrow", "stored");
      world.proxy.cut();
      await lost(ann.page);
      await ann.say("kept over a reload");
      await ann.page.getByTitle("Queued, saved on this device").waitFor();
      world.proxy.heal();
      await ann.page.reload();
      await live(ann.page);
      await stands(ann.page, "kept over a reload", "stored");
    },
  },
};
