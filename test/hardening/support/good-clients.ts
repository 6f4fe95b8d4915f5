import { onTestFinished } from "vitest";
import { waitFor } from "../../../lib/wait.ts";
import { openStream } from "../../subscriptions/support/http-stream.ts";
import { rawClient, subscribe } from "../../subscriptions/support/raw-client.ts";

/** An event of a subscription as a client got it. */
export interface Seen {
  data?: Record<string, unknown> | null;
  errors?: readonly { message: string }[];
  extensions?: { eventId?: string; gap?: boolean };
}

/** A client that follows several subscriptions and reads what it is told. */
export interface GoodClient {
  transport: string;
  /** What came of one of them, by its name, in its order. */
  events: (name: string) => Seen[];
  /** Why it got less than it asked for; empty while all is well. */
  troubles: () => string[];
}

/** Subscriptions by a name for each. */
type Following = Readonly<Record<string, string>>;

const RENEWED_EVERY_MS = 1_000;

/** Clients that behave, one over each transport; the one over WebSocket hands in a new token again and again. */
export const startGoodClients = (
  gatewayUrl: string,
  following: Following,
  freshToken: () => Promise<string>,
): Promise<GoodClient[]> =>
  Promise.all([
    overSocket(gatewayUrl, following, freshToken),
    overHttp("server-sent events", { gatewayUrl, following, accept: "text/event-stream", read: readSse }),
    overHttp("multipart", {
      gatewayUrl,
      following,
      accept: "multipart/mixed;subscriptionSpec=1.0",
      read: readMultipart,
    }),
  ]);

async function overSocket(
  gatewayUrl: string,
  following: Following,
  freshToken: () => Promise<string>,
): Promise<GoodClient> {
  const client = await rawClient(`${gatewayUrl.replace("http", "ws")}/graphql`, {
    authorization: await freshToken(),
  });
  for (const [name, query] of Object.entries(following)) client.send(subscribe(name, query));
  const renewing = setInterval(() => {
    void freshToken().then((authorization) => client.send({ type: "ping", payload: { authorization } }));
  }, RENEWED_EVERY_MS);
  let end: string | undefined;
  client.socket.on("close", (code, reason) => (end = `closed with ${code} ${String(reason)}`));
  onTestFinished(() => {
    clearInterval(renewing);
    client.socket.terminate();
  });
  return {
    transport: "WebSocket",
    events: (name) => client.events(name),
    troubles: () => [
      ...client.messages
        .filter(({ type }) => type === "error" || type === "complete")
        .map((message) => JSON.stringify(message)),
      ...(end === undefined ? [] : [end]),
    ],
  };
}

interface HttpFollowing {
  gatewayUrl: string;
  following: Following;
  accept: string;
  /** The events in all that has come so far. */
  read: (text: string) => Seen[];
}

async function overHttp(
  transport: string,
  { gatewayUrl, following, accept, read }: HttpFollowing,
): Promise<GoodClient> {
  const streams = new Map(
    await Promise.all(
      Object.entries(following).map(
        async ([name, query]) =>
          [name, await openStream(`${gatewayUrl}/graphql`, { accept, body: { query } })] as const,
      ),
    ),
  );
  return {
    transport,
    events: (name) => read(streams.get(name)?.text() ?? ""),
    troubles: () =>
      [...streams].flatMap(([name, stream]) =>
        stream.status === 200 && !stream.isEnded() ? [] : [`${name} ended after ${stream.status}`],
      ),
  };
}

const readSse = (text: string): Seen[] =>
  text
    .split("\n\n")
    // The last one has not ended.
    .slice(0, -1)
    .filter((event) => event.includes("event: next"))
    .map((event) => JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? "{}") as Seen);

const readMultipart = (text: string): Seen[] =>
  [...text.matchAll(/^\{"payload":.*\}(?=\r\n)/gm)].map(
    ([part]) => (JSON.parse(part) as { payload: Seen }).payload,
  );

/** Waits until something holds of each of them. @throws Error that names those of whom it does not */
export const everybody = (
  clients: readonly GoodClient[],
  what: string,
  holds: (client: GoodClient) => boolean,
): Promise<boolean> => {
  const laggards = () => clients.filter((client) => !holds(client));
  return waitFor(() => laggards().length === 0, { timeoutMs: 30_000, what: `everybody ${what}` }).catch(
    (error: unknown) => {
      const told = laggards().map(
        ({ transport, troubles, events }) =>
          `${transport} (${[...troubles(), JSON.stringify(events("alerts").slice(-4))].join("; ")})`,
      );
      throw new Error(`nothing came over ${told.join(", ")}`, { cause: error });
    },
  );
};
