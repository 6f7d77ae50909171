// Starts the servers, has the generator measure them by turns, and says how Parley stands. See scripts/bench.
//
//     node run.mjs <folder of the programs> [--quick] [--json] [row...]
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { start, load, loseServer, startScript, stopAll } from "./servers.mjs";
import { table, judge } from "./verdict.mjs";

const [bin, ...rest] = process.argv.slice(2);
const { values: options, positionals: wanted } = parseArgs({
  args: rest,
  allowPositionals: true,
  options: { quick: { type: "boolean" }, json: { type: "boolean" } },
});
const pace = options.quick
  ? ["--rounds", "3", "--measured-ms", "400"]
  : ["--rounds", "7", "--measured-ms", "1500"];
const root = new URL("../..", import.meta.url).pathname;

const loadRows = [
  "room100x1",
  "room1000x10",
  "room1000x100",
  "rooms1000of5x10",
  "latency",
  "stored",
  "accept",
];
const otherRows = ["hubs", "idle", "slow-readers", "herd", "memory", "bundle", "first-page"];
const rows = wanted.length ? wanted : [...loadRows, ...otherRows];
for (const row of rows) {
  if (![...loadRows, ...otherRows].includes(row)) {
    console.error(`unknown row ${row}; there are ${[...loadRows, ...otherRows].join(", ")}`);
    process.exit(1);
  }
}

const results = [];
const record = (store, lines) => results.push(...lines.map((line) => ({ store, ...line })));

/** Has `measure` use these servers; what goes wrong stands in the rows instead of figures. */
async function withServers(store, measured, starts, measure) {
  const servers = [];
  try {
    for (const begin of starts) servers.push(await start(bin, ...begin));
    await measure(servers);
  } catch (error) {
    record(
      store,
      measured.map((row) => ({ row, target: store, failed: error.message })),
    );
  }
  await stopAll(servers);
}

async function measureLoads(store, measured) {
  if (!measured.length) return;
  const starts = [
    ["raw-a", "bench_raw", ["a"]],
    ["raw-b", "bench_raw", ["b"]],
    [store, "parleyd", ["--store", store]],
  ];
  await withServers(store, measured, starts, async (servers) =>
    record(store, await load(bin, servers, [...pace, ...measured])),
  );
}

async function measureHubs() {
  const starts = [
    ["one hub", "parleyd", ["--store", "memory", "--hubs", "1"]],
    ["two hubs", "parleyd", ["--store", "memory", "--hubs", "2"]],
  ];
  await withServers("memory", ["hubs"], starts, async (servers) => {
    const lines = await load(bin, servers, [...pace, "room1000x10"]);
    record(
      "memory",
      lines.map((line) => ({ ...line, row: "hubs" })),
    );
  });
}

async function measureIdle(sessions) {
  const row = `idle${sessions}`;
  await withServers("memory", [row], [["memory", "parleyd", ["--store", "memory"]]], async (servers) => {
    const lines = await load(bin, servers, ["--idle-sessions", String(sessions), "idle"]);
    record(
      "memory",
      lines.map((line) => ({ ...line, row })),
    );
  });
}

async function measureSlowReaders() {
  const starts = [["memory", "parleyd", ["--store", "memory"]]];
  await withServers("memory", ["slow-readers"], starts, async (servers) => {
    const rounds = options.quick ? "3" : "7";
    record("memory", await load(bin, servers, ["--rounds", rounds, "slow-readers"]));
  });
}

/** On both cores, which the generator shares: 5,000 browsers are on machines of their own. */
async function measureHerd() {
  const options = ["--store", "sqlite", "--hubs", "2", "--max-unfinished-per-address", "0"];
  await withServers("sqlite", ["herd"], [["sqlite", "parleyd", options, "0,1"]], async ([server]) => {
    const line = await loseServer(bin, server, 5000, 2000);
    record("sqlite", [{ target: "sqlite", ...line }]);
  });
}

async function measureMemory() {
  await withServers(
    "sqlite",
    ["memory"],
    [["sqlite", "parleyd", ["--store", "sqlite"]]],
    async ([server]) => {
      await new Promise((done) => setTimeout(done, 1000));
      record("sqlite", [{ row: "memory", target: "sqlite", resident_bytes: [server.residentBytes()] }]);
    },
  );
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)],
  );
}

/** What a first visit fetches; the recorder is fetched by a report. Compressed files lie beside their originals. */
async function measureBundle() {
  const sizes = { wasm: 0, script: 0 };
  for (const file of filesBelow(join(root, "web/dist"))) {
    if (basename(file).startsWith("recorder-")) continue;
    const kind = file.endsWith(".wasm") ? "wasm" : /\.(js|css)$/.test(file) ? "script" : null;
    if (kind) sizes[kind] += gzipSync(readFileSync(file), { level: 9 }).length;
  }
  record("", [{ row: "bundle", target: "", wasm_bytes: [sizes.wasm], script_bytes: [sizes.script] }]);
}

async function measureFirstPage() {
  const times = [];
  for (let i = 0; i < 3; ++i) {
    times.push(await startScript(join(root, "scripts/serve")));
  }
  record("sqlite", [{ row: "first-page", target: "sqlite", first_page_ms: times }]);
}

const others = {
  hubs: measureHubs,
  idle: async () => {
    await measureIdle(1000);
    if (!options.quick) await measureIdle(10000);
  },
  "slow-readers": measureSlowReaders,
  herd: measureHerd,
  memory: measureMemory,
  bundle: measureBundle,
  "first-page": measureFirstPage,
};

for (const store of ["memory", "sqlite"]) {
  await measureLoads(
    store,
    rows.filter((row) => loadRows.includes(row)),
  );
}
for (const row of rows.filter((name) => otherRows.includes(name))) {
  await others[row]().catch((error) => record("", [{ row, target: "", failed: error.message }]));
}
const judged = judge(results);
console.log(options.json ? JSON.stringify({ verdicts: judged, results }, null, 1) : table(judged));
process.exit(judged.some((row) => row.failed) ? 1 : 0);
