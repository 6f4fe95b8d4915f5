import { describe, expect, test } from "vitest";
import { bearer } from "../gateway/support/start-gateway.ts";
import { waitFor } from "../../lib/wait.ts";
import { openStream, type StreamCall } from "./support/http-stream.ts";
import { movableClock } from "./support/lone-listener.ts";
import { startTickerGateway } from "./support/start.ts";

const TICK = `subscription { tick(topic: "s") { number place { name } } }`;
const MULTIPART = "multipart/mixed;boundary=graphql;subscriptionSpec=1.0";
const SECRET = "subscription { secret { number } }";

async function open(call: StreamCall, env: Record<string, string> = {}) {
  const gateway = await startTickerGateway({ env });
  return { gateway, stream: await openStream(`${gateway.url}/graphql`, call) };
}

const inUrl = (parameters: Record<string, string>) => `?${new URLSearchParams(parameters).toString()}`;

describe("server-sent events", () => {
  test("carry a subscription as graphql-sse has it, with the event's id", async () => {
    const { gateway, stream } = await open({ body: { query: TICK } });
    expect(stream.status).toBe(200);
    expect(stream.headers).toMatchObject({ "content-type": "text/event-stream; charset=utf-8" });
    gateway.graph.emit("s");
    await waitFor(() => stream.text().split("\n\n").length === 3);
    expect(stream.text()).toBe(
      [0, 1]
        .map((number) => {
          const data = { tick: { number, place: { name: "Place s" } } };
          return `event: next\nid: ${number}\ndata: ${JSON.stringify({ data, extensions: { eventId: `${number}` } })}\n\n`;
        })
        .join(""),
    );
    stream.cut();
    await waitFor(() => gateway.graph.openStreams === 0);
  });

  test("resume after Last-Event-ID, by GET as a browser does it", async () => {
    const gateway = await startTickerGateway();
    const url = `${gateway.url}/graphql${inUrl({ query: "subscription ($t: ID!) { tick(topic: $t) { number } }", variables: '{"t":"s"}' })}`;
    const first = await openStream(url, { method: "GET" });
    await waitFor(() => first.text().includes("id: 0"));
    first.cut();
    await waitFor(async () => (await gateway.metric("gateway_subscription_connections")) === 0);
    gateway.graph.emit("s");
    gateway.graph.emit("s");
    const back = await openStream(url, { method: "GET", headers: { "last-event-id": "0" } });
    await waitFor(() => back.text().includes("id: 2"));
    expect(back.text().match(/^id: .*/gm)).toEqual(["id: 1", "id: 2"]);
  });

  test("carry queries too, and end", async () => {
    const { stream } = await open({ body: { query: "{ slow }" } });
    await waitFor(() => stream.isEnded());
    expect(stream.text()).toBe('event: next\ndata: {"data":{"slow":"done"}}\n\nevent: complete\ndata:\n\n');
  });

  test("tell what is wrong with an operation and open nothing", async () => {
    const { gateway, stream } = await open({ body: { query: SECRET } });
    await waitFor(() => stream.isEnded());
    expect(stream.text()).toMatch(/^event: next\ndata: \{"errors":\[.*UNAUTHENTICATED.*\n\nevent: complete/);
    expect(gateway.graph.openedStreams).toBe(0);
  });

  test("end with an error when the token does", async () => {
    const clock = movableClock();
    const gateway = await startTickerGateway({ clock });
    const stream = await openStream(`${gateway.url}/graphql`, {
      body: { query: SECRET },
      headers: { authorization: await bearer({ scopes: ["ticks.view"] }, 60) },
    });
    await waitFor(() => stream.text().includes("number"));
    clock.aheadMs = 60_000;
    await waitFor(() => stream.isEnded());
    expect(stream.text()).toContain("The token has expired");
    expect(stream.text().endsWith("event: complete\ndata:\n\n")).toBe(true);
    expect(gateway.graph.openStreams).toBe(0);
  });

  test.each([
    [
      "a mutation by GET",
      { method: "GET", url: inUrl({ query: "mutation { touch }" }) },
      200,
      "cannot be sent by GET",
    ],
    ["no query", { body: {} }, 400, "query"],
    [
      "variables that are no JSON",
      { method: "GET", url: inUrl({ query: TICK, variables: "{" }) },
      400,
      "variables",
    ],
    ["a form", { headers: { "content-type": "text/plain" } }, 415, "content-type"],
    ["a foreign page", { body: { query: TICK }, headers: { origin: "https://evil.example" } }, 403, "origin"],
    [
      "a bad token",
      { body: { query: TICK }, headers: { authorization: "Bearer x" } },
      401,
      "UNAUTHENTICATED",
    ],
    ["a batch", { body: [{ query: TICK }] }, 400, "body"],
  ])("refuse %s", async (_name, { url = "", ...call }: StreamCall & { url?: string }, status, problem) => {
    const gateway = await startTickerGateway();
    const stream = await openStream(`${gateway.url}/graphql${url}`, call);
    await waitFor(() => stream.isEnded());
    expect(stream.status).toBe(status);
    expect(stream.text()).toContain(problem);
    expect(gateway.graph.openedStreams).toBe(0);
  });

  test("count against the same limits", async () => {
    const { gateway } = await open({ body: { query: TICK } }, { SUBSCRIPTIONS_PER_IDENTITY: "1" });
    const second = await openStream(`${gateway.url}/graphql`, { body: { query: TICK } });
    await waitFor(() => second.isEnded());
    expect(second.text()).toContain("RATE_LIMITED");
  });
});

describe("multipart", () => {
  test("carries a subscription as Apollo's protocol has it", async () => {
    const { gateway, stream } = await open({ accept: MULTIPART, body: { query: TICK } });
    expect(stream.headers["content-type"]).toBe('multipart/mixed;boundary="graphql";subscriptionSpec="1.0"');
    gateway.graph.emit("s");
    await waitFor(() => stream.text().includes('"eventId":"1"'));
    const [preamble, ...parts] = stream.text().split("\r\n--graphql");
    expect(preamble).toBe("");
    const bodies = parts
      .slice(0, -1)
      .map((part) => part.replace("\r\ncontent-type: application/json\r\n\r\n", ""));
    expect(bodies.map((part) => JSON.parse(part))).toMatchObject([
      { payload: { data: { tick: { number: 0 } } } },
      { payload: { data: { tick: { number: 1 } } } },
    ]);
  });

  test("closes the last part after a refusal", async () => {
    const { stream } = await open({ accept: MULTIPART, body: { query: SECRET } });
    await waitFor(() => stream.isEnded());
    expect(stream.text()).toMatch(/UNAUTHENTICATED.*\r\n--graphql--\r\n$/);
  });
});

describe("a subscription that accepts one answer only", () => {
  test.each(["application/json", "*/*"])("is not acceptable: %s", async (accept) => {
    const { gateway, stream } = await open({ accept, body: { query: TICK } });
    await waitFor(() => stream.isEnded());
    expect(stream.status).toBe(406);
    expect(stream.text()).toContain("text/event-stream");
    expect(gateway.graph.openedStreams).toBe(0);
  });
});
