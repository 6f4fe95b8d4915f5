import type {
  LaneCostCheckResolvers,
  QueryResolvers,
  ReceiptResolvers,
} from "../generated/resolver-types.ts";
import { present } from "./present.ts";

export const Receipt: ReceiptResolvers = {
  lane: ({ laneId }, _args, { loaders }) => present(loaders.lane.load(laneId), "Lane", laneId),
};

export const usageRefusals: NonNullable<QueryResolvers["usageRefusals"]> = (
  _parent,
  _args,
  { ports, principal },
) => ports.usageRefusals.list(principal.tenant);

export const LaneCostCheck: LaneCostCheckResolvers = {
  lane: ({ laneId }, _args, { loaders }) => present(loaders.lane.load(laneId), "Lane", laneId),
};
