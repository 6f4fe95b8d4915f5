import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { waitFor } from "../../../lib/wait.ts";
import { freePort, gatewayOver, startSubgraph } from "./start-subgraph.ts";
import { isFull } from "../../support/depth.ts";
import { TOKEN } from "./ticks.ts";

interface Row {
  /** The package that serves, at the version of the lock file. */
  server: string;
  path: string;
  protocol: string;
  /** What the options file says; nothing where the protocol is found out. */
  ticks?: { streams: object };
}

const ROWS: readonly Row[] = [
  { server: "yoga", path: "/graphql", protocol: "sse" },
  {
    server: "graphql-sse",
    path: "/graphql/stream",
    protocol: "sse",
    ticks: { streams: { protocol: "sse" } },
  },
  {
    server: "graphql-ws",
    path: "/graphql",
    protocol: "graphql-transport-ws",
    ticks: { streams: { protocol: "graphql-transport-ws", connectionInit: { token: TOKEN } } },
  },
  { server: "mercurius", path: "/graphql", protocol: "graphql-transport-ws" },
  {
    server: "mercurius",
    path: "/graphql",
    protocol: "graphql-ws",
    ticks: { streams: { protocol: "graphql-ws" } },
  },
  { server: "subscriptions-transport-ws", path: "/graphql", protocol: "graphql-ws" },
  {
    server: "gateway",
    path: "/graphql",
    protocol: "multipart",
    ticks: { streams: { protocol: "multipart" } },
  },
  { server: "apollo", path: "/graphql", protocol: "callback", ticks: { streams: { protocol: "callback" } } },
];

async function start({ server, path, ticks }: Row) {
  const subgraph = await startSubgraph(server);
  const port = await freePort();
  // The one server that streams at another path than it answers queries.
  const streams = server === "graphql-ws" ? { url: `${subgraph.url}/live` } : {};
  const gateway = await gatewayOver(`${subgraph.url}${path}`, {
    ...(ticks && { ticks: { streams: { ...ticks.streams, ...streams } } }),
    env: { PORT: String(port), SUBSCRIPTION_CALLBACK_URL: `http://127.0.0.1:${port}` },
  });
  const close = () => Promise.all([gateway.close(), subgraph.close()]);
  return { subgraph, gateway, close };
}

const TICKS = "subscription { ticks { number place { name } } }";
const numberOf = ({ data }: { data?: unknown }) =>
  (data as { ticks?: { number: number } } | null)?.ticks?.number;
const codesOf = (events: readonly { errors?: readonly { extensions?: Record<string, unknown> }[] }[]) =>
  events.flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions?.["code"]));

describe.each(isFull ? ROWS : ROWS.slice(0, 1))(
  "a subgraph served by $server that streams over $protocol",
  (row) => {
    let started: Awaited<ReturnType<typeof start>>;
    beforeAll(async () => {
      started = await start(row);
    });
    afterAll(() => started.close());

    test("works: its events come, completed by other subgraphs, and its end is passed on", async () => {
      const { gateway } = started;
      const client = await gateway.subscribed(TICKS);
      await waitFor(() => client.events().length >= 3);
      expect(client.events().slice(0, 3)).toMatchObject(
        [0, 1, 2].map((number) => ({ data: { ticks: { number, place: { name: "Here" } } } })),
      );
      expect(await gateway.metrics()).toContain(
        `gateway_subgraph_streams{subgraph="ticks",protocol="${row.protocol}"} 1`,
      );
      const ended = await gateway.subscribed("subscription { ended { number } }");
      await waitFor(() => ended.isOver());
      expect(ended.events()).toMatchObject([{ data: { ended: { number: 7 } } }]);
      client.leave();
      await waitFor(async () =>
        (await gateway.metrics()).includes(
          `gateway_subgraph_streams{subgraph="ticks",protocol="${row.protocol}"} 0`,
        ),
      );
    });

    test("refuses: its errors are told, and the subscription is over", async () => {
      const { gateway } = started;
      const client = await gateway.subscribed("subscription { refused { number } }");
      await waitFor(() => client.isOver());
      expect(client.events()).toMatchObject([{ errors: [{ extensions: { subgraph: "ticks" } }] }]);
    });

    test("stays quiet: nothing is taken for dead that answers, however long it has nothing to say", async () => {
      const { gateway } = started;
      const client = await gateway.subscribed("subscription { quiet { number } }");
      await waitFor(() => client.events().length === 1);
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      expect(client.events()).toHaveLength(1);
      expect(await gateway.metrics()).not.toMatch(/gateway_subgraph_stream_failures_total\{.*\} [1-9]/);
    });

    test("freezes: that is noticed within the time that is allowed, told, counted, and it may go on", async () => {
      const { gateway, subgraph } = started;
      const client = await gateway.subscribed(TICKS);
      await waitFor(() => client.events().length >= 3);
      subgraph.freeze();
      const frozenAtMs = performance.now();
      await waitFor(() => codesOf(client.events()).length > 0);
      expect(performance.now() - frozenAtMs).toBeLessThan(4_000);
      expect(client.events().at(-1)?.errors).toMatchObject([
        { extensions: { code: "SUBGRAPH_UNAVAILABLE", subgraph: "ticks", limit: "subgraphSilence" } },
      ]);
      expect(await gateway.metrics()).toMatch(
        /gateway_subgraph_stream_failures_total\{subgraph="ticks",reason="silent"\} [1-9]/,
      );
      const before = client.events().length;
      subgraph.thaw();
      await waitFor(() => client.events().length >= before + 2);
      expect(client.events()[before]?.extensions).toMatchObject({ gap: true });
      expect(numberOf(client.events()[before] ?? {})).toBeTypeOf("number");
    });

    test("dies and is started again: that is told once, and the next event says that there is a gap", async () => {
      const { gateway, subgraph } = started;
      const client = await gateway.subscribed(TICKS);
      await waitFor(() => client.events().length >= 3);
      await subgraph.die();
      await waitFor(() => codesOf(client.events()).length > 0);
      expect(codesOf(client.events())).toEqual(["SUBGRAPH_UNAVAILABLE"]);
      const before = client.events().length;
      await subgraph.restart();
      await waitFor(() => client.events().length >= before + 2);
      expect(client.events()[before]).toMatchObject({ data: { ticks: {} }, extensions: { gap: true } });
      expect(client.events()[before + 1]?.extensions).not.toHaveProperty("gap");
      expect(codesOf(client.events())).toEqual(["SUBGRAPH_UNAVAILABLE"]);
      expect(client.isOver()).toBe(false);
    });
  },
);
