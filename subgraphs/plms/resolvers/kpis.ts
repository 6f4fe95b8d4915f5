import type {
  KpiValidatorResolvers,
  MutationResolvers,
  QueryResolvers,
} from "../generated/resolver-types.ts";
import { KPIS } from "../domain/kpi.ts";
import * as operations from "../operations/run-kpi-validators.ts";
import { orUserError } from "./user-errors.ts";

export const kpiValidators: NonNullable<QueryResolvers["kpiValidators"]> = (_parent, _args, { ports }) => [
  ...ports.kpiValidators.values(),
];

export const runKpiValidators: NonNullable<MutationResolvers["runKpiValidators"]> = (
  _parent,
  { runId },
  { ports, principal },
) =>
  orUserError(["NotFound", "Conflict"], async () => {
    const { run, results } = await operations.runKpiValidators(ports, principal, runId);
    return { __typename: "KpiValidation" as const, run, results: [...results] };
  });

export const KpiValidator: KpiValidatorResolvers = {
  description: ({ name }) => KPIS[name].description,
  isUsable: ({ missing }) => missing === null,
  timeoutSeconds: ({ timeoutMs }) => Math.ceil(timeoutMs / 1000),
  gates: ({ name }, _args, { loaders }) => loaders.laneGates.load(name),
};
