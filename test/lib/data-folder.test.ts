import { describe, expect, test } from "vitest";
import { explainFolderProblem } from "../../lib/data-folder.ts";

describe("explaining a problem of the data folder", () => {
  test.each([
    ["EACCES", "no permission"],
    ["EPERM", "no permission"],
    ["EROFS", "read-only file system"],
    ["ENOSPC", "no space left"],
    ["ENOTDIR", "not a folder"],
  ])("says what %s means and what to do", (code, meaning) => {
    const error = Object.assign(new Error(code), { code, path: "/data/secrets.json" });
    expect(explainFolderProblem(error, "/data")).toMatchObject({
      message: `The data folder /data cannot be used (${meaning}: /data/secrets.json): choose another one with DATA_DIR, or set DATABASE_URL to a PostgreSQL server`,
      cause: error,
    });
  });

  test("recognises a full disk in the words of PostgreSQL's programs", () => {
    const error = new Error('initdb ended with 1: could not write "pg_wal/x": No space left on device');
    expect(explainFolderProblem(error, "/data")).toMatchObject({
      message: expect.stringContaining("no space left: /data"),
    });
  });

  test("leaves other errors as they are", () => {
    const error = new Error("something else");
    expect(explainFolderProblem(error, "/data")).toBe(error);
  });
});
