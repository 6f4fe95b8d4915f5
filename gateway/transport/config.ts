import { integer, list, optionalText, optionalUrl, type Environment } from "../../lib/env.ts";

export const transportVariables = {
  REQUEST_TIMEOUT_MS: integer({
    min: 10,
    max: 600_000,
    fallback: 30_000,
    description: "Longest time for one operation; what remains of it is handed down to the subgraphs.",
  }),
  SUBGRAPH_TIMEOUT_MS: integer({
    min: 10,
    max: 600_000,
    fallback: 10_000,
    description: "Longest wait for one answer of a subgraph.",
  }),
  SUBGRAPH_RESPONSE_LIMIT_BYTES: integer({
    min: 1_024,
    max: 1_073_741_824,
    fallback: 33_554_432,
    description: "Largest answer of a subgraph; a larger one is cut off and reported.",
  }),
  SUBGRAPH_STREAM_SILENCE_SECONDS: integer({
    min: 1,
    max: 600,
    fallback: 20,
    description:
      "Within this time a stream that was not opened, or whose subgraph has frozen, is noticed and told.",
  }),
  SUBSCRIPTION_CALLBACK_URL: optionalUrl({
    schemes: ["http", "https"],
    description:
      "This gateway's address as subgraphs reach it, for those that stream by HTTP callback; they post to /callbacks/… under it.",
  }),
  SUBGRAPHS_FILE: optionalText({
    description:
      "JSON file with what differs by subgraph: how it streams, rules for the headers that it gets, and what of its errors is let through.",
  }),
  SUBGRAPH_SECRETS: list({
    fallback: "",
    secret: true,
    description:
      "Secrets that prove the gateway to single subgraphs, as name=secret; GATEWAY_SUBGRAPH_SECRET goes to those not named.",
  }),
  SUBGRAPH_MAX_CONCURRENT: integer({
    min: 1,
    max: 10_000,
    fallback: 64,
    description: "Calls to one subgraph that run at the same time, each on its own connection.",
  }),
  SUBGRAPH_MAX_WAITING: integer({
    min: 0,
    max: 1_000_000,
    fallback: 4_096,
    description: "Calls to one subgraph that wait for their turn; more are refused at once.",
  }),
  SUBGRAPH_CIRCUIT_THRESHOLD: integer({
    min: 1,
    max: 1_000,
    fallback: 5,
    description: "By how many unanswered calls have to outnumber answered ones to stop calling a subgraph.",
  }),
  SUBGRAPH_CIRCUIT_WINDOW_SECONDS: integer({
    min: 1,
    max: 3_600,
    fallback: 30,
    description: "How long an unanswered call counts.",
  }),
  SUBGRAPH_CIRCUIT_OPEN_MS: integer({
    min: 10,
    max: 600_000,
    fallback: 2_000,
    description: "How long a subgraph is not called before it is probed; doubles up to 30 s while it fails.",
  }),
};

/** How calls to subgraphs are bounded and what happens when they fail. */
export interface TransportSettings {
  requestTimeoutMs: number;
  timeoutMs: number;
  responseLimitBytes: number;
  /** Within this time a silent stream is noticed and told. */
  streamSilenceMs: number;
  /** Where subgraphs post what they stream by callback. */
  callbackUrl: string | undefined;
  maxConcurrent: number;
  maxWaiting: number;
  circuit: { threshold: number; windowMs: number; openMs: number };
}

export const transportSettings = (env: Environment<typeof transportVariables>): TransportSettings => ({
  requestTimeoutMs: env.REQUEST_TIMEOUT_MS,
  timeoutMs: env.SUBGRAPH_TIMEOUT_MS,
  responseLimitBytes: env.SUBGRAPH_RESPONSE_LIMIT_BYTES,
  streamSilenceMs: env.SUBGRAPH_STREAM_SILENCE_SECONDS * 1000,
  callbackUrl: env.SUBSCRIPTION_CALLBACK_URL,
  maxConcurrent: env.SUBGRAPH_MAX_CONCURRENT,
  maxWaiting: env.SUBGRAPH_MAX_WAITING,
  circuit: {
    threshold: env.SUBGRAPH_CIRCUIT_THRESHOLD,
    windowMs: env.SUBGRAPH_CIRCUIT_WINDOW_SECONDS * 1000,
    openMs: env.SUBGRAPH_CIRCUIT_OPEN_MS,
  },
});
