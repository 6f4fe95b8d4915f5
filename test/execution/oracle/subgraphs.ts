import { buildSubgraphSchema } from "@apollo/subgraph";
import {
  execute,
  getNamedType,
  GraphQLError,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  parse,
  responsePathAsArray,
  validate,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLOutputType,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
} from "graphql";
import { CodedError } from "../../../lib/errors.ts";
import type { GraphQLEndpoint } from "../../../lib/graphql-endpoint.ts";
import {
  callFault,
  fieldFault,
  type FaultLog,
  type FieldFault,
  type FaultKind,
  type Sickness,
} from "./faults.ts";
import { parseExact, stringifyExact } from "./json.ts";
import { subgraphSdl, type FieldModel, type SubgraphModel } from "./model.ts";
import type { Thing, World } from "./world.ts";

/** What holds for all subgraphs in one run. */
export interface Weather {
  sickness: Sickness;
  faults: FaultLog;
  /** Requests that a subgraph found wrong, and root fields of mutations in the order of their execution. */
  complaints: string[];
  mutations: string[];
  calls: number;
}

interface Call {
  weather: Weather;
  touched: { thing: Thing; field: string }[];
  /** What is written over the answer of an honest server. */
  edits: { path: readonly (string | number)[]; value: unknown }[];
}

/** A subgraph that knows what is true, and fails where the weather says so. */
export function createSubgraph(world: World, model: SubgraphModel, weather: () => Weather): GraphQLEndpoint {
  const schema = buildSubgraphSchema([{ typeDefs: parse(subgraphSdl(model)) }]);
  const documents = new Map<string, { document: DocumentNode; errors: readonly GraphQLError[] }>();
  const nameHere = (type: string): string => {
    if (isObjectType(schema.getType(type))) return type;
    return model.types.find(({ isInterfaceObject }) => isInterfaceObject)?.name ?? type;
  };
  const entity = schema.getType("_Entity");
  if (isUnionType(entity)) entity.resolveType = (thing: Thing) => nameHere(thing.type);
  const entities = schema.getQueryType()?.getFields()["_entities"];
  if (entities)
    entities.resolve = (_root, { representations }, call) =>
      (representations as Record<string, unknown>[]).map((each) =>
        resolveEntity({ world, model }, each, call as Call),
      );
  const fieldResolver = createFieldResolver(world, model);

  const prepared = (query: string) => {
    const known = documents.get(query);
    if (known) return known;
    const document = parse(query);
    const made = { document, errors: validate(schema, document) };
    documents.set(query, made);
    return made;
  };
  const answer = async (query: string, variables: unknown): Promise<ExecutionResult | "garbage"> => {
    const call: Call = { weather: weather(), touched: [], edits: [] };
    const { document, errors } = prepared(query);
    if (errors.length > 0) call.weather.complaints.push(`${model.name}: ${errors.join("; ")} in ${query}`);
    if (errors.length > 0) return { errors };
    call.weather.calls += 1;
    const result = await execute({
      schema,
      document,
      variableValues: variables as Record<string, unknown>,
      contextValue: call,
      fieldResolver,
      typeResolver: (thing: Thing) => nameHere(thing.type),
    });
    const plain = {
      ...(result.errors && { errors: result.errors.map((error) => error.toJSON()) }),
      data: result.data,
    };
    const edited = structuredClone(plain) as unknown as ExecutionResult;
    for (const edit of call.edits) write(edited.data, edit);
    return spoilt(edited, { query, name: model.name, call });
  };
  const exchange = async (body: string): Promise<string> => {
    const { query, variables } = parseExact(body) as { query: string; variables?: unknown };
    const result = await answer(query, variables);
    return result === "garbage" ? "<html>" : stringifyExact(result);
  };
  const isText = world.model.inText;
  return {
    execute: async ({ query, variables }) => {
      // The text that it would send is what a caller in this process must not change.
      const body = stringifyExact({ query, variables });
      const text = await exchange(body);
      if (!text.startsWith("{")) throw unreachable(model.name);
      return JSON.parse(text) as ExecutionResult;
    },
    ...(isText && { exchange: async ({ body }: { body: string }) => exchange(body) }),
    subscribe: () => {
      throw new Error("No subscriptions here");
    },
  };
}

const unreachable = (name: string) =>
  new CodedError("SUBGRAPH_UNAVAILABLE", `The subgraph "${name}" cannot be reached`, { retryable: true });

function resolveEntity(
  { world, model }: { world: World; model: SubgraphModel },
  representation: Record<string, unknown>,
  { weather, touched }: Call,
): Thing | null {
  const name = String(representation["__typename"]);
  const type = model.types.find((each) => each.name === name);
  const isOfMany = type?.isInterfaceObject || type?.kind === "interface";
  const types = isOfMany ? implementationsOf(world, name) : [name];
  const keys = (type?.keys ?? []).map(({ fields }) => fields);
  const thing = world.find(representation, types, keys);
  if (!thing) {
    // A sick subgraph may have said so of a key.
    if (weather.faults.isEmpty())
      weather.complaints.push(`${model.name}: nothing is ${stringifyExact(representation)}`);
    return null;
  }
  touched.push({ thing, field: `@${model.name}` });
  const fault = fieldFault(weather.sickness, `${model.name}|${thing.type}|${thing.n}|@entity`);
  if (!fault) return thing;
  const isLoud = fault === "throws";
  weather.faults.add(thing.type, thing.n, `@${model.name}`, isLoud ? "loud" : "silent");
  if (isLoud) return new Error(`no ${thing.type} ${thing.n} today`) as never;
  return null;
}

