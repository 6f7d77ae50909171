import type { Acknowledged, FromWorker, Intent, IntentKind, LogLine, Patch, ToWorker } from "../border";
import type { User } from "./device";
import { log } from "./log";
import type { Parameters } from "./parameters";
import { startWorker } from "./start_worker";
import { makeUlid } from "../ulid";

export interface CoreListener {
  patched(patch: Patch): void;
  askedToSignIn(code: string): void;
  outboxNamed(outbox: string): void;
  forgotten(): void;
  /** What stands under this key on the device is not what this core can trust; it stays there. */
  recordSetAside(key: string): void;
  /** A new core begins from nothing. */
  restarted(): void;
  /** The worker died too often to be started once more by itself. */
  gaveUp(reason: string): void;
}

type Told = (acknowledged: Acknowledged) => void;

const silence_ms = 10_000;
const beatsOfSilence = 5;
const beatsToBegin = 30;
const deathsAllowed = 5;
const deathsWithin_ms = 60_000;
const flightWithin_ms = 5_000;

/**
 * The page's end of the worker. Whatever happens to the worker, a new one takes its place and hears again what the
 * core has not acknowledged; the core knows an intent by its number, so hearing it twice does nothing.
 */
export class CoreLink {
  private worker: Worker | null = null;
  private readonly waiting = new Map<number, { intent: Intent; told: Told }>();
  // Numbers rise over reloads too, so that one can't be taken for another that a former page used.
  private next = Date.now() * 1_000;
  private shownRoom = "";
  /** By room, the op that its draft will be. */
  private readonly composed = new Map<string, string>();
  private begun = false;
  private beatsUnheard = 0;
  private heartbeat = 0;
  private deaths: number[] = [];
  /** What the last worker that broke had recorded. */
  private lostFlight: Uint8Array | null = null;
  private whenFlown = (_flight: Uint8Array | null) => {};

  constructor(
    readonly user: User,
    private readonly parameters: Parameters,
    private readonly outbox: () => string,
    private readonly listener: CoreListener,
  ) {
    this.start();
    document.addEventListener("visibilitychange", this.visibilityChanged);
    document.addEventListener("resume", this.visibilityChanged);
    addEventListener("online", this.onlineChanged);
    addEventListener("offline", this.onlineChanged);
    const silent_ms = parameters.worker_silence_ms ?? silence_ms;
    this.heartbeat = window.setInterval(() => this.beat(), silent_ms / beatsOfSilence);
  }

  intend(kind: IntentKind, what: Omit<Intent, "kind" | "number"> = {}): Promise<Acknowledged> {
    if (kind === "show_room") this.shownRoom = what.room ?? "";
    const intent: Intent = { number: this.next++, kind, ...what, ...this.named(kind, what) };
    return new Promise((told) => {
      this.waiting.set(intent.number, { intent, told });
      this.post({ kind: "intend", intent });
    });
  }

  /** What is composed has its name from the first letter on: whichever worker sends it, it is one op. */
  private named(kind: IntentKind, { room = "", text = "" }: Omit<Intent, "kind" | "number">) {
    if (kind !== "save_draft" && kind !== "send_message") return {};
    const op = this.composed.get(room) ?? makeUlid();
    if (kind === "save_draft" && text) this.composed.set(room, op);
    else this.composed.delete(room);
    return { change: `${this.user.id}/${op}` };
  }

  drawn(number: number): void {
    this.post({ kind: "drawn", number });
  }

  signedIn(user: string): void {
    this.post({ kind: "signed_in", user });
  }

  /** The core forgets its user; `forgotten` follows. */
  signOut(): void {
    this.post({ kind: "sign_out" });
  }

  /** What is recorded of a worker that broke, and of the one that lives. */
  async flights(): Promise<Uint8Array[]> {
    const living = new Promise<Uint8Array | null>((flown) => {
      this.whenFlown = flown;
      setTimeout(() => flown(null), this.worker ? flightWithin_ms : 0);
    });
    this.post({ kind: "report" });
    return [this.lostFlight, await living].filter((flight) => flight !== null);
  }

