import { html, type TemplateResult } from "lit";

const address = /https?:\/\/[^\s<>"]+/g;
const trailing = /[.,;:!?'")\]}»”’]+$/;

/** What of a match is meant as the address: punctuation after it is the sentence's, brackets that it opened its own. */
function meant(match: string): string {
  let end = match.length - (trailing.exec(match)?.[0].length ?? 0);
  while (
    end < match.length &&
    match[end] === ")" &&
    match.slice(0, end).split("(").length > match.slice(0, end).split(")").length
  )
    end++;
  return match.slice(0, end);
}

/** The scheme is http or https already; this asks whether there is a host. */
function isAddress(text: string): boolean {
  try {
    return new URL(text).host !== "";
  } catch {
    return false;
  }
}

/** A message's text as text nodes, with links for http and https addresses and for nothing else. */
export function linked(text: string): (string | TemplateResult)[] {
  const pieces: (string | TemplateResult)[] = [];
  let from = 0;
  for (const match of text.matchAll(address)) {
    const url = meant(match[0]);
    if (url.length < 10 || !isAddress(url)) continue;
    pieces.push(text.slice(from, match.index));
    pieces.push(html`<a href=${url} target="_blank" rel="noopener noreferrer nofollow">${url}</a>`);
    from = match.index + url.length;
  }
  pieces.push(text.slice(from));
  return pieces;
}
