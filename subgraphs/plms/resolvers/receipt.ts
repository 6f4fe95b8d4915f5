import type { LaneCostCheckResolvers, ReceiptResolvers } from "../generated/resolver-types.ts";
import { present } from "./present.ts";

export const Receipt: ReceiptResolvers = {
  lane: ({ laneId }, _args, { loaders }) => present(loaders.lane.load(laneId), "Lane", laneId),
};

export const LaneCostCheck: LaneCostCheckResolvers = {
  lane: ({ laneId }, _args, { loaders }) => present(loaders.lane.load(laneId), "Lane", laneId),
};
