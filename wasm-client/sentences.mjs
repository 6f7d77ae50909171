// node sentences.mjs <sentences.cpp> <out.ts>: the sentences about errors, for the page.
import { readFileSync, writeFileSync } from "node:fs";

const [, , from, to] = process.argv;
const source = readFileSync(from, "utf8");
const rows = [...source.matchAll(/\{errc::(\w+),\s*"([^"]+)"\}/g)];
if (rows.length === 0) throw new Error(`${from} has no table of sentences`);

const known = rows.map(([, code, sentence]) => `  ${code}: ${JSON.stringify(sentence)},`).join("\n");
const unknown = source.match(/return "([^"]+)";/)[1];

writeFileSync(
  to,
  `const sentences: Readonly<Record<string, string>> = {
${known}
};

/** What an error says to people, without the full stop; "" for none. */
export const sentenceOf = (code: string): string =>
  code && (sentences[code] ?? ${JSON.stringify(unknown)});
`,
);
