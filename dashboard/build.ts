import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompressSync } from "node:zlib";
import { print, type DocumentNode } from "graphql";
import type { Plugin } from "vite";

const FOLDER = import.meta.dirname;
const DIST = join(FOLDER, "dist");
const STAMP = "sources.sha256";
const MOST_ATTEMPTS = 10;

/** Everything whose change calls for a new build: the page, the typed documents, the versions of its packages. */
async function sources(): Promise<string[]> {
  const entries = await readdir(join(FOLDER, "src"), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const root = join(FOLDER, "..");
  return [
    ...files.sort(),
    join(FOLDER, "index.html"),
    join(FOLDER, "build.ts"),
    join(root, "schema/generated/documents.ts"),
    join(root, "client/resume.ts"),
    join(root, "package-lock.json"),
  ];
}

async function hashOfSources(): Promise<string> {
  const hash = createHash("sha256");
  for (const file of await sources()) hash.update(file.slice(FOLDER.length)).update(readFileSync(file));
  return hash.digest("hex");
}

/**
 * Builds the dashboard into `dashboard/dist`, unless the build there is of these sources already. The work is done
 * in a process of its own: its memory goes away with it, and its NODE_ENV is production whatever ours is.
 *
 * @returns true when it built
 * @throws Error when Vite is not installed or the page does not compile
 */
export async function buildDashboard(): Promise<boolean> {
  const stamp = join(DIST, STAMP);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === (await hashOfSources())) return false;
  await promisify(execFile)(process.execPath, [import.meta.filename], { env: { NODE_ENV: "production" } });
  return true;
}

const DOCUMENTS = join(FOLDER, "../schema/generated/documents.ts");

const ONE = "\0document:";

/**
 * Ships the operations as text, a fifth of what their trees take to load; urql parses those that a page asks. Each is a module of
 * its own, so that a page brings no more of them than it asks.
 */
const documentsAsText: Plugin = {
  name: "documents-as-text",
  resolveId: (id) => (id.startsWith(ONE) ? { id, moduleSideEffects: false } : undefined),
  load: async (file) => {
    if (file !== DOCUMENTS && !file.startsWith(ONE)) return undefined;
    const documents = (await import(DOCUMENTS)) as Record<string, DocumentNode>;
    if (file === DOCUMENTS)
      return Object.keys(documents)
        .map((name) => `export { ${name} } from ${JSON.stringify(ONE + name)};`)
        .join("\n");
    const name = file.slice(ONE.length);
    const document = documents[name];
    return document && `export const ${name} = ${JSON.stringify(print(document))};`;
  },
};

async function build(): Promise<void> {
  const hash = await hashOfSources();
  const fresh = join(FOLDER, `dist.${process.pid}`);
  const vite = await import("vite");
  await vite.build({
    root: FOLDER,
    configFile: false,
    logLevel: "error",
    plugins: [documentsAsText],
    // What would make the style sheet smaller is 10 MB of every installation, and a kilobyte of the compressed page.
    build: {
      outDir: fresh,
      target: "es2023",
      cssMinify: false,
      manifest: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
  });
  compress(fresh);
  writeFileSync(join(fresh, STAMP), hash);
  put(fresh, hash);
}

/** Puts a build in its place, whole, unless another process has put one of the same sources there meanwhile. */
function put(fresh: string, hash: string): void {
  const former = `${fresh}.former`;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    isMoved(DIST, former);
    rmSync(former, { recursive: true, force: true });
    if (isMoved(fresh, DIST)) return;
    const stamp = join(DIST, STAMP);
    if (existsSync(stamp) && readFileSync(stamp, "utf8") === hash)
      return rmSync(fresh, { recursive: true, force: true });
  }
  throw new Error(
    `Other builds put theirs into ${DIST} again and again: build the dashboard once they have ended`,
  );
}

/** False when something is in the way, or is not there any more. */
function isMoved(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["ENOTEMPTY", "EEXIST", "ENOENT"].includes(code)) return false;
    throw error;
  }
}

/** Puts a compressed copy beside every file, so that the gateway has only to send it. */
function compress(folder: string): void {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((each) => each.isFile())) {
    const file = join(entry.parentPath, entry.name);
    writeFileSync(`${file}.br`, brotliCompressSync(readFileSync(file)));
  }
}

if (import.meta.main) await build();
