/**
 * Who runs which outbox of a user on this device. Each tab owns one; one that nobody owns any more is taken up by
 * another tab, so that what a closed tab left unsent goes out all the same.
 */
export interface Ownership {
  /** Whether ownership is exclusive, so that the core may trust it. */
  readonly exclusive: boolean;
  /** Owns `wanted` if it is free, else a new outbox. */
  own(wanted: string): Promise<string>;
  /** Other outboxes that are known to hold something. */
  watch(outboxes: Iterable<string>): void;
  /** An adopted outbox is empty now. */
  release(outbox: string): void;
  close(): void;
}

/** Answers whether there was anything in it to adopt. */
export type Orphaned = (outbox: string) => Promise<boolean>;

export const outboxOf = (key: string): string => /^outbox\/([0-9A-Z]{26})\//.exec(key)?.[1] ?? "";
