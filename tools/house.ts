import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readCommandLine } from "../lib/command-line.ts";
import { runCommand } from "../lib/process.ts";
import { importsOf, sourcesIn, type Import } from "./imports.ts";

const USAGE = `node run.cjs tools/house.ts [CHECKOUT]

Counts the sources of a checkout, this one by default: files, lines, and what tells of a house in small pieces. Tests,
benches and generated files are left out.`;

/** Of a checkout of any age: those that are not there are passed over. */
const FOLDERS =
  "lib db schema gateway subgraphs mocks client dashboard standalone drill load fleet deploy tools".split(
    " ",
  );
const LEFT_OUT = /\/generated\/|\.d\.ts$|\.test\.tsx?$/;
const SMALL = 25;
/** Rooms of the catalogue; an import between them is not at home. */
const ROOM = /^subgraphs\/catalog\/(?!generated\/)([\w-]+)\//;

await runCommand(async () => {
  const { positionals } = readCommandLine(USAGE, { allowPositionals: true });
  const root = positionals[0] ?? process.cwd();
  const parts = FOLDERS.filter((folder) => isFolder(root, folder));
  const files = sourcesIn(root, parts).filter((file) => !LEFT_OUT.test(file));
  const textOf = (file: string) => readFileSync(join(root, file), "utf8");
  const lengths = files.map((file) => textOf(file).split("\n").length - 1);
  const imports = importsOf(root, files);
  const small = lengths.filter((lines) => lines < SMALL).length;
  const imported = importersOf(imports, new Set(files));
  const lonely = imported.filter((importers) => importers === 1).length;
  const rooms = imports.map(({ from, to }) => [ROOM.exec(from)?.[1], ROOM.exec(to)?.[1]]);
  const between = rooms.filter(([from, to]) => from !== undefined && to !== undefined);
  const atHome = between.filter(([from, to]) => from === to);
  const ports = files
    .filter((file) => /^subgraphs\/.*ports(?:\.ts$|\/)/.test(file))
    .flatMap((file) => portsIn(textOf(file)));
  print("files", files.length);
  print(
    "lines",
    lengths.reduce((sum, lines) => sum + lines, 0),
  );
  print(`files under ${SMALL} lines`, ratio(small, files.length));
  print("files with one importer, of those that are imported", ratio(lonely, imported.length));
  print("interfaces with methods in ports files", ports.length);
  print("imports of the catalogue's rooms that stay in their room", ratio(atHome.length, between.length));
});

function isFolder(root: string, folder: string): boolean {
  try {
    return sourcesIn(root, [folder]).length > 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

/** How many files import each that is imported. */
function importersOf(imports: readonly Import[], ours: ReadonlySet<string>): number[] {
  const inside = imports.filter(({ from, to }) => ours.has(to) && from !== to);
  return [...Map.groupBy(inside, ({ to }) => to).values()].map(
    (each) => new Set(each.map(({ from }) => from)).size,
  );
}

/** Names of the interfaces that have a method: what is outside, or is put in its place by a test. */
function portsIn(source: string): string[] {
  return [...source.matchAll(/^(?:export )?interface (\w+)[^{]*\{\n([\s\S]*?)\n\}/gm)]
    .filter(([, , body = ""]) => /^ {2}(?:readonly )?\w+\??(?:\(|: \()/m.test(body))
    .map(([, name = ""]) => name);
}

function ratio(part: number, whole: number): string {
  return `${part} of ${whole} (${Math.round((100 * part) / whole)} %)`;
}

function print(what: string, count: number | string): void {
  process.stdout.write(`${what.padEnd(58)}${count}\n`);
}
