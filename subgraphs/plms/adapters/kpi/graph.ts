import { request } from "undici";
import { z } from "zod";
import { createOutboundAgent, type AllowPrivate } from "../../../../lib/outbound.ts";
import { NotMeasurable } from "../../operations/kpi-ports.ts";

export interface GraphOptions {
  /** Like `http://127.0.0.1:7474`. */
  url: string;
  user: string;
  password: string | undefined;
  /** Name of the database. */
  database: string;
  allowPrivate?: AllowPrivate | undefined;
}

/** A graph database whose edges can be counted. */
export interface Graph {
  /** Relationships of a type. @throws NotMeasurable when it gives no number; whatever keeps it from being asked */
  edges(type: string, signal: AbortSignal): Promise<number>;
  close(): Promise<void>;
}

const ANSWER_LIMIT_BYTES = 65_536;

const answerSchema = z.object({
  results: z.array(z.object({ data: z.array(z.object({ row: z.tuple([z.number().int().min(0)]) })) })),
  errors: z.array(z.object({ code: z.string(), message: z.string() })),
});

/** Neo4j over its HTTP API, in read mode; the type is a parameter, never part of the statement. */
export function createNeo4j(options: GraphOptions): Graph {
  const { url, user, password, database, allowPrivate } = options;
  const agent = createOutboundAgent({ allowPrivate, maxResponseSize: ANSWER_LIMIT_BYTES });
  const authorization = `Basic ${Buffer.from(`${user}:${password ?? ""}`).toString("base64")}`;
  const endpoint = new URL(`/db/${encodeURIComponent(database)}/tx/commit`, url);
  return {
    edges: async (type, signal) => {
      const statement = "MATCH ()-[edge]->() WHERE type(edge) = $type RETURN count(edge)";
      const answer = await request(endpoint, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "application/json",
          "access-mode": "READ",
          ...(password !== undefined && { authorization }),
        },
        body: JSON.stringify({ statements: [{ statement, parameters: { type } }] }),
        dispatcher: agent,
        signal,
      });
      const body = answerSchema.safeParse(await answer.body.json().catch(() => undefined));
      if (answer.statusCode !== 200 || !body.success)
        throw new NotMeasurable(`the graph database answered ${answer.statusCode}`);
      const [error] = body.data.errors;
      if (error) throw new NotMeasurable(`the graph database refused: ${error.code}`);
      const edges = body.data.results[0]?.data[0]?.row[0];
      if (edges === undefined) throw new NotMeasurable("the graph database counted nothing");
      return edges;
    },
    close: () => agent.destroy(),
  };
}
