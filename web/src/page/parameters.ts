import type { LinkParameters } from "../border";
import { log } from "./log";

/** What the server says of how this page keeps its connection, and its worker. */
export interface Parameters extends LinkParameters {
  readonly worker_silence_ms?: number;
}

const patience_ms = 4_000;

/** The server holds its options against the same table (server/ops/client_parameters.cpp). */
const allowed: Record<keyof Parameters, readonly [least: number, most: number]> = {
  backoff_min_ms: [10, 60_000],
  backoff_max_ms: [10, 600_000],
  backoff_reset_ms: [10, 600_000],
  attempts: [1, 1_000],
  failed_retry_ms: [10, 600_000],
  connect_timeout_ms: [100, 600_000],
  ping_interval_ms: [100, 600_000],
  ping_timeout_ms: [100, 600_000],
  ping_misses: [1, 100],
  answer_timeout_ms: [1_000, 600_000],
  worker_silence_ms: [500, 600_000],
};

/** A server that can't be reached, or says nothing that can be used, leaves all as it is. */
export async function askParameters(): Promise<Parameters> {
  try {
    const answer = await fetch("/config.json", {
      cache: "no-store",
      signal: AbortSignal.timeout(patience_ms),
    });
    return answer.ok ? readParameters(await answer.json()) : {};
  } catch (error) {
    log.write("warn", "config", `config.json can't be used: ${String(error)}`);
    return {};
  }
}

function readParameters(told: unknown): Parameters {
  const read: Record<string, number> = {};
  for (const [name, value] of Object.entries(told as object)) {
    const known = Object.hasOwn(allowed, name) ? allowed[name as keyof Parameters] : null;
    if (known && Number.isInteger(value) && value >= known[0] && value <= known[1]) read[name] = value;
    else
      log.write("warn", "config", "a value of config.json is ignored", "", { name, value, allowed: known });
  }
  return read;
}
