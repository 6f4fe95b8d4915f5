import type { LaneOverrideResolvers, MutationResolvers } from "../generated/resolver-types.ts";
import * as operations from "../operations/lane-overrides.ts";
import { present } from "./present.ts";
import { orUserError } from "./user-errors.ts";

export const overrideLane: NonNullable<MutationResolvers["overrideLane"]> = (
  _parent,
  call,
  { ports, principal },
) =>
  orUserError(["InvalidInput", "NotFound", "Conflict"], async () => ({
    __typename: "OverrideLaneSuccess" as const,
    override: await operations.overrideLane(ports, principal, call),
  }));

export const removeLaneOverride: NonNullable<MutationResolvers["removeLaneOverride"]> = (
  _parent,
  { overrideId },
  { ports, principal },
) =>
  orUserError(["NotFound", "Conflict"], async () => ({
    __typename: "RemoveLaneOverrideSuccess" as const,
    override: await operations.removeLaneOverride(ports, principal, overrideId),
  }));

export const LaneOverride: LaneOverrideResolvers = {
  predictedLane: ({ predictedLaneId }, _args, { loaders }) =>
    present(loaders.lane.load(predictedLaneId), "Lane", predictedLaneId),
  correctedLane: ({ correctedLaneId }, _args, { loaders }) =>
    present(loaders.lane.load(correctedLaneId), "Lane", correctedLaneId),
};
