import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { SignJWT } from "jose";
import { request } from "undici";
import { describe, expect, onTestFinished, test } from "vitest";
import { readGatewayConfig } from "../../gateway/config.ts";
import { EnvironmentError } from "../../lib/env.ts";
import { createTokenVerifier } from "../../lib/jwt.ts";
import { createOutboundAgent, isRefused, type AllowPrivate, type Resolve } from "../../lib/outbound.ts";
import { createUsageSink } from "../../subgraphs/catalog/usage/adapters/sink.ts";
import { readCatalogConfig } from "../../subgraphs/catalog/config.ts";
import { createNeo4j } from "../../subgraphs/plms/adapters/kpi/graph.ts";
import { createPasClient } from "../../subgraphs/plms/adapters/pas-client.ts";
import { readPlmsConfig } from "../../subgraphs/plms/config.ts";
import { quietLog } from "../support/quiet-log.ts";
import { connectTo, createManualClock } from "../catalog/support.ts";

const PRIVATE = [
  "127.0.0.1",
  "127.8.8.8",
  "0.0.0.0",
  "10.1.2.3",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.1.1",
  "169.254.169.254",
  "100.64.0.1",
  "198.18.0.1",
  "224.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::ffff:10.0.0.1",
  "::10.0.0.1",
  "fd00::1",
  "fe80::1",
  "ff02::1",
  "64:ff9b::10.0.0.1",
  "2002:a00:1::",
];
const PUBLIC = [
  "8.8.8.8",
  "172.32.0.1",
  "100.128.0.1",
  "2606:4700::1111",
  "::ffff:8.8.8.8",
  "64:ff9b::8.8.8.8",
];
const urlOf = (address: string) => `http://${address.includes(":") ? `[${address}]` : address}:8080/`;

/** A resolver of names that gives these answers, one after the other. */
const resolving = (...answers: (readonly string[])[]): Resolve => {
  const left = [...answers];
  return (_name, _options, callback) => {
    const addresses = left.shift() ?? [];
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  };
};

