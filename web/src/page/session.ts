import type { User } from "./device";

/** A refusal in the server's words, or `unreachable` when there was no answer. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Passwords take the server its time on purpose; who is signed in does not. */
const patience_ms = { GET: 4_000, POST: 20_000, DELETE: 5_000 };

async function call<T>(method: keyof typeof patience_ms, path: string, body?: object): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      ...(body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
      cache: "no-store",
      signal: AbortSignal.timeout(patience_ms[method]),
    });
  } catch {
    throw new Refused("unreachable", "The server can’t be reached. Check your connection and try again.");
  }
  const answer = response.status === 204 ? {} : await response.json().catch(() => ({}));
  if (response.ok) return answer as T;
  const error = (answer as { error?: { code?: string; message?: string } }).error;
  throw new Refused(
    error?.code ?? `http_${response.status}`,
    error?.message ?? "The server did not answer as it should.",
  );
}

export interface Invite {
  readonly id: string;
  readonly url: string;
}

type Signed = { user: User };

export const session = {
  current: () => call<Signed>("GET", "/api/session").then((answer) => answer.user),
  signIn: (username: string, password: string) =>
    call<Signed>("POST", "/api/session", { username, password }).then((answer) => answer.user),
  signUp: (username: string, password: string, invite: string) =>
    call<Signed>("POST", "/api/accounts", { username, password, ...(invite && { invite }) }).then(
      (answer) => answer.user,
    ),
  signOut: () => call<object>("DELETE", "/api/session"),
  invite: () => call<Invite>("POST", "/api/invites", {}),
};
