import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { readSubgraphOptions } from "../../gateway/transport/subgraph-options.ts";
import { answers, startSickSubgraph } from "./support/sick-subgraph.ts";
import { bearer, startGateway } from "./support/start-gateway.ts";

function fileWith(content: unknown): string {
  const file = join(mkdtempSync(join(tmpdir(), "rules-")), "subgraphs.json");
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

async function start(content: object, env: Record<string, string> = {}) {
  const subgraph = await startSickSubgraph(answers({ data: { whoAmI: "somebody" } }));
  const gateway = await startGateway(
    { SUBGRAPH_URLS: `fleet=${subgraph.url}`, SUBGRAPHS_FILE: fileWith(content), ...env },
    { inProcess: "yard" },
  );
  onTestFinished(() => gateway.close());
  return { subgraph, gateway };
}

const QUERY = { query: "{ whoAmI }" };

describe("Rules for headers", () => {
  test("forward, rename, set, set from claims and remove, in their order", async () => {
    const { subgraph, gateway } = await start(
      {
        all: {
          headers: [
            { forward: "Accept-Language", default: "en" },
            { set: "x-from", value: "gateway ${PLACE}" },
          ],
        },
        subgraphs: {
          fleet: {
            headers: [
              { forward: "x-organisation", as: "x-org" },
              { set: "x-user", claim: "subject" },
              { set: "x-scopes", claim: "scopes" },
              { remove: "x-gateway-identity" },
              { remove: "x-gateway-secret" },
            ],
          },
        },
      },
      { PLACE: "north" },
    );
    const authorization = await bearer({ subject: "ada ü", scopes: ["a", "b"] });
    await gateway.post(QUERY, { "x-organisation": "acme", authorization });
    expect(subgraph.headers().at(-1)).toMatchObject({
      "accept-language": expect.any(String),
      "x-from": "gateway north",
      "x-org": "acme",
      "x-user": "ada %C3%BC",
      "x-scopes": "a,b",
    });
    for (const name of ["x-gateway-identity", "x-gateway-secret", "x-organisation", "authorization"])
      expect(subgraph.headers().at(-1)).not.toHaveProperty(name);
  });

  test("keep calls apart that the subgraph can tell apart, and no others", async () => {
    const { subgraph, gateway } = await start({ all: { headers: [{ forward: "x-flavour" }] } });
    subgraph.behave(
      (response) => void setTimeout(() => answers({ data: { whoAmI: "x" } })(response, {} as never), 300),
    );
    const flavours = ["sweet", "sweet", "sour", "sour"];
    await Promise.all(
      flavours.map((flavour) =>
        gateway.post(QUERY, { "x-flavour": flavour, "x-other": String(Math.random()) }),
      ),
    );
    expect(
      subgraph
        .headers()
        .map((headers) => headers["x-flavour"])
        .toSorted((one, other) => String(one).localeCompare(String(other))),
    ).toEqual(["sour", "sweet"]);
  });

  test("give each subgraph its own secret, and the common one to those without", async () => {
    const { subgraph, gateway } = await start({}, { SUBGRAPH_SECRETS: "fleet=a-secret-for-the-fleet" });
    await gateway.post(QUERY);
    expect(subgraph.headers().at(-1)?.["x-gateway-secret"]).toBe("a-secret-for-the-fleet");
  });
});

describe("The file with the options of subgraphs is refused, with the place and what is allowed,", () => {
  const rule = (header: unknown) => ({ all: { headers: [header] } });
  test.each([
    ["when it is not JSON", "{", /JSON/],
    ["for a word that it does not have", { subgraf: {} }, /subgraf/],
    ["for a rule that is none", rule({ fordward: "x" }), /headers\[0\]/],
    ["for a header of the connection", rule({ forward: "Connection" }), /headers\[0\]/],
    ["for a header of the gateway", rule({ set: "X-Gateway-Secret", value: "mine" }), /headers\[0\]/],
    ["for a name that is no header", rule({ forward: "a b" }), /headers\[0\]/],
    ["for a claim that nobody has", rule({ set: "x", claim: "salary" }), /headers\[0\]/],
    [
      "for a protocol that does not exist",
      { subgraphs: { a: { streams: { protocol: "pigeon" } } } },
      /protocol/,
    ],
    [
      "for a code of the gateway's own",
      { subgraphs: { a: { errors: { codes: ["OUT_OF_PRINT", "FORBIDDEN"] } } } },
      /codes\[1\]/,
    ],
    [
      "for a code that speaks of requests",
      { subgraphs: { a: { errors: { codes: ["PERSISTED_QUERY_NOT_FOUND"] } } } },
      /codes\[0\]/,
    ],
    [
      "for a code that hides what is inside",
      { subgraphs: { a: { errors: { codes: ["INTERNAL"] } } } },
      /codes\[0\]/,
    ],
    [
      "for an extension that would steer the answer",
      { subgraphs: { a: { errors: { extensions: ["http"] } } } },
      /extensions\[0\]/,
    ],
    [
      "for an extension that the gateway says itself",
      { subgraphs: { a: { errors: { extensions: ["isbn", "correlationId"] } } } },
      /extensions\[1\]/,
    ],
    [
      "for an extension that is part of every object",
      { subgraphs: { a: { errors: { extensions: ["__proto__"] } } } },
      /extensions\[0\]/,
    ],
    ["for an address that is none", { subgraphs: { a: { streams: { url: "nowhere" } } } }, /url/],
    ["for a variable that is not set", rule({ set: "x", value: "${NOBODY}" }), /no NOBODY/],
    [
      "when it is too large",
      { all: { headers: [{ set: "x", value: "x".repeat(1_100_000) }] } },
      /larger than 1048576 bytes/,
    ],
  ])("%s", (_what, content, told) => {
    expect(() => readSubgraphOptions(fileWith(content), {})).toThrow(told);
    expect(() => readSubgraphOptions(fileWith(content), {})).toThrow("SUBGRAPHS_FILE");
  });

  test("when it does not exist", () => {
    expect(() => readSubgraphOptions("/nowhere/at/all.json", {})).toThrow("SUBGRAPHS_FILE");
  });
});
