import address from "../worker/main.ts?worker&url";

/** The page demands trusted types, and this is the one script that it ever starts by its address. */
const policy = window.trustedTypes?.createPolicy("parley-worker", {
  createScriptURL(url) {
    if (url !== address) throw new TypeError("not our worker");
    return url;
  },
});

export function startWorker(): Worker {
  const trusted = policy ? policy.createScriptURL(address) : address;
  return new Worker(trusted as string, { type: "module", name: "parley" });
}
