import type { DocumentNode } from "graphql";
import { createTextMemory } from "../lib/text-memory.ts";

/** Where Apollo Server keeps valid documents by their hash. */
export interface DocumentStore {
  get(hash: string): Promise<DocumentNode | undefined>;
  set(hash: string, document: DocumentNode): Promise<void>;
  delete(hash: string): Promise<boolean>;
}

/**
 * Keeps as many documents as there are plans at most. Apollo's own store keeps 30 MB of them as JSON, which is two
 * to three times as much in memory: more than all plans together.
 */
export function createDocumentStore(): DocumentStore {
  const documents = createTextMemory<DocumentNode>({
    charsOf: (hash, { loc }) => loc?.source.body.length ?? hash.length,
  });
  return {
    get: async (hash) => documents.get(hash),
    set: async (hash, document) => documents.set(hash, document),
    // Apollo Server never does; a hash is of one text, so nothing in here is ever wrong.
    delete: async () => false,
  };
}
