import type { StoredRecord } from "./effects";

export type StorageFailure = "full" | "closed" | "other";

/** What became of a batch; batches end in the order in which they were written. */
export interface StorageListener {
  persisted(batch: bigint): void;
  persistFailed(batch: bigint, reason: StorageFailure): void;
  /** Nothing can be kept any more, though nobody here wanted that. */
  storageLost(): void;
}

const store = "records";
const patience_ms = 3_000;

const nameOf = (user: string) => `parley/${user}`;

interface Pending {
  readonly batches: bigint[];
  /** The last word on a key counts; null removes it. */
  readonly words: Map<string, Uint8Array | null>;
  strict: boolean;
}

/** One user's records on this device. One transaction is in flight; what comes meanwhile shares the next. */
export class Storage {
  private pending: Pending = blank();
  private busy = false;
  private closed = false;

  private constructor(
    private readonly database: IDBDatabase,
    private readonly listener: StorageListener,
  ) {
    // Another version wants the database, or it is being deleted: never stand in the way.
    database.onversionchange = () => {
      this.close();
      listener.storageLost();
    };
    database.onclose = () => {
      this.closed = true;
      listener.storageLost();
    };
  }

  /** Null where nothing can be kept: the browser forbids it, or takes too long. */
  static async open(user: string, listener: StorageListener): Promise<Storage | null> {
    const database = await openWithin(nameOf(user), patience_ms).catch(() => null);
    return database && new Storage(database, listener);
  }

  async all(prefix = ""): Promise<StoredRecord[]> {
    const range = prefix ? IDBKeyRange.bound(prefix, `${prefix}\uffff`) : null;
    const records = this.database.transaction(store).objectStore(store);
    const [keys, values] = await Promise.all([
      answer(records.getAllKeys(range)),
      answer<Uint8Array[]>(records.getAll(range)),
    ]);
    return keys.map((key, at) => ({ key: String(key), value: values[at]! }));
  }

  /** `batch` 0 is nobody's: nothing is told of its end. */
  write(batch: bigint, put: readonly StoredRecord[], drop: readonly string[], strict: boolean): void {
    if (batch) this.pending.batches.push(batch);
    for (const key of drop) this.pending.words.set(key, null);
    for (const { key, value } of put) this.pending.words.set(key, value);
    this.pending.strict ||= strict;
    this.pump();
  }

  /** All records, in one transaction. */
  async clear(): Promise<void> {
    this.pending = blank();
    const transaction = this.database.transaction(store, "readwrite", { durability: "strict" });
    transaction.objectStore(store).clear();
    await new Promise<void>((done) => {
      transaction.oncomplete = transaction.onabort = () => done();
    });
  }

  close(): void {
    this.closed = true;
    this.database.close();
  }

  private pump(): void {
    if (this.busy || (this.pending.batches.length === 0 && this.pending.words.size === 0)) return;
    const now = this.pending;
    this.pending = blank();
    this.busy = true;
    try {
      if (this.closed) throw new DOMException("", "InvalidStateError");
      this.commit(now);
    } catch (error) {
      queueMicrotask(() => this.ended(now, reasonOf(error)));
    }
  }

  private commit(pending: Pending): void {
    const transaction = this.database.transaction(store, "readwrite", {
      durability: pending.strict ? "strict" : "relaxed",
    });
    const records = transaction.objectStore(store);
    for (const [key, value] of pending.words) {
      if (value) records.put(value, key);
      else records.delete(key);
    }
    transaction.oncomplete = () => this.ended(pending, null);
    transaction.onabort = () => this.ended(pending, reasonOf(transaction.error));
    transaction.commit?.();
  }

  private ended({ batches }: Pending, failure: StorageFailure | null): void {
    this.busy = false;
    for (const batch of batches) {
      if (failure) this.listener.persistFailed(batch, failure);
      else this.listener.persisted(batch);
    }
    this.pump();
  }
}

export function deleteStorage(user: string): void {
  indexedDB.deleteDatabase(nameOf(user));
}

const blank = (): Pending => ({ batches: [], words: new Map(), strict: false });

function reasonOf(error: unknown): StorageFailure {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "QuotaExceededError") return "full";
  return name === "InvalidStateError" ? "closed" : "other";
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function openWithin(name: string, limit_ms: number): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      reject(new Error("too slow"));
    }, limit_ms);
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(store);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      clearTimeout(timer);
      if (late) request.result.close();
      else resolve(request.result);
    };
  });
}
