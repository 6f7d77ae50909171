import type { Acknowledged, Intent, IntentKind, Patch } from "../border";
import { CoreLink, type CoreListener } from "./core_link";
import * as device from "./device";
import type { User } from "./device";
import { log } from "./log";
import { askParameters, type Parameters } from "./parameters";
import { makeReport } from "./report";
import { blankScreen, fold, whileRebuilt, type Screen } from "./screen";
import { Refused, session } from "./session";

/** What the whole page is about at the moment. */
export type Phase =
  | { readonly kind: "starting" }
  | { readonly kind: "signed_out"; readonly notice: string; readonly name: string }
  | { readonly kind: "running" }
  | { readonly kind: "displaced"; readonly by: string }
  | { readonly kind: "broken"; readonly reason: string };

type Said = { kind: "signed_in" | "signed_out"; user: User };

const forgetWithin_ms = 3_000;

/**
 * One tab: who is signed in, the link to that user's core, and the screen as its patches draw it. Emits `changed` at
 * most once per frame.
 */
export class Parley extends EventTarget implements CoreListener {
  phase: Phase = { kind: "starting" };
  screen: Screen = blankScreen;
  parameters: Parameters = {};
  /** Keys of messages on this device that can't be read, as long as this has to be said. */
  setAside: ReadonlySet<string> = new Set();
  private link: CoreLink | null = null;
  /** What a new core has told so far that took a dead one's place. */
  private anew: Screen | null = null;
  private readonly undrawn: Patch[] = [];
  private readonly tabs = new BroadcastChannel("parley");
  private whenForgotten = () => {};

  constructor() {
    super();
    this.tabs.onmessage = ({ data }: MessageEvent<Said>) => this.heardFromTab(data);
    addEventListener("pagehide", () => this.link?.close());
    addEventListener("pageshow", (event) => {
      // A page taken out of the back-forward cache closed its link when it went in.
      if (event.persisted) void this.begin();
    });
    document.addEventListener("visibilitychange", () => this.draw());
  }

  /** Who, before anything else: the server knows, and where it can't be reached the device remembers. */
  async begin(): Promise<void> {
    const last = device.lastUser();
    const asked = askParameters().then((parameters) => (this.parameters = parameters));
    try {
      if (device.signOutPending()) await this.endSession();
      const user = await session.current();
      await asked;
      this.enter(user);
    } catch (error) {
      const code = error instanceof Refused ? error.code : "";
      await asked;
      if (code === "unauthenticated" || code === "revoked") this.leave("", last?.username);
      else if (last && !device.signOutPending()) this.enter(last);
      else this.leave("The server can’t be reached right now.");
    }
  }

  async signIn(username: string, password: string): Promise<void> {
    this.signedIn(await session.signIn(username, password));
  }

  async signUp(username: string, password: string, invite: string): Promise<void> {
    this.signedIn(await session.signUp(username, password, invite));
  }

  /** Forgets what this device holds of the user; the server may hear of it later. */
  async signOut(): Promise<void> {
    const user = { id: this.screen.user, username: this.screen.userName };
    const link = this.link;
    this.link = null;
    if (link) {
      await Promise.race([
        new Promise<void>((forgotten) => {
          this.whenForgotten = forgotten;
          link.signOut();
        }),
        new Promise((gaveUp) => setTimeout(gaveUp, forgetWithin_ms)),
      ]);
      link.close();
    }
    device.rememberUser(null);
    device.forgetTab(user.id);
    device.setSignOutPending(true);
    log.forget();
    this.tabs.postMessage({ kind: "signed_out", user } satisfies Said);
    await this.endSession().catch(() => {});
    this.leave("");
  }

  /** Goes on as whoever the cookie names now. */
  goOn(): Promise<void> {
    this.become({ kind: "starting" });
    return this.begin();
  }

  intend(kind: IntentKind, what?: Omit<Intent, "kind" | "number">): Promise<Acknowledged> {
    if (this.link) return this.link.intend(kind, what);
    return Promise.resolve({
      intent: 0,
      code: "unavailable",
      sentence: "Sign in first",
      change: "",
      room: "",
    });
  }

  /** The file of a problem report; `masked`: without what people wrote. */
  async report(masked: boolean): Promise<Uint8Array<ArrayBuffer>> {
    return makeReport((await this.link?.flights()) ?? [], masked);
  }

  crashWorker(): void {
    this.link?.crash();
  }

  // ---- what the core says

