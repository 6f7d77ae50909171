const facts = 10_000;
const bytes = 16 * 1024 * 1024;
const head = 17;

const viewBit = 1;
const endlessBit = 2;

interface Moment {
  readonly view: boolean;
  readonly recorded: Uint8Array;
}

/**
 * The flight recorder: the last facts that the core was told, with their times, and what it gave. In memory only. The
 * form is that of `recorder/recording.hpp`, which says more.
 */
export class Recorder {
  private readonly moments: Moment[] = [];
  /** What lies before it is dropped already, and cleared away in one go. */
  private first = 0;
  private facts = 0;
  private size = 0;
  private forgotten = 0;
  /** A call of the core that has not returned. */
  private open: Uint8Array | null = null;

  /** The core is told a fact. */
  step(fact: Uint8Array, monotonic: number, wall: number): void {
    this.open = begun(0, monotonic, wall, 8 + fact.length);
    const view = new DataView(this.open.buffer);
    view.setUint32(head, fact.length, true);
    this.open.set(fact, head + 4);
  }

  /** The core is asked what is to be drawn. */
  view(monotonic: number, wall: number): void {
    this.open = begun(viewBit, monotonic, wall, 12);
  }

  stepped(effects: Uint8Array): void {
    const open = this.open!;
    const moment = new Uint8Array(open.length + effects.length);
    moment.set(open);
    new DataView(moment.buffer).setUint32(open.length - 4, effects.length, true);
    moment.set(effects, open.length);
    this.keep(moment, false);
  }

  viewed(patch: Uint8Array): void {
    const open = this.open!;
    const view = new DataView(open.buffer);
    view.setUint32(head, patch.length, true);
    digest(patch, view, head + 4);
    this.keep(open, true);
  }

  /** All that is kept; `end`: why it ends here, if it does. */
  flight(end = ""): Uint8Array {
    const why = new TextEncoder().encode(end);
    const kept = this.moments.slice(this.first).map(({ recorded }) => recorded);
    if (this.open) kept.push(endless(this.open));
    const all = new Uint8Array(kept.reduce((sum, { length }) => sum + length, 12 + why.length));
    const view = new DataView(all.buffer);
    view.setUint32(0, this.forgotten, true);
    view.setUint32(4, why.length, true);
    all.set(why, 8);
    view.setUint32(8 + why.length, kept.length, true);
    let at = 12 + why.length;
    for (const each of kept) {
      all.set(each, at);
      at += each.length;
    }
    return all;
  }

  private keep(recorded: Uint8Array, view: boolean): void {
    this.open = null;
    this.moments.push({ recorded, view });
    this.size += recorded.length;
    if (!view) this.facts++;
    while (this.facts > facts || this.size > bytes) this.drop();
    if (this.first > facts) {
      this.moments.splice(0, this.first);
      this.first = 0;
    }
  }

  /** The oldest fact, and the views that were asked for after it. */
  private drop(): void {
    do {
      this.size -= this.moments[this.first]!.recorded.length;
      this.moments[this.first++] = gone;
    } while (this.moments[this.first]?.view);
    this.facts--;
    this.forgotten++;
  }
}

const gone: Moment = { view: false, recorded: new Uint8Array() };

function begun(bits: number, monotonic: number, wall: number, more: number): Uint8Array {
  const moment = new Uint8Array(head + more);
  const view = new DataView(moment.buffer);
  view.setUint8(0, bits);
  view.setFloat64(1, monotonic, true);
  view.setFloat64(9, wall, true);
  return moment;
}

function endless(open: Uint8Array): Uint8Array {
  const moment = open.slice();
  moment[0]! |= endlessBit;
  return moment;
}

/** FNV-1a in two lanes. */
function digest(patch: Uint8Array, into: DataView, at: number): void {
  let low = 0x811c9dc5;
  let high = 0xc59d1c81;
  for (const byte of patch) {
    low = Math.imul(low ^ byte, 0x01000193);
    high = (Math.imul(high ^ byte, 0x01000193) + 1) | 0;
  }
  into.setUint32(at, low >>> 0, true);
  into.setUint32(at + 4, high >>> 0, true);
}