async function serve(listener: RequestListener): Promise<{ url: string; port: number; calls: string[] }> {
  const calls: string[] = [];
  const server = createServer((question, answer) => {
    calls.push(question.url ?? "");
    listener(question, answer);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, calls };
}

const agentWith = (allowPrivate: AllowPrivate, resolve: Resolve) => {
  const agent = createOutboundAgent({ allowPrivate, resolve });
  onTestFinished(() => agent.destroy());
  return agent;
};
const REFUSED = { code: "PRIVATE_ADDRESS" };

describe("G24: an address", () => {
  test.each(PRIVATE)("%s is private, as it stands and as what a name resolves to", async (address) => {
    expect(isRefused(urlOf(address), false)).toBe(true);
    const dispatcher = agentWith(false, resolving([address]));
    await expect(request("http://partner.example/", { dispatcher })).rejects.toMatchObject(REFUSED);
    await expect(request(urlOf(address), { dispatcher })).rejects.toMatchObject(REFUSED);
  });

  test.each(PUBLIC)("%s is public", (address) => {
    expect(isRefused(urlOf(address), false)).toBe(false);
  });

  test.each([
    "http://2130706433/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://localhost./",
    "http://a.localhost/",
  ])("%s is private in disguise", (url) => expect(isRefused(url, false)).toBe(true));

  test.each<[AllowPrivate, boolean]>([
    [true, false],
    [false, true],
    [["10.0.0.0/8"], false],
    [["10.1.2.3"], false],
    [["10.1.2.4", "192.168.0.0/16", "partner.example"], true],
  ])("10.1.2.3, while %j is allowed, is refused: %s", (allowPrivate, expected) => {
    expect(isRefused(urlOf("10.1.2.3"), allowPrivate)).toBe(expected);
  });
});

describe("G24: a name", () => {
  test("is resolved and judged at every connection, so a name that moves inside is refused (rebinding)", async () => {
    const { port } = await serve((_question, answer) => answer.setHeader("connection", "close").end("fine"));
    const dispatcher = agentWith(["127.0.0.0/8"], resolving(["127.0.0.1"], ["10.0.0.1"]));
    const ask = () => request(`http://partner.example:${port}/`, { dispatcher });
    expect(await (await ask()).body.text()).toBe("fine");
    await expect(ask()).rejects.toMatchObject({ ...REFUSED, host: "partner.example", address: "10.0.0.1" });
  });

  test("is refused when one of its addresses is private", async () => {
    const dispatcher = agentWith(false, resolving(["203.0.113.1", "127.0.0.1"]));
    await expect(request("http://partner.example/", { dispatcher })).rejects.toMatchObject(REFUSED);
  });

  test("may be allowed itself, wherever it leads", async () => {
    const { port } = await serve((_question, answer) => answer.end("fine"));
    const dispatcher = agentWith(["Partner.example"], resolving(["127.0.0.1"]));
    const { body } = await request(`http://partner.example.:${port}/`, { dispatcher });
    expect(await body.text()).toBe("fine");
  });
});

interface Target {
  url: string;
  allowPrivate: AllowPrivate;
}

const PLM = { clientId: "mrp", clientSecret: "hush", deadlineMs: 2_000 };

/** Everything that calls out, each failing with its own words. */
const doors: Record<string, (target: Target) => Promise<unknown>> = {
  "the PLM": ({ url, allowPrivate }) =>
    connectTo(url, { allowPrivate }).readCatalogue({ correlationId: "x" }),
  "the usage sink": async ({ url, allowPrivate }) => {
    const clock = createManualClock(new Date().toISOString());
    const sink = createUsageSink({ ...PLM, baseUrl: url, allowPrivate }, { clock, log: quietLog });
    onTestFinished(() => sink.close());
    const result = await sink.deliver({ id: "1", key: "k", attempts: 1, events: [] });
    if (result.kind === "failed") throw new Error(result.reason);
  },
  "the executor": async ({ url, allowPrivate }) => {
    const client = createPasClient({ baseUrl: url, timeoutMs: 2_000, allowPrivate });
    onTestFinished(() => client.close());
    await client.find({ executorRunId: "run-1" });
  },
  "the graph database": async ({ url, allowPrivate }) => {
    const graph = createNeo4j({ url, user: "u", password: "p", database: "neo4j", allowPrivate });
    onTestFinished(() => graph.close());
    await graph.edges("KNOWS", AbortSignal.timeout(2_000));
  },
  "the issuer's keys": async ({ url, allowPrivate }) => {
    const token = await new SignJWT().setProtectedHeader({ alg: "HS256" }).sign(new Uint8Array(32));
    const [, ...rest] = token.split(".");
    const header = Buffer.from(JSON.stringify({ alg: "RS256", kid: "1" })).toString("base64url");
    const verify = createTokenVerifier({ jwksUrl: url, issuer: "i", audience: "a", allowPrivate });
    await verify([header, ...rest].join("."));
  },
};

describe.each(Object.entries(doors))("G24: %s", (_name, call) => {
  test("is not called at a private address, unless that is allowed", async () => {
    const { url, calls } = await serve((_question, answer) => answer.writeHead(503).end());
    await expect(call({ url, allowPrivate: false })).rejects.toBeInstanceOf(Error);
    expect(calls).toEqual([]);
    await expect(call({ url, allowPrivate: ["127.0.0.1"] })).rejects.toBeInstanceOf(Error);
    expect(calls).not.toEqual([]);
  });

  test("does not send us elsewhere: a redirect is an error", async () => {
    const inside = await serve((_question, answer) => answer.end("{}"));
    const outside = await serve((_question, answer) =>
      answer.writeHead(302, { location: `${inside.url}/latest/meta-data` }).end(),
    );
    await expect(call({ url: outside.url, allowPrivate: true })).rejects.toBeInstanceOf(Error);
    expect([outside.calls.length > 0, inside.calls]).toEqual([true, []]);
  });
});

test("G24: a refusal says what to do, and neither host nor address", async () => {
  const failed = connectTo("http://127.0.0.1:9", { allowPrivate: false }).readCatalogue({
    correlationId: "x",
  });
  await expect(failed).rejects.toThrow(
    "The PLM is at a private address, which OUTBOUND_ALLOW_PRIVATE does not allow (PRIVATE_ADDRESS)",
  );
});

test("G23: the executor never sees a correlation id that could break out of its header", async () => {
  const { url, calls } = await serve((_question, answer) => answer.end("{}"));
  const client = createPasClient({ baseUrl: url, timeoutMs: 2_000 });
  onTestFinished(() => client.close());
  const call = { executorRunId: "1", action: "cancel", correlationId: "evil\r\nx-admin: 1" } as const;
  await expect(client.control(call)).rejects.toMatchObject({ code: "EXECUTOR_UNAVAILABLE" });
  expect(calls).toEqual([]);
});

const COMMON = {
  DATABASE_URL: "postgresql://user:pw@127.0.0.1:5432/lifecycle",
  GATEWAY_SUBGRAPH_SECRET: "sixteen-or-more-characters",
};
const CATALOG = {
  ...COMMON,
  PLM_BASE_URL: "https://plm.example",
  PLM_CLIENT_ID: "mrp",
  PLM_CLIENT_SECRET: "hush",
};
const PLMS = {
  ...COMMON,
  PAS_BASE_URL: "https://pas.example",
  NEO4J_URL: "https://graph.example",
  WEBHOOK_SECRET_PAS: "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQ=",
};
const GATEWAY = { ...COMMON, JWT_JWKS_URL: "https://keys.example" };
const production = { NODE_ENV: "production" };

const problemsOf = (read: () => unknown): readonly string[] => {
  try {
    read();
    return [];
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return error.problems;
  }
};

describe("G24: the configuration", () => {
  const readers = {
    PLM_BASE_URL: (env: object) => readCatalogConfig({ ...CATALOG, ...env }),
    PAS_BASE_URL: (env: object) => readPlmsConfig({ ...PLMS, ...env }),
    NEO4J_URL: (env: object) => readPlmsConfig({ ...PLMS, ...env }),
    JWT_JWKS_URL: (env: object) => readGatewayConfig({ ...GATEWAY, ...env }),
  };

  test.each(Object.entries(readers))(
    "%s is no private address in production, unless allowed",
    (name, read) => {
      const inside = { [name]: "http://user:pw@10.0.0.5:7000/path" };
      expect(problemsOf(() => read({ ...production, ...inside }))).toEqual([
        `${name}: "http://10.0.0.5:7000" is a private address; expected a public one, or its host in OUTBOUND_ALLOW_PRIVATE`,
      ]);
      const allowed = { ...production, ...inside, OUTBOUND_ALLOW_PRIVATE: "pas, 10.0.0.0/8" };
      expect(problemsOf(() => read(allowed))).toEqual([]);
      expect(problemsOf(() => read(inside))).toEqual([]);
      expect(problemsOf(() => read({ ...inside, OUTBOUND_ALLOW_PRIVATE: "false" }))).toHaveLength(1);
    },
  );

  test("reaches everything that calls out", () => {
    const list = { ...production, OUTBOUND_ALLOW_PRIVATE: "pas" };
    for (const [env, allowPrivate] of [
      [production, false],
      [{}, true],
      [list, ["pas"]],
    ] as const) {
      const plms = readPlmsConfig({ ...PLMS, ...env });
      expect(readCatalogConfig({ ...CATALOG, ...env }).plm.connection).toMatchObject({ allowPrivate });
      expect(plms.pas).toMatchObject({ allowPrivate });
      expect(plms.kpis.neo4j).toMatchObject({ allowPrivate });
      expect(plms.tokens).toMatchObject({ allowPrivate });
      expect(readGatewayConfig({ ...GATEWAY, ...env }).auth).toMatchObject({ allowPrivate });
    }
  });

  test.each(["10.0.0.0/33", "10.0.0", "http://pas", ",", "1", "a b", "::1/129", "10.0.0.0/8/8"])(
    "does not take %j for hosts and networks",
    (OUTBOUND_ALLOW_PRIVATE) => {
      const [problem] = problemsOf(() => readGatewayConfig({ ...GATEWAY, OUTBOUND_ALLOW_PRIVATE }));
      expect(problem).toMatch(/^OUTBOUND_ALLOW_PRIVATE: .* is not allowed; expected true, false, or/);
    },
  );
});
