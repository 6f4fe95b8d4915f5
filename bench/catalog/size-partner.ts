import { createHash } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A partner's PLM with products of any size; what it says is made once and served as bytes with an ETag. */
export interface SizedPartner {
  url: string;
  /** Answers so far, by status. */
  answers: Map<number, number>;
  /** Models with so many parts each. */
  serve(models: readonly SizedModel[]): void;
  close(): Promise<void>;
}

export interface SizedModel {
  code: string;
  parts: number;
  trims: number;
  /** Characters of each part's name; more make a larger answer of the same parts. */
  nameLength?: number;
}

const COMPONENTS_IN_A_SECTION = 100;

/** Every part is a component of its own and fitted, as older builds want it that know one default for a component. */
function configurationOf({ parts, nameLength = 0 }: SizedModel): object {
  const components = Array.from({ length: parts }, (_, index) => ({
    code: `C${index}`,
    name: "C",
    options: [
      {
        id: `o${index}`,
        code: `P${index}`,
        name: `Part ${index}`.padEnd(nameLength, "."),
        partNumber: `N-${index}`,
        default: true,
      },
    ],
  }));
  const sections = Array.from({ length: Math.ceil(parts / COMPONENTS_IN_A_SECTION) }, (_, index) => ({
    code: `S${index}`,
    name: "Section",
    trimId: null,
    components: components.slice(index * COMPONENTS_IN_A_SECTION, (index + 1) * COMPONENTS_IN_A_SECTION),
  }));
  return { sections, rules: [] };
}

const catalogueOf = (models: readonly SizedModel[]) => ({
  models: models.map(({ code, trims }) => ({
    id: `model-${code}`,
    code,
    name: `Model ${code}`,
    trims: Array.from({ length: trims }, (_, index) => ({
      id: `trim-${code}-${index + 1}`,
      code: `${code}-T${index + 1}`,
      name: `Trim ${index + 1}`,
    })),
  })),
});

export async function startSizedPartner(): Promise<SizedPartner> {
  const answers = new Map<number, number>();
  const models = new Map<string, SizedModel>();
  const made = new Map<string, { bytes: Buffer; etag: string }>();
  const madeOnce = (path: string, make: () => object) => {
    const known = made.get(path);
    if (known) return known;
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: "1.4.0", data: make() }));
    const fresh = { bytes, etag: `"${createHash("sha256").update(bytes).digest("hex")}"` };
    made.set(path, fresh);
    return fresh;
  };
  const send = (
    response: ServerResponse,
    status: number,
    headers: Record<string, string>,
    bytes?: Buffer,
  ) => {
    answers.set(status, (answers.get(status) ?? 0) + 1);
    response.writeHead(status, headers).end(bytes);
  };
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    const json = { "content-type": "application/json" };
    if (path === "/oauth/token")
      return response
        .writeHead(200, json)
        .end(JSON.stringify({ access_token: "token", token_type: "Bearer", expires_in: 3600 }));
    const model = models.get(/^\/plm\/models\/model-([^/]+)\/config$/.exec(path)?.[1] ?? "");
    if (path !== "/plm/catalog" && !model) return send(response, 404, json);
    const { bytes, etag } = madeOnce(path, () =>
      model ? configurationOf(model) : catalogueOf([...models.values()]),
    );
    if (request.headers["if-none-match"] === etag) return send(response, 304, { etag });
    return send(response, 200, { ...json, etag, "content-length": String(bytes.length) }, bytes);
  });
  await new Promise<void>((resolve) => server.listen({ host: "127.0.0.1", port: 0 }, resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers,
    serve: (served) => {
      models.clear();
      made.clear();
      answers.clear();
      for (const model of served) models.set(model.code, model);
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
