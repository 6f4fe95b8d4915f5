import { SocketSession, type Subprotocol } from "./socket-session.ts";
import type { StreamProtocol, StreamRequest, StreamSettings } from "./stream-protocol.ts";

export interface SocketStreamsOptions extends StreamSettings {
  subprotocol: Subprotocol;
  /** The payload of `connection_init`, given the headers of the rules. */
  connectionInit: (ruledHeaders: StreamRequest["ruledHeaders"]) => Readonly<Record<string, unknown>>;
}

/** Streams over WebSocket: one socket for all whose headers are equal, for as long as somebody is subscribed. */
export function createSocketStreams(options: SocketStreamsOptions): StreamProtocol {
  const sessions = new Map<string, SocketSession>();
  const sessionFor = (headers: StreamRequest["ruledHeaders"]): SocketSession => {
    const key = JSON.stringify(headers);
    const known = sessions.get(key);
    if (known) return known;
    const session = new SocketSession({
      ...options,
      headers,
      connectionInit: options.connectionInit(headers),
      onClose: () => {
        if (sessions.get(key) === session) sessions.delete(key);
      },
    });
    sessions.set(key, session);
    return session;
  };
  return {
    open: ({ payload, ruledHeaders }, sink) => sessionFor(ruledHeaders).subscribe(payload, sink),
    close: async () => {
      for (const session of sessions.values()) session.close();
    },
  };
}
