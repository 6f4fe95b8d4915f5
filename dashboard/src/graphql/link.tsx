import { createClient as createSocket, type Client as Socket } from "graphql-ws";
import { createContext, use, useSyncExternalStore, type ReactNode } from "react";
import { Client, fetchExchange, Provider, subscriptionExchange } from "urql";
import { createFollow } from "./follow.ts";
import type { Session } from "./session.tsx";
import { onWake } from "./wake.ts";

export type ConnectionState = "connecting" | "live" | "lost";

/** The page's one connection to the gateway: HTTP for questions, a socket for everything that changes. */
export interface Link {
  client: Client;
  connection: () => ConnectionState;
  subscribe: (listener: () => void) => () => void;
}

/** Close codes by which the gateway says that it does not accept the token. */
const REFUSED = new Set([4401, 4403]);
/** We cut the connection to hand in another token; it is back before anyone has to know. */
const OUR_OWN_CUT = 4499;
const LONGEST_WAIT_MS = 8_000;
const AGAIN_MS = 2_000;
const PING_EVERY_MS = 10_000;
/** A gateway that has not answered a ping by then is gone, whatever the network believes. */
const PONG_WITHIN_MS = 5_000;

export function createLink(session: Session): Link {
  const listeners = new Set<() => void>();
  const state: { connection: ConnectionState } = { connection: "connecting" };
  const become = (connection: ConnectionState) => {
    state.connection = connection;
    for (const listener of listeners) listener();
  };
  const socket = openSocket(session, become);
  session.subscribe(() => socket.terminate());
  const follow = createFollow(socket);
  const client = new Client({
    url: "/graphql",
    preferGetMethod: false,
    fetch: (input, init) => fetchFor(session, input, init),
    fetchOptions: () => {
      const token = session.token();
      return token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } };
    },
    exchanges: [
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (operation) => ({
          subscribe: (sink) => ({
            unsubscribe: follow(
              { query: operation.query ?? "", variables: { ...operation.variables } },
              sink,
            ),
          }),
        }),
      }),
    ],
  });
  return {
    client,
    connection: () => state.connection,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Drops the token that the gateway does not take, unless another one has taken its place meanwhile. */
async function fetchFor(session: Session, ...request: Parameters<typeof fetch>): Promise<Response> {
  const used = session.token();
  const response = await fetch(...request);
  if (response.status === 401 && used === session.token()) session.lapsed();
  return response;
}

/** Connects for good: waits longer after each failure, and speaks for nobody once the token is refused. */
function openSocket(session: Session, become: (state: ConnectionState) => void): Socket {
  const url = new URL("/graphql", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  const state: { pong?: ReturnType<typeof setTimeout>; isGivenUp?: boolean } = {};
  const cut = () => {
    become("lost");
    socket.terminate();
  };
  onWake(cut);
  // graphql-ws takes some close codes for final, for good; a question of no meaning makes it connect all the same.
  const again = () =>
    setTimeout(() => {
      socket.subscribe({ query: "{ __typename }" }, { next: () => {}, error: again, complete: () => {} });
    }, AGAIN_MS);
  const socket: Socket = createSocket({
    url: url.href,
    lazy: false,
    keepAlive: PING_EVERY_MS,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    retryWait: (retries) => wait(Math.min(250 * 2 ** retries, LONGEST_WAIT_MS) * (0.5 + Math.random() / 2)),
    connectionParams: () => {
      const token = session.token();
      return token === undefined ? {} : { authorization: `Bearer ${token}` };
    },
    onNonLazyError: () => {
      become("lost");
      state.isGivenUp = true;
      again();
    },
    on: {
      connected: () => become("live"),
      ping: (isReceived) => {
        if (!isReceived) state.pong = setTimeout(cut, PONG_WITHIN_MS);
      },
      pong: (isReceived) => {
        if (isReceived) clearTimeout(state.pong);
      },
      closed: (event) => {
        clearTimeout(state.pong);
        const { code = 0 } = event as { code?: number };
        if (code !== OUR_OWN_CUT) become("lost");
        if (state.isGivenUp) again();
        if (REFUSED.has(code)) session.lapsed();
      },
    },
  });
  return socket;
}

/** Waits, but not on when the machine wakes up meanwhile. */
const wait = (ms: number) =>
  new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      endWaking();
      resolve();
    };
    const timer = setTimeout(end, ms);
    const endWaking = onWake(end);
  });

const LinkContext = createContext<Link | undefined>(undefined);

export function LinkProvider({ link, children }: { link: Link; children: ReactNode }) {
  return (
    <LinkContext value={link}>
      <Provider value={link.client}>{children}</Provider>
    </LinkContext>
  );
}

export function useConnection(): ConnectionState {
  const link = use(LinkContext);
  if (!link) throw new Error("useConnection is used outside its provider");
  return useSyncExternalStore(link.subscribe, link.connection);
}
