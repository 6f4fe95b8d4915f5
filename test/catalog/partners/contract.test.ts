import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { systemClock } from "../../../lib/clock.ts";
import { inSteps } from "../../../lib/in-steps.ts";
import { parseConfiguration } from "../../../subgraphs/catalog/plm/adapters/partner/configuration-payload.ts";
import { CONTRACT_FIELDS } from "../../../subgraphs/catalog/plm/adapters/partner/contract-fields.ts";
import { parseCatalogue } from "../../../subgraphs/catalog/plm/adapters/partner/payload.ts";
import { createUsageSink } from "../../../subgraphs/catalog/usage/adapters/sink.ts";
import { quietLog } from "../../support/quiet-log.ts";
import { connectTo, startHandmadePlm, startPlm } from "../support.ts";
import { component, model, option, section, trim, type Json } from "./support.ts";

interface Schema {
  properties?: Record<string, unknown>;
}
interface Operation {
  parameters?: { name: string; in: string; required: boolean }[];
  responses: Record<string, { content?: Record<string, { schema: object }> }>;
}
const contract = JSON.parse(
  readFileSync(new URL("../../../schema/plm-partner.openapi.json", import.meta.url), "utf8"),
) as {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
};
const { schemas } = contract.components;

/** The schema of a name as a validator. */
const validatorOf = (name: string) => {
  const text = JSON.stringify({ $ref: `#/$defs/${name}`, $defs: schemas });
  return z.fromJSONSchema(JSON.parse(text.replaceAll("#/components/schemas/", "#/$defs/")));
};
const ANSWERS = {
  catalogue: validatorOf("CatalogueAnswer"),
  configuration: validatorOf("ConfigurationAnswer"),
};
const envelope = (data: unknown) => ({ schemaVersion: "1.4.0", data });

/** Whether the document allows an answer, and whether the client takes all of it. */
async function judged(kind: keyof typeof ANSWERS, data: unknown) {
  const body = envelope(data);
  const isAllowed = ANSWERS[kind].safeParse(body).success;
  const read = async () => {
    const answer = await inSteps<{
      rejected: readonly unknown[];
      configuration?: { rejected?: readonly unknown[] };
    }>(kind === "catalogue" ? parseCatalogue(body) : parseConfiguration(body, new Map([["trim-A", "A"]])));
    return answer.rejected.length === 0 && answer.configuration?.rejected === undefined;
  };
  const isTaken = await read().catch(() => false);
  return { isAllowed, isTaken };
}

const withOption = (more: Json, rules: Json[] = []) => ({
  sections: [section("S", [component("C", [option("A", more), option("B", { default: false })])])],
  rules,
});
const rule = (more: Json) => withOption({}, [{ type: "REQUIRES", optionId: "option-A", ...more }]);

