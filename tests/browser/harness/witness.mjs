/**
 * Runs in each page before its own scripts, and notes what must never be: an op drawn twice at once, at any change or at
 * any frame; one that was drawn and is missing in a later frame while its room stays; a row that was taken away and drawn
 * anew; a breach of the content security policy; an error that nobody caught.
 */
export function witness() {
  const seen = { twice: [], redrawn: [], missing: [], frames: 0, violations: [], errors: [], states: {} };
  const drawn = new Map();
  Object.defineProperty(window, "witness", { value: seen });
  addEventListener("securitypolicyviolation", (event) =>
    seen.violations.push(
      `${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`,
    ),
  );
  addEventListener("error", (event) => seen.errors.push(event.message));
  addEventListener("unhandledrejection", (event) =>
    seen.errors.push(String(event.reason?.stack ?? event.reason)),
  );

  const look = () => {
    const here = new Set();
    const log = document.querySelector("[role=log]");
    for (const row of document.querySelectorAll("[data-op]")) {
      const { op, state } = row.dataset;
      if (here.has(op)) seen.twice.push(op);
      here.add(op);
      const known = drawn.get(op);
      if (known && known.row !== row && known.log === log) seen.redrawn.push(op);
      drawn.set(op, { row, log });
      const states = (seen.states[op] ??= []);
      if (states.at(-1) !== state) states.push(state);
    }
  };
  // What failed is its author's to take away.
  let shown = new Map();
  let shownIn = null;
  const frame = () => {
    const log = document.querySelector("[role=log]");
    const now = new Map();
    for (const { dataset } of log?.querySelectorAll("[data-op]") ?? []) {
      if (now.has(dataset.op)) seen.twice.push(dataset.op);
      now.set(dataset.op, dataset.state);
    }
    if (log === shownIn)
      for (const [op, state] of shown)
        if (!now.has(op) && state !== "failed") seen.missing.push(`${op} ${state}`);
    shown = now;
    shownIn = log;
    seen.frames++;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);

  const options = {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ["data-op", "data-state"],
  };
  new MutationObserver(look).observe(document, options);
}
