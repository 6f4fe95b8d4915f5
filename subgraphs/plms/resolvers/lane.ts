import type { QueryResolvers } from "../generated/resolver-types.ts";

export const lanes: NonNullable<QueryResolvers["lanes"]> = (_parent, _args, { ports }) =>
  ports.projects.lanes();
