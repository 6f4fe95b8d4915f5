import { createContext, useId, type ReactNode } from "react";
import type { Live } from "../graphql/live.ts";
import { Boundary } from "./boundary.tsx";
import { timeOfDay } from "./format.ts";

interface PanelProps<T> {
  title: string;
  live: Live<T>;
  children: (data: T) => ReactNode;
  /** What to say instead of the content when there is nothing to show. */
  empty?: (data: T) => string | undefined;
  /** Stands beside the title. */
  aside?: ReactNode;
  className?: string;
  /** Lines that the content will roughly have, so that the page does not jump. */
  lines?: number;
}

/** Whether a panel still shows the answer to what was asked before: what leads on from there leads astray. */
export const FormerContext = createContext(false);

/** A part of a page with a source of its own: it loads, fails and ages without the others. */
export function Panel<T>({ title, live, children, empty, aside, className = "", lines = 4 }: PanelProps<T>) {
  const id = useId();
  const { data, problem, stale, isFormer } = live;
  const nothing = data === undefined ? undefined : empty?.(data);
  return (
    <section
      className={`panel ${className}`}
      aria-labelledby={id}
      aria-busy={(data === undefined || isFormer) && !problem}
      data-stale={stale}
    >
      <header>
        <h2 id={id}>{title}</h2>
        {stale && <StaleNote at={live.at} />}
        {aside}
      </header>
      <Boundary>
        {data === undefined && !problem && <Skeleton lines={lines} />}
        {problem && <Problem text={problem} retry={live.retry} />}
        {nothing && <p className="empty">{nothing}</p>}
        {data !== undefined && !nothing && (
          <FormerContext value={isFormer}>
            <div className="content">{children(data)}</div>
          </FormerContext>
        )}
      </Boundary>
    </section>
  );
}

/** A part of a page that needs nobody's answer. */
export function Card({
  title,
  children,
  className = "",
}: {
  title: string;
  children: ReactNode;
  className?: string;
}) {
  const id = useId();
  return (
    <section className={`panel ${className}`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
      </header>
      <Boundary>{children}</Boundary>
    </section>
  );
}

const StaleNote = ({ at }: { at: Date | undefined }) => (
  <span className="stale-note">as of {at ? timeOfDay(at) : "earlier"}</span>
);

function Problem({ text, retry }: { text: string; retry: () => void }) {
  return (
    <div className="problem" role="alert">
      <p>{text}</p>
      <button type="button" onClick={retry}>
        Try again
      </button>
    </div>
  );
}

function Skeleton({ lines }: { lines: number }) {
  return (
    <div className="skeleton">
      <span className="visually-hidden">Loading</span>
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} aria-hidden="true" />
      ))}
    </div>
  );
}

/** Two stacks side by side, one under the other where there is no room; a panel never moves to the other stack. */
export function Columns({ children: [left, right] }: { children: [ReactNode, ReactNode] }) {
  return (
    <div className="columns">
      <div className="stack">{left}</div>
      <div className="stack">{right}</div>
    </div>
  );
}
