import { useState } from "react";

/** An operation that was asked. Headers are not kept: they hold a token. */
export interface Past {
  query: string;
  variables: string;
  /** When it was asked last, as ISO-8601 text. */
  at: string;
}

const KEY = "lifecycle-gateway.playground.history";
const MOST = 50;
const LONGEST_CHARS = 20_000;

/** What was asked in this browser, newest first. */
export function usePast() {
  const [past, setPast] = useState(readPast);
  const keep = (next: readonly Past[]) => {
    setPast(next);
    try {
      localStorage.setItem(KEY, JSON.stringify(next));
    } catch {
      // A full storage keeps the history of this page alone.
    }
  };
  return {
    past,
    remember: (asked: Pick<Past, "query" | "variables">) => {
      if (asked.query.length + asked.variables.length > LONGEST_CHARS) return;
      const others = past.filter((each) => each.query !== asked.query || each.variables !== asked.variables);
      keep([{ ...asked, at: new Date().toISOString() }, ...others].slice(0, MOST));
    },
    forget: () => keep([]),
  };
}

function readPast(): readonly Past[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter(isPast).slice(0, MOST) : [];
  } catch {
    return [];
  }
}

const isPast = (value: unknown): value is Past =>
  typeof value === "object" &&
  value !== null &&
  ["query", "variables", "at"].every((name) => typeof (value as Record<string, unknown>)[name] === "string");
