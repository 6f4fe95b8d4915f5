import { Kind, parse } from "graphql";
import { stringifyDocument } from "urql";
import * as documents from "../../../schema/generated/documents.ts";

type Document = (typeof documents)[keyof typeof documents];

/** Every operation of the dashboard by name, as text. */
export const EXAMPLES: ReadonlyMap<string, string> = new Map(
  Object.entries(documents as Record<string, Document>)
    .map(([name, document]): [string, string] => [name.replace(/Document$/, ""), stringifyDocument(document)])
    .sort(([a], [b]) => a.localeCompare(b)),
);

/** Inputs of more than an id, for the demo data. */
const INPUTS: Readonly<Record<string, object>> = {
  AcknowledgePlmAlert: { id: "1", note: "on the phone with the partner" },
  AcknowledgeShadowDiff: { id: "1", classification: "EXPECTED", note: "known since the migration began" },
  CancelRun: { runId: "1", reason: "no longer needed" },
  CreateProject: {
    input: { name: "A project of my own", tasks: [{ name: "The first task", laneId: 4200 }] },
  },
  EstimationDrift: { projectId: "1", laneId: 4200 },
  IsolateCircuit: { name: "plm", reason: "maintenance of the PLM" },
  LaneTasks: { projectId: "1", laneId: 4200 },
  OverrideLane: { taskId: "1", laneId: 4201, reason: "it is about the design" },
  PlmHistory: { hours: 1 },
  ReleaseCircuit: { name: "plm" },
  RollbackPlm: { reason: "the figures of the PLM look wrong" },
  SetPlmMode: { input: { mode: "SHADOW", models: [], reason: "compare for a week" } },
  SimulateProject: { input: { projectId: "1", rehearsalPct: 0.05 } },
  UpdateProjectBudget: { projectId: "1", usdMax: 60 },
};

/** Variables with which an example can be run as it stands. */
export function variablesOf(name: string, newId: () => string): object {
  if (name === "CreateWorkOrder")
    return { input: { modelId: "lx24", qty: 1, projectId: "1" }, idempotencyKey: newId() };
  if (name === "StartProject") {
    return {
      input: { projectId: "4", runKind: "BASELINE", writeSandbox: false },
      idempotencyKey: newId(),
    };
  }
  return INPUTS[name] ?? requiredVariables(EXAMPLES.get(name) ?? "");
}

function requiredVariables(query: string): object {
  const names = parse(query).definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION
      ? (definition.variableDefinitions ?? [])
          .filter(({ type }) => type.kind === Kind.NON_NULL_TYPE)
          .map(({ variable }) => variable.name.value)
      : [],
  );
  return Object.fromEntries(names.map((name) => [name, "1"]));
}
