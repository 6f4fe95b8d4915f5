import { createContext, use, useSyncExternalStore, type ReactNode } from "react";

/** Who the page speaks for. Only the server decides what that permits; the page merely avoids useless buttons. */
export interface Person {
  name: string;
  role: string;
  scopes: readonly string[];
  expiresAt: Date;
}

export interface Session {
  token: () => string | undefined;
  person: () => Person | undefined;
  /** Why the last token was dropped; undefined when it was not. */
  refusal: () => string | undefined;
  /** @returns what is wrong with the text, or undefined when it is a token */
  signIn: (text: string) => string | undefined;
  signOut: (refusal?: string) => void;
  subscribe: (listener: () => void) => () => void;
}

const KEY = "lifecycle-gateway.token";

/** Keeps the token for this tab alone: a new tab looks at the page as nobody. */
export function createSession(storage: Storage): Session {
  const listeners = new Set<() => void>();
  const stored = storage.getItem(KEY) ?? undefined;
  const state = { token: stored, person: stored === undefined ? undefined : personOf(stored), refusal: "" };
  const change = (next: Partial<typeof state>) => {
    Object.assign(state, next);
    for (const listener of listeners) listener();
  };
  return {
    token: () => state.token,
    person: () => state.person,
    refusal: () => state.refusal || undefined,
    signIn: (text) => {
      const token = text.trim().replace(/^Bearer /i, "");
      const person = personOf(token);
      if (!person) return "This is not a token: it should look like eyJ….eyJ….… (npm run token prints one)";
      if (person.expiresAt.getTime() < Date.now())
        return `This token expired at ${person.expiresAt.toLocaleString()}`;
      storage.setItem(KEY, token);
      change({ token, person, refusal: "" });
      return undefined;
    },
    signOut: (refusal = "") => {
      storage.removeItem(KEY);
      change({ token: undefined, person: undefined, refusal });
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function personOf(token: string): Person | undefined {
  try {
    const payload = token.split(".")[1] ?? "";
    const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (c) =>
      c.charCodeAt(0),
    );
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    const { sub, role, scopes, exp } = claims;
    if (typeof sub !== "string" || typeof exp !== "number" || !Array.isArray(scopes)) return undefined;
    return { name: sub, role: String(role), scopes: scopes.map(String), expiresAt: new Date(exp * 1000) };
  } catch {
    return undefined;
  }
}

const SessionContext = createContext<Session | undefined>(undefined);

export function SessionProvider({ session, children }: { session: Session; children: ReactNode }) {
  return <SessionContext value={session}>{children}</SessionContext>;
}

export function useSession(): Session {
  const session = use(SessionContext);
  if (!session) throw new Error("useSession is used outside its provider");
  useSyncExternalStore(session.subscribe, session.token);
  useSyncExternalStore(session.subscribe, session.refusal);
  return session;
}

/** True when the person who is signed in holds the scope. */
export const useMay = (scope: string): boolean => useSession().person()?.scopes.includes(scope) ?? false;
