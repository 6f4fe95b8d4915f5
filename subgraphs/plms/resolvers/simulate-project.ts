import { authorize, needs } from "../../../lib/authorization.ts";
import type {
  MutationResolvers,
  RiskFactorResolvers,
  SimulationResolvers,
} from "../generated/resolver-types.ts";
import * as operations from "../operations/simulate-project.ts";
import { inside } from "../../kit/enums.ts";
import { present } from "./present.ts";
import { orUserError } from "./user-errors.ts";

const CANARY = needs("projects.start");

export const simulateProject: NonNullable<MutationResolvers["simulateProject"]> = (
  _parent,
  { input },
  { ports, principal, caller },
) =>
  orUserError(["InvalidInput", "NotFound", "Conflict", "Unavailable"], async () => {
    const executor = input.executor && inside(input.executor);
    if (executor === "canary") authorize(caller.identity, CANARY);
    const simulation = await operations.simulateProject(ports, principal, { ...input, executor });
    return { __typename: "Simulation" as const, ...simulation };
  });

export const Simulation: SimulationResolvers = {
  interval: ({ intervals }) => intervals,
  riskFactors: ({ riskFactors }) => [...riskFactors],
};

export const RiskFactor: RiskFactorResolvers = {
  lane: ({ laneId }, _args, { loaders }) => present(loaders.lane.load(laneId), "Lane", laneId),
};
