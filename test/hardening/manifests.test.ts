import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startGateway, type TestGateway } from "../gateway/support/start-gateway.ts";
import { codesOf, inForm, TRANSPORTS, type Ask } from "./support/transports.ts";

/**
 * What the tools of the field wrote for two operations against the sample graph, each named with its version:
 * `BoatQuery`, and for Relay `BoatMovedSubscription`.
 */
const FOLDER = fileURLToPath(new URL("manifests/", import.meta.url));
const FILES = readdirSync(FOLDER);

/** The ids as they stand in a file, with the texts. */
function entriesOf(file: string): [id: string, text: string][] {
  const list = JSON.parse(readFileSync(FOLDER + file, "utf8")) as
    | Record<string, string>
    | { operations: { id: string; body: string }[] };
  return Array.isArray(list["operations"])
    ? list["operations"].map(({ id, body }) => [id, body])
    : Object.entries(list);
}

const bare = (id: string) => id.replace("sha256:", "");
/** How clients that were made with these tools name a document. */
const NAMED: Readonly<Record<string, (id: string) => object>> = {
  "documentId as in the file": (id) => ({ documentId: id }),
  "documentId without the name of the hash": (id) => ({ documentId: bare(id) }),
  "doc_id, as in Relay's documentation": (id) => ({ doc_id: id }),
  "the hash of a persisted query": (id) => ({
    extensions: { persistedQuery: { version: 1, sha256Hash: id } },
  }),
};

describe.each(FILES)("the list of trusted documents %s", (file) => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({
      TRUSTED_DOCUMENTS: "require",
      TRUSTED_DOCUMENTS_FILE: FOLDER + file,
    });
  });
  afterAll(() => gateway.close());

  const idOf = (name: string) => entriesOf(file).find(([, text]) => text.includes(name))?.[0] ?? "";
  const ask = (by: Ask, document: object) => by(gateway.url, { ...document, variables: { id: "b1" } });
  const BOAT = { name: "Boat b1", hull: { code: "h-b1", material: "aluminium" } };

  describe.each(Object.entries(NAMED))("is used by %s", (_how, document) => {
    test.each(Object.entries(TRANSPORTS))("over %s", async (_name, by) => {
      const { data, errors } = await ask(by, document(idOf("BoatQuery")));
      expect(errors).toEqual([]);
      expect(data?.["boat"]).toMatchObject(BOAT);
    });
  });

  test("refuses everything that is not on it", async () => {
    const reply = await ask(inForm({ method: "POST", accept: "*/*" }), { query: "{ whoAmI }" });
    expect(codesOf(reply)).toEqual(["DOCUMENT_NOT_TRUSTED"]);
  });

  const subscriptions = entriesOf(file).filter(([, text]) => text.startsWith("subscription"));
  test.runIf(subscriptions.length > 0).each(["WebSocket", "SSE", "SSE by GET", "multipart"])(
    "has subscriptions that run over %s",
    async (name) => {
      const { data, errors } = await ask(TRANSPORTS[name] as Ask, { doc_id: subscriptions[0]?.[0] });
      expect([data?.["boatMoved"], errors]).toEqual([{ id: "b1", miles: 0 }, []]);
    },
  );
});
