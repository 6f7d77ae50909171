/** What a part asks of the shell around it. */
export type Asked =
  "show" | "list" | "browse" | "create" | "invite" | "leave" | "left" | "sign_out" | "members" | "report";

export interface Ask {
  readonly what: Asked;
  readonly room: string;
}

export function ask(from: HTMLElement, what: Asked, room = ""): void {
  from.dispatchEvent(new CustomEvent<Ask>("ask", { bubbles: true, detail: { what, room } }));
}
