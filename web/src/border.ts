/**
 * What the page and its worker say to each other. The words are those of the core's border (local.fbs), as plain
 * objects: FlatBuffers end in the worker.
 */

export type Connection = "offline" | "connecting" | "greeting" | "live" | "waiting" | "failed";
export type Health = "healthy" | "degraded" | "unhealthy";
export type OpState = "queued" | "sending" | "sent" | "stored" | "failed";
export type RowKind = "nothing" | "create" | "join" | "leave" | "message";
export type LogLevel = "debug" | "info" | "warn" | "error";

export type IntentKind =
  | "show_room"
  | "send_message"
  | "save_draft"
  | "create_room"
  | "join_room"
  | "leave_room"
  | "retry_op"
  | "discard_op"
  | "copy_back"
  | "load_older"
  | "mark_read"
  | "list_rooms"
  | "list_members"
  | "retry_now"
  | "probe";

/** `change` is the row's key for ever, "author/op"; `room` is told of one's own without verdict only. */
export interface Row {
  readonly change: string;
  readonly room: string;
  readonly seq: number;
  readonly ordinal: number;
  readonly committed: boolean;
  readonly mine: boolean;
  readonly withdrawn: boolean;
  readonly dimmed: boolean;
  readonly state: OpState;
  readonly reason: string;
  readonly reasonSentence: string;
  readonly saved: boolean;
  readonly kind: RowKind;
  readonly author: string;
  readonly name: string;
  readonly text: string;
  readonly time: number;
}

export interface RoomItem {
  readonly id: string;
  readonly name: string;
  readonly topic: string;
  readonly members: number;
  readonly unread: number;
  readonly joined: boolean;
  readonly joining: boolean;
  readonly mayLeave: boolean;
  readonly caughtUp: boolean;
}

export interface ListedRoom {
  readonly id: string;
  readonly name: string;
  readonly topic: string;
  readonly members: number;
  readonly joined: boolean;
}

export interface Member {
  readonly id: string;
  readonly name: string;
}

/** Null: not changed. `nextIn` and `sendIn` are milliseconds from now, 0 for none. */
export interface Patch {
  readonly number: number;
  readonly link: Connection;
  readonly attempt: number;
  readonly attempts: number;
  readonly nextIn: number;
  readonly health: Health;
  readonly roundTrip: number;
  readonly user: string;
  readonly userName: string;
  readonly authenticated: boolean;
  readonly memoryOnly: boolean;
  readonly deviceFull: boolean;
  readonly outbox: number;
  readonly sendIn: number;
  readonly rooms: readonly RoomItem[] | null;
  readonly shownRoom: string;
  readonly reset: boolean;
  readonly rows: readonly Row[] | null;
  readonly gone: readonly string[] | null;
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
  readonly ops: readonly Row[] | null;
  readonly opsGone: readonly string[] | null;
}

export interface Intent {
  readonly number: number;
  readonly kind: IntentKind;
  readonly room?: string;
  readonly change?: string;
  readonly name?: string;
  readonly text?: string;
}

/** `code` is "" when the core has it, else the name of an error that `sentence` tells people. */
export interface Acknowledged {
  readonly intent: number;
  readonly code: string;
  readonly sentence: string;
  readonly change: string;
  readonly room: string;
}

export interface LogLine {
  readonly level: LogLevel;
  readonly event: string;
  readonly message: string;
  readonly room: string;
}

/** How the connection is kept; what is absent stays as the core has it. */
export interface LinkParameters {
  readonly backoff_min_ms?: number;
  readonly backoff_max_ms?: number;
  readonly backoff_reset_ms?: number;
  readonly attempts?: number;
  readonly failed_retry_ms?: number;
  readonly connect_timeout_ms?: number;
  readonly ping_interval_ms?: number;
  readonly ping_timeout_ms?: number;
  readonly ping_misses?: number;
  readonly answer_timeout_ms?: number;
}

export type ToWorker =
  | {
      kind: "start";
      user: string;
      userName: string;
      outbox: string;
      visible: boolean;
      online: boolean;
      link: LinkParameters;
    }
  | { kind: "intend"; intent: Intent }
  | { kind: "drawn"; number: number }
  | { kind: "visible"; visible: boolean }
  | { kind: "online"; online: boolean }
  | { kind: "signed_in"; user: string }
  | { kind: "sign_out" }
  | { kind: "report" }
  | { kind: "close" }
  | { kind: "beat" };

export type FromWorker =
  | { kind: "patch"; patch: Patch }
  | { kind: "acknowledged"; acknowledged: Acknowledged }
  | { kind: "ask_sign_in"; code: string }
  | { kind: "outbox"; outbox: string }
  | { kind: "forgotten" }
  | { kind: "log"; line: LogLine }
  | { kind: "broken"; reason: string; flight: Uint8Array | null }
  | { kind: "flight"; flight: Uint8Array }
  | { kind: "beat" };
