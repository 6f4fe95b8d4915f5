import type { Socket } from "node:net";
import { WebSocket } from "ws";
import { waitingAccountOf } from "../limits/waiting-bytes.ts";
import type { LiveEvent } from "../subscriptions/live-event.ts";
import type { Close } from "./close-codes.ts";
import { writeEvent } from "./frames.ts";

/** A socket as the protocol sees it; any WebSocket library can be one. */
export interface Wire {
  /** Where the client is, for limits on those without a name. */
  readonly address: string;
  /** What of the headers of its upgrade may go on to subgraphs. */
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes that have not left yet. */
  readonly bufferedBytes: number;
  send(text: string): void;
  /** Sends `next` with the event; `address` ends the message and carries the operation's id. */
  sendEvent(event: LiveEvent, address: string): void;
  whenDrained(callback: () => void): void;
  /** Counts bytes that wait outside of the socket; negative when they no longer do. */
  hold(bytes: number): void;
  /** The client has said who it is: as much may wait for it as for others. */
  identified(): void;
  close(close: Close): void;
}

/** A socket of the ws library. Events go past the library, as frames that were built once for everybody. */
export function createWire(socket: WebSocket, raw: Socket, client: Pick<Wire, "address" | "headers">): Wire {
  const account = waitingAccountOf(raw);
  // Many subscriptions of one socket may wait: it gets one listener for all of them.
  const waiting: (() => void)[] = [];
  const isOpen = () => socket.readyState === WebSocket.OPEN;
  const line = { raw, isEncrypted: "encrypted" in raw };
  return {
    ...client,
    get bufferedBytes() {
      return raw.writableLength;
    },
    send: (text) => {
      if (isOpen()) socket.send(text);
    },
    sendEvent: (event, address) => {
      if (socket.readyState === WebSocket.OPEN) writeEvent(line, event, address);
    },
    whenDrained: (callback) => {
      if (waiting.push(callback) > 1) return;
      raw.once("drain", () => {
        for (const each of waiting.splice(0)) each();
      });
    },
    hold: (bytes) => account.hold(bytes),
    identified: () => account.bound(),
    close: ({ code, reason }) => {
      socket.close(code, reason);
    },
  };
}
