import type {
  ApprovalResolvers,
  EchoGateResolvers,
  LaneEchoGateResolvers,
  LaneEchoResolvers,
  MutationResolvers,
} from "../generated/resolver-types.ts";
import { meetsEcho } from "../domain/echo-gate.ts";
import * as operations from "../operations/quality.ts";
import { inside } from "../../kit/enums.ts";
import { present } from "./present.ts";
import { orUserError } from "./user-errors.ts";

export const overrideQuality: NonNullable<MutationResolvers["overrideQuality"]> = (
  _parent,
  call,
  { ports, principal },
) =>
  orUserError(["InvalidInput", "NotFound", "Conflict"], async () => ({
    __typename: "OverrideQualitySuccess" as const,
    run: await operations.overrideQuality(ports, principal, call),
  }));

export const setEchoGate: NonNullable<MutationResolvers["setEchoGate"]> = (
  _parent,
  { input: { mode, ...input } },
  { ports, principal },
) =>
  orUserError(["InvalidInput", "NotFound"], async () => ({
    __typename: "SetEchoGateSuccess" as const,
    project: await operations.setEchoGate(ports, principal, { ...input, mode: mode && inside(mode) }),
  }));

export const EchoGate: EchoGateResolvers = { lanes: ({ lanes }) => [...lanes] };

export const LaneEchoGate: LaneEchoGateResolvers = {
  lane: ({ laneId }, _args, { loaders }) => present(loaders.lane.load(laneId), "Lane", laneId),
};

export const LaneEcho: LaneEchoResolvers = {
  lane: ({ laneId }, _args, { loaders }) => present(loaders.lane.load(laneId), "Lane", laneId),
  pass: (lane) => (lane.mean === null ? null : meetsEcho(lane)),
};

export const Approval: ApprovalResolvers = {
  run: ({ runId }, _args, { loaders }) => (runId === null ? null : loaders.run.load(runId)),
};
