import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { useSession } from "../graphql/session.tsx";
import { ask } from "../playground/ask.ts";
import { EXAMPLES, variablesOf } from "../playground/examples.ts";
import { Field } from "../ui/field.tsx";
import { PageTitle } from "../ui/page-title.tsx";
import { Card } from "../ui/panel.tsx";

const FIRST = "Projects";
const newId = () => crypto.randomUUID();
const variablesText = (name: string) => JSON.stringify(variablesOf(name, newId), null, 2);

/** Where people try operations on the graph. Subscriptions arrive as server-sent events. */
export function PlaygroundPage() {
  const [answer, setAnswer] = useState("");
  return (
    <>
      <PageTitle>Playground</PageTitle>
      <div className="playground">
        <Card title="Operation">
          <Editors show={setAnswer} />
        </Card>
        <Card title="Answer">
          <pre tabIndex={0} aria-live="polite" aria-label="Answer">
            {answer || "Press Run, or Ctrl + Enter in a field."}
          </pre>
        </Card>
      </div>
    </>
  );
}

function Editors({ show }: { show: (text: string) => void }) {
  const token = useSession().token();
  const [query, setQuery] = useState(EXAMPLES.get(FIRST) ?? "");
  const [variables, setVariables] = useState(() => variablesText(FIRST));
  const [typedHeaders, setHeaders] = useState<string>();
  const headers = typedHeaders ?? headersFor(token);
  const running = useRef<AbortController>(undefined);
  const stop = () => running.current?.abort();
  useEffect(() => stop, []);
  const run = () => {
    stop();
    running.current = new AbortController();
    void ask({ query, variables, headers }, { signal: running.current.signal, show });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
  };
  return (
    <div className="form" onKeyDown={onKeyDown}>
      <Field label="Example">
        <select
          defaultValue={FIRST}
          onChange={({ target }) => {
            setQuery(EXAMPLES.get(target.value) ?? "");
            setVariables(variablesText(target.value));
          }}
        >
          {[...EXAMPLES.keys()].map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </Field>
      <Editor label="Operation" rows={16} value={query} onChange={setQuery} />
      <Editor label="Variables" rows={4} value={variables} onChange={setVariables} />
      <Editor label="Headers" rows={4} value={headers} onChange={setHeaders} />
      <div className="buttons">
        <button type="button" onClick={stop}>
          Stop
        </button>
        <button type="button" className="primary" onClick={run}>
          Run
        </button>
      </div>
    </div>
  );
}

interface EditorProps {
  label: string;
  rows: number;
  value: string;
  onChange: (value: string) => void;
}

const Editor = ({ label, rows, value, onChange }: EditorProps) => (
  <Field label={label}>
    <textarea
      rows={rows}
      value={value}
      spellCheck={false}
      onChange={({ target }) => onChange(target.value)}
    />
  </Field>
);

const headersFor = (token: string | undefined) =>
  JSON.stringify(token === undefined ? {} : { authorization: `Bearer ${token}` }, null, 2);
