import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, relative } from "node:path";
import { parseSync, Visitor } from "vite";
import type { Condition, ImportRule } from "./import-rules.ts";

/** What one file names, in a value or only in a type. */
export interface Import {
  from: string;
  /** A path from the root, `node_modules/NAME/…`, or `node:NAME`. */
  to: string;
  isResolved: boolean;
}

export interface Violation {
  rule: ImportRule;
  from: string;
  to: string;
}

const SOURCE = /\.[cm]?tsx?$/;
const SKIPPED = new Set(["node_modules", "dist"]);

/** Every TypeScript file in these files and folders of a root, as paths from it. */
export function sourcesIn(root: string, parts: readonly string[]): string[] {
  return parts.flatMap((part) => {
    if (!statSync(join(root, part)).isDirectory()) return [part];
    return readdirSync(join(root, part), { withFileTypes: true })
      .filter((entry) => !SKIPPED.has(entry.name))
      .filter((entry) => entry.isDirectory() || SOURCE.test(entry.name))
      .flatMap(({ name }) => sourcesIn(root, [`${part}/${name}`]));
  });
}

/**
 * What these files import: statically, dynamically, in re-exports and in types.
 *
 * @throws Error naming a file that cannot be read as TypeScript: what is not understood is never taken for innocent
 */
export function importsOf(root: string, files: readonly string[]): Import[] {
  return files.flatMap((from) =>
    [...new Set(specifiersIn(join(root, from)))].map((specifier) => ({
      from,
      ...resolveImport(root, from, specifier),
    })),
  );
}

/**
 * Those of these files that import one of the marked files, over however many others of them, or that have a marked
 * text in them or in one of those.
 */
export function filesReaching(
  root: string,
  files: readonly string[],
  marks: { files: readonly string[]; text: RegExp },
): string[] {
  const importers = new Map<string, string[]>();
  for (const { from, to } of importsOf(root, files)) importers.set(to, [...(importers.get(to) ?? []), from]);
  const reached = new Set<string>();
  const reach = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const importer of importers.get(file) ?? []) reach(importer);
  };
  const isMarked = (file: string) =>
    marks.files.includes(file) || marks.text.test(readFileSync(join(root, file), "utf8"));
  for (const file of files) if (isMarked(file)) reach(file);
  return files.filter((file) => reached.has(file));
}

function specifiersIn(path: string): string[] {
  const { program, errors } = parseSync(path, readFileSync(path, "utf8"));
  if (errors.length > 0) throw new Error(`${path}: ${errors.map(({ message }) => message).join("; ")}`);
  const found: string[] = [];
  const note = (source: { type: string; value?: unknown } | null) => {
    if (source?.type === "Literal" && typeof source.value === "string") found.push(source.value);
  };
  new Visitor({
    ImportDeclaration: ({ source }) => note(source),
    ExportNamedDeclaration: ({ source }) => note(source),
    ExportAllDeclaration: ({ source }) => note(source),
    ImportExpression: ({ source }) => note(source),
    TSImportType: ({ source }) => note(source),
  }).visit(program);
  return found;
}

/** A package counts as found when a package.json between the file and the root lists it, or its types. */
function resolveImport(root: string, from: string, specifier: string): Omit<Import, "from"> {
  if (isBuiltin(specifier)) return { to: `node:${specifier.replace(/^node:/, "")}`, isResolved: true };
  if (specifier.startsWith(".")) {
    const path = join(root, dirname(from), specifier.replace(/\?.*/, ""));
    return { to: relative(root, path), isResolved: existsSync(path) };
  }
  const name = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  const listed = packagesListedFor(root, dirname(from));
  const isResolved = listed.has(name) || listed.has(`@types/${name}`);
  return { to: `node_modules/${name}/${specifier.slice(name.length + 1)}`, isResolved };
}

function packagesListedFor(root: string, folder: string): Set<string> {
  const above = folder === "." ? new Set<string>() : packagesListedFor(root, dirname(folder));
  const path = join(root, folder, "package.json");
  if (!existsSync(path)) return above;
  const manifest = JSON.parse(readFileSync(path, "utf8")) as Record<string, object | undefined>;
  const own = ["dependencies", "devDependencies"].flatMap((kind) => Object.keys(manifest[kind] ?? {}));
  return new Set([...above, ...own]);
}

/** Every import that a rule forbids. */
export function violationsOf(rules: readonly ImportRule[], imports: readonly Import[]): Violation[] {
  const isCircular = { files: circularIn(imports), folders: circularIn(imports, folderOf) };
  return rules.flatMap((rule) =>
    imports
      .filter(({ from }) => !rule.from.pathNot?.test(from))
      .filter((each) => {
        const match = rule.from.path ? rule.from.path.exec(each.from) : [];
        return match !== null && applies(rule.to, each, { isCircular, group: match[1] ?? "" });
      })
      .map(({ from, to }) => ({ rule, from, to })),
  );
}

function applies(
  condition: Condition,
  each: Import,
  {
    isCircular,
    group,
  }: { isCircular: Record<"files" | "folders", (each: Import) => boolean>; group: string },
): boolean {
  if ("circular" in condition) return isCircular[condition.circular](each);
  if ("unresolvable" in condition) return !each.isResolved;
  const matches = (pattern: string) => new RegExp(pattern.replaceAll("$1", group)).test(each.to);
  const { path, pathNot } = condition;
  return (path === undefined || path.some(matches)) && !pathNot?.some(matches);
}

/** What stands in no folder of ours stands for itself. */
const folderOf = (file: string): string =>
  /^[a-z-]+\//.test(file) ? dirname(file).replace(/\/generated$/, "") : file;

/** Whether an import lies on a circle: whether what is imported, or its folder, leads back to who imports it. */
function circularIn(
  imports: readonly Import[],
  placeOf: (file: string) => string = (file) => file,
): (each: Import) => boolean {
  const moves = imports.map(({ from, to }) => ({ from: placeOf(from), to: placeOf(to) }));
  const next = Map.groupBy(moves, ({ from }) => from);
  const reachedFrom = new Map<string, Set<string>>();
  const reach = (start: string): Set<string> => {
    const known = reachedFrom.get(start);
    if (known) return known;
    const reached = new Set([start]);
    for (const file of reached) for (const { to } of next.get(file) ?? []) reached.add(to);
    reachedFrom.set(start, reached);
    return reached;
  };
  return (each) => {
    const [from, to] = [placeOf(each.from), placeOf(each.to)];
    const isWithin = from === to && each.from !== each.to;
    return !isWithin && next.has(to) && reach(to).has(from);
  };
}
