import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../../lib/clock.ts";
import { isCodedError } from "../../lib/errors.ts";
import type { Identify } from "../../lib/identify.ts";
import { endOf, type Permits } from "../operation/permits.ts";
import { eachInSteps } from "../../lib/in-steps.ts";
import { VERIFY_STEP_MS } from "../identity/identify.ts";
import { spread } from "../subscriptions/drain.ts";
import type { SubscriptionMeter } from "../subscriptions/metrics.ts";
import { HttpStream, type StreamResponse } from "./http-stream.ts";
import type { HttpStreamKind } from "./negotiate.ts";
import type { Session } from "../operation/session.ts";

export interface StreamsOptions {
  identify: Identify;
  permits: Permits;
  meter: SubscriptionMeter;
  clock: Clock;
  /** Something is written at least this often, so that nobody in between takes the stream for dead. */
  keepAliveMs: number;
}

/** All streams over plain HTTP that are open. */
export interface Streams {
  /** Whether no more may be opened. */
  readonly isDraining: boolean;
  open(response: StreamResponse, of: { kind: HttpStreamKind; session: Session }): HttpStream;
  /** Looks at every stream's time. */
  sweep(nowMs: number): void;
  /** Verifies every stream's token once more. */
  verifyAgain(): void;
  /** Breaks all streams off, spread over `windowMs`; their clients come back somewhere else. */
  drain(windowMs: number): Promise<void>;
}

/** How long a drained stream may finish a query or mutation. */
const FINISH_LIMIT_MS = 5_000;

export function createStreams({ identify, permits, meter, clock, keepAliveMs }: StreamsOptions): Streams {
  const open = new Set<HttpStream>();
  let beatenAtMs = clock.monotonicMs();
  let isDraining = false;
  return {
    get isDraining() {
      return isDraining;
    },
    open: (response, { kind, session }) => {
      const stream = new HttpStream(response, session);
      const transport = kind === "sse" ? kind : "multipart";
      open.add(stream);
      meter.connections(transport, 1);
      response.raw.on("close", () => {
        open.delete(stream);
        meter.connections(transport, -1);
        stream.closed();
      });
      return stream;
    },
    sweep: (nowMs) => {
      for (const stream of open) {
        const over = endOf(stream.session, nowMs, permits);
        if (over) stream.deny(over);
      }
      if (nowMs - beatenAtMs < keepAliveMs) return;
      beatenAtMs = nowMs;
      for (const stream of open) stream.heartbeat();
    },
    verifyAgain: () => {
      const verify = (stream: HttpStream) =>
        identify(stream.session.authorization).catch((error: unknown) => {
          if (isCodedError(error)) stream.deny({ reason: "revoked", problem: error.message });
        });
      void eachInSteps([...open], (stream) => void verify(stream), VERIFY_STEP_MS);
    },
    drain: async (windowMs) => {
      isDraining = true;
      await spread([...open], windowMs, async (stream) => {
        const givenUpAt = performance.now() + FINISH_LIMIT_MS;
        while (stream.isBusy && performance.now() < givenUpAt) await sleep(20);
        stream.cut("drain");
      });
    },
  };
}

/** For who comes while the gateway stops. */
export function sendAway(response: ServerResponse): void {
  response.writeHead(503, ["retry-after", "1", "connection", "close", "content-length", "0"]).end();
}
