import { strict as assert } from "node:assert";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parleyd, root, run } from "../harness/system.mjs";

const text = readFileSync(join(root, "docs/OPERATIONS.md"), "utf8");

/** What the server's sources call an event of the log. */
async function events() {
  const { out } = await run("git", ["-C", root, "ls-files", "server/*.cpp"]);
  const code = out
    .split("\n")
    .filter(Boolean)
    .map((path) => readFileSync(join(root, path), "utf8"))
    .join("\n");
  const shapes = [
    /log_line::level::\w+(?: : log_line::level::\w+)?,\s*"(\w+)"/g,
    /{level, "(\w+)"/g,
    /\.event = "(\w+)"/g,
    /api\.log\("(\w+)"/g,
    /case change_kind::\w+: return "(\w+_room)"/g,
  ];
  return new Set(shapes.flatMap((shape) => [...code.matchAll(shape)].map(([, name]) => name)));
}

export default {
  async "operations: each event of the log is explained, and no other"() {
    const table = text.slice(text.indexOf("| event | level |"));
    const names = [...table.matchAll(/^\| (`[^|]+)\|/gm)].flatMap(([, cell]) => [
      ...cell.matchAll(/`(\w+)`/g),
    ]);
    assert.deepEqual(new Set(names.map(([, name]) => name)), await events());
  },

  async "operations: files, scripts and variables that it names exist"() {
    const { out: help } = await run(parleyd, ["--help"]);
    for (const [name] of text.matchAll(/(?<![\w/])(scripts|deploy)\/[\w.-]*\w/g))
      assert.ok(existsSync(join(root, name)), name);
    for (const [, name] of text.matchAll(/`?(PARLEY_[A-Z_]*[A-Z])\b/g))
      if (name !== "PARLEY_NAME") assert.ok(help.includes(`Env:${name}`), name);
  },
};
