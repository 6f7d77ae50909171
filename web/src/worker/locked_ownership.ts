import type { Orphaned, Ownership } from "./ownership";
import { makeUlid } from "../ulid";

/** A reload gives its lock up and wants it again: so long it may take, from either side. */
const reload_ms = 1_000;
const ownWait_ms = 600;

type Said = { readonly outbox: string; readonly asks: boolean };

/** Ownership by holding the Web Lock `outbox/<id>`, which the browser frees when a tab ends, however it ends. */
export class LockedOwnership implements Ownership {
  readonly exclusive = true;
  private readonly tabs: BroadcastChannel;
  private readonly held = new Map<string, () => void>();
  private readonly watched = new Set<string>();
  private readonly ended = new AbortController();

  constructor(
    user: string,
    private readonly orphaned: Orphaned,
  ) {
    this.tabs = new BroadcastChannel(`parley/${user}`);
  }

  async own(wanted: string): Promise<string> {
    const own = wanted && (await this.take(wanted, ownWait_ms)) ? wanted : makeUlid();
    if (own !== wanted) await this.take(own, ownWait_ms);
    this.tabs.onmessage = ({ data }: MessageEvent<Said>) => {
      this.watch([data.outbox]);
      if (data.asks) this.tabs.postMessage({ outbox: own, asks: false } satisfies Said);
    };
    this.tabs.postMessage({ outbox: own, asks: true } satisfies Said);
    return own;
  }

  watch(outboxes: Iterable<string>): void {
    for (const outbox of outboxes) {
      if (!outbox || this.held.has(outbox) || this.watched.has(outbox)) continue;
      this.watched.add(outbox);
      void this.wait(outbox).finally(() => this.watched.delete(outbox));
    }
  }

  release(outbox: string): void {
    this.held.get(outbox)?.();
    this.held.delete(outbox);
  }

  close(): void {
    this.ended.abort();
    this.tabs.close();
    for (const outbox of [...this.held.keys()]) this.release(outbox);
  }

  /** The lock is queued for, so the browser says when its owner has gone. */
  private async wait(outbox: string): Promise<void> {
    while (!this.ended.signal.aborted) {
      try {
        await navigator.locks.request(lockOf(outbox), { signal: this.ended.signal }, () => {});
        await new Promise((passed) => setTimeout(passed, reload_ms));
        if (this.ended.signal.aborted || !(await this.take(outbox, 0))) continue;
      } catch {
        return;
      }
      if (!(await this.orphaned(outbox))) this.release(outbox);
      return;
    }
  }

  /** Holds the lock until `release`; false if it is another's, and stays so for `wait_ms`. */
  private take(outbox: string, wait_ms: number): Promise<boolean> {
    return new Promise((taken) => {
      const hold = (lock: Lock | null) => {
        taken(lock !== null);
        return lock && new Promise<void>((release) => this.held.set(outbox, release));
      };
      const options = wait_ms ? { signal: AbortSignal.timeout(wait_ms) } : { ifAvailable: true };
      navigator.locks.request(lockOf(outbox), options, hold).catch(() => taken(false));
    });
  }
}

const lockOf = (outbox: string) => `outbox/${outbox}`;
