import { existsSync, readFileSync } from "node:fs";

const FILE = new URL("../../schema/generated/trusted-documents.json", import.meta.url);

/** The text of the operations that our own clients send; none where the list is not installed. */
export function trustedDocuments(): string[] {
  if (!existsSync(FILE)) return [];
  return Object.values(JSON.parse(readFileSync(FILE, "utf8")) as Record<string, string>);
}
