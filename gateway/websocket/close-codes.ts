/** Why a socket is closed: the codes of graphql-transport-ws and those of WebSocket that we use. */
export const CLOSE = {
  restart: { code: 1012, reason: "Service restart" },
  tooSlow: { code: 1013, reason: "Too slow: events were not taken in time (subscriptionQueue)" },
  waitingBytes: { code: 1013, reason: "Too slow: too much waits for all clients (waitingBytes)" },
  waitingBytesPerConnection: {
    code: 1013,
    reason: "Too slow: what was sent is not taken (waitingBytesPerConnection)",
  },
  waitingBytesBeforeInit: {
    code: 1013,
    reason: "Too much before connection_init (waitingBytesBeforeInit)",
  },
  tooOften: { code: 1013, reason: "Too many messages (rate)" },
  tooManySockets: { code: 1013, reason: "Too many connections of this identity (socketsPerIdentity)" },
  tooLarge: { code: 1009, reason: "The message is too large (message)" },
  internal: { code: 4500, reason: "Internal server error" },
  invalid: { code: 4400, reason: "Invalid message" },
  unauthorized: { code: 4401, reason: "Unauthorized" },
  forbidden: { code: 4403, reason: "Forbidden" },
  expired: { code: 4403, reason: "The token has expired" },
  revoked: { code: 4403, reason: "The token no longer holds" },
  subprotocol: { code: 4406, reason: "Subprotocol not acceptable" },
  initTimeout: { code: 4408, reason: "Connection initialisation timeout" },
  initTwice: { code: 4429, reason: "Too many initialisation requests" },
} as const;

export type Close = { readonly code: number; readonly reason: string };

export const duplicateId = (id: string): Close => ({
  code: 4409,
  reason: `Subscriber for ${id} already exists`.slice(0, 120),
});

export const invalidMessage = (problem: string): Close => ({
  code: CLOSE.invalid.code,
  reason: `${CLOSE.invalid.reason}: ${problem}`.slice(0, 120),
});
