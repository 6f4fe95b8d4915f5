import { readFileSync, writeFileSync } from "node:fs";
import { composeServices } from "@apollo/composition";
import { parse } from "graphql";
import { subgraphs } from "./subgraphs.ts";

/**
 * Composes `supergraph.graphql` from the subgraphs' SDL. With `--check` nothing is written: a difference
 * from the checked-in file is an error.
 */
const target = new URL("supergraph.graphql", import.meta.url);
const isCheck = process.argv.includes("--check");

const result = composeServices(
  subgraphs.map(({ name, url, file }) => ({
    name,
    url,
    typeDefs: parse(readFileSync(new URL(file, import.meta.url), "utf8")),
  })),
);
for (const hint of result.hints ?? []) console.warn(`hint: ${hint.toString()}`);
if (result.errors) {
  for (const error of result.errors) console.error(error.message);
  process.exit(1);
}
const sdl = `${result.supergraphSdl.trimEnd()}\n`;
if (!isCheck) {
  const isFresh = readFileSync(target, "utf8") === sdl;
  if (!isFresh) writeFileSync(target, sdl);
  console.info(`schema/supergraph.graphql ${isFresh ? "is as it was" : "is written"}`);
} else if (readFileSync(target, "utf8") !== sdl) {
  console.error("schema/supergraph.graphql is stale: run npm run compose and commit the result");
  process.exit(1);
}
