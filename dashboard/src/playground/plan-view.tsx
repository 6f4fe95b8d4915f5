import type { ReactNode } from "react";
import type { Explained, Fetched, PlannedFetch, PlanPart } from "./explained.ts";

/** The plan of an answer, and what each of its fetches took. */
export function PlanView({ explained }: { explained: Explained }) {
  const { plan, fetches, planningMs, executionMs } = explained;
  return (
    <>
      <p>
        {planningMs === null ? "The plan was kept" : `Planned in ${ms(planningMs)}`}; executed in{" "}
        {ms(executionMs)}
        {fetches.length > 0 && `, ${bytes(sum(fetches))} from subgraphs`}.
      </p>
      {fetches.length > 0 && <Fetches fetches={fetches} executionMs={executionMs} />}
      {plan ? (
        <PlanTree part={plan} />
      ) : (
        <p className="empty">Nothing was fetched: the gateway knew the answer.</p>
      )}
    </>
  );
}

const sum = (fetches: readonly Fetched[]) =>
  fetches.reduce((total, { receivedBytes }) => total + (receivedBytes ?? 0), 0);

function Fetches({ fetches, executionMs }: Pick<Explained, "fetches" | "executionMs">) {
  const share = (part: number) => `${Math.min(100, (100 * part) / Math.max(executionMs, 0.001))}%`;
  return (
    <div className="scroll" tabIndex={0} role="group" aria-label="Fetches">
      <table>
        <thead>
          <tr>
            <th scope="col">Fetch</th>
            <th scope="col" className="right">
              Entities
            </th>
            <th scope="col" className="right">
              Received
            </th>
            <th scope="col" className="right">
              Took
            </th>
            <th scope="col">When</th>
          </tr>
        </thead>
        <tbody>
          {fetches.map((fetch, index) => (
            <tr key={index}>
              <th scope="row">{nameOf(fetch)}</th>
              <td className="number right">{fetch.entities ?? "–"}</td>
              <td className="number right">{fetch.failure ?? bytes(fetch.receivedBytes ?? 0)}</td>
              <td className="number right">{ms(fetch.durationMs)}</td>
              <td className="span" aria-label={`from ${ms(fetch.startedMs)}`}>
                <span
                  data-failed={fetch.failure !== null}
                  style={{ marginLeft: share(fetch.startedMs), width: share(fetch.durationMs) }}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const nameOf = ({ id, subgraph }: Fetched) => `${id === null ? "again" : `#${id}`} ${subgraph}`;

function PlanTree({ part }: { part: PlanPart }) {
  if (part.kind === "subscription")
    return (
      <Group title="For each event of">
        <FetchPart fetch={part.trigger} />
        {part.rest && <PlanTree part={part.rest} />}
      </Group>
    );
  if ("nodes" in part)
    return (
      <Group title={part.kind === "parallel" ? "At the same time" : "One after the other"}>
        {part.nodes.map((each, index) => (
          <PlanTree key={index} part={each} />
        ))}
      </Group>
    );
  return <FetchPart fetch={part} />;
}

const Group = ({ title, children }: { title: string; children: ReactNode }) => (
  <div className="plan-group">
    <span className="soft">{title}</span>
    {children}
  </div>
);

const FetchPart = ({ fetch: { id, kind, subgraph, operation, paths } }: { fetch: PlannedFetch }) => (
  <details>
    <summary>
      {id >= 0 && `#${id} `}
      {subgraph}
      {kind === "entities" && <span className="soft"> entities at {paths?.join(", ")}</span>}
    </summary>
    <pre tabIndex={0}>{operation}</pre>
  </details>
);

const ms = (value: number) => `${value < 10 ? value.toFixed(2) : Math.round(value)} ms`;
const bytes = (value: number) => (value < 10_000 ? `${value} B` : `${Math.round(value / 1000)} kB`);
