import type { Clock } from "../../lib/clock.ts";
import { correlationIdFrom } from "../../lib/correlation.ts";
import { CodedError, isCodedError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { traceparentFrom } from "../../lib/trace-context.ts";
import type { Identify } from "../../lib/identify.ts";
import type { Limits } from "../limits/limits.ts";
import { addressKey } from "../limits/limit-key.ts";
import type { Quota } from "../limits/quotas.ts";
import { isEventId } from "../subscriptions/event-id.ts";
import type { EndReason } from "../subscriptions/metrics.ts";
import type { Road } from "../operation/road.ts";
import { Refused, refusedBy } from "../operation/refused.ts";
import type { OperationRequest } from "../operation/request.ts";
import type { RunningOperation, StreamDetails } from "../operation/running.ts";
import { endOf, type Permits, type SessionEnd } from "../operation/permits.ts";
import { openSession, renew, type Session } from "../operation/session.ts";
import { CLOSE, duplicateId, invalidMessage, type Close } from "./close-codes.ts";
import { readMessage, type SubscribeMessage } from "./messages.ts";
import { SocketSink, type SinkOwner } from "./socket-sink.ts";
import type { ClientHeaders } from "../transport/header-rules.ts";
import type { Wire } from "./wire.ts";

export interface ConnectionDependencies {
  road: Road;
  identify: Identify;
  permits: Permits;
  /** Rate by identity. */
  admission: Pick<Limits, "rate" | "tooMany" | "exceeded">;
  /** Sockets by identity. */
  sockets: Quota;
  limits: { initTimeoutMs: number; subscriptionsPerSocket: number; expiryWarningMs: number };
  /** Refuse connections without a token. */
  requireToken: boolean;
  clientHeaders: ClientHeaders;
  clock: Clock;
  log: Log;
}

type State =
  | { kind: "opened"; sinceMs: number }
  | { kind: "identifying" }
  | { kind: "ready"; session: Session; isWarned: boolean }
  | { kind: "closed" };

/** graphql-transport-ws for one client, without a socket library: messages in, messages out. */
export class Connection implements SinkOwner {
  readonly #wire: Wire;
  readonly #deps: ConnectionDependencies;
  readonly #operations = new Map<string, RunningOperation | undefined>();
  #state: State;

  constructor(wire: Wire, deps: ConnectionDependencies) {
    this.#wire = wire;
    this.#deps = deps;
    this.#state = { kind: "opened", sinceMs: deps.clock.monotonicMs() };
  }

  /** Whether a query or mutation is still being answered. */
  get isBusy(): boolean {
    return [...this.#operations.values()].some((operation) => operation?.isSubscription === false);
  }

  received(text: string): void {
    if (this.#state.kind === "closed") return;
    const message = readMessage(text);
    if (typeof message === "string") return this.end(invalidMessage(message), "refused");
    switch (message.type) {
      case "connection_init":
        return this.#initialise(message.payload?.["authorization"]);
      case "ping":
        if (this.mayPing()) this.#answerPing(message.payload ?? undefined);
        return undefined;
      case "pong":
        return undefined;
      case "subscribe":
        return this.#subscribe(message);
      case "complete":
        return this.#finish(message.id, "client");
    }
  }

  /** Counts a ping, of this protocol or of WebSocket itself; a client that sends too many is sent away. */
  mayPing(): boolean {
    const state = this.#state;
    if (state.kind === "closed") return false;
    const key = state.kind === "ready" ? state.session.quotaKey : addressKey(this.#wire.address);
    const isTooOften = this.#deps.admission.rate(key) !== undefined;
    if (isTooOften) this.end(CLOSE.tooOften, "refused");
    return !isTooOften;
  }

  /** The socket is gone; `code` says how. */
  closed(code: number): void {
    const wasCut = ![1000, 1001, 1005].includes(code);
    this.#leave(wasCut ? "disconnected" : "client");
  }

  /** Looks at the time: initialisation, warning before the token ends, its end. */
  sweep(nowMs: number): void {
    const { limits, permits } = this.#deps;
    const state = this.#state;
    if (state.kind === "opened" && nowMs - state.sinceMs >= limits.initTimeoutMs)
      return this.end(CLOSE.initTimeout, "refused");
    if (state.kind !== "ready") return;
    const over = endOf(state.session, nowMs, permits);
    if (over) return this.#deny(over);
    const remainingMs = state.session.deadlineMs - nowMs;
    if (remainingMs > limits.expiryWarningMs || state.isWarned) return;
    state.isWarned = true;
    const payload = { type: "token_expiring", expiresInSeconds: Math.round(remainingMs / 1000) };
    this.#wire.send(JSON.stringify({ type: "ping", payload }));
  }

  /** Verifies the token once more; a token that no longer holds ends everything. */
  async verifyAgain(): Promise<void> {
    const { kind } = this.#state;
    if (kind !== "ready") return;
    const { session } = this.#state;
    const { authorization } = session;
    try {
      await this.#deps.identify(authorization);
    } catch (error) {
      // It may have been renewed meanwhile.
      if (isCodedError(error) && this.#state.kind === "ready" && session.authorization === authorization)
        this.#deny({ reason: "revoked", problem: error.message });
    }
  }

  ended({ id }: SocketSink): void {
    this.#operations.delete(id);
  }

  overflowed(): void {
    this.end(CLOSE.tooSlow, "slow");
  }

  /** Ends the connection from our side. */
  end(close: Close, reason: EndReason): void {
    if (this.#state.kind === "closed") return;
    this.#leave(reason);
    this.#wire.close(close);
  }

  #initialise(authorization: unknown): void {
    if (this.#state.kind !== "opened") return this.end(CLOSE.initTwice, "refused");
    this.#state = { kind: "identifying" };
    const { identify, requireToken, log } = this.#deps;
    if (requireToken && (authorization === undefined || authorization === null))
      return this.end(CLOSE.forbidden, "refused");
    identify(authorization).then(
      (identity) => this.#accept(identity, authorization),
      (error: unknown) => {
        if (isCodedError(error)) log.info({ problem: error.message }, "refused a socket");
        else log.error({ err: error }, "could not identify a socket");
        this.end(isCodedError(error) ? CLOSE.forbidden : CLOSE.internal, "refused");
      },
    );
  }

  #accept(identity: Session["identity"], authorization: unknown): void {
    if (this.#state.kind !== "identifying") return;
    const { clock, sockets, admission } = this.#deps;
    const { address, headers } = this.#wire;
    const clientHeaders = this.#deps.clientHeaders.of(headers, authorization);
    const session = openSession(identity, { authorization, address, clock, clientHeaders });
    const exceeded = sockets.take(session.quotaKey);
    if (exceeded) {
      admission.tooMany(exceeded);
      return this.end(CLOSE.tooManySockets, "refused");
    }
    this.#state = { kind: "ready", session, isWarned: false };
    this.#wire.identified();
    this.#wire.send('{"type":"connection_ack"}');
  }

  #answerPing(payload: Record<string, unknown> | undefined): void {
    const authorization = payload?.["authorization"];
    if (authorization === undefined || this.#state.kind !== "ready") {
      this.#wire.send(payload ? JSON.stringify({ type: "pong", payload }) : '{"type":"pong"}');
      return;
    }
    this.#deps.identify(authorization).then(
      (identity) => this.#renew({ identity, authorization }),
      (error: unknown) =>
        this.#answerRenewal(isCodedError(error) ? error.message : "The token cannot be verified"),
    );
  }

  #renew(token: { identity: Session["identity"]; authorization: unknown }): void {
    const state = this.#state;
    if (state.kind !== "ready") return;
    const problem = renew(state.session, token, this.#deps.clock);
    if (problem === undefined) {
      state.isWarned = false;
      for (const operation of this.#operations.values()) operation?.identityChanged();
    }
    this.#answerRenewal(problem);
  }

  #answerRenewal(problem: string | undefined): void {
    if (this.#state.kind !== "ready") return;
    const payload = problem === undefined ? { renewed: true } : { renewed: false, reason: problem };
    this.#wire.send(JSON.stringify({ type: "pong", payload }));
  }

  #subscribe({ id, payload }: SubscribeMessage): void {
    if (this.#state.kind !== "ready") return this.end(CLOSE.unauthorized, "refused");
    if (this.#operations.has(id)) return this.end(duplicateId(id), "refused");
    const { permits, clock } = this.#deps;
    const over = endOf(this.#state.session, clock.monotonicMs(), permits);
    // Not an error of this operation: its client comes back with another token, and asks again.
    if (over) return this.#deny(over);
    const sink = new SocketSink(this.#wire, id, this);
    const { road, admission, limits } = this.#deps;
    const asked = road.read(payload);
    // A text that is empty is a document that cannot be read; everything else is no message of the protocol.
    if (asked instanceof Refused && payload["query"] !== "")
      return this.end(invalidMessage(asked.errors[0]?.message ?? "payload"), "refused");
    const details = detailsOf(asked);
    const refuse = (refused: Refused) => sink.fail(road.told(refused, details.correlationId));
    if (asked instanceof Refused) return refuse(asked);
    const exceeded =
      this.#operations.size >= limits.subscriptionsPerSocket
        ? admission.tooMany("subscriptionsPerSocket")
        : admission.rate(this.#state.session.quotaKey);
    if (exceeded) return refuse(refusedBy(exceeded));
    const { session } = this.#state;
    const start = () => {
      const opened = road.open(asked, { identity: session.identity, isReadOnly: false, mayStream: true });
      if (opened instanceof Refused) return refuse(opened);
      void this.#after(road.planned(opened, session.quotaKey), { id, refuse }, () => {
        this.#operations.set(id, undefined);
        const running = road.start(opened, { details, session, sink });
        // It can end while it begins: then its id is no longer there, even when the whole connection has ended.
        if (running && this.#operations.has(id)) this.#operations.set(id, running);
        else running?.stop("slow");
      });
    };
    void this.#after(road.turnOf(asked, session.quotaKey), { id, refuse }, start);
  }

  /** Goes on with an operation at once, or when its turn has come unless its client has left or ended it by then. */
  async #after(
    turn: Promise<Refused | undefined> | undefined,
    { id, refuse }: { id: string; refuse: (refused: Refused) => void },
    start: () => void,
  ): Promise<void> {
    try {
      if (turn === undefined) return start();
      const waiting: RunningOperation = { isSubscription: false, stop: () => {}, identityChanged: () => {} };
      this.#operations.set(id, waiting);
      const refused = await turn;
      // Its id may be another operation's by now.
      if (this.#operations.get(id) !== waiting) return;
      if (refused) refuse(refused);
      else start();
    } catch (err) {
      this.#deps.log.error({ err }, "an operation broke its connection");
      this.end(CLOSE.internal, "refused");
    }
  }

  #finish(id: string, reason: EndReason): void {
    const operation = this.#operations.get(id);
    this.#operations.delete(id);
    operation?.stop(reason);
  }

  /** Tells every operation why, then closes. */
  #deny({ problem, reason }: SessionEnd): void {
    const { code, message } = new CodedError("UNAUTHENTICATED", problem);
    for (const id of this.#operations.keys())
      this.#wire.send(JSON.stringify({ id, type: "error", payload: [{ message, extensions: { code } }] }));
    this.end(CLOSE[reason], reason);
  }

  #leave(reason: EndReason): void {
    const state = this.#state;
    if (state.kind === "closed") return;
    this.#state = { kind: "closed" };
    for (const id of this.#operations.keys()) this.#finish(id, reason);
    if (state.kind === "ready") this.#deps.sockets.give(state.session.quotaKey);
  }
}

/** What a client says in `extensions`; one that sends any may come back with `lastEventId` in them. */
function detailsOf(asked: OperationRequest | Refused): StreamDetails {
  const extensions = asked instanceof Refused ? undefined : asked.extensions;
  const last = extensions?.["lastEventId"];
  return {
    correlationId: correlationIdFrom(extensions?.["correlationId"]),
    mayResume: extensions !== undefined,
    lastEventId: isEventId(last) ? last : undefined,
    traceparent: traceparentFrom(extensions?.["traceparent"]),
  };
}
