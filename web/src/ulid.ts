const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Time and chance, as 26 letters that sort by time. */
export function makeUlid(): string {
  let time = Date.now();
  let text = "";
  for (let at = 0; at < 10; at++) {
    text = letters[time % 32] + text;
    time = Math.floor(time / 32);
  }
  for (const byte of crypto.getRandomValues(new Uint8Array(16))) text += letters[byte % 32];
  return text;
}
