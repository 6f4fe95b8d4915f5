import { ExponentialBackoff, handleWhen, retry } from "cockatiel";
import { Agent, request } from "undici";
import { z } from "zod";
import { CORRELATION_HEADER } from "../../../lib/correlation.ts";
import { CodedError, messageOf } from "../../../lib/errors.ts";
import type { Executor, ExecutorJob } from "../operations/ports.ts";

export interface PasClient extends Executor {
  close(): Promise<void>;
}

export interface PasClientOptions {
  /** Like `http://127.0.0.1:5000`. */
  baseUrl: string;
  /** Milliseconds for the whole call, attempts and pauses included. */
  timeoutMs: number;
}

const RETRY_AFTER_MS = 1000;
const ANSWER_LIMIT_BYTES = 1_048_576;

const NO_CONNECTION = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_SOCKET",
]);

const answerSchema = z.object({ run_id: z.string().min(1).max(256) });

/** The executor over HTTP. Only lost connections are tried again, which the key makes safe. */
export function createPasClient({ baseUrl, timeoutMs }: PasClientOptions): PasClient {
  const agent = new Agent({ maxResponseSize: ANSWER_LIMIT_BYTES });
  const retrying = retry(handleWhen(isConnectionFailure), {
    maxAttempts: 2,
    backoff: new ExponentialBackoff({ initialDelay: 50, maxDelay: 500 }),
  });

  const post = async (
    job: ExecutorJob,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<string> => {
    const answer = await request(new URL("/pas/architect/submit", baseUrl), {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(toWire(job)),
      dispatcher: agent,
      signal,
    });
    const text = await answer.body.text();
    if (answer.statusCode < 200 || answer.statusCode > 299)
      throw unavailable(`it answered ${answer.statusCode}`);
    return runIdIn(text);
  };

  return {
    submit: async (job, { key, correlationId }) => {
      const headers = { "idempotency-key": key, [CORRELATION_HEADER]: correlationId };
      const deadline = AbortSignal.timeout(timeoutMs);
      try {
        return await retrying.execute(({ signal }) => post(job, headers, signal), deadline);
      } catch (error) {
        if (error instanceof CodedError) throw error;
        const why = deadline.aborted ? `it did not answer within ${timeoutMs} ms` : messageOf(error);
        throw unavailable(why, error);
      }
    },
    close: () => agent.close(),
  };
}

const isConnectionFailure = (error: unknown): boolean =>
  error instanceof Error && "code" in error && NO_CONNECTION.has(String(error.code));

function runIdIn(text: string): string {
  const answer = answerSchema.safeParse(parseJson(text));
  if (!answer.success) throw unavailable("its answer is not {run_id}");
  return answer.data.run_id;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const unavailable = (why: string, cause?: unknown) =>
  new CodedError(
    "EXECUTOR_UNAVAILABLE",
    `The executor did not take the run: ${why}. Repeat the same call to continue it`,
    {
      retryable: true,
      retryAfterMs: RETRY_AFTER_MS,
      cause,
    },
  );

const toWire = (job: ExecutorJob) => ({
  project_id: job.projectId,
  run_kind: job.runKind,
  provider_matrix: job.providerMatrix,
  write_sandbox: job.writeSandbox,
  tasks: job.tasks.map((task) => ({
    task_id: task.id,
    lane_id: task.laneId,
    complexity: task.complexity,
    estimated_tokens: task.estimatedTokens,
    estimated_duration_ms: task.estimatedDurationMs,
    estimated_cost_usd: task.estimatedCostUsd,
  })),
});
