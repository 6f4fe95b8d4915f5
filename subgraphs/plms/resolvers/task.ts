import type { TaskResolvers } from "../generated/resolver-types.ts";
import { present } from "./present.ts";

export const Task: TaskResolvers = {
  lane: ({ laneId }, _args, { loaders }) => present(loaders.lane.load(laneId), "Lane", laneId),
};
