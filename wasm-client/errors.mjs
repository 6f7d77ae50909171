// node errors.mjs <errors.hpp> <sentences.cpp> <out.ts>: what the page calls errors by, and says about them.
import { readFileSync, writeFileSync } from "node:fs";

const [, , codes, sentences, to] = process.argv;
const enumeration = readFileSync(codes, "utf8").match(/enum class errc[^{]*\{([^}]*)\}/)[1];
const numbers = new Map([...enumeration.matchAll(/(\w+) = (\d+)/g)].map(([, code, number]) => [code, number]));
const source = readFileSync(sentences, "utf8");
const rows = [...source.matchAll(/\{errc::(\w+),\s*"([^"]+)"\}/g)];
const unknown = source.match(/return "([^"]+)";/)[1];
if (rows.length === 0 || rows.length !== numbers.size)
  throw new Error(`${codes} has ${numbers.size} errors, ${sentences} has ${rows.length}`);

writeFileSync(
  to,
  `const codes: Readonly<Record<number, string>> = {
${rows.map(([, code]) => `  ${numbers.get(code)}: ${JSON.stringify(code)},`).join("\n")}
};

const sentences: Readonly<Record<string, string>> = {
${rows.map(([, code, sentence]) => `  ${code}: ${JSON.stringify(sentence)},`).join("\n")}
};

/** The name of an error by its number; "" for none. */
export const codeOf = (number: number): string => (number === 0 ? "" : (codes[number] ?? "unknown"));

/** What an error says to people, without the full stop; "" for none. */
export const sentenceOf = (code: string): string =>
  code && (sentences[code] ?? ${JSON.stringify(unknown)});
`,
);
