import { json, jsonParseLinter } from "@codemirror/lang-json";
import { linter } from "@codemirror/lint";
import type { Extension } from "@codemirror/state";
import { keymap, type Command } from "@codemirror/view";
import { graphql, showInDocsCommand } from "cm6-graphql";
import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { useSession } from "../graphql/session.tsx";
import { ask, TRANSPORTS, type Answer, type Question } from "../playground/ask.ts";
import { CodeEditor } from "../playground/code-editor.tsx";
import { Docs } from "../playground/docs.tsx";
import { EXAMPLES, variablesOf } from "../playground/examples.ts";
import { usePast, type Past } from "../playground/history.ts";
import { operationAt } from "../playground/operation-at.ts";
import { PlanView } from "../playground/plan-view.tsx";
import { useSchema } from "../playground/use-schema.ts";
import { Field } from "../ui/field.tsx";
import { dayAndTime } from "../ui/format.ts";
import { PageTitle } from "../ui/page-title.tsx";
import { Card } from "../ui/panel.tsx";
import "../playground/playground.css";

const FIRST = "Projects";
const newId = () => crypto.randomUUID();
const variablesText = (name: string) => JSON.stringify(variablesOf(name, newId), null, 2);

/** Where people try operations on the graph. */
export function PlaygroundPage() {
  const token = useSession().token();
  const { schema, problem } = useSchema(token);
  const [answer, setAnswer] = useState<Answer>({ text: "" });
  const [trail, setTrail] = useState<readonly string[]>([]);
  const past = usePast();
  const [text, setText] = useState({ query: EXAMPLES.get(FIRST) ?? "", variables: variablesText(FIRST) });
  const language = useMemo(
    () => [
      // Its types are those of CodeMirror as a CommonJS module.
      keymap.of([{ key: "F1", run: showInDocsCommand as unknown as Command }]),
      graphql(schema, {
        onShowInDocs: (_field, type, parent) => {
          const name = parent ?? type;
          if (name) setTrail((before) => [...before, name.replaceAll(/[[\]!]/g, "")]);
        },
      }),
    ],
    [schema],
  );
  return (
    <>
      <PageTitle>Playground</PageTitle>
      <div className="playground">
        <Card title="Operation">
          <Asking
            text={text}
            onText={setText}
            language={language}
            show={setAnswer}
            remember={past.remember}
          />
        </Card>
        <div className="stack">
          <Card title="Answer">
            <pre tabIndex={0} aria-live="polite" aria-label="Answer">
              {answer.text || "Press Run, or Ctrl + Enter in a field."}
            </pre>
          </Card>
          {answer.explained && (
            <Card title="Plan and timings">
              <PlanView explained={answer.explained} />
            </Card>
          )}
        </div>
        <Card title="Documentation">
          {schema ? (
            <Docs schema={schema} trail={trail} onTrail={setTrail} />
          ) : (
            <p className="empty">{problem ?? "Loading…"}</p>
          )}
        </Card>
        <Card title="History">
          <History past={past.past} choose={setText} forget={past.forget} />
        </Card>
      </div>
    </>
  );
}

interface Text {
  query: string;
  variables: string;
}

interface AskingProps {
  text: Text;
  onText: (text: Text) => void;
  language: Extension;
  show: (answer: Answer) => void;
  remember: (text: Text) => void;
}

const JSON_LANGUAGE = [json(), linter((view) => (view.state.doc.length > 0 ? jsonParseLinter()(view) : []))];