  /** Closes socket and database. A page that comes back makes a new link. */
  close(): void {
    document.removeEventListener("visibilitychange", this.visibilityChanged);
    document.removeEventListener("resume", this.visibilityChanged);
    removeEventListener("online", this.onlineChanged);
    removeEventListener("offline", this.onlineChanged);
    clearInterval(this.heartbeat);
    this.post({ kind: "close" });
    this.worker = null;
  }

  /** For tests and for people who want to see it mend: the worker is gone, as if it had run out of memory. */
  crash(): void {
    this.died("ended by hand");
  }

  private readonly visibilityChanged = () => this.post({ kind: "visible", visible: !document.hidden });
  private readonly onlineChanged = () => this.post({ kind: "online", online: navigator.onLine });

  private post(message: ToWorker): void {
    this.worker?.postMessage(message);
  }

  private start(): void {
    const worker = startWorker();
    this.worker = worker;
    this.begun = false;
    this.beatsUnheard = 0;
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (worker === this.worker) this.hear(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      if (worker === this.worker) this.died(event.message || "the worker could not start");
    };
    this.post({
      kind: "start",
      user: this.user.id,
      userName: this.user.username,
      outbox: this.outbox(),
      visible: !document.hidden,
      online: navigator.onLine,
      link: this.parameters,
    });
    if (this.shownRoom) void this.showAgain();
    for (const { intent } of this.waiting.values()) this.post({ kind: "intend", intent });
  }

  /** A new core knows nothing of what its forerunner showed, and acknowledged long ago. */
  private showAgain(): Promise<unknown> {
    for (const [number, { intent }] of this.waiting)
      if (intent.kind === "show_room") this.waiting.delete(number);
    const intent: Intent = { number: this.next++, kind: "show_room", room: this.shownRoom };
    return new Promise((told) => this.waiting.set(intent.number, { intent, told }));
  }

  private hear(message: FromWorker): void {
    this.begun = true;
    this.beatsUnheard = 0;
    switch (message.kind) {
      case "patch":
        return this.listener.patched(message.patch);
      case "acknowledged":
        return this.acknowledged(message.acknowledged);
      case "ask_sign_in":
        return this.listener.askedToSignIn(message.code);
      case "outbox":
        return this.listener.outboxNamed(message.outbox);
      case "forgotten":
        return this.listener.forgotten();
      case "log":
        return this.logged(message.line);
      case "broken":
        this.lostFlight = message.flight ?? this.lostFlight;
        return this.died(message.reason);
      case "flight":
        return this.whenFlown(message.flight);
      case "beat":
        return;
    }
  }

  private logged({ level, event, message, room }: LogLine): void {
    log.write(level, event, message, room);
    if (event === "record_set_aside") this.listener.recordSetAside(message.split(": ")[0]!);
  }

  private acknowledged(acknowledged: Acknowledged): void {
    const waiting = this.waiting.get(acknowledged.intent);
    this.waiting.delete(acknowledged.intent);
    waiting?.told(acknowledged);
  }

  /**
   * Silence is counted in beats that this page made itself: while it slept, or was busy, it made none. A worker whose
   * script is still on its way can't answer yet and has more of them.
   */
  private beat(): void {
    if (this.beatsUnheard >= (this.begun ? beatsOfSilence : beatsToBegin))
      return this.died("no sign of life");
    this.beatsUnheard++;
    this.post({ kind: "beat" });
  }

  private died(reason: string): void {
    log.write("error", "worker_died", reason);
    this.worker?.terminate();
    this.worker = null;
    const now = performance.now();
    this.deaths = [...this.deaths.filter((at) => now - at < deathsWithin_ms), now];
    if (this.deaths.length > deathsAllowed) this.listener.gaveUp(reason);
    else this.restart();
  }

  private restart(): void {
    this.listener.restarted();
    this.start();
  }
}
