import { GraphQLError } from "graphql";
import { expect, test } from "vitest";
import { createTellErrors } from "../../gateway/errors/errors.ts";
import { createLog } from "../../lib/log.ts";

test("what is masked has one line in the log for all places that miss something because of it, and an error each for the client", () => {
  const lines: string[] = [];
  const log = createLog({ name: "gateway", level: "error" }, { write: (line) => void lines.push(line) });
  const failed = (message: string, ...path: (string | number)[]) =>
    new GraphQLError(message, { path, extensions: { serviceName: "catalog" } });
  const told = createTellErrors({ log })(
    [
      failed("no row", "models", 0, "name"),
      failed("no row", "models", 0, "trims"),
      failed("no disk", "models", 1, "name"),
      new GraphQLError("gone", { path: ["run"], extensions: { code: "NOT_FOUND" } }),
    ],
    { correlationId: "c1" },
  );
  expect(told.map(({ path, extensions }) => [path, extensions?.["code"]])).toEqual([
    [["models", 0, "name"], "INTERNAL"],
    [["models", 0, "trims"], "INTERNAL"],
    [["models", 1, "name"], "INTERNAL"],
    [["run"], "NOT_FOUND"],
  ]);
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { correlationId: "c1", subgraph: "catalog", problem: "no row", places: 2, msg: "masked an error" },
    { correlationId: "c1", subgraph: "catalog", problem: "no disk", places: 1 },
  ]);
});