function Asking({ text, onText, language, show, remember }: AskingProps) {
  const token = useSession().token();
  const [typedHeaders, setHeaders] = useState<string>();
  const headers = typedHeaders ?? headersFor(token);
  const [means, setMeans] = useState<Means>({ transport: "HTTP", explains: false });
  const cursor = useRef(0);
  const { run, stop } = useAsking(show);
  const runIt = () => {
    const { name, isSubscription } = operationAt(text.query, cursor.current);
    run({ ...text, ...means, headers, operationName: name, isSubscription });
    remember(text);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) runIt();
  };
  return (
    <div className="form" onKeyDown={onKeyDown}>
      <Examples choose={onText} />
      <CodeEditor
        label="Operation"
        lines={16}
        value={text.query}
        language={language}
        onChange={(query) => onText({ ...text, query })}
        onCursor={(position) => {
          cursor.current = position;
        }}
      />
      <p className="hint">
        Ctrl + Enter runs; Ctrl + Space completes; Ctrl + click or F1 opens the documentation of a name.
      </p>
      <CodeEditor
        label="Variables"
        lines={6}
        value={text.variables}
        language={JSON_LANGUAGE}
        onChange={(variables) => onText({ ...text, variables })}
      />
      <CodeEditor label="Headers" lines={4} value={headers} language={JSON_LANGUAGE} onChange={setHeaders} />
      <MeansFields means={means} onChange={setMeans}>
        <button type="button" onClick={stop}>
          Stop
        </button>
        <button type="button" className="primary" onClick={runIt}>
          Run
        </button>
      </MeansFields>
    </div>
  );
}

/** One question at a time: another one, and leaving the page, end the one before. */
function useAsking(show: (answer: Answer) => void) {
  const running = useRef<AbortController>(undefined);
  const stop = () => running.current?.abort();
  useEffect(() => stop, []);
  return {
    stop,
    run: (question: Question) => {
      stop();
      running.current = new AbortController();
      void ask(question, { signal: running.current.signal, show });
    },
  };
}

function Examples({ choose }: { choose: (text: Text) => void }) {
  return (
    <Field label="Example">
      <select
        defaultValue={FIRST}
        onChange={({ target }) =>
          choose({ query: EXAMPLES.get(target.value) ?? "", variables: variablesText(target.value) })
        }
      >
        {[...EXAMPLES.keys()].map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </Field>
  );
}

type Means = Pick<Question, "transport" | "explains">;

interface MeansFieldsProps {
  means: Means;
  onChange: (means: Means) => void;
  children: ReactNode;
}

/** How the operation is asked, beside the buttons that ask it. */
function MeansFields({ means, onChange, children }: MeansFieldsProps) {
  const isAdmin = useSession().person()?.role === "admin";
  return (
    <div className="means">
      <Field label="Transport">
        <select
          value={means.transport}
          onChange={({ target }) =>
            onChange({ ...means, transport: target.value === "WebSocket" ? "WebSocket" : "HTTP" })
          }
        >
          {TRANSPORTS.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </Field>
      {isAdmin && (
        <label className="choice">
          <input
            type="checkbox"
            checked={means.explains}
            onChange={({ target }) => onChange({ ...means, explains: target.checked })}
          />{" "}
          Explain
        </label>
      )}
      <div className="buttons">{children}</div>
    </div>
  );
}

interface HistoryProps {
  past: readonly Past[];
  choose: (text: Text) => void;
  forget: () => void;
}

function History({ past, choose, forget }: HistoryProps) {
  if (past.length === 0)
    return <p className="empty">What you run here is kept in this browser, without its headers.</p>;
  return (
    <>
      <ol className="past">
        {past.map(({ query, variables, at }) => (
          <li key={at}>
            <button type="button" className="quiet" onClick={() => choose({ query, variables })}>
              <code>{query.replaceAll(/\s+/g, " ").slice(0, 80)}</code>
            </button>
            <span className="soft">{dayAndTime(new Date(at))}</span>
          </li>
        ))}
      </ol>
      <div className="buttons">
        <button type="button" onClick={forget}>
          Forget all
        </button>
      </div>
    </>
  );
}

const headersFor = (token: string | undefined) =>
  JSON.stringify(token === undefined ? {} : { authorization: `Bearer ${token}` }, null, 2);
