import { Kind, parse, print } from "graphql";
import { useEffect, useRef, useState } from "react";
import * as documents from "../../../schema/generated/documents.ts";
import { useSession } from "../graphql/session.tsx";
import { Card } from "../ui/panel.tsx";

type Example = (typeof documents)[keyof typeof documents];

const EXAMPLES: ReadonlyMap<string, string> = new Map(
  Object.entries(documents as Record<string, Example>)
    .map(([name, document]): [string, string] => [name.replace(/Document$/, ""), print(document)])
    .sort(([a], [b]) => a.localeCompare(b)),
);

const FIRST = "Projects";

/** Where people try operations on the graph. Subscriptions arrive as server-sent events. */
export function PlaygroundPage() {
  const token = useSession().token();
  const [query, setQuery] = useState(EXAMPLES.get(FIRST) ?? "");
  const [variables, setVariables] = useState("{}");
  const [headers, setHeaders] = useState(() => headersFor(token));
  const [answer, setAnswer] = useState("");
  const running = useRef<AbortController>(undefined);
  const stop = () => running.current?.abort();
  useEffect(() => stop, []);
  const run = async () => {
    stop();
    running.current = new AbortController();
    await ask({ query, variables, headers }, { signal: running.current.signal, show: setAnswer });
  };
  return (
    <>
      <h1>Playground</h1>
      <div className="playground">
        <Card title="Operation">
          <div className="form">
            <label>
              Example
              <select
                defaultValue={FIRST}
                onChange={({ target }) => {
                  setQuery(EXAMPLES.get(target.value) ?? "");
                  setVariables(skeletonOf(EXAMPLES.get(target.value) ?? ""));
                }}
              >
                {[...EXAMPLES.keys()].map((name) => (
                  <option key={name}>{name}</option>
                ))}
              </select>
            </label>
            <Editor label="Operation" rows={16} value={query} onChange={setQuery} />
            <Editor label="Variables" rows={4} value={variables} onChange={setVariables} />
            <Editor label="Headers" rows={4} value={headers} onChange={setHeaders} />
            <div className="buttons">
              <button type="button" onClick={stop}>
                Stop
              </button>
              <button type="button" className="primary" onClick={() => void run()}>
                Run
              </button>
            </div>
          </div>
        </Card>
        <Card title="Answer">
          <pre tabIndex={0} aria-live="polite" aria-label="Answer">
            {answer || "Press Run."}
          </pre>
        </Card>
      </div>
    </>
  );
}

interface EditorProps {
  label: string;
  rows: number;
  value: string;
  onChange: (value: string) => void;
}

const Editor = ({ label, rows, value, onChange }: EditorProps) => (
  <label>
    {label}
    <textarea
      rows={rows}
      value={value}
      spellCheck={false}
      onChange={({ target }) => onChange(target.value)}
    />
  </label>
);

const headersFor = (token: string | undefined) =>
  JSON.stringify(token === undefined ? {} : { authorization: `Bearer ${token}` }, null, 2);

/** The variables that an operation needs, as a form to fill in. */
function skeletonOf(query: string): string {
  const names = parse(query).definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION
      ? (definition.variableDefinitions ?? [])
          .filter(({ type }) => type.kind === Kind.NON_NULL_TYPE)
          .map(({ variable }) => variable.name.value)
      : [],
  );
  return JSON.stringify(
    Object.fromEntries(names.map((name) => [name, name.endsWith("Id") || name === "id" ? "1" : null])),
    null,
    2,
  );
}

interface Question {
  query: string;
  variables: string;
  headers: string;
}

interface Showing {
  signal: AbortSignal;
  show: (text: string) => void;
}

/** Shows the answer, or every event of a subscription below the one before. */
async function ask({ query, variables, headers }: Question, { signal, show }: Showing): Promise<void> {
  try {
    show("…");
    const response = await fetch("/graphql", {
      method: "POST",
      signal,
      headers: {
        "content-type": "application/json",
        accept: isSubscription(query) ? "text/event-stream" : "application/json",
        ...(JSON.parse(headers) as Record<string, string>),
      },
      body: JSON.stringify({ query, variables: JSON.parse(variables) as unknown }),
    });
    if (response.headers.get("content-type")?.startsWith("text/event-stream"))
      return await follow(response, show);
    return show(JSON.stringify(await response.json(), null, 2));
  } catch (error) {
    if (!signal.aborted) show(error instanceof Error ? error.message : String(error));
  }
}

const KEPT_CHARACTERS = 50_000;

async function follow(response: Response, show: (text: string) => void): Promise<void> {
  const seen = { text: "" };
  for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    seen.text = (seen.text + part).slice(-KEPT_CHARACTERS);
    show(seen.text);
  }
}

const isSubscription = (query: string) => /^\s*subscription\b/m.test(query);
