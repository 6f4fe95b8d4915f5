import { dayAndTime, timeOfDay } from "../ui/format.ts";
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
  /** Why the last token is gone, and whose it was; undefined when nobody has lost one. */
  lapse: () => Lapse | undefined;
  /** @returns what is wrong with the text, or undefined when it is a token */
  signIn: (text: string) => string | undefined;
  signOut: () => void;
  /** Drops a token that is not good any more. */
  lapsed: () => void;
  subscribe: (listener: () => void) => () => void;
}

/** A token that was good once. */
interface Lapse {
  name: string;
  /** Why it is not any more, for people. */
  reason: string;
}

interface State {
  token: string | undefined;
  person: Person | undefined;
  lapse: Lapse | undefined;
}

const KEY = "lifecycle-gateway.token";

/** Keeps the token for every tab of this browser, until it expires: who signs in or out does so in all of them. */
export function createSession(storage: Storage): Session {
  const listeners = new Set<() => void>();
  const state: State = { token: undefined, person: undefined, lapse: undefined };
  const change = (token: string | undefined, lapse?: Lapse) => {
    if (token === state.token && lapse === state.lapse) return;
    Object.assign(state, { token, lapse, person: token === undefined ? undefined : personOf(token) });
    for (const listener of listeners) listener();
  };
  /** Why the present token goes; undefined when nothing speaks against it but a wish. */
  const lapseOf = ({ person }: State, isRefused: boolean): Lapse | undefined => {
    if (!person) return undefined;
    const { name, expiresAt } = person;
    if (expiresAt.getTime() <= Date.now())
      return { name, reason: `The token of ${name} expired at ${timeOfDay(expiresAt)}.` };
    return isRefused ? { name, reason: `The token of ${name} was not accepted.` } : undefined;
  };
  change(storage.getItem(KEY) ?? undefined);
  addEventListener("storage", ({ key, newValue }) => {
    if (key === KEY || key === null)
      change(newValue ?? undefined, newValue ? undefined : lapseOf(state, false));
  });
  return {
    token: () => state.token,
    person: () => state.person,
    lapse: () => state.lapse,
    signIn: (text) => {
      const token = text.trim().replace(/^Bearer /i, "");
      const person = personOf(token);
      if (!person) return "This is not a token: it should look like eyJ….eyJ….… (npm run token prints one)";
      if (person.expiresAt.getTime() < Date.now())
        return `This token expired at ${dayAndTime(person.expiresAt)}.`;
      storage.setItem(KEY, token);
      change(token);
      return undefined;
    },
    signOut: () => {
      storage.removeItem(KEY);
      change(undefined);
    },
    lapsed: () => {
      if (state.token === undefined) return;
      const lapse = lapseOf(state, true);
      storage.removeItem(KEY);
      change(undefined, lapse);
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
  useSyncExternalStore(session.subscribe, session.lapse);
  return session;
}

/** True when the person who is signed in holds the scope. */
export const useMay = (scope: string): boolean => useSession().person()?.scopes.includes(scope) ?? false;