describe("the document of the contract with a PLM", () => {
  test("has the fields that the client reads, all of them and no others", () => {
    for (const [name, fields] of Object.entries(CONTRACT_FIELDS))
      expect([name, Object.keys(schemas[name]?.properties ?? {}).sort()]).toEqual([name, [...fields].sort()]);
  });

  test("is what the mock answers", async () => {
    const { baseUrl } = await startPlm();
    const client = Buffer.from("mrp-dev:mrp-dev-secret").toString("base64");
    const granted = await fetch(`${baseUrl}/oauth/token`, {
      method: "POST",
      headers: { authorization: `Basic ${client}` },
      body: new URLSearchParams({ grant_type: "client_credentials" }),
    });
    const token = validatorOf("Token").parse(await granted.json()) as { access_token: string };
    const read = async (path: string) => {
      const headers = { authorization: `Bearer ${token.access_token}` };
      return (await fetch(baseUrl + path, { headers })).json();
    };
    const catalogue = ANSWERS.catalogue.parse(await read("/plm/catalog")) as {
      data: { models: { id: string }[] };
    };
    expect(catalogue.data.models.length).toBeGreaterThan(3);
    for (const { id } of catalogue.data.models)
      ANSWERS.configuration.parse(await read(`/plm/models/${encodeURIComponent(id)}/config`));
  });

  test("promises the requests that the client sends, and none that lacks a header", async () => {
    const seen: IncomingMessage[] = [];
    const baseUrl = await startHandmadePlm((request, response) => {
      seen.push(request);
      const data = request.url === "/plm/catalog" ? { models: [model("A")] } : { sections: [] };
      response.writeHead(request.method === "POST" ? 202 : 200, {
        "content-type": "application/json",
        etag: '"1"',
      });
      response.end(
        JSON.stringify(envelope(request.method === "POST" ? { accepted: 1, duplicates: 0 } : data)),
      );
    });
    const client = connectTo(baseUrl, { signingSecret: "secret" });
    const request = { correlationId: "c-1", modelPlmId: "a/b", trimCodes: new Map() };
    for (let round = 0; round < 2; round += 1) {
      await client.readCatalogue(request);
      await client.readConfiguration(request);
    }
    const sink = createUsageSink(
      { baseUrl, clientId: "a", clientSecret: "b", deadlineMs: 5_000, signingSecret: "secret" },
      { clock: systemClock, log: quietLog },
    );
    await sink.deliver({ id: "1", key: "k-1", attempts: 1, events: [] });
    await sink.close();
    const sent = new Map<string, Set<string>>();
    for (const { method = "", url = "", headers } of seen) {
      const template = url.replace("a%2Fb", "{id}");
      const key = `${method.toLowerCase()} ${template}`;
      const known = sent.get(key) ?? new Set<string>();
      sent.set(key, known);
      for (const name of Object.keys(headers)) known.add(name);
    }
    const plain = new Set([
      "host",
      "connection",
      "authorization",
      "accept",
      "content-type",
      "content-length",
    ]);
    const documented = Object.entries(contract.paths).filter(([path]) => path !== "/oauth/token");
    expect([...sent.keys()].sort()).toEqual(
      documented
        .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`))
        .sort(),
    );
    for (const [path, methods] of documented)
      for (const [method, { parameters = [] }] of Object.entries(methods)) {
        const names = parameters.filter(({ in: place }) => place === "header").map(({ name }) => name);
        const ours = [...(sent.get(`${method} ${path}`) ?? [])].filter((name) => !plain.has(name));
        expect([path, ours.sort()]).toEqual([path, names.sort()]);
      }
  });

  test.each<[string, "catalogue" | "configuration", unknown]>([
    [
      "a model with all of its fields",
      "catalogue",
      {
        models: [
          model("A", [trim("X", { sortOrder: 1.5, active: false })], { description: null, updatedAt: 7 }),
        ],
      },
    ],
    ["codes that are whole numbers", "catalogue", { models: [model("A", [], { id: 7, code: 12 })] }],
    [
      "a part with all of its fields",
      "configuration",
      withOption({
        partNumber: "P",
        revision: "B",
        quantity: "0.250",
        unit: "MTR",
        sortOrder: 2,
        effectiveFrom: "2026-01-31",
        effectiveTo: "2026-02-01T10:00:00Z",
        alternates: [
          { partNumber: "Q" },
          { kind: "SUBSTITUTE", partNumber: "R", revision: "1", name: "Other" },
        ],
        designators: ["R1"],
        names: { de: "Rohr", "pt-BR": "Tubo" },
        price: { amount: -1.5, currency: "EUR" },
        required: true,
        parts: [
          { partNumber: 5, quantity: 0 },
          { code: "X", parts: null },
        ],
      }),
    ],
    [
      "parts that say nothing",
      "configuration",
      withOption({
        partNumber: null,
        revision: null,
        quantity: null,
        unit: null,
        effectiveFrom: null,
        names: null,
        price: null,
        parts: null,
        alternates: null,
        designators: null,
        default: null,
        active: null,
      }),
    ],
    [
      "a quantity in thousandths, written with an exponent",
      "configuration",
      withOption({ quantity: "1e-3" }),
    ],
    ["no rules", "configuration", { ...withOption({}), rules: null }],
    ["a rule about one option", "configuration", rule({ targetOptionId: "option-B" })],
    ["a rule about several", "configuration", rule({ targetOptionIds: ["option-B"] })],
    [
      "a section of a trim",
      "configuration",
      { sections: [section("S", [], { trimId: "trim-A", required: false })] },
    ],
  ])("allows what the client takes: %s", async (_what, kind, data) => {
    expect(await judged(kind, data)).toEqual({ isAllowed: true, isTaken: true });
  });

  test.each<[string, "catalogue" | "configuration", unknown]>([
    ["no list of models", "catalogue", {}],
    ["a model without a name", "catalogue", { models: [model("A", [], { name: undefined })] }],
    ["a name of 1,001 characters", "catalogue", { models: [model("A", [], { name: "x".repeat(1001) })] }],
    ["a code of 201 characters", "catalogue", { models: [model("A", [], { code: "x".repeat(201) })] }],
    ["a code that is a fraction", "catalogue", { models: [model("A", [], { code: 1.5 })] }],
    ["a code of blanks", "catalogue", { models: [model("A", [], { code: "  " })] }],
    ["an id of 513 characters", "catalogue", { models: [model("A", [], { id: "x".repeat(513) })] }],
    ["no trims", "catalogue", { models: [model("A", [], { trims: null })] }],
    ["active as text", "catalogue", { models: [model("A", [], { active: "yes" })] }],
    ["no sections", "configuration", {}],
    ["a quantity below 0", "configuration", withOption({ quantity: -1 })],
    ["a quantity with a comma", "configuration", withOption({ quantity: "1,5" })],
    ["a quantity of 19 digits", "configuration", withOption({ quantity: "1234567890123456789" })],
    ["a unit in small letters", "configuration", withOption({ unit: "pcs" })],
    ["a day of another order", "configuration", withOption({ effectiveFrom: "31.01.2026" })],
    ["an alternate without a number", "configuration", withOption({ alternates: [{}] })],
    [
      "an alternate of another kind",
      "configuration",
      withOption({ alternates: [{ kind: "MAYBE", partNumber: "Q" }] }),
    ],
    ["places that are no list", "configuration", withOption({ designators: "R1" })],
    ["a name in no language", "configuration", withOption({ names: { German: "Rohr" } })],
    ["a price without a currency", "configuration", withOption({ price: { amount: "1" } })],
    ["a currency in small letters", "configuration", withOption({ price: { amount: "1", currency: "eur" } })],
    ["a part with neither number nor code", "configuration", withOption({ parts: [{ quantity: 1 }] })],
    ["required as a number", "configuration", withOption({ required: 1 })],
    ["a place among siblings as text", "configuration", withOption({ sortOrder: "1" })],
    ["a rule of another type", "configuration", rule({ type: "NEEDS", targetOptionId: "option-B" })],
    ["a rule without a target", "configuration", rule({})],
    ["a rule about no option", "configuration", rule({ targetOptionIds: [] })],
    [
      "a rule that says both",
      "configuration",
      rule({ targetOptionId: "option-B", targetOptionIds: ["option-B"] }),
    ],
  ])("refuses what the client refuses: %s", async (_what, kind, data) => {
    expect(await judged(kind, data)).toEqual({ isAllowed: false, isTaken: false });
  });
});
