import { useState } from "react";
import {
  SimulateProjectDocument,
  type SimulateProjectMutation,
} from "../../../schema/generated/documents.ts";
import { useAction } from "../graphql/action.ts";
import { Badge, type Tone } from "../ui/badge.tsx";
import { Fact, Facts, Range } from "../ui/facts.tsx";
import { FormDialog } from "../ui/form-dialog.tsx";
import { compact, milliseconds, percent, usd } from "../ui/format.ts";

type Result = SimulateProjectMutation["simulateProject"];
type Simulation = Extract<Result, { __typename: "Simulation" }>;

export function SimulateDialog({ projectId, onClose }: { projectId: string; onClose: () => void }) {
  const { act, isActing, data } = useAction(SimulateProjectDocument, {
    success: "Simulation",
    done: "The project is simulated.",
  });
  const [share, setShare] = useState(5);
  const send = () => act({ input: { projectId, rehearsalPct: share / 100 } });
  const result = data?.simulateProject;
  return (
    <FormDialog
      title="Simulate"
      action={isActing ? "Simulating…" : result ? "Simulate again" : "Simulate"}
      send={send}
      onClose={onClose}
      staysOpen
    >
      <p>Estimates the whole project from a sample of its tasks. Nothing is sent to the executor.</p>
      <label>
        Tasks to sample: <output>{share} %</output>
        <input
          type="range"
          min="1"
          max="20"
          value={share}
          onChange={(event) => setShare(Number(event.target.value))}
        />
      </label>
      {result?.__typename === "Simulation" && <Estimate simulation={result} />}
    </FormDialog>
  );
}

function Estimate({ simulation }: { simulation: Simulation }) {
  const { expected, interval, reliability, warnings } = simulation;
  return (
    <div aria-live="polite">
      <p className="headline">
        <strong className="number">{usd(expected.costUsd)}</strong>
        <Range interval={interval.costUsd} format={usd} />{" "}
        <Badge
          value={reliability}
          label={RELIABILITY[reliability].label}
          tone={RELIABILITY[reliability].tone}
        />
      </p>
      <Facts>
        <Fact name="Tokens">{compact(expected.tokens)}</Fact>
        <Fact name="Work">{milliseconds(expected.durationMs)}</Fact>
        <Fact name="Sample">
          {simulation.tasksSampled} of {simulation.tasksTotal} tasks ({percent(simulation.effectivePct)})
        </Fact>
        <Fact name="For ±20 %, rehearse">{simulation.recommendedSampleSize} tasks</Fact>
        <Fact name="Rehearsed so far">{simulation.tasksObserved} tasks</Fact>
        <Fact name="Complexities covered">{percent(simulation.strataCoverage)}</Fact>
      </Facts>
      {simulation.autoBumped && (
        <p className="hint">More tasks were sampled than asked for, to cover every complexity.</p>
      )}
      {warnings.map((warning) => (
        <p key={warning} className="hint">
          {warning}
        </p>
      ))}
    </div>
  );
}

const RELIABILITY: Readonly<Record<Simulation["reliability"], { label: string; tone: Tone }>> = {
  HIGH: { label: "reliable", tone: "good" },
  MEDIUM: { label: "fairly reliable", tone: "warn" },
  LOW: { label: "rough", tone: "warn" },
};
