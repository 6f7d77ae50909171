import type { Connection, Health, ListedRoom, Member, Patch, RoomItem, Row } from "../border";

/**
 * All that there is to draw: the patches so far, folded. `nextAt` and `sendAt` are on this page's clock, 0 for none. `ops`
 * are one's own without verdict, of all rooms; `outbox` counts those that are still to be sent.
 */
export interface Screen {
  readonly link: Connection;
  readonly attempt: number;
  readonly attempts: number;
  readonly nextAt: number;
  readonly health: Health;
  readonly roundTrip: number;
  readonly user: string;
  readonly userName: string;
  readonly memoryOnly: boolean;
  readonly deviceFull: boolean;
  readonly outbox: number;
  readonly sendAt: number;
  readonly rooms: readonly RoomItem[];
  readonly shownRoom: string;
  readonly rows: readonly Row[];
  readonly head: number;
  readonly w: number;
  readonly read: number;
  readonly heldFrom: number;
  readonly loadingOlder: boolean;
  readonly draft: string;
  readonly members: readonly Member[] | null;
  readonly listing: readonly ListedRoom[] | null;
  readonly listingMore: boolean;
  readonly listingKey: string;
  readonly ops: readonly Row[];
}

export const blankScreen: Screen = {
  link: "offline",
  attempt: 0,
  attempts: 10,
  nextAt: 0,
  health: "healthy",
  roundTrip: -1,
  user: "",
  userName: "",
  memoryOnly: false,
  deviceFull: false,
  outbox: 0,
  sendAt: 0,
  rooms: [],
  shownRoom: "",
  rows: [],
  head: 0,
  w: 0,
  read: 0,
  heldFrom: 0,
  loadingOlder: false,
  draft: "",
  members: null,
  listing: null,
  listingMore: false,
  listingKey: "",
  ops: [],
};

/** Placed rows by place, then one's own without a place in the order composed. */
function byPlace(a: Row, b: Row): number {
  const placeA = a.seq || Infinity;
  const placeB = b.seq || Infinity;
  return placeA === placeB ? a.ordinal - b.ordinal : placeA - placeB;
}

function foldRows(
  rows: readonly Row[],
  put: readonly Row[] | null,
  gone: readonly string[] | null,
): readonly Row[] {
  if (!put && !gone) return rows;
  const kept = new Map(rows.map((row) => [row.change, row]));
  for (const change of gone ?? []) kept.delete(change);
  for (const row of put ?? []) kept.set(row.change, row);
  return [...kept.values()].sort(byPlace);
}

export function fold(screen: Screen, patch: Patch, now: number): Screen {
  const another = patch.reset || patch.shownRoom !== screen.shownRoom;
  return {
    link: patch.link,
    attempt: patch.attempt,
    attempts: patch.attempts,
    nextAt: patch.nextIn && now + patch.nextIn,
    health: patch.health,
    roundTrip: patch.roundTrip,
    user: patch.user,
    userName: patch.userName,
    memoryOnly: patch.memoryOnly,
    deviceFull: patch.deviceFull,
    outbox: patch.outbox,
    sendAt: patch.sendIn && now + patch.sendIn,
    rooms: patch.rooms ?? screen.rooms,
    shownRoom: patch.shownRoom,
    rows: foldRows(another ? [] : screen.rows, patch.rows, patch.gone),
    head: patch.head,
    w: patch.w,
    read: patch.read,
    heldFrom: patch.heldFrom,
    loadingOlder: patch.loadingOlder,
    draft: patch.draft,
    members: patch.members ?? (another ? null : screen.members),
    listing: patch.listing ?? screen.listing,
    listingMore: patch.listing ? patch.listingMore : screen.listingMore,
    listingKey: patch.listing ? patch.listingKey : screen.listingKey,
    ops: foldRows(screen.ops, patch.ops, patch.opsGone),
  };
}

/**
 * What to draw while a new core learns again what its forerunner knew: the old picture with all that is known anew, and
 * the new one once that has caught up. So a core that is replaced takes nothing from the page.
 */
export function whileRebuilt(old: Screen, anew: Screen): { screen: Screen; done: boolean } {
  const room = anew.rooms.find(({ id }) => id === anew.shownRoom);
  const another = anew.shownRoom !== "" && anew.shownRoom !== old.shownRoom;
  if (another || !old.shownRoom) return { screen: anew, done: true };
  if (anew.shownRoom && room?.caughtUp)
    return { screen: { ...anew, rows: [...rowsBelow(old, anew), ...anew.rows] }, done: true };
  const { rooms, shownRoom, head, w, read, heldFrom, members } = old;
  const rows = new Map([...old.rows, ...anew.rows].map((row) => [row.change, row]));
  const both = [...rows.values()].sort(byPlace);
  return {
    screen: { ...anew, rooms, shownRoom, head, w, read, heldFrom, members, rows: both },
    done: false,
  };
}

/** What was shown of the room below all that the new core holds of it, where no place is missing between the two. */
function rowsBelow(old: Screen, anew: Screen): readonly Row[] {
  if (old.w < anew.heldFrom) return [];
  return old.rows.filter((row) => row.committed && row.seq <= anew.heldFrom);
}

export function unreadIn(rooms: readonly RoomItem[]): number {
  return rooms.reduce((sum, room) => sum + (room.joined ? room.unread : 0), 0);
}
