import { decodeEffects, type Effects } from "./effects";
import { decodePatch } from "./patches";
import { Recorder } from "./recorder";
import type { Patch } from "../border";
import address from "../../../build/wasm/parley.wasm?url";

interface Exports {
  readonly memory: WebAssembly.Memory;
  _initialize(): void;
  inbox(n: number): number;
  step(monotonic: number, wall: number, n: number): number;
  outbox(): number;
  view(monotonic: number, wall: number): number;
  view_bytes(): number;
}

export const now = () => Math.floor(performance.now());

/** The core, in its linear memory. It performs nothing: facts go in, effects come out. */
export class Core {
  readonly recorder = new Recorder();

  private constructor(private readonly exports: Exports) {}

  static async load(say: (words: string) => void): Promise<Core> {
    // The only words that the core has for itself are those of an assertion that fails.
    const imports = {
      env: { emscripten_notify_memory_growth: () => {} },
      wasi_snapshot_preview1: new Proxy(
        {},
        { get: (_, name) => (name === "fd_write" ? write : refuse(String(name))) },
      ),
    };
    const { instance } = await WebAssembly.instantiateStreaming(fetch(address), imports);
    const exports = instance.exports as unknown as Exports;
    exports._initialize();
    return new Core(exports);

    function write(_fd: number, pieces: number, count: number, written: number): number {
      const memory = new DataView((instance.exports["memory"] as WebAssembly.Memory).buffer);
      let text = "";
      let length = 0;
      for (let at = pieces; at < pieces + 8 * count; at += 8) {
        const bytes = new Uint8Array(
          memory.buffer,
          memory.getUint32(at, true),
          memory.getUint32(at + 4, true),
        );
        text += new TextDecoder().decode(bytes);
        length += bytes.length;
      }
      memory.setUint32(written, length, true);
      say(text.trim());
      return 0;
    }
  }

  step(fact: Uint8Array): Effects {
    const { exports, recorder } = this;
    const monotonic = now();
    const wall = Date.now();
    recorder.step(fact, monotonic, wall);
    const at = exports.inbox(fact.length);
    new Uint8Array(exports.memory.buffer, at, fact.length).set(fact);
    const length = exports.step(monotonic, wall, fact.length);
    const effects = this.bytes(exports.outbox(), length);
    recorder.stepped(effects);
    return length ? decodeEffects(effects) : { effects: [], deadline: null };
  }

  view(): Patch | null {
    const { exports, recorder } = this;
    const monotonic = now();
    const wall = Date.now();
    recorder.view(monotonic, wall);
    const length = exports.view(monotonic, wall);
    const patch = this.bytes(exports.view_bytes(), length);
    recorder.viewed(patch);
    return length ? decodePatch(patch, monotonic) : null;
  }

  private bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.exports.memory.buffer, at, length);
  }
}

function refuse(name: string): () => number {
  return () => {
    throw new Error(`the core called ${name}`);
  };
}
