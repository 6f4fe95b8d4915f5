import { setTimeout as sleep } from "node:timers/promises";
import { GraphQLError, type ExecutionResult } from "graphql";
import { isCodedError, type CodedError } from "../../lib/errors.ts";
import type { Position } from "../../lib/broker/broker.ts";
import type { SourceItem } from "../event-streams/event-source.ts";

/** An event of a subgraph, or what comes from a broker. */
export type UpstreamItem = SourceItem | { event: ExecutionResult; position?: undefined };

/** Opens a stream, of a subgraph or of a broker. */
export type OpenStream = (onOpen: (from?: Position) => void) => AsyncIterableIterator<UpstreamItem>;

/** What happens to a stream of a subgraph. */
export interface UpstreamListener {
  event(item: UpstreamItem): void;
  /** The stream is open; with the position from which it is followed, where it has positions. */
  opened?(from: Position | undefined): void;
  /** Resolves when it can take more; asked of streams that can wait. */
  ready?(): Promise<void> | undefined;
  /** The subgraph has been away for so long that it has to be told; said once, and then it is tried on. */
  away(error: CodedError): void;
  /** What was away is there again. */
  back(): void;
  /** The stream broke and begins anew: events may have been missed in between. */
  restarted(): void;
  /** It is over for good; why has been told as an event. */
  ended(): void;
}

export interface Upstream {
  close(): void;
}

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 5_000;
/** A break that is over so soon is none that anybody has to hear of. */
const UNTOLD_MS = 2_000;
/** A stream that held for so long is tried again at once when it breaks. */
const STEADY_MS = 5_000;

/** Opens a stream and keeps it open, through outages, until it is closed. */
export function openUpstream(open: OpenStream, listener: UpstreamListener): Upstream {
  const abort = new AbortController();
  const { signal } = abort;
  const outage = new Outage(listener);
  const run = async () => {
    for (let attempt = 0; !signal.aborted; attempt++) {
      const startedMs = performance.now();
      const broken = await follow(open, { listener, outage, signal });
      if (signal.aborted) break;
      if (!broken) {
        outage.over();
        return listener.ended();
      }
      outage.goesOn(broken);
      if (performance.now() - startedMs > STEADY_MS) attempt = 0;
      await sleep(delayMs(attempt), undefined, { signal, ref: false }).catch(() => {});
      if (!signal.aborted) listener.restarted();
    }
    outage.over();
  };
  void run();
  return {
    close: () => {
      abort.abort();
      outage.over();
    },
  };
}

/**
 * The time for which a subgraph is away, told when it has lasted. It is over with the first event, or when a stream
 * has stayed open for a while: one that opens only to break again is no end of it.
 */
class Outage {
  readonly #listener: UpstreamListener;
  #timer: NodeJS.Timeout | undefined;
  #begunAtMs: number | undefined;
  #isTold = false;

  constructor(listener: UpstreamListener) {
    this.#listener = listener;
  }

  goesOn(error: CodedError): void {
    clearTimeout(this.#timer);
    const nowMs = performance.now();
    this.#begunAtMs ??= nowMs;
    const leftMs = UNTOLD_MS - (nowMs - this.#begunAtMs);
    // Who was silent was so for long enough.
    if (leftMs <= 0 || error.details.limit === "subgraphSilence") this.#tell(error);
    else this.#timer = setTimeout(() => this.#tell(error), leftMs);
  }

  opened(): void {
    if (this.#begunAtMs === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.over(), UNTOLD_MS);
  }

  over(): void {
    if (this.#begunAtMs === undefined) return;
    clearTimeout(this.#timer);
    this.#begunAtMs = undefined;
    if (this.#isTold) this.#listener.back();
    this.#isTold = false;
  }

  #tell(error: CodedError): void {
    if (!this.#isTold) this.#listener.away(error);
    this.#isTold = true;
  }
}

interface Following {
  listener: UpstreamListener;
  outage: Outage;
  signal: AbortSignal;
}

/** Passes the events of one stream on until it ends for good; returns why it may be opened again, if it may. */
async function follow(
  open: OpenStream,
  { listener, outage, signal }: Following,
): Promise<CodedError | undefined> {
  const stream = open((from) => {
    listener.opened?.(from);
    outage.opened();
  });
  const leave = () => void stream.return?.();
  signal.addEventListener("abort", leave, { once: true });
  try {
    for (;;) {
      const result = await stream.next();
      if (signal.aborted || result.done === true) return undefined;
      outage.over();
      listener.event(result.value);
      const ready = listener.ready?.();
      if (ready) await ready;
    }
  } catch (cause) {
    if (signal.aborted) return undefined;
    if (isCodedError(cause) && cause.details.retryable === true) return cause;
    listener.event({ event: { errors: [asEvent(cause)] } });
    return undefined;
  } finally {
    signal.removeEventListener("abort", leave);
    if (!signal.aborted) leave();
  }
}

/** A stream that cannot be had would not be had the next time either: whoever listens is told why. */
const asEvent = (cause: unknown): GraphQLError =>
  isCodedError(cause)
    ? new GraphQLError(cause.message, { extensions: { code: cause.code, retryable: false } })
    : new GraphQLError("The stream failed", { originalError: cause as Error });

const delayMs = (attempt: number): number =>
  Math.min(FIRST_DELAY_MS * 2 ** attempt, MAX_DELAY_MS) * (0.5 + Math.random() / 2);