  patched(patch: Patch): void {
    this.undrawn.push(patch);
    if (this.undrawn.length > 1) return;
    // A hidden page has no frames, and its title tells the unread all the same.
    if (document.hidden) setTimeout(() => this.draw());
    else requestAnimationFrame(() => this.draw());
  }

  askedToSignIn(code: string): void {
    if (code === "wrong_user") void this.displaced();
    else
      this.become({
        kind: "signed_out",
        notice: "Your sign-in has ended. Sign in again to go on; what you wrote is kept.",
        name: this.link?.user.username ?? "",
      });
  }

  restarted(): void {
    this.undrawn.length = 0;
    this.anew = { ...blankScreen, user: this.screen.user, userName: this.screen.userName };
  }

  outboxNamed(outbox: string): void {
    if (this.link) device.rememberOutbox(this.link.user.id, outbox);
  }

  forgotten(): void {
    this.whenForgotten();
  }

  recordSetAside(key: string): void {
    if (!key.includes("/op/")) return;
    this.saySetAside(new Set(this.setAside).add(key));
  }

  setAsideRead(): void {
    this.saySetAside(new Set());
  }

  gaveUp(reason: string): void {
    log.write("error", "gave_up", reason);
    this.become({ kind: "broken", reason });
  }

  // ---- within

  private draw(): void {
    if (this.undrawn.length === 0) return;
    const patches = this.undrawn.splice(0);
    const now = performance.now();
    for (const patch of patches) this.take(patch, now);
    this.changed();
    this.link?.drawn(patches.at(-1)!.number);
  }

  private take(patch: Patch, now: number): void {
    if (!this.anew) {
      this.screen = fold(this.screen, patch, now);
      return;
    }
    this.anew = fold(this.anew, patch, now);
    const { screen, done } = whileRebuilt(this.screen, this.anew);
    this.screen = screen;
    if (done) this.anew = null;
  }

  private signedIn(user: User): void {
    device.setSignOutPending(false);
    this.tabs.postMessage({ kind: "signed_in", user } satisfies Said);
    if (this.link?.user.id === user.id) {
      this.link.signedIn(user.id);
      this.become({ kind: "running" });
    } else {
      this.enter(user);
    }
  }

  private enter(user: User): void {
    this.link?.close();
    device.rememberUser(user);
    log.user = user.id;
    this.undrawn.length = 0;
    this.anew = null;
    this.setAside = new Set();
    this.screen = {
      ...blankScreen,
      user: user.id,
      userName: user.username,
    };
    this.link = new CoreLink(user, this.parameters, () => device.tabOutbox(user.id), this);
    this.become({ kind: "running" });
  }

  private leave(notice: string, name = ""): void {
    this.link?.close();
    this.link = null;
    this.undrawn.length = 0;
    this.anew = null;
    this.screen = blankScreen;
    this.become({ kind: "signed_out", notice, name });
  }

  private async endSession(): Promise<void> {
    try {
      await session.signOut();
    } catch (error) {
      if (error instanceof Refused && error.code === "unreachable") throw error;
    }
    device.setSignOutPending(false);
  }

  private async displaced(): Promise<void> {
    const by = await session.current().catch(() => null);
    this.giveWay(by?.username ?? "Another user");
  }

  private giveWay(by: string): void {
    this.link?.close();
    this.link = null;
    this.become({ kind: "displaced", by });
  }

  private heardFromTab({ kind, user }: Said): void {
    if (kind === "signed_in") this.heardSignedIn(user);
    else if (user.id === this.screen.user && this.link) this.heardSignedOut(user);
  }

  /** A tab that is somebody's, asked to sign in again or not, never becomes another's by itself. */
  private heardSignedIn(user: User): void {
    if (this.link && this.link.user.id !== user.id) this.giveWay(user.username);
    else if (this.link && this.phase.kind === "signed_out") this.signedInElsewhere(user);
    else if (this.phase.kind === "signed_out") this.enter(user);
  }

  private heardSignedOut(user: User): void {
    device.forgetTab(user.id);
    log.forget();
    this.leave("You signed out in another tab.");
  }

  private signedInElsewhere(user: User): void {
    this.link?.signedIn(user.id);
    this.become({ kind: "running" });
  }

  private saySetAside(keys: ReadonlySet<string>): void {
    this.setAside = keys;
    this.screen = { ...this.screen };
    this.changed();
  }

  private become(phase: Phase): void {
    this.phase = phase;
    this.changed();
  }

  private changed(): void {
    this.dispatchEvent(new Event("changed"));
  }
}
