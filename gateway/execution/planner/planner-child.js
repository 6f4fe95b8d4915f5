/*
 * The process that the native planner runs in. A message brings a supergraph, or an operation for one, or says that one is
 * not needed any more; each that asks something is answered. JavaScript, because a process that is there for one library
 * starts in half the time then.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { endWithParent } from "./end-with-parent.js";

/** @type {Map<string, import("@graphql-hive/router-query-planner").QueryPlanner>} */
const planners = new Map();

const answer = ({ supergraph, sdl, forget, text, labels, percentile }) => {
  if (forget !== undefined) planners.delete(forget);
  if (sdl === undefined) return planners.get(supergraph)?.plan(text, null, new Set(labels), percentile);
  const { QueryPlanner } = createRequire(import.meta.url)("@graphql-hive/router-query-planner");
  planners.set(supergraph, new QueryPlanner(sdl));
  return undefined;
};

/** Reads a supergraph once, and says with its exit code whether it could. */
function readOnly(sdl) {
  try {
    answer({ supergraph: "", sdl });
  } catch (error) {
    process.stdout.write(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}

if (process.argv.includes("--read")) readOnly(readFileSync(0, "utf8"));
else endWithParent();

process.on("message", (message) => {
  try {
    process.send?.({ id: message.id, plan: answer(message) });
  } catch (error) {
    process.send?.({ id: message.id, problem: error instanceof Error ? error.message : String(error) });
  }
});
process.on("disconnect", () => process.exit());
