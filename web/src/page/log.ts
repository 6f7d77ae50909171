import type { LogLevel } from "../border";

const kept = 1_000;
const place = "parley.log";

/** The last lines of this tab, in the server's form, kept over reloads and forgotten with the sign-in. */
class ClientLog {
  private lines: string[] = read();
  private dirty = false;
  user = "";

  constructor() {
    addEventListener("pagehide", () => this.keep());
  }

  write(level: LogLevel, event: string, message: string, room = "", meta: object = {}): void {
    const told = level === "warn" ? "WARN" : level.toUpperCase();
    this.lines.push(
      `[${new Date().toISOString()}] [${told}] [${event}] socket=- userId=${this.user || "-"} ` +
        `roomId=${room || "-"} msg=${JSON.stringify(message)} meta=${JSON.stringify(meta)}`,
    );
    if (this.lines.length > kept) this.lines.splice(0, this.lines.length - kept);
    if (this.dirty) return;
    this.dirty = true;
    setTimeout(() => this.keep(), 1_000);
  }

  all(): string[] {
    return [...this.lines];
  }

  forget(): void {
    this.lines = [];
    this.keep();
  }

  private keep(): void {
    this.dirty = false;
    try {
      sessionStorage.setItem(place, this.lines.join("\n"));
    } catch {
      // A full or forbidden storage costs the log its memory, nothing else.
    }
  }
}

function read(): string[] {
  try {
    return (sessionStorage.getItem(place) ?? "").split("\n").filter(Boolean);
  } catch {
    return [];
  }
}

export const log = new ClientLog();
