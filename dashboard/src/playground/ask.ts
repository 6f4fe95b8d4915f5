import { createClient } from "graphql-ws";
import type { Explained } from "./explained.ts";

export const TRANSPORTS = ["HTTP", "WebSocket"] as const;

export interface Question {
  query: string;
  operationName: string | undefined;
  isSubscription: boolean;
  /** JSON as it was typed. */
  variables: string;
  /** For a WebSocket, what its connection is opened with. */
  headers: string;
  transport: (typeof TRANSPORTS)[number];
  /** Whether to ask how the answer comes about. */
  explains: boolean;
}

export interface Answer {
  text: string;
  explained?: Explained | undefined;
}

interface Showing {
  signal: AbortSignal;
  /** Is given all that there is to see by now. */
  show: (answer: Answer) => void;
}

/** Shows the answer, or every event of a subscription, newest first. */
export async function ask(question: Question, { signal, show }: Showing): Promise<void> {
  try {
    show({ text: "…" });
    const teller = createTeller(question.isSubscription, show);
    await (question.transport === "WebSocket" ? askSocket : askHttp)(question, { signal, teller });
  } catch (error) {
    if (!signal.aborted) show({ text: messageOf(error) });
  }
}

type Result = Record<string, unknown> & { extensions?: Record<string, unknown> };

interface Teller {
  tell(result: Result): void;
  end(): void;
}

interface Asking {
  signal: AbortSignal;
  teller: Teller;
}

const KEPT_EVENTS = 50;

function createTeller(isSubscription: boolean, show: Showing["show"]): Teller {
  let shown: string[] = [];
  let count = 0;
  let explained: Explained | undefined;
  const add = (text: string) => {
    shown = [text, ...shown].slice(0, KEPT_EVENTS);
    show({ text: shown.join("\n\n"), explained });
  };
  return {
    tell: (result) => {
      const { extensions: { explain, ...extensions } = {}, ...rest } = result;
      explained = explain as Explained | undefined;
      const isMore = Object.keys(extensions).length > 0;
      const text = JSON.stringify({ ...rest, ...(isMore && { extensions }) }, null, 2);
      if (!isSubscription) return show({ text, explained });
      count += 1;
      return add(`Event ${count}\n${text}`);
    },
    end: () => {
      if (isSubscription) add("The subscription has ended.");
    },
  };
}

/** By POST; a subscription as server-sent events. */
async function askHttp(question: Question, { signal, teller }: Asking): Promise<void> {
  const { query, operationName, isSubscription, explains } = question;
  const response = await fetch("/graphql", {
    method: "POST",
    signal,
    headers: {
      "content-type": "application/json",
      accept: isSubscription ? "text/event-stream" : "application/json",
      ...(explains && { "x-explain": "1" }),
      ...(parsed("The headers", question.headers) as Record<string, string>),
    },
    body: JSON.stringify({ query, operationName, variables: parsed("The variables", question.variables) }),
  });
  if (!response.headers.get("content-type")?.startsWith("text/event-stream"))
    return teller.tell((await response.json()) as Result);
  return readEvents(response, teller);
}

/** By graphql-transport-ws, on a connection of its own. */
async function askSocket(question: Question, { signal, teller }: Asking): Promise<void> {
  const { query, operationName = null, explains } = question;
  const variables = parsed("The variables", question.variables) as Record<string, unknown>;
  const connectionParams = parsed("The headers", question.headers) as Record<string, unknown>;
  const url = new URL("/graphql", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  const socket = createClient({ url: url.href, retryAttempts: 0, connectionParams });
  const ended = new Promise<void>((resolve, reject) => {
    const sink = {
      next: (result: unknown) => teller.tell(result as Result),
      error: reject,
      complete: resolve,
    };
    const stop = socket.subscribe(
      { query, operationName, variables, ...(explains && { extensions: { explain: true } }) },
      sink,
    );
    signal.addEventListener("abort", stop);
  });
  try {
    await ended;
    teller.end();
  } catch (failure) {
    if (Array.isArray(failure)) teller.tell({ errors: failure });
    else throw failure;
  } finally {
    await socket.dispose();
  }
}

/** @throws Error naming the field when the text is no JSON */
function parsed(field: string, text: string): unknown {
  try {
    return JSON.parse(text || "{}");
  } catch (error) {
    throw new Error(`${field} are not JSON: ${messageOf(error)}`, { cause: error });
  }
}

function messageOf(error: unknown): string {
  if (error instanceof CloseEvent)
    return `The connection was closed (${error.code}${error.reason && `, ${error.reason}`}).`;
  return error instanceof Error ? error.message : String(error);
}

async function readEvents(response: Response, teller: Teller): Promise<void> {
  let rest = "";
  for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const blocks = (rest + part).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) readEvent(block, teller);
  }
}

/** One server-sent event; some only keep the connection open. */
function readEvent(block: string, teller: Teller): void {
  const lines = block.split("\n");
  if (lines.includes("event: complete")) return teller.end();
  const data = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trim());
  if (data.join("") !== "") teller.tell(JSON.parse(data.join("\n")) as Result);
  return undefined;
}
