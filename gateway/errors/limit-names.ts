/**
 * Every limit by the name that errors, metrics and the documentation call it: the variable that sets it, and how a
 * caller hears of it.
 */
export const LIMITS = {
  rate: { variable: "RATE_LIMIT_PER_SECOND", answer: "`RATE_LIMITED`, 429" },
  depth: { variable: "DEPTH_MAX", answer: "`OPERATION_TOO_COMPLEX`, 400" },
  aliases: { variable: "ALIASES_MAX", answer: "`OPERATION_TOO_COMPLEX`, 400" },
  rootFields: { variable: "ROOT_FIELDS_MAX", answer: "`OPERATION_TOO_COMPLEX`, 400" },
  directives: { variable: "DIRECTIVES_MAX", answer: "`OPERATION_TOO_COMPLEX`, 400" },
  fields: { variable: "FIELDS_MAX", answer: "`OPERATION_TOO_COMPLEX`, 400" },
  tokens: { variable: "TOKENS_MAX", answer: "`OPERATION_TOO_COMPLEX`, 400" },
  cost: { variable: "COST_MAX", answer: "`OPERATION_TOO_COMPLEX`, 400" },
  planning: { variable: "PLANNING_MAX_WAITING", answer: "`RATE_LIMITED`, 429" },
  trustedDocuments: { variable: "TRUSTED_DOCUMENTS", answer: "`DOCUMENT_NOT_TRUSTED`, 400" },
  body: { variable: "BODY_LIMIT_BYTES", answer: "`BAD_USER_INPUT`, 413" },
  headerBytes: { variable: "HEADERS_LIMIT_BYTES", answer: "problem details, 431" },
  requestTime: { variable: "HEADERS_TIMEOUT_MS", answer: "problem details, 408, or the connection is cut" },
  connections: { variable: "CONNECTIONS_MAX", answer: "problem details, 503" },
  connectionsPerAddress: { variable: "CONNECTIONS_PER_ADDRESS", answer: "problem details, 429" },
  pipelined: { variable: "PIPELINED_MAX", answer: "problem details, 429, and the end of the connection" },
  bodies: { variable: "BODIES_MAX_BYTES", answer: "problem details, 503" },
  bodiesPerAddress: { variable: "BODIES_PER_ADDRESS_BYTES", answer: "problem details, 429" },
  waitingBytes: {
    variable: "WAITING_BYTES_MAX",
    answer: "the connections for which most waits are cut without a word",
  },
  waitingBytesPerConnection: {
    variable: "WAITING_BYTES_PER_CONNECTION",
    answer: "close 1013; an HTTP connection is cut",
  },
  waitingBytesBeforeInit: { variable: "WAITING_BYTES_BEFORE_INIT", answer: "close 1013" },
  sockets: { variable: "SOCKETS_MAX", answer: "problem details, 503, in place of the upgrade" },
  socketsPerAddress: {
    variable: "SOCKETS_PER_ADDRESS",
    answer: "problem details, 429, in place of the upgrade",
  },
  socketsPerIdentity: { variable: "SOCKETS_PER_IDENTITY", answer: "close 1013" },
  message: { variable: "MESSAGE_LIMIT_BYTES", answer: "close 1009" },
  subscriptions: { variable: "SUBSCRIPTIONS_MAX", answer: "`RATE_LIMITED`" },
  subscriptionsPerIdentity: { variable: "SUBSCRIPTIONS_PER_IDENTITY", answer: "`RATE_LIMITED`" },
  subscriptionsPerSocket: { variable: "SUBSCRIPTIONS_PER_SOCKET", answer: "`RATE_LIMITED`" },
  subscriptionQueue: {
    variable: "SUBSCRIPTION_QUEUE_LIMIT",
    answer: "close 1013; an HTTP stream is cut",
  },
  keptEvents: {
    variable: "SUBSCRIPTION_KEPT_BYTES_MAX",
    answer: "the oldest events are forgotten without a word; who comes back for them gets `gap: true`",
  },
  operationTime: { variable: "REQUEST_TIMEOUT_MS", answer: "`SUBGRAPH_TIMEOUT`" },
  subgraphTime: { variable: "SUBGRAPH_TIMEOUT_MS", answer: "`SUBGRAPH_TIMEOUT`" },
  subgraphAnswer: { variable: "SUBGRAPH_RESPONSE_LIMIT_BYTES", answer: "`SUBGRAPH_UNAVAILABLE`" },
  subgraphSilence: {
    variable: "SUBGRAPH_STREAM_SILENCE_SECONDS",
    answer: "`SUBGRAPH_UNAVAILABLE` on the subscription, then `gap: true`",
  },
  subgraphWaiting: { variable: "SUBGRAPH_MAX_WAITING", answer: "`SUBGRAPH_UNAVAILABLE`" },
} as const;

export type LimitName = keyof typeof LIMITS;

/** Limits on bytes that wait for clients. */
export type WaitingLimit = Extract<LimitName, `waitingBytes${string}`>;

/** Limits on what is held for as long as a connection or a subscription lasts. */
export type HeldLimit = Extract<
  LimitName,
  | `bodies${string}`
  | "pipelined"
  | "planning"
  | `connections${string}`
  | `sockets${string}`
  | `subscriptions${string}`
>;
