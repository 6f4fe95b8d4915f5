import type { ProviderMatrix, RunKind } from "./run.ts";

/** What it takes to judge later whether a run could be repeated: written once, together with the run. */
export interface NewPassport {
  providerMatrix: ProviderMatrix;
  /** What the system could do then: KPI validators, lanes and their caps. */
  capabilities: Readonly<Record<string, unknown>>;
  /** First 16 hexadecimal digits of the SHA-256 of the requirements. */
  prdSha: string;
  /** Whether `prdSha` is of the document itself or, where there is none to read, of the project's tasks. */
  prdSource: "document" | "definition";
  env: RunEnvironment;
}

/** Where the run was created. */
export interface RunEnvironment {
  /** Commit of this software; `unknown` where nobody said. */
  gitCommit: string;
  /** Like `node v24.1.0`. */
  runtimeVersion: string;
  /** Like `linux 6.1 x64`. */
  os: string;
}

export interface ReplayPassport extends NewPassport {
  runId: string;
  projectId: string;
  runKind: RunKind;
  createdAt: Date;
}

const PRD_SHA_DIGITS = 16;

/** The fingerprint of requirements as passports carry it, from their whole SHA-256. */
export const prdShaOf = (sha256: string): string => sha256.slice(0, PRD_SHA_DIGITS);
