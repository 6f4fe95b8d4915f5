import { composeServices } from "@apollo/composition";
import { GraphQLError, parse, validate } from "graphql";
import { loadSupergraph, type LoadedSupergraph } from "../../../gateway/supergraph/supergraph.ts";
import { chance } from "../support/random.ts";
import { createContenders, operationOf } from "./contenders.ts";
import { FaultLog, HEALTHY, type Sickness } from "./faults.ts";
import { judge, truthOf } from "./judge.ts";
import { stringifyExact } from "./json.ts";
import { subgraphSdl, type GraphModel } from "./model.ts";
import type { Request } from "./random-operation.ts";
import { createSubgraph, type Weather } from "./subgraphs.ts";
import { World } from "./world.ts";

/** Of the operations, so many are also asked of the engine that plans with Apollo's planner alone. */
const SECOND_EVERY = 6;

/** A graph that is ready to be asked. */
export interface Trial {
  model: GraphModel;
  world: World;
  isValid(query: string): boolean;
  /** Whether one server has an answer to it, without errors. */
  hasAnswer(request: Request): Promise<boolean>;
  /** Asks three times; what is wrong comes back in sentences. */
  run(request: Request, seed: number): Promise<string[]>;
}

/** What is wrong in a sentence, without what it is wrong with. */
export const kindOf = (wrong: string): string =>
  (wrong.split("\n")[0] ?? "")
    .replace(/^[^:]*: /, "")
    .replace(/"(?:[^"\\]|\\.)*"/g, "…")
    .replace(/(?<=^| at )[\w/]+(?= (?:is|has)\b|,|$)/g, "…")
    .replace(/(?<=instead of ).*$|(?<=nothing is ).*$/, "…");

/** Why a model is no supergraph, or none that the gateway takes. */
export class DoesNotCompose extends Error {}

/** @throws DoesNotCompose for a model that is no supergraph */
export function createTrial(model: GraphModel): Trial {
  const { supergraphSdl, errors } = composeServices(
    model.subgraphs.map((each) => ({
      name: each.name,
      url: `http://${each.name}.invalid`,
      typeDefs: parse(subgraphSdl(each)),
    })),
  );
  if (errors) throw new DoesNotCompose(errors.map(({ message }) => message).join("\n"));
  const loaded = loadedOrRefused(supergraphSdl);
  const world = new World(model, loaded.apiSchema);
  let weather = fair(HEALTHY);
  const endpoints = new Map(
    model.subgraphs.map((each) => [each.name, createSubgraph(world, each, () => weather)]),
  );
  const endpointOf = (name: string) => {
    const endpoint = endpoints.get(name);
    if (!endpoint) throw new Error(`There is no subgraph ${name}`);
    return endpoint;
  };
  const contenders = createContenders(loaded, endpointOf);

  return {
    model,
    world,
    isValid: (query) => validate(loaded.apiSchema, parse(query), undefined, { maxErrors: 1 }).length === 0,
    hasAnswer: async ({ query, variables }) =>
      (await truthOf(world, operationOf(query, variables))).result.errors === undefined,
    run: async ({ query, variables }, seed) => {
      const operation = operationOf(query, variables);
      const truth = await truthOf(world, operation);
      const inParts = query.includes("@defer");
      const wrong: string[] = [];
      for (const contender of contenders) {
        if (!contender.isFirst && seed % SECOND_EVERY !== 0) continue;
        for (const [turn, sickness] of sicknesses(seed).entries()) {
          weather = fair(sickness);
          const { faults, complaints, mutations } = weather;
          const answer = await (inParts ? contender.executeInParts(operation) : contender.execute(operation));
          const found = [...judge(answer, truth, { world, faults, inParts }), ...complaints];
          if (mutations.length > 0 && faults.isEmpty() && mutations.join() !== truth.mutations.join())
            found.push(`executed ${mutations.join()} instead of ${truth.mutations.join()}`);
          const context = `${contender.name}, time ${turn + 1}`;
          const told = faults.isEmpty() ? "" : `\n  faults: ${String(faults)}`;
          const shown = `\n  answer: ${stringifyExact(answer).slice(0, 1_500)}`;
          if (found.length > 0) wrong.push(`${context}: ${found.slice(0, 5).join("\n  ")}${told}${shown}`);
        }
      }
      return wrong;
    },
  };
}

function loadedOrRefused(sdl: string): LoadedSupergraph {
  try {
    return loadSupergraph(sdl, new Date(0));
  } catch (error) {
    throw error instanceof GraphQLError ? new DoesNotCompose(error.message) : error;
  }
}

const fair = (sickness: Sickness): Weather => ({
  sickness,
  faults: new FaultLog(),
  complaints: [],
  mutations: [],
  calls: 0,
});

/** Well three times, sick three times, or well and sick in turn. */
function sicknesses(seed: number): readonly Sickness[] {
  const luck = chance(`weather ${seed}`);
  const sick = { seed: String(seed), rate: 0.02 + luck / 8 };
  if (luck < 0.5) return [HEALTHY, HEALTHY, HEALTHY];
  if (luck < 0.7) return [sick, sick, sick];
  return luck < 0.85 ? [sick, HEALTHY, HEALTHY] : [HEALTHY, sick, HEALTHY];
}
