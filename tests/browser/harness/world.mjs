import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { BrowserProcess } from "./browser.mjs";
import { Person } from "./person.mjs";
import { Proxy } from "./proxy.mjs";
import { Server } from "./server.mjs";

export const results = resolve(dirname(fileURLToPath(import.meta.url)), "../results");
mkdirSync(results, { recursive: true });

/** A server, the network before it, and people with browsers: one for each test. */
export class World {
  #browser;
  #people = [];
  #machines = [];
  #strangers = new Set();

  constructor(browser, { options, workerPrelude } = {}) {
    this.#browser = browser;
    this.server = new Server(options, workerPrelude);
  }

  async begin() {
    await this.server.start();
    this.proxy = new Proxy(this.server.port);
    await this.proxy.open();
    this.address = `http://localhost:${this.proxy.port}`;
  }

  async person(name, options = {}) {
    const context = await this.#browser.newContext({ viewport: { width: 1200, height: 760 }, ...options });
    const person = new Person(this, context, name);
    this.#people.push(person);
    return person;
  }

  /** Somebody whose browser is a process and a profile of its own. */
  async personWithProcess(name) {
    const machine = new BrowserProcess();
    this.#machines.push(machine);
    const person = new Person(this, await machine.start(), name);
    this.#people.push(person);
    person.machine = machine;
    person.restartBrowser = async () => {
      await machine.kill();
      person.pages.length = 0;
      person.page = undefined;
      person.context = await machine.start();
    };
    return person;
  }

  /** Somebody who has an account and is in `general`. */
  async member(name, options) {
    const person = await this.person(name, options);
    await person.signUp();
    await person.show("general");
    return person;
  }

  asked(url) {
    if (!url.startsWith(`${this.address}/`) && !url.startsWith("blob:")) this.#strangers.add(url);
  }

  /** What must hold in every test, whatever it was about. */
  async check() {
    assert.deepEqual([...this.#strangers], [], "no request leaves for another server");
    for (const { name, page } of this.#pages()) {
      const seen = await page.evaluate(() => window.witness).catch(() => null);
      if (!seen) continue;
      assert.deepEqual(seen.twice, [], `${name} never sees an op twice`);
      assert.deepEqual(seen.missing, [], `${name} sees each op in every frame once it is there`);
      assert.deepEqual(seen.redrawn, [], `no row of ${name} is drawn anew`);
      assert.deepEqual(seen.violations, [], `${name}'s page keeps to the content security policy`);
      assert.deepEqual(seen.errors, [], `${name}'s page has no uncaught error`);
    }
  }

  async screenshots(name) {
    for (const { name: who, page } of this.#pages())
      await page.screenshot({ path: join(results, `${name}-${who}.png`) }).catch(() => {});
  }

  async logs() {
    const lines = [];
    for (const { name, page } of this.#pages()) {
      const told = await page.evaluate(whereItStands).catch((error) => [String(error)]);
      lines.push(...told.map((line) => `${name}: ${line}`));
    }
    return lines.join("\n");
  }

  async end() {
    await Promise.allSettled(this.#people.map(({ context }) => context.close()));
    await Promise.all(this.#machines.map((machine) => machine.close()));
    await this.proxy?.close();
    await this.server.close();
  }

  #pages() {
    return this.#people.flatMap(({ name, pages }) =>
      pages
        .filter((page) => !page.isClosed())
        .map((page, at) => ({ name: at ? `${name}${at + 1}` : name, page })),
    );
  }
}

/** Runs in the page. */
function whereItStands() {
  const { hash } = location;
  const { visibilityState, activeElement } = document;
  const banner = document.querySelector(".banners")?.innerText ?? "";
  const at = { hash, visibilityState, active: activeElement?.tagName, banner, frames: window.witness.frames };
  return [JSON.stringify(at), ...window.parley.log().slice(-25)];
}
