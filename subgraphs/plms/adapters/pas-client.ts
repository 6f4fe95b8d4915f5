import { ExponentialBackoff, handleWhen, retry } from "cockatiel";
import { request, type Agent } from "undici";
import { CORRELATION_HEADER } from "../../../lib/correlation.ts";
import { CodedError, messageOf, systemCodeOf } from "../../../lib/errors.ts";
import { createOutboundAgent, type AllowPrivate } from "../../../lib/outbound.ts";
import type { ExecutorRun } from "../operations/control-ports.ts";
import type { Executor } from "../operations/ports.ts";
import { jobToWire, runIdIn, runIn, runsIn } from "./pas-messages.ts";

export interface PasClient extends Executor {
  close(): Promise<void>;
}

export interface PasClientOptions {
  /** Like `http://127.0.0.1:5000`. */
  baseUrl: string;
  /** Milliseconds for the whole call, attempts and pauses included. */
  timeoutMs: number;
  allowPrivate?: AllowPrivate | undefined;
}

const RETRY_AFTER_MS = 1000;
const ANSWER_LIMIT_BYTES = 1_048_576;
const [NOT_FOUND, CONFLICT] = [404, 409];

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

interface Question {
  method: "GET" | "POST";
  path: string;
  headers?: Record<string, string>;
  body?: unknown;
  /** Statuses besides 2xx whose meaning the caller knows. */
  accepts?: readonly number[];
  /** What failed, completing "The executor …". */
  failure: string;
}

interface Answer {
  status: number;
  text: string;
}

type Asking = (question: Question) => Promise<Answer>;

/** The executor over HTTP. Only lost connections are tried again: submissions carry a key, the rest repeats harmlessly. */
export function createPasClient(options: PasClientOptions): PasClient {
  const { allowPrivate } = options;
  const agent = createOutboundAgent({ allowPrivate, maxResponseSize: ANSWER_LIMIT_BYTES });
  const ask = createAsking(agent, options);
  const view = async (path: string): Promise<ExecutorRun | undefined> => {
    const failure = "did not say how the run is";
    const answer = await ask({ method: "GET", path, accepts: [NOT_FOUND], failure });
    return answer.status === NOT_FOUND ? undefined : understood(failure, () => runIn(answer.text));
  };
  return {
    submit: async (job, { key, correlationId }) => {
      const failure = "did not take the run";
      const headers = { "idempotency-key": key, [CORRELATION_HEADER]: correlationId };
      const path = "/pas/architect/submit";
      const { text } = await ask({ method: "POST", path, headers, body: jobToWire(job), failure });
      return understood(failure, () => runIdIn(text));
    },
    control: async ({ executorRunId, action, correlationId }) => {
      const path = runPath(executorRunId);
      const answer = await ask({
        method: "POST",
        path: `${path}/${action}`,
        headers: { [CORRELATION_HEADER]: correlationId },
        accepts: [NOT_FOUND, CONFLICT],
        failure: `did not ${action} the run`,
      });
      if (answer.status === NOT_FOUND) return undefined;
      return answer.status === CONFLICT
        ? view(path)
        : understood("answered strangely", () => runIn(answer.text));
    },
    find: async (by) => {
      if ("executorRunId" in by) return view(runPath(by.executorRunId));
      const failure = "did not say whether it has the run";
      const path = `/pas/runs?idempotency_key=${encodeURIComponent(by.key)}`;
      const { text } = await ask({ method: "GET", path, failure });
      return understood(failure, () => runsIn(text)[0]);
    },
    close: () => agent.close(),
  };
}

const runPath = (executorRunId: string): string => `/pas/runs/${encodeURIComponent(executorRunId)}`;

function createAsking(agent: Agent, { baseUrl, timeoutMs }: PasClientOptions): Asking {
  const retrying = retry(handleWhen(isConnectionFailure), {
    maxAttempts: 2,
    backoff: new ExponentialBackoff({ initialDelay: 50, maxDelay: 500 }),
  });
  const attempt = async (question: Question, signal: AbortSignal): Promise<Answer> => {
    const { method, path, headers, body } = question;
    const answer = await request(new URL(path, baseUrl), {
      method,
      headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      dispatcher: agent,
      signal,
    });
    return { status: answer.statusCode, text: await answer.body.text() };
  };
  return async (question) => {
    const deadline = AbortSignal.timeout(timeoutMs);
    let answer: Answer;
    try {
      answer = await retrying.execute(({ signal }) => attempt(question, signal), deadline);
    } catch (error) {
      // Addresses of the inside are not for callers; the cause is for the log.
      const why = deadline.aborted ? `it did not answer within ${timeoutMs} ms` : "it cannot be reached";
      throw unavailable(question.failure, why, error);
    }
    const isExpected =
      (answer.status >= 200 && answer.status <= 299) || question.accepts?.includes(answer.status);
    if (!isExpected) throw unavailable(question.failure, `it answered ${answer.status}`);
    return answer;
  };
}

const isConnectionFailure = (error: unknown): boolean => NO_CONNECTION.has(systemCodeOf(error) ?? "");

function understood<T>(failure: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw unavailable(failure, messageOf(error), error);
  }
}

const unavailable = (failure: string, why: string, cause?: unknown) =>
  new CodedError(
    "EXECUTOR_UNAVAILABLE",
    `The executor ${failure}: ${why}. Repeat the same call to continue it`,
    {
      retryable: true,
      retryAfterMs: RETRY_AFTER_MS,
      cause,
    },
  );
