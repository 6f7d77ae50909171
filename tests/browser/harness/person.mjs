import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { witness } from "./witness.mjs";

export const patience_ms = 30_000;

/** One browser profile and its pages: what a person does, in the words that a screen reader hears. */
export class Person {
  constructor(world, context, name) {
    this.world = world;
    this.context = context;
    this.name = name;
    this.password = `${name} has a long password`;
    this.pages = [];
  }

  async open(path = "/") {
    const page = await this.context.newPage();
    page.setDefaultTimeout(patience_ms);
    await page.addInitScript(witness);
    page.on("request", (request) => this.world.asked(request.url()));
    this.pages.push(page);
    this.page ??= page;
    await page.goto(this.world.address + path);
    return page;
  }

  async signUp(path = "/") {
    const page = await this.open(path);
    if (await page.getByLabel("Invitation").isHidden())
      await page.getByRole("button", { name: "Create account" }).click();
    await this.fillIn(page);
    await page.getByRole("button", { name: "Create account" }).click();
    await live(page);
    return page;
  }

  async signIn(page) {
    await this.fillIn(page);
    await page.getByRole("button", { name: "Sign in" }).click();
  }

  /** Cookies reach the disk later than messages do: a browser that was killed may ask who one is. */
  async enter(page) {
    const asked = page.getByLabel("Username");
    const entered = page.locator('html[data-connection="live"]');
    await asked.or(entered).first().waitFor({ state: "attached" });
    if (await asked.count()) await this.signIn(page);
    await live(page);
  }

  async fillIn(page) {
    await page.getByLabel("Username").fill(this.name);
    await page.getByLabel("Password").fill(this.password);
  }

  async say(text, page = this.page) {
    const field = page.getByRole("textbox", { name: "Message" });
    await field.fill(text);
    await field.press("Enter");
    await row(page, text).waitFor();
  }

  async show(room, page = this.page) {
    await page.getByRole("navigation").getByRole("button", { name: room }).click();
    await page.getByRole("heading", { level: 2, name: room }).waitFor();
  }

  async createRoom(name, page = this.page) {
    await page.getByRole("button", { name: "New room" }).click();
    await page.getByLabel("Room name").fill(name);
    await page.getByRole("button", { name: "Create room" }).click();
    await page.getByRole("heading", { level: 2, name }).waitFor();
  }

  async joinRoom(name, page = this.page) {
    await page.getByRole("button", { name: "Browse rooms" }).first().click();
    await page.getByRole("listitem").filter({ hasText: name }).getByRole("button", { name: "Join" }).click();
    await page.getByRole("heading", { level: 2, name }).waitFor();
  }

  /** The same person by another way: the server's HTTP, past the proxy. */
  async http(method, path, body) {
    const [cookie] = await this.context.cookies();
    const origin = `http://127.0.0.1:${this.world.server.port}`;
    const response = await fetch(origin + path, {
      method,
      headers: {
        cookie: `${cookie.name}=${cookie.value}`,
        origin,
        ...(body && { "content-type": "application/json" }),
      },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : {};
  }

  /** The texts of a room as the server has stored them, as soon as `last` is the last of them. */
  async storedTexts(room, last) {
    const id = await this.roomId(room);
    for (const end = Date.now() + patience_ms; Date.now() < end;) {
      const { messages } = await this.http("GET", `/api/rooms/${id}/messages?limit=100`);
      const all = messages.map(({ text }) => text);
      if (all.at(-1) === last) return all;
    }
    throw new Error(`the server never stored "${last}"`);
  }

  async roomId(name) {
    const { rooms } = await this.http("GET", "/api/rooms");
    return rooms.find((room) => room.name === name).id;
  }
}

export const row = (page, text) =>
  page.locator("[data-op]").filter({ has: page.getByText(text, { exact: true }) });

export const live = (page) => connection(page, "live");

export const connection = (page, state) =>
  page.locator(`html[data-connection="${state}"]`).waitFor({ state: "attached" });

export const lost = (page) =>
  page.locator('html:not([data-connection="live"])').waitFor({ state: "attached" });

/** All that this tab has composed is on the disk. */
export const kept = (page) => fact(page, () => window.parley.outbox().every(({ saved }) => saved));

/** Waits until the one row of this text has this state. */
export async function stands(page, text, state) {
  await page
    .locator(`[data-op][data-state="${state}"]`)
    .filter({ has: page.getByText(text, { exact: true }) })
    .waitFor();
  assert.equal(await row(page, text).count(), 1, `"${text}" is there once`);
}

/** The texts of the timeline as they stand. */
export const texts = (page) => page.locator("[role=log] [data-op] .text").allTextContents();

/** Waits for a fact of the page that no locator can say. */
export const fact = (page, test, argument) =>
  page.waitForFunction(test, argument, { timeout: patience_ms, polling: 50 });

/** Waits until so much time has passed where the page is. */
export async function passes(page, ms) {
  const end = (await page.evaluate(() => performance.now())) + ms;
  await fact(page, (when) => performance.now() >= when, end);
}

/** Runs in the page: types and sends as fast as it takes it, without waiting for anything. */
export function chatter([who, count, from = 0]) {
  const field = document.querySelector("textarea");
  for (let at = from; at < from + count; at++) {
    field.value += `${who} ${at}`;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
  }
}

/** An address that a browser does not trust as it trusts loopback. */
export function privateAddress() {
  return Object.values(networkInterfaces())
    .flat()
    .find(({ family, internal }) => family === "IPv4" && !internal)?.address;
}
