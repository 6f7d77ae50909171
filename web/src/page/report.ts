import address from "../../../build/wasm/recorder.wasm?url";

interface Exports {
  readonly memory: WebAssembly.Memory;
  _initialize(): void;
  inbox(n: number): number;
  seal(n: number, how: number, k0: number, k1: number, k2: number, k3: number): number;
  file(): number;
}

/** As `recorder/exports.cpp` has it. */
enum How {
  open,
  masked,
  maskedUnplayed,
}

/**
 * The file that `parley-replay` reads, made of what workers recorded. `masked`: what people wrote is replaced by filler,
 * under a key that nobody keeps.
 */
export async function makeReport(
  flights: readonly Uint8Array[],
  masked: boolean,
): Promise<Uint8Array<ArrayBuffer>> {
  const body = bodyOf(flights);
  if (!masked) return seal(body, How.open);
  // A core that ends while it is played ends its module too.
  return seal(body, How.masked).catch(() => seal(body, How.maskedUnplayed));
}

async function seal(body: Uint8Array, how: How): Promise<Uint8Array<ArrayBuffer>> {
  const { memory, ...recorder } = await load();
  const at = recorder.inbox(body.length);
  new Uint8Array(memory.buffer, at, body.length).set(body);
  const [k0, k1, k2, k3] = crypto.getRandomValues(new Uint32Array(4));
  const length = recorder.seal(body.length, how, k0!, k1!, k2!, k3!);
  if (!length) throw new Error("the recording can’t be read");
  return new Uint8Array(memory.buffer, recorder.file(), length).slice();
}

async function load(): Promise<Exports> {
  const refuse = () => {
    throw new Error("the core ended while it was played again");
  };
  const imports = {
    env: { emscripten_notify_memory_growth: () => {} },
    wasi_snapshot_preview1: new Proxy({}, { get: () => refuse }),
  };
  const { instance } = await WebAssembly.instantiateStreaming(fetch(address), imports);
  const exports = instance.exports as unknown as Exports;
  exports._initialize();
  return exports;
}

/** As `recorder/recording.hpp` has it. */
function bodyOf(flights: readonly Uint8Array[]): Uint8Array {
  const program = new TextEncoder().encode(navigator.userAgent);
  const body = new Uint8Array(flights.reduce((sum, { length }) => sum + length, 9 + program.length));
  const view = new DataView(body.buffer);
  view.setUint32(1, program.length, true);
  body.set(program, 5);
  view.setUint32(5 + program.length, flights.length, true);
  let at = 9 + program.length;
  for (const flight of flights) {
    body.set(flight, at);
    at += flight.length;
  }
  return body;
}
