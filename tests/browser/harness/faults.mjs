/** What befalls a page, its worker and its device. */

/** The worker that holds the page's core. */
export async function workerOf(page) {
  return page.workers()[0] ?? page.waitForEvent("worker");
}

/** The worker does nothing any more and says nothing either. */
export async function hang(page) {
  const worker = await workerOf(page);
  worker
    .evaluate(() => {
      for (;;);
    })
    .catch(() => {});
}

/** Runs in the page before its scripts: `hide` and `show` do what a browser does to a tab in the background. */
export function tabbing() {
  let hidden = false;
  const frames = [];
  const { setTimeout: later, requestAnimationFrame: onFrame } = window;
  Object.defineProperty(document, "hidden", { get: () => hidden });
  Object.defineProperty(document, "visibilityState", { get: () => (hidden ? "hidden" : "visible") });
  window.setTimeout = (work, ms, ...rest) => later(work, hidden ? Math.max(ms ?? 0, 1_000) : ms, ...rest);
  window.requestAnimationFrame = (draw) => (hidden ? frames.push(draw) : onFrame(draw));
  const turn = (value) => {
    hidden = value;
    document.dispatchEvent(new Event("visibilitychange"));
    if (!hidden) for (const draw of frames.splice(0)) onFrame(draw);
  };
  window.tab = { hide: () => turn(true), show: () => turn(false) };
}

/**
 * The worker's timers come late from now on, as those of a tab that has been in the background for long; 0: in time. What
 * it answers waits until one has come late.
 */
export async function throttleTimers(page, late_ms) {
  const worker = await workerOf(page);
  await worker.evaluate((ms) => {
    self.inTime ??= self.setTimeout;
    self.cameLate ??= new EventTarget();
    const late = (work, wanted) =>
      self.inTime(
        () => {
          work();
          self.cameLate.dispatchEvent(new Event("late"));
        },
        Math.max(wanted ?? 0, ms),
      );
    self.setTimeout = ms ? late : self.inTime;
  }, late_ms);
  return () =>
    worker.evaluate(
      () => new Promise((came) => self.cameLate.addEventListener("late", came, { once: true })),
    );
}

/** Each transaction of the worker fails for want of space, until told otherwise. (DevTools' quota does not reach IndexedDB.) */
export async function fillDevice(page, full = true) {
  const worker = await workerOf(page);
  await worker.evaluate((isFull) => {
    self.commits ??= IDBTransaction.prototype.commit;
    IDBTransaction.prototype.commit = isFull
      ? function () {
          Object.defineProperty(this, "error", { value: new DOMException("", "QuotaExceededError") });
          this.abort();
        }
      : self.commits;
  }, full);
}

/** The clock of page and worker stands `ms` beside the true one. */
export async function moveClock(page, ms) {
  const move = (by) => {
    const { now } = Date;
    Date.now = () => now() + by;
  };
  await page.evaluate(move, ms);
  await (await workerOf(page)).evaluate(move, ms);
}

/** What the page logs from now on of connections and workers that ended, asked for by the function that is returned. */
export async function endings(page) {
  const from = await page.evaluate(() => window.parley.log().length);
  return async () => {
    const lines = await page.evaluate((first) => window.parley.log().slice(first), from);
    return lines.filter((line) => /\[(socket_closed|no_answer|unanswered|worker_died)\]/.test(line));
  };
}
