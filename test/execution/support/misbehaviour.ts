import type { ExecutionResult } from "graphql";
import type { GraphQLEndpoint, GraphQLRequest } from "../../../lib/graphql-endpoint.ts";
import { CodedError } from "../../../lib/errors.ts";
import { chance } from "./random.ts";
import { unordered } from "./unordered.ts";

export const BEHAVIOURS = ["healthy", "slow", "failing", "lying", "partially null"] as const;
export type Behaviour = (typeof BEHAVIOURS)[number];

type Json = Record<string, unknown>;

/**
 * A subgraph that misbehaves, always in the same way for the same question: what happens to an entity
 * follows from its representation, never from its place among others.
 */
export function misbehaving(
  inner: GraphQLEndpoint,
  { name, behaviour, seed }: { name: string; behaviour: Behaviour; seed: string },
): GraphQLEndpoint {
  if (behaviour === "healthy") return inner;
  return {
    ...inner,
    execute: async (request) => {
      const fate = chance(`${seed}|${name}|${unordered(request.query)}`);
      if (behaviour === "slow") await new Promise((resolve) => setTimeout(resolve, fate * 4));
      if (behaviour === "failing" && fate < 0.25) {
        throw new CodedError("SUBGRAPH_UNAVAILABLE", `The subgraph "${name}" cannot be reached`, {
          retryable: true,
        });
      }
      const result = JSON.parse(JSON.stringify(await inner.execute(request))) as ExecutionResult;
      const spoil: Spoil = { seed: `${seed}|${name}`, behaviour, errors: [] };
      return spoilResult(result, request, spoil);
    },
  };
}

interface Spoil {
  seed: string;
  behaviour: Behaviour;
  errors: { message: string; path: (string | number)[]; extensions: object }[];
}

function spoilResult(result: ExecutionResult, request: GraphQLRequest, spoil: Spoil): ExecutionResult {
  const { behaviour, seed } = spoil;
  if (behaviour === "slow" || !result.data) return result;
  const fate = chance(`${seed}|whole|${unordered(request.query)}`);
  if (behaviour === "failing" && fate < 0.1) {
    return {
      errors: [{ message: "all of it failed", extensions: { code: "CONFLICT" } }],
      data: null,
    } as never;
  }
  const data = result.data as Json;
  const representations = request.variables?.["representations"] as unknown[] | undefined;
  const entities = data["_entities"];
  if (representations && Array.isArray(entities)) {
    data["_entities"] = entities.map((entity, index) =>
      spoilValue(entity, { spoil, key: JSON.stringify(representations[index]), path: ["_entities", index] }),
    );
    if (behaviour === "lying" && fate < 0.1) (data["_entities"] as unknown[]).push({ id: "surplus" });
    else if (behaviour === "lying" && fate < 0.2) (data["_entities"] as unknown[]).pop();
  } else {
    for (const key of Object.keys(data)) data[key] = spoilValue(data[key], { spoil, key, path: [key] });
  }
  const errors = [...(result.errors ?? []), ...spoil.errors];
  return { ...result, ...(errors.length > 0 && { errors }) } as ExecutionResult;
}

interface Place {
  spoil: Spoil;
  /** What the fate of this value follows from. */
  key: string;
  path: (string | number)[];
}

function spoilValue(value: unknown, place: Place): unknown {
  const { spoil, key, path } = place;
  const fate = chance(`${spoil.seed}|${key}`);
  if (fate < 0.06) return spoilt(value, place, fate / 0.06);
  if (Array.isArray(value)) {
    return value.map((each, index) =>
      spoilValue(each, { spoil, key: `${key}/${index}`, path: [...path, index] }),
    );
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      spoilValue(each, { spoil, key: `${key}/${name}`, path: [...path, name] }),
    ]),
  );
}

const LIES: readonly unknown[] = [42, "a lie", true, 1.5, {}, [], { __typename: "Nobody" }, [null], 1e21, -0];

function spoilt(value: unknown, { spoil, path, key }: Place, luck: number): unknown {
  if (spoil.behaviour === "lying") {
    if (typeof value === "object" && value !== null && !Array.isArray(value) && luck < 0.3) {
      return { ...value, __typename: luck < 0.15 ? "Nobody" : "Query" };
    }
    return structuredClone(LIES[Math.floor(luck * LIES.length)]);
  }
  if (spoil.behaviour === "failing") {
    spoil.errors.push({ message: `broken at ${key}`, path, extensions: { code: "INTERNAL", luck } });
  }
  return null;
}
