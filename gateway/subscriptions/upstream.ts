import { setTimeout as sleep } from "node:timers/promises";
import { GraphQLError, type ExecutionResult } from "graphql";
import type { GraphQLEndpoint, GraphQLRequest } from "../../lib/graphql-endpoint.ts";

/** What happens to a stream of a subgraph. */
export interface UpstreamListener {
  event(event: ExecutionResult): void;
  /** The stream broke and begins anew: events may have been missed in between. */
  restarted(): void;
  /** It is over for good. */
  ended(): void;
}

export interface Upstream {
  close(): void;
}

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 5_000;
const OUTAGES = new Set<unknown>(["SUBGRAPH_UNAVAILABLE", "SUBGRAPH_TIMEOUT"]);

/** Subscribes at a subgraph and stays subscribed, through its outages, until it is closed. */
export function openUpstream(
  endpoint: GraphQLEndpoint,
  request: GraphQLRequest,
  listener: UpstreamListener,
): Upstream {
  const abort = new AbortController();
  const { signal } = abort;
  const run = async () => {
    for (let attempt = 0; !signal.aborted; attempt++) {
      const outcome = await follow(endpoint, request, { listener, signal });
      if (signal.aborted) return;
      if (outcome === "ended") return listener.ended();
      if (outcome === "broken") attempt = 0;
      await sleep(delayMs(attempt), undefined, { signal, ref: false }).catch(() => {});
      if (!signal.aborted) listener.restarted();
    }
  };
  void run();
  return { close: () => abort.abort() };
}

type Outcome = "ended" | "broken" | "refused";

/** Passes the events of one stream on until it ends, breaks off, or turns out to be an outage. */
async function follow(
  endpoint: GraphQLEndpoint,
  request: GraphQLRequest,
  { listener, signal }: { listener: UpstreamListener; signal: AbortSignal },
): Promise<Outcome> {
  const stream = endpoint.subscribe(request, () => listener.restarted());
  const leave = () => void stream.return?.();
  signal.addEventListener("abort", leave, { once: true });
  let seen = false;
  try {
    for (;;) {
      const result = await stream.next();
      if (signal.aborted || result.done === true) return "ended";
      if (isOutage(result.value)) return seen ? "broken" : "refused";
      seen = true;
      listener.event(result.value);
    }
  } catch (cause) {
    if (seen) return "broken";
    // A stream that throws before it has said anything would do so again.
    listener.event({ errors: [new GraphQLError("The stream failed", { originalError: cause as Error })] });
    return "ended";
  } finally {
    signal.removeEventListener("abort", leave);
    if (!signal.aborted) leave();
  }
}

const isOutage = ({ data, errors }: ExecutionResult): boolean =>
  (data === undefined || data === null) &&
  errors !== undefined &&
  errors.length > 0 &&
  errors.every(({ extensions }) => OUTAGES.has(extensions?.["code"]));

const delayMs = (attempt: number): number =>
  Math.min(FIRST_DELAY_MS * 2 ** attempt, MAX_DELAY_MS) * (0.5 + Math.random() / 2);
