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

/** An address that a browser does not trust as it trusts loopback. */
export function privateAddress() {
  return Object.values(networkInterfaces())
    .flat()
    .find(({ family, internal }) => family === "IPv4" && !internal)?.address;
}
