import { Kind, valueFromASTUntyped, type ConstDirectiveNode, type DocumentNode } from "graphql";

/**
 * A specification that a schema uses, as its `@link` says it. Directives are known by where they are specified: what they
 * are called in the schema is up to whoever imports them.
 */
export interface LinkedFeature {
  /** As written, like `https://specs.apollo.dev/cost/v0.1`. */
  url: string;
  /** The same without the version. */
  identity: string;
  /** Like `v0.1`; empty when the URL has none. */
  version: string;
  /** What it is for, as `SECURITY` or `EXECUTION`; undefined when nothing may depend on it. */
  purpose: string | undefined;
  /** What a directive of the specification is called here: `directive("listSize")` may be `cost__listSize`. */
  directive(name: string): string;
  /** Whether a directive of the schema is one of the specification's, by what it is called there. */
  owns(nameInSchema: string): boolean;
}

/** The specifications that the `@link` and `@core` directives of a schema name; none of what is not linked. */
export function linkedFeatures(document: DocumentNode): LinkedFeature[] {
  const applied = document.definitions.flatMap((node) =>
    node.kind === Kind.SCHEMA_DEFINITION || node.kind === Kind.SCHEMA_EXTENSION
      ? (node.directives ?? [])
      : [],
  );
  const linking = linkingNames(applied);
  return applied.filter(({ name }) => linking.has(name.value)).flatMap(featureOf);
}

const SPECIFICATIONS = "https://specs.apollo.dev/";
const FEDERATION = `${SPECIFICATIONS}federation`;

/**
 * The names under which a schema has a directive of `https://specs.apollo.dev/<feature>`: linked by itself, as in
 * supergraphs, or through the federation specification, as in subgraphs.
 */
export function namesOfDirective(document: DocumentNode, feature: string, directive: string): Set<string> {
  const identities = new Set([`${SPECIFICATIONS}${feature}`, FEDERATION]);
  return new Set(
    linkedFeatures(document)
      .filter(({ identity }) => identities.has(identity))
      .map((linked) => linked.directive(directive)),
  );
}

/** The arguments of a directive by name; what an enum or a variable names is its name. */
export const argumentsOf = ({ arguments: given = [] }: ConstDirectiveNode): Record<string, unknown> =>
  Object.fromEntries(given.map(({ name, value }) => [name.value, valueFromASTUntyped(value)]));

/** `@link` links itself, and may do so under another name. */
function linkingNames(applied: readonly ConstDirectiveNode[]): ReadonlySet<string> {
  const names = new Set(["link", "core"]);
  for (const directive of applied) {
    const [feature] = featureOf(directive);
    for (const name of ["link", "core"])
      if (feature?.identity === `${SPECIFICATIONS}${name}`) names.add(feature.directive(name));
  }
  return names;
}

function featureOf(directive: ConstDirectiveNode): LinkedFeature[] {
  const { url: link, feature: core, as: alias, for: purpose, import: given } = argumentsOf(directive);
  const url = link ?? core;
  if (typeof url !== "string") return [];
  const { identity, version, name } = partsOf(url);
  const prefix = typeof alias === "string" ? alias : name;
  const imported = importedNames(given);
  return [
    {
      url,
      identity,
      version,
      purpose: typeof purpose === "string" ? purpose : undefined,
      directive: (wanted) => imported.get(wanted) ?? (wanted === name ? prefix : `${prefix}__${wanted}`),
      owns: (name) => [...imported.values(), prefix].includes(name) || name.startsWith(`${prefix}__`),
    },
  ];
}

function partsOf(url: string): { identity: string; version: string; name: string } {
  const trimmed = url.replace(/[?#].*$/s, "").replace(/\/+$/, "");
  const [, before = trimmed, version = ""] = /^(.*)\/(v\d+(?:\.\d+)*)$/s.exec(trimmed) ?? [];
  return { identity: before, version, name: before.slice(before.lastIndexOf("/") + 1) };
}

/** Imported directives, without their `@`, by their name in the specification. */
function importedNames(given: unknown): Map<string, string> {
  const names = new Map<string, string>();
  for (const element of Array.isArray(given) ? (given as unknown[]) : []) {
    const { name, as = name } = (typeof element === "string" ? { name: element } : element) as {
      name?: string;
      as?: string;
    };
    if (name?.startsWith("@") && as !== undefined) names.set(name.slice(1), as.replace(/^@/, ""));
  }
  return names;
}
