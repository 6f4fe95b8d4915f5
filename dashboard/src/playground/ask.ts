export interface Question {
  query: string;
  /** JSON as it was typed. */
  variables: string;
  headers: string;
}

interface Showing {
  signal: AbortSignal;
  /** Is given all that there is to see by now. */
  show: (text: string) => void;
}

/** Shows the answer, or every event of a subscription, newest first. */
export async function ask(question: Question, { signal, show }: Showing): Promise<void> {
  try {
    show("…");
    const response = await send(question, signal);
    if (response.headers.get("content-type")?.startsWith("text/event-stream"))
      return await follow(response, show);
    return show(JSON.stringify(await response.json(), null, 2));
  } catch (error) {
    if (!signal.aborted) show(error instanceof Error ? error.message : String(error));
  }
}

function send({ query, variables, headers }: Question, signal: AbortSignal): Promise<Response> {
  return fetch("/graphql", {
    method: "POST",
    signal,
    headers: {
      "content-type": "application/json",
      accept: /^\s*subscription\b/m.test(query) ? "text/event-stream" : "application/json",
      ...(parsed("The headers", headers) as Record<string, string>),
    },
    body: JSON.stringify({ query, variables: parsed("The variables", variables) }),
  });
}

/** @throws Error naming the field when the text is no JSON */
function parsed(field: string, text: string): unknown {
  try {
    return JSON.parse(text || "{}");
  } catch (error) {
    throw new Error(`${field} are not JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

const KEPT_EVENTS = 50;

async function follow(response: Response, show: (text: string) => void): Promise<void> {
  const state = { rest: "", events: 0, shown: [] as string[] };
  for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const blocks = (state.rest + part).split("\n\n");
    state.rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const told = toldBy(block, state.events + 1);
      if (told === undefined) continue;
      state.events += 1;
      state.shown = [told, ...state.shown].slice(0, KEPT_EVENTS);
    }
    if (state.shown.length > 0) show(state.shown.join("\n\n"));
  }
}

/** One server-sent event as text; undefined for what only keeps the connection open. */
function toldBy(block: string, number: number): string | undefined {
  const lines = block.split("\n");
  if (lines.includes("event: complete")) return "The subscription has ended.";
  const data = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trim());
  if (data.join("") === "") return undefined;
  return `Event ${number}\n${JSON.stringify(JSON.parse(data.join("\n")), null, 2)}`;
}
