import type { Row } from "../border";
import { dayOf } from "./words";

/** What stands in a timeline, from top to bottom. */
export type Item =
  | { readonly kind: "day"; readonly key: string; readonly day: number }
  | { readonly kind: "line"; readonly key: string }
  | { readonly kind: "row"; readonly key: string; readonly row: Row; readonly lead: boolean };

const run_ms = 5 * 60_000;

export const authorOf = (row: Row) => row.change.slice(0, row.change.indexOf("/"));

/** What was taken back, and what stands elsewhere, leaves no trace. */
const drawn = (row: Row) =>
  row.kind !== "nothing" || (row.reason !== "discarded" && row.reason !== "duplicate");

function continues(row: Row, before: Row | null): boolean {
  return (
    before !== null &&
    before.kind === "message" &&
    row.kind === "message" &&
    authorOf(before) === authorOf(row) &&
    Math.abs(row.time - before.time) < run_ms
  );
}

/** `lineAfter`: others' rows beyond this place are new; Infinity draws no line. */
export function itemsOf(rows: readonly Row[], lineAfter: number): Item[] {
  const items: Item[] = [];
  let before: Row | null = null;
  let day = NaN;
  let lined = false;
  for (const row of rows) {
    if (!drawn(row)) continue;
    if (dayOf(row.time) !== day) {
      day = dayOf(row.time);
      items.push({ kind: "day", key: `day ${day} ${row.seq || "now"}`, day });
      before = null;
    }
    if (!lined && !row.mine && row.seq > lineAfter) {
      lined = true;
      items.push({ kind: "line", key: "line" });
      before = null;
    }
    items.push({ kind: "row", key: row.change, row, lead: !continues(row, before) });
    before = row;
  }
  return items;
}
