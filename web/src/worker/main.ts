import type { FromWorker, ToWorker } from "../border";
import { Host } from "./host";

const say = (message: FromWorker) => self.postMessage(message);
const broken = (error: unknown) => brokenBy(error instanceof Error ? error.message : String(error));
const brokenBy = (reason: string) => say({ kind: "broken", reason, flight: host?.flight(reason) ?? null });

let host: Host | null = null;

/** A trap leaves the core in no state to go on: the page is told, and starts a new worker. */
self.addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === "beat") return say({ kind: "beat" });
  try {
    if (data.kind === "start") {
      host = new Host(data, say);
      host.begin().catch(broken);
    } else {
      host?.hear(data);
    }
  } catch (error) {
    broken(error);
  }
});
self.addEventListener("error", (event) => broken(event.error));
self.addEventListener("unhandledrejection", (event) => broken(event.reason));
