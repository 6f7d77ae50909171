import type { FromWorker, ToWorker } from "../border";
import { isBeat, BeatingOwnership } from "./beating_ownership";
import { Core, now } from "./core";
import type { Effect } from "./effects";
import { encodeFact, type Fact } from "./facts";
import { LockedOwnership } from "./locked_ownership";
import { outboxOf, type Ownership } from "./ownership";
import { Socket, type SocketListener } from "./socket";
import { deleteStorage, Storage, type StorageFailure, type StorageListener } from "./storage";
import { makeUlid } from "../ulid";

type Start = ToWorker & { kind: "start" };

const longestTimer_ms = 2 ** 31 - 1;

/** Carries facts to the core and its effects out: the socket, the records, the timer, the page. */
export class Host implements SocketListener, StorageListener {
  private core: Core | null = null;
  private storage: Storage | null = null;
  private ownership: Ownership | null = null;
  private readonly socket = new Socket(this);
  private readonly early: ToWorker[] = [];
  private timer = 0;
  private viewing = false;
  private closed = false;

  constructor(
    private readonly start: Start,
    private readonly say: (message: FromWorker) => void,
  ) {}

  async begin(): Promise<void> {
    const { user, userName, online, visible, link } = this.start;
    const [core, storage] = await Promise.all([
      Core.load((words) =>
        this.say({ kind: "log", line: { level: "error", event: "core", message: words, room: "" } }),
      ),
      Storage.open(user, this),
    ]);
    this.storage = storage;
    const ownOutbox = await this.takeOutbox();
    const records = (await storage?.all())?.filter(({ key }) => !isBeat(key)) ?? [];
    if (this.closed) return;
    this.core = core;
    const outboxLocks = this.ownership?.exclusive ?? true;
    this.tell({
      kind: "started",
      user,
      userName,
      ownOutbox,
      records,
      memoryOnly: !storage,
      outboxLocks,
      link,
    });
    this.tell({ kind: "network_changed", online });
    this.tell({ kind: "page_shown", visible });
    for (const message of this.early.splice(0)) this.hear(message);
    this.ownership?.watch(new Set(records.map(({ key }) => outboxOf(key))));
  }

  hear(message: ToWorker): void {
    if (message.kind === "close") return this.close();
    if (!this.core) {
      this.early.push(message);
      return;
    }
    switch (message.kind) {
      case "intend":
        return this.tell({ kind: "intended", intent: message.intent });
      case "drawn":
        this.tell({ kind: "patch_drawn", number: message.number });
        return this.viewSoon();
      case "visible":
        return this.tell({ kind: "page_shown", visible: message.visible });
      case "online":
        return this.tell({ kind: "network_changed", online: message.online });
      case "signed_in":
        return this.tell({ kind: "signed_in", user: message.user });
      case "sign_out":
        return this.tell({ kind: "signed_out" });
      case "report":
        return this.say({ kind: "flight", flight: this.core.recorder.flight() });
      case "start":
      case "beat":
        return;
    }
  }

  /** What the core was told so far; null before there is one. */
  flight(end: string): Uint8Array | null {
    return this.core?.recorder.flight(end) ?? null;
  }

  // ---- facts

  socketOpened(attempt: number): void {
    this.tell({ kind: "socket_opened", attempt });
  }

  bytesArrived(attempt: number, message: Uint8Array): void {
    this.tell({ kind: "bytes_arrived", attempt, message });
  }

  socketClosed(attempt: number, code: number): void {
    this.tell({ kind: "socket_closed", attempt, code });
  }

  persisted(batch: bigint): void {
    this.tell({ kind: "persisted", batch });
  }

  persistFailed(batch: bigint, reason: StorageFailure): void {
    this.tell({ kind: "persist_failed", batch, reason });
  }

  storageLost(): void {
    this.tell({ kind: "persist_failed", batch: 0n, reason: "closed" });
  }

  private tell(fact: Fact): void {
    if (this.closed || !this.core) return;
    const { effects, deadline } = this.core.step(encodeFact(fact));
    for (const effect of effects) this.perform(effect);
    if (deadline !== null) this.wakeAt(deadline);
  }

  // ---- effects

  private perform(effect: Effect): void {
    switch (effect.kind) {
      case "open_socket":
        return this.socket.open(effect.attempt);
      case "send":
        return this.socket.send(effect.attempt, effect.message);
      case "close_socket":
        return this.socket.close(effect.attempt, effect.code);
      case "persist":
        return this.storage?.write(effect.batch, effect.put, effect.drop, effect.strict);
      case "release_outbox":
        return this.ownership?.release(effect.outbox);
      case "forget_user":
        return void this.forget();
      case "acknowledge":
        return this.say({ kind: "acknowledged", acknowledged: effect.acknowledged });
      case "view_changed":
        return this.viewSoon();
      case "ask_sign_in":
        return this.say({ kind: "ask_sign_in", code: effect.code });
      case "log_line": {
        const { level, event, message, room } = effect;
        return this.say({ kind: "log", line: { level, event, message, room } });
      }
    }
  }

  private wakeAt(deadline: number): void {
    clearTimeout(this.timer);
    if (!deadline) return;
    const left = Math.min(Math.max(0, deadline - now()), longestTimer_ms);
    this.timer = self.setTimeout(() => this.tell({ kind: "deadline_passed" }), left);
  }

  /** What one turn changes is drawn as one patch. */
  private viewSoon(): void {
    if (this.viewing) return;
    this.viewing = true;
    queueMicrotask(() => {
      this.viewing = false;
      const patch = this.closed ? null : this.core?.view();
      if (patch) this.say({ kind: "patch", patch });
    });
  }

  // ---- the device

  private async takeOutbox(): Promise<string> {
    const { user, outbox } = this.start;
    const orphaned = (orphan: string) => this.adopt(orphan);
    if ("locks" in navigator) this.ownership = new LockedOwnership(user, orphaned);
    else if (this.storage) this.ownership = new BeatingOwnership(user, this.storage, orphaned);
    const own = (await this.ownership?.own(outbox)) ?? makeUlid();
    if (own !== outbox) this.say({ kind: "outbox", outbox: own });
    return own;
  }

  private async adopt(outbox: string): Promise<boolean> {
    const records = await this.storage?.all(`outbox/${outbox}/`);
    if (!records?.length || this.closed) return false;
    this.tell({ kind: "outbox_claimed", outbox, records });
    return true;
  }

  private async forget(): Promise<void> {
    await this.storage?.clear();
    this.say({ kind: "forgotten" });
    this.close();
    deleteStorage(this.start.user);
  }

  private close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.socket.closeNow();
    this.ownership?.close();
    this.storage?.close();
    self.close();
  }
}
