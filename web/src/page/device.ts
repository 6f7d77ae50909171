/** The little that a page keeps beside the core's records: who was here last, and which outbox is this tab's. */

export interface User {
  readonly id: string;
  readonly username: string;
}

const lastUserPlace = "parley.user";
const endingPlace = "parley.ending";

function quietly<T>(attempt: () => T, otherwise: T): T {
  try {
    return attempt();
  } catch {
    return otherwise;
  }
}

export function lastUser(): User | null {
  return quietly(() => JSON.parse(localStorage.getItem(lastUserPlace) ?? "null") as User | null, null);
}

export function rememberUser(user: User | null): void {
  quietly(() => {
    if (user) localStorage.setItem(lastUserPlace, JSON.stringify(user));
    else localStorage.removeItem(lastUserPlace);
  }, undefined);
}

/** A sign-out that the server has not heard of yet; it is told before anything else. */
export function signOutPending(): boolean {
  return quietly(() => localStorage.getItem(endingPlace) !== null, false);
}

export function setSignOutPending(pending: boolean): void {
  quietly(() => {
    if (pending) localStorage.setItem(endingPlace, "1");
    else localStorage.removeItem(endingPlace);
  }, undefined);
}

const outboxPlace = (user: string) => `parley.outbox.${user}`;

export function tabOutbox(user: string): string {
  return quietly(() => sessionStorage.getItem(outboxPlace(user)) ?? "", "");
}

export function rememberOutbox(user: string, outbox: string): void {
  quietly(() => sessionStorage.setItem(outboxPlace(user), outbox), undefined);
}

export function forgetTab(user: string): void {
  quietly(() => sessionStorage.removeItem(outboxPlace(user)), undefined);
}
