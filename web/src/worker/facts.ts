import { Builder } from "flatbuffers";
import type { Intent, LinkParameters } from "../border";
import * as local from "../generated/local_generated";
import type { StoredRecord } from "./effects";

/** What the core is told. Each fact is a buffer of its own. */
export type Fact =
  | {
      kind: "started";
      user: string;
      userName: string;
      ownOutbox: string;
      records: readonly StoredRecord[];
      memoryOnly: boolean;
      outboxLocks: boolean;
      link: LinkParameters;
    }
  | { kind: "signed_in"; user: string }
  | { kind: "signed_out" }
  | { kind: "socket_opened"; attempt: number }
  | { kind: "bytes_arrived"; attempt: number; message: Uint8Array }
  | { kind: "socket_closed"; attempt: number; code: number }
  | { kind: "persisted"; batch: bigint }
  | { kind: "persist_failed"; batch: bigint; reason: keyof typeof local.persist_failure }
  | { kind: "outbox_claimed"; outbox: string; records: readonly StoredRecord[] }
  | { kind: "network_changed"; online: boolean }
  | { kind: "page_shown"; visible: boolean }
  | { kind: "intended"; intent: Intent }
  | { kind: "deadline_passed" }
  | { kind: "patch_drawn"; number: number };

export function encodeFact(fact: Fact): Uint8Array {
  const builder = new Builder(256);
  const offset = encode(builder, fact);
  builder.finish(local.fact_in.createfact_in(builder, local.fact[fact.kind], offset));
  return builder.asUint8Array();
}

function encode(builder: Builder, fact: Fact): number {
  switch (fact.kind) {
    case "started":
      return encodeStarted(builder, fact);
    case "signed_in":
      return local.signed_in.createsigned_in(builder, builder.createString(fact.user));
    case "signed_out":
      return local.signed_out.createsigned_out(builder);
    case "socket_opened":
      return local.socket_opened.createsocket_opened(builder, fact.attempt);
    case "bytes_arrived":
      return local.bytes_arrived.createbytes_arrived(builder, fact.attempt, bytes(builder, fact.message));
    case "socket_closed":
      return local.socket_closed.createsocket_closed(builder, fact.attempt, fact.code);
    case "persisted":
      return local.persisted.createpersisted(builder, fact.batch);
    case "persist_failed":
      return local.persist_failed.createpersist_failed(
        builder,
        fact.batch,
        local.persist_failure[fact.reason],
      );
    case "outbox_claimed": {
      const outbox = builder.createString(fact.outbox);
      const records = local.outbox_claimed.createRecordsVector(builder, encodeRecords(builder, fact.records));
      return local.outbox_claimed.createoutbox_claimed(builder, outbox, records);
    }
    case "network_changed":
      return local.network_changed.createnetwork_changed(builder, fact.online);
    case "page_shown":
      return local.page_shown.createpage_shown(builder, fact.visible);
    case "intended":
      return encodeIntended(builder, fact.intent);
    case "deadline_passed":
      return local.deadline_passed.createdeadline_passed(builder);
    case "patch_drawn":
      return local.patch_drawn.createpatch_drawn(builder, BigInt(fact.number));
  }
}

function encodeStarted(builder: Builder, fact: Fact & { kind: "started" }): number {
  const user = builder.createString(fact.user);
  const userName = builder.createString(fact.userName);
  const ownOutbox = builder.createString(fact.ownOutbox);
  const records = local.started.createRecordsVector(builder, encodeRecords(builder, fact.records));
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  local.started.startstarted(builder);
  local.started.addSeedHi(builder, high!);
  local.started.addSeedLo(builder, low!);
  local.started.addUser(builder, user);
  local.started.addUserName(builder, userName);
  local.started.addOwnOutbox(builder, ownOutbox);
  local.started.addRecords(builder, records);
  local.started.addMemoryOnly(builder, fact.memoryOnly);
  local.started.addOutboxLocks(builder, fact.outboxLocks);
  local.started.addLink(builder, encodeLink(builder, fact.link));
  return local.started.endstarted(builder);
}

function encodeLink(builder: Builder, link: LinkParameters): number {
  return local.link_parameters.createlink_parameters(
    builder,
    link.backoff_min_ms ?? 0,
    link.backoff_max_ms ?? 0,
    link.backoff_reset_ms ?? 0,
    link.attempts ?? 0,
    link.failed_retry_ms ?? 0,
    link.connect_timeout_ms ?? 0,
    link.ping_interval_ms ?? 0,
    link.ping_timeout_ms ?? 0,
    link.ping_misses ?? 0,
    link.answer_timeout_ms ?? 0,
  );
}

function encodeIntended(builder: Builder, { number, kind, room, change, name, text }: Intent): number {
  const texts = [room, change, name, text].map((value) => builder.createString(value ?? ""));
  const [roomAt, changeAt, nameAt, textAt] = texts as [number, number, number, number];
  return local.intended.createintended(
    builder,
    BigInt(number),
    local.intent_kind[kind],
    roomAt,
    changeAt,
    nameAt,
    textAt,
  );
}

function encodeRecords(builder: Builder, records: readonly StoredRecord[]): number[] {
  return records.map(({ key, value }) =>
    local.record.createrecord(builder, builder.createString(key), bytes(builder, value)),
  );
}

/** A string is a vector of bytes too, with a zero behind it that nobody counts; the generated vector is slower. */
const bytes = (builder: Builder, value: Uint8Array): number => builder.createString(value);
