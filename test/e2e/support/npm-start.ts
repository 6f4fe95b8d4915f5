import { spawn, type ChildProcess } from "node:child_process";
import { resolve } from "node:path";
import { clientOf, type GatewayClient } from "../../../client/graph-client.ts";
import { waitFor } from "../../../lib/wait.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const ANY_PORT = { PORT: "0", PLMS_PORT: "0", CATALOG_PORT: "0", PAS_PORT: "0", PLM_PORT: "0" };

/** `npm start` on a data folder, as a process, and what a person reads of it. */
export class Start {
  readonly #child: ChildProcess;
  readonly exit: Promise<number | null>;
  printed = "";

  constructor(dataDir: string, ...args: string[]) {
    this.#child = spawn(process.execPath, ["run.cjs", "standalone.ts", ...args], {
      cwd: ROOT,
      env: { PATH: process.env["PATH"], ...ANY_PORT, DATA_DIR: dataDir },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const output of [this.#child.stdout, this.#child.stderr])
      output?.on("data", (chunk: Buffer) => (this.printed += chunk.toString()));
    this.exit = new Promise((done) => void this.#child.once("exit", done));
  }

  async ready(): Promise<this> {
    let code: number | null | undefined;
    void this.exit.then((left) => (code = left));
    await waitFor(() => this.printed.includes("Ctrl-C stops everything") || code !== undefined, {
      timeoutMs: 110_000,
      what: "npm start",
    });
    if (code !== undefined) throw new Error(`npm start ended with ${code}:\n${this.printed}`);
    return this;
  }

  /** The part of what is printed that the group of the pattern matches. */
  shown(pattern: RegExp): string {
    const [, part] = pattern.exec(this.printed) ?? [];
    if (part === undefined) throw new Error(`${pattern} is not in:\n${this.printed}`);
    return part;
  }

  get gateway(): string {
    return this.shown(/GraphQL +(http:\S+)\/graphql/);
  }

  get link(): URL {
    return new URL(this.shown(/(http:\S+#token=\S+)/));
  }

  admin(): GatewayClient {
    return clientOf(this.gateway, this.link.hash.replace("#token=", ""));
  }

  /** Answers the exit code. */
  stop(): Promise<number | null> {
    this.#child.kill("SIGTERM");
    return this.exit;
  }
}
