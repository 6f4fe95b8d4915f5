import type { ExecutionResult, GraphQLFormattedError } from "graphql";
import { WebSocket } from "ws";

/** One operation, however it is sent. */
export interface Question {
  query?: string;
  documentId?: string;
  operationName?: string;
  variables?: Record<string, unknown>;
  extensions?: Record<string, unknown>;
  authorization?: string | undefined;
  headers?: Record<string, string>;
}

export interface Reply {
  /** Of HTTP; undefined over a socket. */
  status?: number;
  retryAfter?: string | null;
  text: string;
  data?: ExecutionResult["data"];
  errors: readonly GraphQLFormattedError[];
}

export type Ask = (url: string, question: Question) => Promise<Reply>;

/** A way to send a query over HTTP. */
export const inForm =
  (form: { method: "POST" | "GET"; accept: string }): Ask =>
  (url, question) =>
    overHttp(url, form, question);

/** Every way to send a query, by its name. */
export const TRANSPORTS: Readonly<Record<string, Ask>> = {
  POST: inForm({ method: "POST", accept: "*/*" }),
  GET: inForm({ method: "GET", accept: "*/*" }),
  WebSocket: overSocket,
  SSE: inForm({ method: "POST", accept: "text/event-stream" }),
  "SSE by GET": inForm({ method: "GET", accept: "text/event-stream" }),
  multipart: inForm({ method: "POST", accept: "multipart/mixed;subscriptionSpec=1.0" }),
};

export const codesOf = ({ errors }: Reply): unknown[] => errors.map(({ extensions }) => extensions?.["code"]);

async function overHttp(
  url: string,
  { method, accept }: { method: string; accept: string },
  { authorization, headers = {}, ...body }: Question,
): Promise<Reply> {
  const isGet = method === "GET";
  const response = await fetch(isGet ? `${url}/graphql?${inUrl(body)}` : `${url}/graphql`, {
    method,
    headers: {
      accept,
      "apollo-require-preflight": "1",
      ...(!isGet && { "content-type": "application/json" }),
      ...(authorization !== undefined && { authorization }),
      ...headers,
    },
    ...(!isGet && { body: JSON.stringify(body) }),
  });
  const text = await firstResult(response);
  const result = resultIn(text);
  return {
    status: response.status,
    retryAfter: response.headers.get("retry-after"),
    text,
    data: result.data ?? null,
    errors: (result.errors ?? []) as readonly GraphQLFormattedError[],
  };
}

function inUrl(body: Record<string, unknown>): string {
  const asText = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  return new URLSearchParams(
    Object.entries(body).map(([name, value]): [string, string] => [name, asText(value)]),
  ).toString();
}

/** The whole of an answer, or a stream up to its first result. */
async function firstResult(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    const isStream = /event-stream|multipart/.test(response.headers.get("content-type") ?? "");
    if (isStream && resultIn(text) !== NOTHING) break;
  }
  return text;
}

const NOTHING: ExecutionResult = {};

/** The result in a body, in the data of an event or in a part. */
function resultIn(text: string): ExecutionResult {
  for (const line of text.split(/\r?\n/)) {
    const json = line.replace(/^data: ?/, "");
    if (!json.startsWith("{") || json === "{}") continue;
    try {
      const value = JSON.parse(json) as ExecutionResult & { payload?: ExecutionResult };
      return value.payload ?? value;
    } catch {
      // The rest of it is still on its way.
    }
  }
  return NOTHING;
}

const SUBPROTOCOL = "graphql-transport-ws";

function overSocket(url: string, { authorization, headers = {}, ...payload }: Question): Promise<Reply> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/graphql`, SUBPROTOCOL, { headers });
  return new Promise((resolve, reject) => {
    const finish = (reply: Reply) => {
      socket.close(1000);
      resolve(reply);
    };
    socket.on("error", reject);
    socket.on("close", (code, reason) => finish({ text: `${code} ${String(reason)}`, errors: [] }));
    socket.on("open", () =>
      socket.send(
        JSON.stringify({ type: "connection_init", payload: authorization ? { authorization } : {} }),
      ),
    );
    socket.on("message", (bytes: Buffer) => {
      const text = bytes.toString();
      const message = JSON.parse(text) as { type: string; payload?: unknown };
      if (message.type === "connection_ack")
        socket.send(JSON.stringify({ id: "1", type: "subscribe", payload }));
      if (message.type === "error") finish({ text, errors: message.payload as GraphQLFormattedError[] });
      if (message.type === "next") {
        const { data, errors = [] } = message.payload as ExecutionResult;
        finish({ text, data: data ?? null, errors: errors as readonly GraphQLFormattedError[] });
      }
    });
  });
}