const implementationsOf = ({ model }: World, name: string): string[] =>
  model.subgraphs
    .flatMap(({ types }) => types)
    .filter((type) => type.implements?.includes(name))
    .map((type) => type.name);

function createFieldResolver(
  world: World,
  model: SubgraphModel,
): GraphQLFieldResolver<Thing | undefined, Call> {
  const fields = new Map<string, FieldModel>(
    model.types.flatMap((type) => type.fields.map((field) => [`${type.name}.${field.name}`, field] as const)),
  );
  return (source, args, call, info) => {
    const name = info.fieldName;
    const thing = source ?? { type: info.parentType.name, n: 0 };
    const { type, n } = thing;
    const { weather } = call;
    call.touched.push({ thing, field: name });
    if (info.parentType.name === "Mutation") weather.mutations.push(name);
    const field = fields.get(`${info.parentType.name}.${name}`);
    const fact = world.model.facts[`${type}.${name}`];
    const isForeign = field?.isExternal && !thing.provided?.includes(name);
    if (isForeign || fact?.goneFrom === model.name) {
      weather.complaints.push(`${model.name} was asked for ${type}.${name}, which is not its own`);
      throw new Error("not mine");
    }
    const value = valueHere(world, { thing, field, fieldName: name }, args);
    const fault = fieldFault(weather.sickness, `${model.name}|${type}|${n}|${name}`);
    if (fault) return fail(fault, value, { thing, call, info });
    if (
      world.model.idsAsNumbers &&
      info.returnType.toString().startsWith("ID") &&
      /^\d+$/.test(String(value))
    )
      call.edits.push({ path: responsePathAsArray(info.path), value: Number(value) });
    return value;
  };
}

function valueHere(
  world: World,
  { thing, field, fieldName }: { thing: Thing; field: FieldModel | undefined; fieldName: string },
  args: Record<string, unknown>,
): unknown {
  const { representation } = thing;
  if (field?.requires && representation)
    return `${fieldName}<${world.given(representation, field.requires)}>`;
  const value = world.value(thing, fieldName, args);
  const provided = field?.provides?.split(" ");
  const withProvided = (each: unknown): unknown => {
    if (Array.isArray(each)) return each.map(withProvided);
    return typeof each === "object" && each !== null ? { ...each, provided } : each;
  };
  return provided ? withProvided(value) : value;
}

function fail(
  fault: FieldFault,
  value: unknown,
  { thing, call, info }: { thing: Thing; call: Call; info: GraphQLResolveInfo },
): unknown {
  const { fieldName, returnType } = info;
  const log = (kind: FaultKind) => call.weather.faults.add(thing.type, thing.n, fieldName, kind);
  const lie = lieFor(returnType);
  if (fault === "throws") {
    log("loud");
    throw new GraphQLError(`${fieldName} is broken`, { extensions: { code: "CONFLICT" } });
  }
  if (fault === "wrong" && lie === undefined) return value;
  // A null where one may be is an answer like any other; where none may be it is a lie.
  log(fault === "wrong" || isNonNullType(returnType) ? "lie" : "silent");
  call.edits.push({ path: responsePathAsArray(info.path), value: fault === "wrong" ? lie : null });
  return value;
}

/** What nothing can be read from; undefined for what may be anything. */
function lieFor(type: GraphQLOutputType): unknown {
  const nullable = isNonNullType(type) ? type.ofType : type;
  if (isListType(nullable)) return "no list";
  const { name } = getNamedType(type);
  if (name === "JSON" || name === "Long") return undefined;
  if (name === "Int" || name === "Float" || name === "Boolean") return "no number";
  return name === "Mood" ? "SLEEPY" : name === "String" || name === "ID" ? { no: "text" } : 42;
}

function write(data: unknown, { path, value }: Call["edits"][number]): void {
  let at = data;
  for (const key of path.slice(0, -1)) {
    if (typeof at !== "object" || at === null) return;
    at = Reflect.get(at, key);
  }
  const key = path.at(-1);
  if (typeof at === "object" && at !== null && key !== undefined) Reflect.set(at, key, value);
}

/** An answer as a sick subgraph would give it. */
function spoilt(
  result: ExecutionResult,
  { query, name, call }: { query: string; name: string; call: Call },
): ExecutionResult | "garbage" {
  const { sickness, faults } = call.weather;
  const fault = callFault(sickness, name, query);
  if (!fault) return result;
  const isShort = fault === "short";
  const entities = (result.data as { _entities?: unknown[] } | null)?._entities;
  if (isShort && !entities?.length) return result;
  for (const { thing, field } of call.touched) faults.add(thing.type, thing.n, field, "loud");
  const error = new GraphQLError(`${name} does not like it`, { extensions: { code: "CONFLICT" } }).toJSON();
  if (fault === "down") throw unreachable(name);
  if (fault === "refuses") return { errors: [error] } as never;
  if (fault === "nothing") return { data: null, errors: [error] } as never;
  if (isShort) return { ...result, data: { _entities: entities?.slice(1) ?? [] } };
  return "garbage";
}
