import assert from "node:assert/strict";
import { fact, live, row, stands } from "../harness/person.mjs";

export default {
  async "a wrong password is said, and the right one gets in"(world) {
    const ann = await world.member("ann");
    await ann.page.getByRole("button", { name: "Sign out" }).click();
    await ann.page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
    await ann.page.getByLabel("Username").fill("ann");
    await ann.page.getByLabel("Password").fill("not the one");
    await ann.page.getByRole("button", { name: "Sign in" }).click();
    await ann.page.getByRole("alert").waitFor();
    await ann.signIn(ann.page);
    await live(ann.page);
  },

  async "password fillers know the form"(world) {
    const ann = await world.person("ann");
    const page = await ann.open();
    const form = page.locator("form");
    const fields = () =>
      form
        .locator("input")
        .evaluateAll((all) => all.map(({ name, type, autocomplete }) => [name, type, autocomplete]));
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    assert.deepEqual(await fields(), [
      ["username", "text", "username"],
      ["password", "password", "current-password"],
    ]);
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByLabel("Invitation").waitFor();
    assert.deepEqual((await fields())[1], ["password", "password", "new-password"]);
  },

  async "signing out forgets what this device holds"(world) {
    const ann = await world.member("ann");
    await ann.say("hello");
    await ann.page.getByRole("textbox", { name: "Message" }).fill("a draft");
    await stands(ann.page, "hello", "stored");
    await ann.page.getByRole("button", { name: "Sign out" }).click();
    await ann.page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
    await ann.page.getByLabel("Username").waitFor();
    const left = await ann.page.evaluate(async () => ({
      local: Object.keys(localStorage),
      session: Object.entries(sessionStorage).filter(([, value]) => value),
    }));
    assert.deepEqual(left, { local: [], session: [] });
    await fact(ann.page, async () => (await indexedDB.databases()).length === 0);
    await ann.page.reload();
    await ann.page.getByLabel("Username").waitFor();
    assert.equal((await ann.context.cookies()).filter(({ value }) => value).length, 0);
  },

  async "signing out with something unsent asks and says how much"(world) {
    const ann = await world.member("ann");
    world.proxy.cut();
    await ann.page.locator('html:not([data-connection="live"])').waitFor({ state: "attached" });
    await ann.say("unsent");
    await fact(ann.page, () => window.parley.status().outbox === 1);
    await ann.page.getByRole("button", { name: "Sign out" }).click();
    await ann.page.getByText("1 message is not sent yet and will be lost.").waitFor();
    await ann.page.getByRole("button", { name: "Stay" }).click();
    world.proxy.heal();
    await stands(ann.page, "unsent", "stored");
  },

  async "signing out in one tab signs out the other"(world) {
    const ann = await world.member("ann");
    const second = await ann.open();
    await live(second);
    await ann.page.getByRole("button", { name: "Sign out" }).click();
    await ann.page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
    await second.getByText("You signed out in another tab.").waitFor();
  },

  async "another user in another tab is said, and what was unsent waits for its owner"(world) {
    const ann = await world.member("ann");
    const bob = await world.member("bob");
    const second = await ann.open();
    await live(second);
    world.proxy.cut();
    await ann.page.locator('html:not([data-connection="live"])').waitFor({ state: "attached" });
    await ann.say("for later");
    await ann.page.getByTitle("Queued, saved on this device").waitFor();
    await ann.context.clearCookies();
    await second.close();
    world.proxy.heal();
    const third = await ann.open();
    await bob.signIn(third);
    await live(third);
    await ann.page.getByRole("heading", { name: "bob signed in in another tab" }).waitFor();
    assert.equal(await row(bob.page, "for later").count(), 0);
    await third.close();
    await ann.context.clearCookies();
    await ann.page.getByRole("button", { name: "Go on as bob" }).click();
    await ann.signIn(ann.page);
    await row(bob.page, "for later").waitFor();
    await stands(ann.page, "for later", "stored");
  },

  async "a sign-in that was ended elsewhere asks for it again and then goes on"(world) {
    const ann = await world.member("ann");
    const cookies = await ann.context.cookies();
    await ann.http("DELETE", "/api/session");
    assert.ok(cookies.length);
    await ann.page.getByText("Your sign-in has ended.").waitFor();
    await ann.signIn(ann.page);
    await live(ann.page);
    await ann.say("back again");
    await stands(ann.page, "back again", "stored");
  },

  "an invitation brings one person in, from a link that fills itself in": {
    options: ["--registration", "invite"],
    async run(world) {
      const code = await world.server.said(/invitation is: (\S+)/);
      const owner = await world.person("owner");
      const page = await owner.open();
      await page.getByRole("button", { name: "Create account" }).click();
      await page.getByLabel("Invitation").fill(code);
      await owner.fillIn(page);
      await page.getByRole("button", { name: "Create account" }).click();
      await live(page);
      await page.getByRole("button", { name: "Invite people" }).click();
      const link = await page.getByLabel("Invitation link").inputValue();
      assert.match(link, /^http:\/\/localhost:\d+\/#invite=.+/);

      const guest = await world.person("guest");
      await guest.signUp(new URL(link).pathname + new URL(link).hash);
      await guest.show("general");
      await guest.page.getByRole("button", { name: "Invite people" }).click();
      await guest.page.getByText("Only the owner of this server and its admins can invite people.").waitFor();

      const late = await world.person("late");
      const used = await late.open(new URL(link).pathname + new URL(link).hash);
      await late.fillIn(used);
      await used.getByRole("button", { name: "Create account" }).click();
      await used.getByRole("alert").waitFor();
    },
  },
};
