import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startGateway, type TestGateway } from "../gateway/support/start-gateway.ts";
import { codesOf, TRANSPORTS, type Reply } from "./support/transports.ts";

const OURS = "query Ours($id: ID!) {\n  boat(id: $id) {\n    name\n  }\n}";
const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");
const ID = hashOf(OURS);
const OTHER = '{ boat(id: "b1") { miles } }';
const variables = { id: "b1" };
const persistedQuery = (text: string) => ({ persistedQuery: { version: 1, sha256Hash: hashOf(text) } });

const transports = Object.entries(TRANSPORTS);

describe.each(["off", "prefer", "require"])("trusted documents: %s", (mode) => {
  let gateway: TestGateway;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "trusted-"));
    const file = join(folder, "trusted.json");
    writeFileSync(file, JSON.stringify({ [ID]: OURS }));
    gateway = await startGateway({ TRUSTED_DOCUMENTS: mode, TRUSTED_DOCUMENTS_FILE: file });
  });
  afterAll(async () => {
    await gateway.close();
    rmSync(folder, { recursive: true });
  });

  const counted = async (trusted: boolean) => {
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    return Number(
      new RegExp(`gateway_documents_total\\{trusted="${trusted}"\\} (\\d+)`).exec(text)?.[1] ?? 0,
    );
  };
  const boat = ({ data, errors }: Reply) => [data?.["boat"], errors];

  describe.each(transports)("over %s", (name, ask) => {
    test.each([
      ["its documentId", { documentId: ID }],
      ["its documentId with the name of the hash", { documentId: `sha256:${ID}` }],
      ["the hash of a persisted query", { extensions: persistedQuery(OURS) }],
      ["its text", { query: OURS }],
      [
        "its text in another layout, with the __typename that clients add",
        {
          query: "query Ours($id: ID!) { __typename boat(id: $id) { name __typename } } # ours",
        },
      ],
    ])("executes a document by %s", async (_how, document) => {
      const before = await counted(true);
      for (let i = 0; i < 2; i++) {
        const [data, errors] = boat(
          await ask(gateway.url, { ...document, operationName: "Ours", variables }),
        );
        expect(errors).toEqual([]);
        expect(data).toMatchObject({ name: "Boat b1" });
      }
      expect((await counted(true)) - before).toBe(mode === "off" ? 0 : 2);
    });

    test(`${mode === "require" ? "refuses" : "executes"} another document`, async () => {
      const before = await counted(false);
      const reply = await ask(gateway.url, { query: OTHER });
      expect(codesOf(reply)).toEqual(mode === "require" ? ["DOCUMENT_NOT_TRUSTED"] : []);
      expect((await counted(false)) - before).toBe(mode === "prefer" ? 1 : 0);
    });

    test("refuses an id that is not on the list", async () => {
      const reply = await ask(gateway.url, { documentId: "0".repeat(64) });
      expect(codesOf(reply)).toEqual(["DOCUMENT_NOT_TRUSTED"]);
      expect(reply.errors[0]?.extensions?.["limit"]).toBe("trustedDocuments");
    });

    test("H47: refuses a document under another one's hash", async () => {
      const reply = await ask(gateway.url, { query: OTHER, extensions: persistedQuery("{ whoAmI }") });
      expect(codesOf(reply)).toEqual(["BAD_USER_INPUT"]);
    });

    test("asks for the text of a hash that is unknown, unless nobody could make it known", async () => {
      const reply = await ask(gateway.url, { extensions: persistedQuery("{ __typename }") });
      const isRefused = mode === "require";
      expect(codesOf(reply)).toEqual([isRefused ? "DOCUMENT_NOT_TRUSTED" : "PERSISTED_QUERY_NOT_FOUND"]);
      const isStream = /SSE|multipart/.test(name);
      const { status } = reply;
      expect([undefined, isRefused && !isStream ? 400 : 200]).toContain(status);
    });
  });

  test(`${mode === "require" ? "refuses" : "registers"} persisted queries`, async () => {
    const ask = (query?: string) =>
      gateway.post({ ...(query !== undefined && { query }), extensions: persistedQuery(OTHER) });
    await ask(OTHER);
    const { body } = await ask();
    expect(body.errors?.[0]?.extensions?.["code"]).toBe(
      mode === "require" ? "DOCUMENT_NOT_TRUSTED" : undefined,
    );
  });
});

describe("a gateway that requires trusted documents", () => {
  test("does not start without their list", async () => {
    const env = { TRUSTED_DOCUMENTS: "require", TRUSTED_DOCUMENTS_FILE: "/nowhere/trusted.json" };
    await expect(startGateway(env)).rejects.toThrow(
      "TRUSTED_DOCUMENTS_FILE: /nowhere/trusted.json cannot be read",
    );
  });
});
