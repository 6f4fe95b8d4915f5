import { codegen } from "@graphql-codegen/core";
import * as typescript from "@graphql-codegen/typescript";
import * as typescriptOperations from "@graphql-codegen/typescript-operations";
import {
  buildClientSchema,
  getIntrospectionQuery,
  isScalarType,
  isSpecifiedScalarType,
  Kind,
  parse,
  type GraphQLSchema,
  type IntrospectionQuery,
} from "graphql";
import { beforeAll, describe, expect, test } from "vitest";
import { scalars } from "../../client/scalars.ts";
import { readGatewayConfig } from "../../gateway/config.ts";
import { createGateway } from "../../gateway/server.ts";
import { quietLog } from "../support/quiet-log.ts";

const QUERY = parse(`query Page($from: DateTime) {
  projects(first: 1) { edges { node { createdAt budgetRunway { budget { usdMax } } } } }
  __type(name: "Query") { name }
}`);

/** The schema as somebody outside gets it: introspected from a gateway that runs. */
async function introspected(): Promise<GraphQLSchema> {
  const config = readGatewayConfig({ PORT: "0", AUTH_MODE: "off" });
  const gateway = await createGateway(config, { log: quietLog });
  try {
    const answer = await fetch(`${await gateway.listen()}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: getIntrospectionQuery({ specifiedByUrl: true }) }),
    });
    return buildClientSchema(((await answer.json()) as { data: IntrospectionQuery }).data);
  } finally {
    await gateway.close();
  }
}

describe("somebody who generates types from our schema", () => {
  let schema: GraphQLSchema;
  beforeAll(async () => {
    schema = await introspected();
  });

  const generate = (config: object) =>
    codegen({
      filename: "outside.ts",
      schema: { kind: Kind.DOCUMENT, definitions: [] },
      schemaAst: schema,
      documents: [{ location: "page.graphql", document: QUERY }],
      plugins: [{ typescript: {} }, { operations: {} }],
      pluginMap: { typescript, operations: typescriptOperations },
      config: { emitLegacyCommonJSImports: false, ...config },
    });

  test("finds every scalar of ours in the map that clients are given", () => {
    const own = Object.values(schema.getTypeMap()).filter(
      (type) => isScalarType(type) && !isSpecifiedScalarType(type),
    );
    expect(own.map(({ name }) => name).toSorted()).toEqual(Object.keys(scalars).toSorted());
  });

  test("is told by the schema itself what dates and JSON are", () => {
    const specified = (name: string) => {
      const type = schema.getType(name);
      return isScalarType(type) ? type.specifiedByURL : undefined;
    };
    expect(specified("DateTime")).toBe("https://scalars.graphql.org/andimarek/date-time.html");
    expect(specified("JSON")).toBe("https://www.rfc-editor.org/rfc/rfc8259");
  });

  test("gets texts and numbers with the map, and knows nothing without it", async () => {
    const [mapped, plain] = await Promise.all([generate({ scalars }), generate({})]);
    expect(mapped).toMatch(/DateTime: \{ input: string; output: string;? \}/);
    expect(mapped).toMatch(/USD: \{ input: number; output: number;? \}/);
    expect(mapped).toMatch(/usdMax: number/);
    expect(plain).toMatch(/DateTime: \{ input: (?:any|unknown); output: (?:any|unknown);? \}/);
  });
});
