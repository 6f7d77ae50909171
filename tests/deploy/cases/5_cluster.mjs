import { strict as assert } from "node:assert";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { ask, connects } from "../harness/http.mjs";
import { root, run } from "../harness/system.mjs";

/** scripts/cluster in a folder of its own, stopped at the end of the case. */
function cluster(ending) {
  const folder = ending.folder();
  chmodSync(folder, 0o755); // what root starts runs as nobody
  const env = { ...process.env, PARLEY_CLUSTER: folder };
  const call = (...args) => run(join(root, "scripts/cluster"), args, { env });
  ending.keep({ close: () => call("stop") });
  return call;
}

/** Of each part that runs: {port, process}. */
const parts = (said) =>
  Object.fromEntries(
    [...said.matchAll(/^(\S+) +(?:http:\/\/)?127\.0\.0\.1:(\d+) +process (\d+) /gm)].map(
      ([, name, port, process]) => [name, { port: Number(port), process: Number(process) }],
    ),
  );

const names = ["postgres", "redis", "parley-1", "parley-2", "nginx"];

export default {
  async "cluster: comes up, talks from server to server, loses one, gets it back, ends in order"(ending) {
    const call = cluster(ending);
    const started = await call();
    assert.equal(started.code, 0, started.out + started.err);
    assert.match(started.out, /^A message went from 127\.0\.0\.1:\d+ to 127\.0\.0\.1:\d+ and was stored/m);
    const first = parts(started.out);
    assert.deepEqual(Object.keys(first), names);
    assert.match(started.out, new RegExp(`^Parley is at http://127\\.0\\.0\\.1:${first.nginx.port};`, "m"));
    assert.equal((await ask(first.nginx.port, "/")).status, 200);

    process.kill(first["parley-1"].process, "SIGKILL");
    const less = await call("status");
    assert.equal(less.code, 1);
    assert.match(less.out, /^parley-1 +does not run$/m);
    for (let i = 0; i < 5; i++) assert.equal((await ask(first.nginx.port, "/ready")).status, 200);

    const again = await call();
    assert.equal(again.code, 0, again.out + again.err);
    const second = parts(again.out);
    assert.notEqual(second["parley-1"].process, first["parley-1"].process);
    for (const name of names) assert.equal(second[name].port, first[name].port, `${name} stays where it is`);
    assert.equal((await call("status")).code, 0);

    const stopped = await call("stop");
    assert.deepEqual(stopped, { code: 0, out: "", err: "" });
    for (const name of names) assert.ok(!(await connects(second[name].port)), `${name} has ended`);
  },

  async "cluster: what it does not know, or can't do, is one line"(ending) {
    const call = cluster(ending);
    for (const args of [["begin"], ["stop", "now"]])
      assert.deepEqual(await call(...args), {
        code: 1,
        out: "",
        err: "usage: scripts/cluster [status|stop]\n",
      });
    assert.equal((await call("status")).code, 1);
    const env = { ...process.env, PARLEY_CLUSTER: "/proc/parley" };
    const refused = await run(join(root, "scripts/cluster"), [], { env });
    assert.equal(refused.code, 1);
    assert.equal(refused.err, "/proc/parley can't be written: name another folder with PARLEY_CLUSTER\n");
  },
};
