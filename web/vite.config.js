import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { defineConfig } from "vite";

/** Puts a gzip variant beside each file that gains by it; the server sends it as it is. */
const gzipped = {
  name: "gzipped",
  apply: "build",
  writeBundle({ dir }) {
    for (const file of readdirSync(dir, { recursive: true })) {
      if (/\.(js|css|html|svg|wasm)$/.test(file))
        writeFileSync(join(dir, `${file}.gz`), gzipSync(readFileSync(join(dir, file)), { level: 9 }));
    }
  },
};

export default defineConfig({
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  worker: { format: "es" },
  plugins: [gzipped],
});
