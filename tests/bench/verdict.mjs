// What the figures mean: each beside its floor and its aim. `more` is better with some, less with others. Bounds that
// are `boundTo` a store are those of what the server can send; with another store the figure stands beside.

const wanted = [
  {
    row: "room100x1",
    says: "room of 100, one in flight; to limit A",
    ratio: "deliveries_per_s",
    to: "raw-a",
    more: true,
    floor: 0.85,
    aim: 0.92,
    boundTo: "memory",
  },
  {
    row: "room1000x10",
    says: "room of 1000, 10 in flight; to limit B",
    ratio: "deliveries_per_s",
    to: "raw-b",
    more: true,
    floor: 0.85,
    aim: 0.95,
    boundTo: "memory",
  },
  {
    row: "room1000x100",
    says: "room of 1000, 100 in flight; to limit B",
    ratio: "deliveries_per_s",
    to: "raw-b",
    more: true,
    floor: 0.7,
    aim: 0.9,
    boundTo: "memory",
  },
  {
    row: "rooms1000of5x10",
    says: "1000 rooms of 5, 10 in flight each; to limit B",
    ratio: "deliveries_per_s",
    to: "raw-b",
    more: true,
    floor: 0.7,
    aim: 0.85,
    boundTo: "memory",
  },
  {
    row: "latency",
    says: "p99 send→others at 1000/s, 100 rooms of 10; to limit A",
    ratio: "received_p99_us",
    to: "raw-a",
    floor: 2,
    aim: 1.3,
  },
  { row: "latency", says: "send→others, p50 µs", figure: "received_p50_us" },
  { row: "latency", says: "send→others, p99 µs", figure: "received_p99_us" },
  { row: "latency", says: "send→stored, p50 µs", figure: "stored_p50_us" },
  { row: "latency", says: "send→stored, p99 µs", figure: "stored_p99_us" },
  {
    row: "stored",
    says: "stored ops/s, whole path",
    figure: "messages_per_s",
    more: true,
    floor: 15_000,
    aim: 40_000,
    only: "sqlite",
  },
  { row: "stored", says: "stored ops/s, whole path", figure: "messages_per_s", only: "memory" },
  {
    row: "accept",
    says: "CPU per accepted WebSocket; to raw",
    ratio: "cpu_us_per_accept",
    to: "raw-a",
    floor: 2,
    aim: 1.4,
  },
  { row: "hubs", says: "CPU µs per delivery, room of 1000", figure: "cpu_us_per_delivery" },
  { row: "idle1000", says: "bytes per idle session in 5 rooms, at 1,000", figure: "bytes_per_session" },
  {
    row: "idle10000",
    says: "bytes per idle session in 5 rooms, at 10,000",
    figure: "bytes_per_session",
    floor: 4096,
    aim: 2048,
  },
  {
    row: "slow-readers",
    says: "p99 of 1,800 readers while 200 do not read; to before",
    figure: "p99_ratio",
    floor: 1.1,
    aim: 1.1,
  },
  {
    row: "slow-readers",
    says: "memory for 200 who do not read, MB",
    figure: "grown_bytes",
    scale: 1e-6,
    floor: 52,
    aim: 52,
  },
  {
    row: "herd",
    says: "5,000 sessions lose their server; s until all are in sync",
    figure: "in_sync_s",
    floor: 15,
    aim: 15,
  },
  {
    row: "herd",
    says: "largest part of first retries within 0.1 s",
    figure: "busiest_slice",
    floor: 0.2,
  },
  {
    row: "memory",
    says: "resident memory of an idle server, MB",
    figure: "resident_bytes",
    scale: 1e-6,
    aim: 30,
  },
  { row: "bundle", says: "core, KB gzipped", figure: "wasm_bytes", scale: 1 / 1024, floor: 40, aim: 40 },
  {
    row: "bundle",
    says: "script and style, KB gzipped",
    figure: "script_bytes",
    scale: 1 / 1024,
    floor: 60,
    aim: 60,
  },
  {
    row: "first-page",
    says: "from scripts/serve to the first page, ms",
    figure: "first_page_ms",
    floor: 2000,
    aim: 2000,
  },
];

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The ratio of each round, in which both were measured one after the other. */
const ratios = (own, yardstick) => own.map((value, round) => value / yardstick[round]);

function standing(value, { floor, aim, more }) {
  const reaches = (bound) => bound === undefined || (more ? value >= bound : value <= bound);
  if (aim === undefined && floor === undefined) return "";
  return reaches(aim) ? "aim" : reaches(floor) ? (floor === undefined ? "over" : "floor") : "BELOW";
}

function judgeOne(wish, own, yardstick) {
  const { says } = wish;
  const bound = !wish.boundTo || wish.boundTo === own.store;
  const { floor, aim } = bound ? wish : {};
  const row = { row: wish.row, says, target: own.target, floor, aim };
  const failed = own.failed ?? (wish.ratio ? (yardstick ? yardstick.failed : "no yardstick") : undefined);
  if (failed) return { ...row, failed };
  const figures = wish.ratio
    ? ratios(own[wish.ratio], yardstick[wish.ratio])
    : (own[wish.figure] ?? []).map((value) => value * (wish.scale ?? 1));
  if (!figures.length) return { ...row, failed: "no figure" };
  const value = median(figures);
  const spread = (Math.max(...figures) - Math.min(...figures)) / 2 / value;
  const absolute = wish.ratio
    ? { own: median(own[wish.ratio]), yardstick: median(yardstick[wish.ratio]) }
    : {};
  return { ...row, value, spread, ...absolute, standing: bound ? standing(value, wish) : "beside" };
}

export function judge(results) {
  return wanted.flatMap((wish) =>
    results
      .filter((own) => own.row === wish.row && !own.target.startsWith("raw-"))
      .filter((own) => !wish.only || wish.only === own.store)
      .map((own) => {
        const yardstick = results.find(
          (r) => r.row === wish.row && r.target === wish.to && r.store === own.store,
        );
        return judgeOne(wish, own, yardstick);
      }),
  );
}

const number = (value) =>
  value === undefined
    ? ""
    : Math.abs(value) >= 100
      ? Math.round(value).toLocaleString("en")
      : value.toPrecision(3);

export function table(judged) {
  const head = ["row", "server", "figure", "±", "floor", "aim", "reached", "measured / yardstick"];
  const lines = judged.map((row) =>
    row.failed
      ? [row.says, row.target, "none", "", number(row.floor), number(row.aim), "", `failed: ${row.failed}`]
      : [
          row.says,
          row.target,
          number(row.value),
          `${Math.round(row.spread * 100)}%`,
          number(row.floor),
          number(row.aim),
          row.standing,
          row.yardstick === undefined ? "" : `${number(row.own)} / ${number(row.yardstick)}`,
        ],
  );
  const widths = head.map((_, column) => Math.max(...[head, ...lines].map((line) => line[column].length)));
  const draw = (line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column]))
      .join("  ")
      .trimEnd();
  return [head, widths.map((width) => "─".repeat(width)), ...lines].map(draw).join("\n");
}
