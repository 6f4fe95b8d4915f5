import { z } from "zod";
import type { Clock } from "../../../../lib/clock.ts";
import type { Log } from "../../../../lib/log.ts";
import type { AllowPrivate } from "../../../../lib/outbound.ts";
import type { DeliveryResult } from "../domain/delivery.ts";
import { PlmFailure } from "../../products/operations/ports.ts";
import type { UsageBatch, UsageSink } from "../operations/ports.ts";
import { toPlmFailure } from "../../plm/adapters/partner/failures.ts";
import { createPlmHttp, type PlmHttp, type PlmHttpResponse } from "../../plm/adapters/partner/http.ts";
import { createTokenSource, type TokenSource } from "../../plm/adapters/partner/token-source.ts";

export interface UsageSinkConfig {
  baseUrl: string;
  clientId: string;
  clientSecret: string;
  /** Milliseconds that one delivery may take. */
  deadlineMs: number;
  signingSecret?: string | undefined;
  allowPrivate?: AllowPrivate | undefined;
}

export interface RunningUsageSink extends UsageSink {
  close(): Promise<void>;
}

const PATH = "/plm/usage-metrics";

const answerSchema = z.object({
  data: z.object({
    accepted: z.number().int().min(0),
    duplicates: z.number().int().min(0),
    rejected: z.array(z.object({ id: z.string(), reason: z.string().max(500) })).default([]),
  }),
});

/** `POST /plm/usage-metrics`, apart from the calls that people wait for: its own connections, tokens and deadline. */
export function createUsageSink(config: UsageSinkConfig, deps: { clock: Clock; log: Log }): RunningUsageSink {
  const http = createPlmHttp({ ...config, maxConcurrent: 2 }, deps);
  const tokens = createTokenSource(config, { http, clock: deps.clock });
  return {
    deliver: async (batch) => {
      try {
        return await resultOf(await post({ http, tokens, deadlineMs: config.deadlineMs }, batch));
      } catch (error) {
        const failure = toPlmFailure(error, config);
        deps.log.warn({ err: failure }, "the PLM did not take usage events");
        return { kind: "failed", reason: failure.message, retryAfterMs: failure.details.retryAfterMs ?? 0 };
      }
    },
    close: () => http.close(),
  };
}

/** A token may end on the way, so a refusal is answered once with a fresh one. */
async function post(
  parts: { http: PlmHttp; tokens: TokenSource; deadlineMs: number },
  { key, events }: UsageBatch,
): Promise<PlmHttpResponse> {
  const signal = AbortSignal.timeout(parts.deadlineMs);
  const send = (token: string) =>
    parts.http.send({
      method: "POST",
      path: PATH,
      headers: {
        accept: "application/json",
        "content-type": "application/json",
        authorization: `Bearer ${token}`,
        "idempotency-key": key,
      },
      body: JSON.stringify({ events }),
      signal,
    });
  const token = await parts.tokens.current();
  const response = await send(token);
  return response.status === 401 ? send(await parts.tokens.replace(token)) : response;
}

/** Statuses that say nothing about the events themselves. */
const PASSING: ReadonlySet<number> = new Set([401, 403, 404, 405, 408, 425, 429]);

/** @throws PlmFailure when the answer says neither yes nor no */
async function resultOf(response: PlmHttpResponse): Promise<DeliveryResult> {
  const { status } = response;
  if (status >= 400 && status < 500 && !PASSING.has(status))
    return { kind: "refused", reason: `The PLM refused the events with status ${status}` };
  const answer = answerSchema.safeParse(await response.json());
  if (!answer.success) {
    const [issue] = answer.error.issues;
    const message = `The PLM's answer is unusable: ${issue?.path.join(".")}: ${issue?.message}`;
    throw new PlmFailure("MALFORMED", message, { countsForCircuit: true });
  }
  const { rejected } = answer.data.data;
  return { kind: "accepted", rejected: new Map(rejected.map(({ id, reason }) => [id, reason])) };
}
