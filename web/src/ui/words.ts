/** How times, names and counts are said. */

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const dated = new Intl.DateTimeFormat(undefined, {
  weekday: "short",
  day: "numeric",
  month: "long",
  year: "numeric",
});
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

export const clockTime = (time: number) => clock.format(time);
export const fullTime = (time: number) => full.format(time);

/** Days are told apart by the reader's calendar. */
export function dayOf(time: number): number {
  const date = new Date(time);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

export function dayName(day: number, now: number): string {
  const today = dayOf(now);
  const before = new Date(today);
  before.setDate(before.getDate() - 1);
  if (day === today) return "Today";
  if (day === before.getTime()) return "Yesterday";
  return new Date(day).getFullYear() === new Date(today).getFullYear()
    ? weekday.format(day)
    : dated.format(day);
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString()} ${number === 1 ? one : many}`;
}

export function initials(name: string): string {
  const words = name.split(/[._\- ]+/).filter(Boolean);
  const letters =
    words.length > 1 ? [words[0], words[1]].map((word) => [...word!][0]) : [...name].slice(0, 2);
  return letters.join("").toUpperCase();
}

/** One of `hues` colours, the same for a name everywhere. */
export function hueOf(name: string, hues = 10): number {
  let mix = 0x811c9dc5;
  for (const letter of name) mix = Math.imul(mix ^ letter.codePointAt(0)!, 0x01000193);
  return ((mix ^ (mix >>> 15)) >>> 0) % hues;
}

export const seconds = (ms: number) => `${Math.max(1, Math.ceil(ms / 1_000))} s`;
