import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { readGatewayConfig } from "../../../gateway/config.ts";
import { createGateway } from "../../../gateway/server.ts";
import { createSubgraphHttp } from "../../../gateway/transport/subgraph-http.ts";
import { createLog } from "../../../lib/log.ts";
import { contend, listen, setting, textOf } from "../contender.ts";

interface Call {
  to: string;
  body: string;
}

interface Recorded {
  /** What is sent at once, in turns. */
  steps: Call[][];
  answer: unknown;
}

const HEADERS = ["content-type", "application/json"];
const { body, headers } = JSON.parse(process.env["EXCHANGES_OF"] ?? "{}") as {
  body: string;
  headers: Record<string, string>;
};

/**
 * The least that a gateway could do for one operation: the same calls in the same order, each answer parsed, and its own
 * answer written. Nothing is read of the request, checked, planned or put together. Our gateway is asked twice, and what
 * it sends the second time is recorded.
 */
await contend(async () => {
  const { steps, answer } = await record();
  const clients = new Map(
    Object.entries(setting.subgraphs).map(([name, url]) => [
      name,
      createSubgraphHttp({ name, url, maxConcurrent: 64, responseLimitBytes: 64 * 1_048_576 }),
    ]),
  );
  const exchange = async ({ to, body: sent }: Call): Promise<unknown> =>
    JSON.parse((await clients.get(to)?.post(sent, HEADERS, 10_000))?.text ?? "");
  const reply = async (request: IncomingMessage, response: ServerResponse) => {
    await textOf(request);
    for (const step of steps) await Promise.all(step.map(exchange));
    const bytes = Buffer.from(JSON.stringify(answer));
    response.writeHead(200, [...HEADERS, "content-length", String(bytes.length)]);
    response.end(bytes);
  };
  return listen(createServer((request, response) => void reply(request, response)));
});

/** The calls of our gateway for the operation when it comes for the second time. */
async function record(): Promise<Recorded> {
  const seen: { call: Call; step: number }[] = [];
  let step = 0;
  const recorders = Object.entries(setting.subgraphs).map(([to, url]) => {
    const reply = async (request: IncomingMessage, response: ServerResponse) => {
      const sent = await textOf(request);
      seen.push({ call: { to, body: sent }, step });
      const answered = await fetch(url, { method: "POST", body: sent, headers: [HEADERS as never] });
      response.setHeader("content-type", "application/json").end(await answered.text());
      step += 1;
    };
    return createServer((request, response) => void reply(request, response));
  });
  const urls = await Promise.all(recorders.map(listen));
  const names = Object.keys(setting.subgraphs);
  const settings = readGatewayConfig({
    PORT: "0",
    NODE_ENV: "production",
    SUPERGRAPH_FILE: setting.supergraphFile,
    SUBGRAPH_URLS: names.map((name, place) => `${name}=${urls[place]}`).join(","),
    GATEWAY_SUBGRAPH_SECRET: "a-secret-for-benchmarks",
    JWT_SECRET: setting.jwtSecret,
    COST_MAX: "1000000000",
  });
  const gateway = await createGateway(settings, { log: createLog({ name: "gateway", level: "error" }) });
  const url = `${await gateway.listen()}/graphql`;
  const ask = async () =>
    (
      await fetch(url, { method: "POST", body, headers: { "content-type": "application/json", ...headers } })
    ).json();
  await ask();
  seen.length = 0;
  const answer: unknown = await ask();
  await gateway.close();
  for (const recorder of recorders) recorder.close().closeAllConnections();
  return {
    steps: [...Map.groupBy(seen, (each) => each.step).values()].map((of) => of.map(({ call }) => call)),
    answer,
  };
}
