import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** A file that somebody published, at one commit for ever. */
interface Source {
  repository: string;
  commit: string;
  path: string;
  sha256: string;
}

/** Public data that none of us wrote. None of it is kept here: most of it has no licence for that. */
export const SOURCES = {
  trims: {
    repository: "mushier-rouge/nmbli",
    commit: "725947a21fc529202d8100945e2ecdaaa743abf1",
    path: "makeModelTrims/fromGoogle1.csv",
    sha256: "2831257340cb4240a695fd636c0fab20336294b59880c69bb0da4d6607dbcde2",
  },
  styles: {
    repository: "abhionlyone/us-car-models-data",
    commit: "b943b86f8f695cb2167491a82cccd9fa2eb5603f",
    path: "2022.csv",
    sha256: "fb88ecc5bbd5062f59eb2f02840baf8b6e0a57fec81d5e90f83e238c22cdc016",
  },
  crossovers: {
    repository: "wesrowe/Noodler",
    commit: "d683e0725687c5f5e7336e7b428599f5799b6217",
    path: "common-js/crossovers.js",
    sha256: "723e5e56e992036d03efa79af84fc2a5f6c4fbc0d5f7501a95c283a88bf40ba6",
  },
  filterUnit: {
    repository: "nikhilsane/treeview-app",
    commit: "62fdeff3f9e0bef906678dfc5438cdf5c4b1feba",
    path: "src/service/fakeBOMService.js",
    sha256: "319aaba1de0edd31259365a92e31a4b6e106dfc4feca0b5b0ce8cc2cf0011727",
  },
  chargeController: {
    repository: "LibreSolar/mppt-2420-hc",
    commit: "b1c11fee826d40b0465eae3dd58a15a336be2d7c",
    path: "build/mppt-2420-hc_bom_(hv_supply,can).csv",
    sha256: "edfc501801eedfee620e41a1573059b405bf6f96b4f7303e72b99905a4d05dea",
  },
  testBoard: {
    repository: "SchrodingersGat/KiBoM",
    commit: "9e8800707917688dde52ac6ea397ecd1412f4331",
    path: "test/kibom-test.xml",
    sha256: "8415285d54266fb75c750c1d4cdb91a83c14ed16c1da7d40743665cc4269ab32",
  },
} as const satisfies Record<string, Source>;

/** Where fetched files stay: `WORLDS_DIR`, or among the caches. */
const FOLDER = process.env["WORLDS_DIR"] ?? "node_modules/.cache/worlds";

/** Where files were published, or a mirror of it with the same paths: `WORLDS_URL`. */
const PUBLISHED = process.env["WORLDS_URL"] ?? "https://raw.githubusercontent.com";

/**
 * The text of a source, from the folder or else from where it was published.
 *
 * @throws Error when it cannot be had, or is not what it was
 */
export async function textOf(source: Source): Promise<string> {
  const file = join(FOLDER, source.repository, source.commit, source.path);
  const kept = await readFile(file).catch(() => undefined);
  const bytes = kept ?? (await download(source));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (sha256 !== source.sha256) throw new Error(`${file} has the hash ${sha256} and not ${source.sha256}`);
  if (!kept) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
  return bytes.toString();
}

async function download({ repository, commit, path }: Source): Promise<Buffer> {
  const escaped = path.split("/").map(encodeURIComponent).join("/");
  const url = `${PUBLISHED}/${repository}/${commit}/${escaped}`;
  const response = await fetch(url).catch((error: unknown) => {
    const message = `${url} cannot be reached; WORLDS_DIR names a folder with ${repository}/${commit}/${path}`;
    throw new Error(message, { cause: error });
  });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

/**
 * The values of a script that only has literals, some of them with commas before the end of a list.
 *
 * @throws Error for a variable whose value is something else
 */
export function literalsIn<T>(script: string): T[] {
  const [, ...statements] = script.split(/^(?:var|const|let) \w+ *= */m);
  return statements.map((statement) => {
    const end = /^[\]}]/m.exec(statement);
    const literal = statement.slice(0, end ? end.index + 1 : undefined);
    return JSON.parse(literal.replaceAll(/,(?=\s*[\]}])/g, "")) as T;
  });
}
