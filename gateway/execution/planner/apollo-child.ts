import { parse } from "graphql";
import { messageOf } from "../../../lib/errors.ts";
import { joinsIn } from "../../supergraph/joins.ts";
import type { Planner } from "../plan.ts";
import { createApolloPlanner } from "./apollo-planner.ts";
import { endWithParent } from "./end-with-parent.js";
import type { PlannerMessage } from "./planner-process.ts";

/*
 * The process that Apollo's planner runs in: it may take minutes over an operation of a few lines, and is ended then. The
 * messages are those of the native planner's process.
 */
const planners = new Map<string, Planner>();

function answer({
  supergraph,
  sdl,
  forget,
  text = "",
  labels,
  percentile = 0,
  isDeferred = false,
}: PlannerMessage) {
  if (forget !== undefined) planners.delete(forget);
  if (sdl === undefined)
    return planners.get(supergraph)?.plan({ text, labels: new Set(labels), percentile, isDeferred });
  const document = parse(sdl);
  planners.set(supergraph, createApolloPlanner({ document, overrides: joinsIn(document).overrides }));
  return undefined;
}

process.on("message", (message: PlannerMessage) => {
  try {
    process.send?.({ id: message.id, plan: answer(message) });
  } catch (error) {
    process.send?.({ id: message.id, problem: messageOf(error) });
  }
});
process.on("disconnect", () => process.exit());
endWithParent();
