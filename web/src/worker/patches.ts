import { ByteBuffer } from "flatbuffers";
import type {
  Connection,
  Health,
  ListedRoom,
  Member,
  OpState,
  Patch,
  RoomItem,
  Row,
  RowKind,
} from "../border";
import * as local from "../generated/local_generated";
import { codeOf, sentenceOf } from "../generated/errors";
import { view_out } from "../generated/parley/local/view-out";

/** `now`: the core's clock when it made the view, so that the page gets spans and needs no clock in common. */
export function decodePatch(bytes: Uint8Array, now: number): Patch {
  const patch = view_out.getRootAsview_out(new ByteBuffer(bytes)).patch()!;
  return {
    number: Number(patch.number()),
    link: local.connection[patch.link()] as Connection,
    attempt: patch.attempt(),
    attempts: patch.attempts(),
    nextIn: span(patch.nextMs(), now),
    health: local.health[patch.linkHealth()] as Health,
    roundTrip: patch.roundTripMs(),
    user: patch.user() ?? "",
    userName: patch.userName() ?? "",
    authenticated: patch.authenticated(),
    memoryOnly: patch.memoryOnly(),
    deviceFull: patch.deviceFull(),
    outbox: patch.outbox(),
    sendIn: span(patch.sendAtMs(), now),
    rooms: list(patch.roomsLength(), (at) => room(patch.rooms(at)!)),
    shownRoom: patch.shownRoom() ?? "",
    reset: patch.reset(),
    rows: list(patch.rowsLength(), (at) => row(patch.rows(at)!)),
    gone: list(patch.goneLength(), (at) => patch.gone(at)),
    head: patch.head(),
    w: patch.w(),
    read: patch.read(),
    heldFrom: patch.heldFrom(),
    loadingOlder: patch.loadingOlder(),
    draft: patch.draft() ?? "",
    members: list(patch.membersLength(), (at) => member(patch.members(at)!)),
    listing: list(patch.listingLength(), (at) => listed(patch.listing(at)!)),
    listingMore: patch.listingMore(),
    listingKey: patch.listingKey() ?? "",
    ops: list(patch.opsLength(), (at) => row(patch.ops(at)!)),
    opsGone: list(patch.opsGoneLength(), (at) => patch.opsGone(at)),
  };
}

const span = (at: number, now: number) => Math.max(0, at - now);

/** Nothing that the core tells whole is ever empty, so an empty vector is one that has not changed. */
function list<T>(length: number, at: (index: number) => T): T[] | null {
  return length ? Array.from({ length }, (_, index) => at(index)) : null;
}

function row(row: local.row): Row {
  return {
    change: row.change() ?? "",
    room: row.room() ?? "",
    seq: row.seq(),
    ordinal: row.ordinal(),
    committed: row.committed(),
    mine: row.mine(),
    withdrawn: row.withdrawn(),
    dimmed: row.dimmed(),
    state: local.op_state[row.state()] as OpState,
    reason: codeOf(row.reason()),
    reasonSentence: sentenceOf(codeOf(row.reason())),
    saved: row.saved(),
    kind: local.row_kind[row.kind()] as RowKind,
    author: row.author() ?? "",
    name: row.name() ?? "",
    text: row.text() ?? "",
    time: row.timeMs(),
  };
}

function room(item: local.room_item): RoomItem {
  return {
    id: item.id() ?? "",
    name: item.name() ?? "",
    topic: item.topic() ?? "",
    members: item.members(),
    unread: item.unread(),
    joined: item.joined(),
    joining: item.joining(),
    mayLeave: item.mayLeave(),
    caughtUp: item.caughtUp(),
  };
}

function listed(item: local.listed_room): ListedRoom {
  return {
    id: item.id() ?? "",
    name: item.name() ?? "",
    topic: item.topic() ?? "",
    members: item.members(),
    joined: item.joined(),
  };
}

function member(item: local.member_item): Member {
  return { id: item.id() ?? "", name: item.name() ?? "" };
}
