import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { stringifyDocument } from "@urql/core";
import type { DocumentNode } from "graphql";
import { describe, expect, it } from "vitest";
import * as documents from "../../schema/generated/documents.ts";

const trusted = JSON.parse(readFileSync("schema/generated/trusted-documents.json", "utf8")) as Record<
  string,
  string
>;
const operations = Object.entries(documents as Record<string, DocumentNode>);

describe("the dashboard's operations", () => {
  it.each(operations)("%s goes over the wire as the trusted list has it", (_name, document) => {
    const text = stringifyDocument(document);
    expect(Object.keys(trusted)).toContain(createHash("sha256").update(text).digest("hex"));
  });
});
