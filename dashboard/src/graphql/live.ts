import { useEffect, useEffectEvent, useRef, useState } from "react";
import { createRequest, useQuery, useSubscription, type AnyVariables, type TypedDocumentNode } from "urql";
import { useConnection } from "./link.tsx";
import { sentenceOf } from "./problem.ts";
import { useSession } from "./session.tsx";

/** A value that a panel shows, and all that may be wrong with it. */
export interface Live<T> {
  data: T | undefined;
  /** For people; undefined when all is well. */
  problem: string | undefined;
  /** True while the value shown may be older than the truth. */
  stale: boolean;
  /** True while the value shown answers what was asked before: another order, filter or page. */
  isFormer: boolean;
  /** When the value arrived. */
  at: Date | undefined;
  retry: () => void;
}

const RETRY_MS = 4_000;

/** Asks, and asks again every `everyMs` while the page is looked at. */
export function usePolled<T, V extends AnyVariables>(
  document: TypedDocumentNode<T, V>,
  variables: V,
  { everyMs = 10_000, pause = false }: { everyMs?: number; pause?: boolean } = {},
): Live<T> {
  const [{ data, error, fetching, operation }, execute] = useQuery<T, V>({
    query: document,
    variables,
    pause,
    requestPolicy: "network-only",
  });
  const token = useSession().token();
  const connection = useConnection();
  const ask = useEffectEvent(() => {
    if (!pause) execute({ requestPolicy: "network-only" });
  });
  useEffect(() => {
    const askIfSeen = () => {
      if (!document_.hidden) ask();
    };
    const timer = setInterval(askIfSeen, everyMs);
    document_.addEventListener("visibilitychange", askIfSeen);
    return () => {
      clearInterval(timer);
      document_.removeEventListener("visibilitychange", askIfSeen);
    };
  }, [everyMs]);
  useChanged(token, ask);
  useChanged(connection, (before) => {
    if (before === "lost" && connection === "live") ask();
  });
  // A refusal of everything that was asked comes as null.
  const { kept, at, of } = useKept(data ?? undefined, operation?.key);
  // That the gateway is away is said once, over the page, and not by each of its parts.
  const isAway = connection !== "live" || fetching;
  return {
    data: kept,
    problem: error && !(isAway && error.networkError) ? sentenceOf(error) : undefined,
    stale: kept !== undefined && error !== undefined && (!fetching || connection !== "live"),
    isFormer: kept !== undefined && of !== createRequest(document, variables).key,
    at,
    retry: () => execute({ requestPolicy: "network-only" }),
  };
}

/** The browser's document; `document` is a GraphQL document here. */
const document_ = globalThis.document;

/** Follows a subscription; keeps the last value while the connection is away and comes back by itself. */
export function useLive<T, V extends AnyVariables>(
  document: TypedDocumentNode<T, V>,
  variables: V,
  { pause = false }: { pause?: boolean } = {},
): Live<T> {
  const [{ data, error, operation }, execute] = useSubscription<T, T, V>({
    query: document,
    variables,
    pause,
  });
  const connection = useConnection();
  const again = useEffectEvent(() => execute());
  useEffect(() => {
    if (error === undefined || pause) return undefined;
    const timer = setTimeout(again, RETRY_MS);
    return () => clearTimeout(timer);
  }, [error, pause]);
  const { kept, at, of } = useKept(data ?? undefined, operation?.key);
  return {
    data: kept,
    problem: error && sentenceOf(error),
    stale: kept !== undefined && (connection !== "live" || error !== undefined),
    isFormer: kept !== undefined && of !== createRequest(document, variables).key,
    at,
    retry: () => execute(),
  };
}

interface Kept<T> {
  kept: T | undefined;
  at: Date | undefined;
  /** The key of the request that it answers. */
  of: number | undefined;
}

/** The last value there was, since when, and what it answers. */
function useKept<T>(data: T | undefined, of: number | undefined): Kept<T> {
  const [state, setState] = useState<Kept<T>>({ kept: data, at: undefined, of });
  if (data === undefined || data === state.kept) return state;
  const next = { kept: data, at: new Date(), of };
  setState(next);
  return next;
}

function useChanged<T>(value: T, act: (before: T) => void): void {
  const before = useRef(value);
  const tell = useEffectEvent(act);
  useEffect(() => {
    if (before.current !== value) tell(before.current);
    before.current = value;
  }, [value]);
}
