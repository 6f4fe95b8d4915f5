import { messageOf } from "./errors.ts";

const PROBLEMS: Readonly<Record<string, string>> = {
  EACCES: "no permission",
  EPERM: "no permission",
  EROFS: "read-only file system",
  ENOSPC: "no space left",
  EDQUOT: "no space left",
  ENOTDIR: "not a folder",
  EEXIST: "not a folder",
};
/** How PostgreSQL's programs tell of a full disk. */
const FULL_DISK = /no space left on device/i;

/** An error of a data folder in one sentence that says what to do; any other error stays as it is. */
export function explainFolderProblem(error: unknown, dataDir: string): unknown {
  const { code = "", path } = error as NodeJS.ErrnoException;
  const problem = PROBLEMS[FULL_DISK.test(messageOf(error)) ? "ENOSPC" : code];
  if (problem === undefined) return error;
  const instead = "choose another one with DATA_DIR, or set DATABASE_URL to a PostgreSQL server";
  return new Error(`The data folder ${dataDir} cannot be used (${problem}: ${path ?? dataDir}): ${instead}`, {
    cause: error,
  });
}
