import { outboxOf, type Orphaned, type Ownership } from "./ownership";
import type { Storage } from "./storage";
import { makeUlid } from "../ulid";

const beat_ms = 10_000;
const dead_ms = 30_000;
const answer_ms = 200;
const prefix = "beat/";

type Said = { readonly asks: string } | { readonly owns: string };

/**
 * Ownership where there are no Web Locks: each owner keeps a record of when it was last alive. Two tabs may believe
 * that they own an outbox; the core knows that this can be, and then nothing is sent twice all the same.
 */
export class BeatingOwnership implements Ownership {
  readonly exclusive = false;
  private readonly tabs: BroadcastChannel;
  private readonly held = new Set<string>();
  private beating = 0;

  constructor(
    user: string,
    private readonly storage: Storage,
    private readonly orphaned: Orphaned,
  ) {
    this.tabs = new BroadcastChannel(`parley/${user}`);
  }

  async own(wanted: string): Promise<string> {
    const own = wanted && !(await this.isOwned(wanted)) ? wanted : makeUlid();
    this.held.add(own);
    this.tabs.onmessage = ({ data }: MessageEvent<Said>) => {
      if ("asks" in data && this.held.has(data.asks))
        this.tabs.postMessage({ owns: data.asks } satisfies Said);
    };
    void this.beat();
    this.beating = self.setInterval(() => void this.beat(), beat_ms);
    return own;
  }

  /** Each beat looks at what is stored, so there is nobody to be told of. */
  watch(): void {}

  release(outbox: string): void {
    this.held.delete(outbox);
    this.storage.write(0n, [], [prefix + outbox], false);
  }

  close(): void {
    clearInterval(this.beating);
    this.tabs.close();
    this.storage.write(
      0n,
      [],
      [...this.held].map((outbox) => prefix + outbox),
      false,
    );
  }

  private isOwned(outbox: string): Promise<boolean> {
    this.tabs.postMessage({ asks: outbox } satisfies Said);
    return new Promise((answered) => {
      setTimeout(() => answered(false), answer_ms);
      this.tabs.onmessage = ({ data }: MessageEvent<Said>) => {
        if ("owns" in data && data.owns === outbox) answered(true);
      };
    });
  }

  private async beat(): Promise<void> {
    const now = Date.now();
    const value = new TextEncoder().encode(String(now));
    this.storage.write(
      0n,
      [...this.held].map((outbox) => ({ key: prefix + outbox, value })),
      [],
      false,
    );
    for (const outbox of await this.silent(now)) {
      this.held.add(outbox);
      if (!(await this.orphaned(outbox))) this.release(outbox);
    }
  }

  private async silent(now: number): Promise<string[]> {
    const records = await this.storage.all();
    const alive = new Map<string, number>();
    const stored = new Set<string>();
    for (const { key, value } of records) {
      if (key.startsWith(prefix))
        alive.set(key.slice(prefix.length), Number(new TextDecoder().decode(value)));
      else if (outboxOf(key)) stored.add(outboxOf(key));
    }
    return [...stored].filter(
      (outbox) => !this.held.has(outbox) && Math.abs(now - (alive.get(outbox) ?? 0)) > dead_ms,
    );
  }
}

export const isBeat = (key: string) => key.startsWith(prefix);
