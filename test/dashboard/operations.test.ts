import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequest, stringifyDocument } from "@urql/core";
import { print, type DocumentNode } from "graphql";
import { describe, expect, test } from "vitest";
import * as documents from "../../schema/generated/documents.ts";

const trusted = JSON.parse(readFileSync("schema/generated/trusted-documents.json", "utf8")) as Record<
  string,
  string
>;
const operations = Object.entries(documents as Record<string, DocumentNode>);
const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");

describe("the dashboard's operations", () => {
  test.each(operations)("%s goes over the wire as the trusted list has it", (_name, document) => {
    // The built page holds the operations as text; see dashboard/build.ts.
    const { query } = createRequest(print(document), {});
    expect(Object.keys(trusted)).toContain(hashOf(stringifyDocument(query)));
    expect(Object.keys(trusted)).toContain(hashOf(stringifyDocument(document)));
  });
});
