import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a case has begun, to be ended the other way round. */
export class Ending {
  #steps = [];

  /** Ends it by `close`. */
  keep(thing) {
    this.#steps.push(() => thing.close());
    return thing;
  }

  folder() {
    const path = mkdtempSync(join(tmpdir(), "parley-deploy-"));
    this.#steps.push(() => rmSync(path, { recursive: true, force: true }));
    return path;
  }

  async end() {
    for (const step of this.#steps.reverse()) await step();
  }
}
