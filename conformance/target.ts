/** The server, and what it may be asked. */
export interface Target {
  httpUrl: string;
  socketUrl: string;
  /** Headers of every request, of HTTP and of the upgrade. */
  headers: Readonly<Record<string, string>>;
  /** The payload of `connection_init`. */
  init: Readonly<Record<string, unknown>> | undefined;
  /** A payload of `connection_init` that the server refuses. */
  badInit: Readonly<Record<string, unknown>> | undefined;
  /** A subscription that sends its first event by itself. */
  subscription: string | undefined;
  /** A subscription that comes to its end by itself. */
  ending: string | undefined;
  /** A subscription that goes on sending events, large ones. */
  large: string | undefined;
  /** A query with `@defer`. */
  defer: string | undefined;
  /** A query with `@stream`. */
  stream: string | undefined;
  /** How long to wait for what has to come. */
  timeoutMs: number;
  /** How long the server may wait for `connection_init`. */
  initTimeoutMs: number;
  /** How long to listen for what must not come. */
  quietMs: number;
}
