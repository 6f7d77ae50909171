import { log } from "./log";
import type { Parley } from "./parley";

/** `window.parley`: for tests, and for people with a console. */
export function offerConsole(parley: Parley): void {
  const offered = {
    status() {
      const { rooms, rows, members, listing, draft, ops, ...status } = parley.screen;
      return {
        phase: parley.phase.kind,
        connection: status.link,
        ...status,
        rooms: rooms.length,
        rows: rows.length,
      };
    },
    /** All that this tab has without a verdict, and what failed and waits for its author: `status().outbox` leaves that out. */
    outbox() {
      return parley.screen.ops.map(({ change, room, kind, state, reason, saved, text }) => ({
        change,
        room,
        kind,
        state,
        reason,
        saved,
        text,
      }));
    },
    /** Asks whether the connection is healthy; the time of the round trip as far as it is known by then. */
    async ping() {
      const { code } = await parley.intend("probe");
      if (code) throw new Error(code);
      await new Promise<void>((answered) => {
        const stop = () => {
          clearTimeout(timer);
          parley.removeEventListener("changed", stop);
          answered();
        };
        const timer = setTimeout(stop, 1_000);
        parley.addEventListener("changed", stop);
      });
      return parley.screen.roundTrip;
    },
    log: () => log.all(),
    crashWorker: () => parley.crashWorker(),
  };
  Object.defineProperty(window, "parley", { value: Object.freeze(offered) });
}
