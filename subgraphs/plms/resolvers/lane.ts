import type { LaneResolvers, MutationResolvers, QueryResolvers } from "../generated/resolver-types.ts";
import * as operations from "../operations/define-lanes.ts";
import { orUserError } from "./user-errors.ts";

export const lanes: NonNullable<QueryResolvers["lanes"]> = (_parent, _args, { ports }) =>
  ports.projects.lanes();

export const defineLanes: NonNullable<MutationResolvers["defineLanes"]> = (_parent, call, { ports }) =>
  orUserError(["InvalidInput", "Conflict"], async () => ({
    __typename: "DefineLanesSuccess" as const,
    lanes: await operations.defineLanes(ports, call.lanes, "mutation"),
  }));

export const Lane: LaneResolvers = {
  providers: ({ providers }) => Object.entries(providers).map(([name, version]) => ({ name, version })),
  gates: ({ id }, _args, { loaders }) => loaders.gatesOfLane.load(id),
};
