import { ByteBuffer } from "flatbuffers";
import type { Acknowledged, LogLevel } from "../border";
import * as local from "../generated/local_generated";
import { codeOf, sentenceOf } from "../generated/errors";
import { effects_out } from "../generated/parley/local/effects-out";

export interface StoredRecord {
  readonly key: string;
  readonly value: Uint8Array;
}

export type Effect =
  | { kind: "open_socket"; attempt: number }
  | { kind: "send"; attempt: number; message: Uint8Array }
  | { kind: "close_socket"; attempt: number; code: number }
  | { kind: "persist"; batch: bigint; put: StoredRecord[]; drop: string[]; strict: boolean }
  | { kind: "release_outbox"; outbox: string }
  | { kind: "forget_user" }
  | { kind: "acknowledge"; acknowledged: Acknowledged }
  | { kind: "view_changed" }
  | { kind: "ask_sign_in"; code: string }
  | { kind: "log_line"; level: LogLevel; event: string; message: string; room: string };

/** `deadline`: null where the step gave nothing and the former one stands; 0 for none. */
export interface Effects {
  readonly effects: Effect[];
  readonly deadline: number | null;
}

/** Everything is copied out: the core's memory is its own again with the next step. */
export function decodeEffects(bytes: Uint8Array): Effects {
  const out = effects_out.getRootAseffects_out(new ByteBuffer(bytes));
  const effects: Effect[] = [];
  for (let at = 0; at < out.effectsLength(); at++) {
    const effect = decode(out.effects(at)!);
    if (effect) effects.push(effect);
  }
  return { effects, deadline: out.deadlineMs() };
}

function decode(item: local.effect_item): Effect | null {
  switch (item.effectType()) {
    case local.effect.open_socket:
      return { kind: "open_socket", attempt: item.effect(new local.open_socket()).attempt() };
    case local.effect.send: {
      const send: local.send = item.effect(new local.send());
      return {
        kind: "send",
        attempt: send.attempt(),
        message: send.messageArray()?.slice() ?? new Uint8Array(),
      };
    }
    case local.effect.close_socket: {
      const close: local.close_socket = item.effect(new local.close_socket());
      return { kind: "close_socket", attempt: close.attempt(), code: close.code() };
    }
    case local.effect.persist:
      return decodePersist(item.effect(new local.persist()));
    case local.effect.release_outbox:
      return { kind: "release_outbox", outbox: item.effect(new local.release_outbox()).outbox() ?? "" };
    case local.effect.forget_user:
      return { kind: "forget_user" };
    case local.effect.acknowledge:
      return { kind: "acknowledge", acknowledged: decodeAcknowledge(item.effect(new local.acknowledge())) };
    case local.effect.view_changed:
      return { kind: "view_changed" };
    case local.effect.ask_sign_in:
      return { kind: "ask_sign_in", code: codeOf(item.effect(new local.ask_sign_in()).code()) };
    case local.effect.log_line:
      return decodeLogLine(item.effect(new local.log_line()));
    default:
      return null;
  }
}

function decodePersist(persist: local.persist): Effect {
  const put: StoredRecord[] = [];
  for (let at = 0; at < persist.putLength(); at++) {
    const record = persist.put(at)!;
    put.push({ key: record.key() ?? "", value: record.valueArray()?.slice() ?? new Uint8Array() });
  }
  const drop: string[] = [];
  for (let at = 0; at < persist.dropLength(); at++) drop.push(persist.drop(at));
  return { kind: "persist", batch: persist.batch(), put, drop, strict: persist.strict() };
}

function decodeAcknowledge(acknowledge: local.acknowledge): Acknowledged {
  const code = codeOf(acknowledge.code());
  return {
    intent: Number(acknowledge.intent()),
    code,
    sentence: sentenceOf(code),
    change: acknowledge.change() ?? "",
    room: acknowledge.room() ?? "",
  };
}

function decodeLogLine(line: local.log_line): Effect {
  return {
    kind: "log_line",
    level: local.log_level[line.level()] as LogLevel,
    event: line.event() ?? "",
    message: [codeOf(line.code()), line.message()].filter(Boolean).join(" "),
    room: line.room() ?? "",
  };
}
