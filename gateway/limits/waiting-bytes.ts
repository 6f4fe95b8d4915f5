import type { Socket } from "node:net";
import { Gauge, type Registry } from "prom-client";
import type { WaitingSettings } from "./config.ts";
import type { WaitingLimit } from "../errors/limit-names.ts";

/** What one client has been sent and has not taken, in bytes. */
export interface WaitingAccount {
  /** Counts bytes that wait for the client outside of its socket; negative when they no longer do. */
  hold(bytes: number): void;
  /** Another bound for this client alone, until it is called without one. */
  bound(bound?: { limit: WaitingLimit; most: number }): void;
  /** What to do with a client that exceeds its bound, in place of cutting the connection; it gets nothing more. */
  onExceeded(end: (limit: WaitingLimit) => void): void;
}

/** Watches everything that is written to a connection from now on. */
export type WatchWaiting = (socket: Socket) => void;

interface Watched extends WaitingAccount {
  readonly socket: Socket;
  /** Bytes that waited for it when it was looked at last. */
  owed: number;
  /** Bytes in its socket and outside of it. */
  bytes(): number;
  exceed(limit: WaitingLimit): void;
}

const UNWATCHED: WaitingAccount = { hold: () => {}, bound: () => {}, onExceeded: () => {} };
const accounts = new WeakMap<Socket, WaitingAccount>();

/** The account of a connection that is watched; for others one that counts nothing. */
export const waitingAccountOf = (socket: Socket | null): WaitingAccount =>
  (socket && accounts.get(socket)) ?? UNWATCHED;

/**
 * Bounds what waits for clients that do not read, whatever is spoken over their connections: nothing more is written to
 * one for which more than its bound waits, and when more waits for all of them together than may, those are cut for
 * whom most of it does. One answer may be larger than a bound; a second one does not come on top of it.
 */
export function createWaitingBytes(
  { perConnection, total }: WaitingSettings,
  metrics: Registry,
  exceeded: (limit: WaitingLimit) => void,
): WatchWaiting {
  /** Those for whom something waited when they were looked at last. */
  const owing = new Set<Watched>();
  let known = 0;

  const look = (account: Watched): number => {
    const bytes = account.socket.destroyed ? 0 : account.bytes();
    known += bytes - account.owed;
    if (account.owed === 0 && bytes > 0) owing.add(account);
    else if (bytes === 0) owing.delete(account);
    account.owed = bytes;
    return bytes;
  };
  const lookAtAll = (): number => {
    for (const account of owing) look(account);
    return known;
  };
  const cut = () => {
    if (lookAtAll() <= total) return;
    const size = ({ owed }: Watched) => Math.min(owed, perConnection);
    for (const account of [...owing].toSorted((a, b) => size(b) - size(a))) {
      if (known <= total) return;
      account.exceed("waitingBytes");
      account.socket.destroy();
      look(account);
    }
  };
  let isRelieving = false;
  // What has only just been written is about to leave: it is looked at again a moment later, unless it is too much for that.
  const relieve = () => {
    if (known > 2 * total) return cut();
    if (known <= total || isRelieving) return undefined;
    isRelieving = true;
    setImmediate(() => {
      isRelieving = false;
      cut();
    });
    return undefined;
  };
  const gauge: Gauge = new Gauge({
    name: "gateway_waiting_bytes",
    help: "Bytes that clients have been sent and have not taken yet",
    registers: [],
    collect: () => gauge.set(lookAtAll()),
  });
  metrics.registerMetric(gauge);

  return (socket) => {
    const changed = (account: Watched) => {
      look(account);
      relieve();
    };
    const account = watched(socket, { perConnection, exceeded, changed });
    accounts.set(socket, account);
    socket.once("close", () => look(account));
  };
}

interface Watching {
  perConnection: number;
  exceeded: (limit: WaitingLimit) => void;
  changed: (account: Watched) => void;
}

function watched(socket: Socket, { perConnection, exceeded, changed }: Watching): Watched {
  const usual = { limit: "waitingBytesPerConnection", most: perConnection } as const;
  let bound: { limit: WaitingLimit; most: number } = usual;
  let held = 0;
  let isOver = false;
  let end = (_limit: WaitingLimit): void => void socket.destroy();
  const account: Watched = {
    socket,
    owed: 0,
    bytes: () => socket.writableLength + held,
    hold: (bytes) => {
      held += bytes;
      if (bytes > 0 && account.bytes() > bound.most) account.exceed(bound.limit);
      changed(account);
    },
    bound: (given = usual) => {
      bound = given;
    },
    onExceeded: (given) => {
      end = given;
    },
    exceed: (limit) => {
      if (isOver) return;
      isOver = true;
      exceeded(limit);
      end(limit);
    },
  };
  const write = socket.write.bind(socket);
  // Without rest parameters: this is done for every message of every client.
  socket.write = ((chunk: Uint8Array, encoding: BufferEncoding, callback: () => void) => {
    if (!isOver && socket.writableLength + held > bound.most) account.exceed(bound.limit);
    const isTaken = write(chunk, encoding, callback);
    if (!isTaken || socket.writableLength > 0) changed(account);
    return isTaken;
  }) as typeof socket.write;
  return account;
}
