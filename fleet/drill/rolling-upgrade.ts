import { execFile } from "node:child_process";
import { symlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { sql } from "kysely";
import { waitFor } from "../../lib/wait.ts";
import { openWatchers, spentIn } from "./proof/watchers.ts";
import { temporaryFolder } from "./support/database.ts";
import type { Drill, DrillContext } from "./support/drill.ts";
import { startSystem } from "./support/system.ts";

const root = resolve(import.meta.dirname, "../..");
/** The first build whose PLMS cuts streams when it stops, and does not end them; `DRILL_BEFORE` names another commit. */
const BEFORE = "6cb748c";

/** Every process is replaced by the build of now, one after the other, while callers and followers go on. */
export const rollingUpgrade: Drill = {
  name: "rolling-upgrade",
  promise:
    "processes of the build before and of this one run beside each other on this build's database: nothing is lost, nothing happens twice, streams go on",
  run: async (context) => {
    const { quick, report, defer } = context;
    const commit = process.env["DRILL_BEFORE"] ?? BEFORE;
    const checkout = await checkOut(commit, defer);
    if (checkout === undefined) return report.did(`nothing: there is no commit ${commit} here`);
    const system = await startSystem(context, { gateways: 2, plms: 2, catalogs: 2, checkout });
    const { fleet, database } = system;
    report.did(`started two of each of ${commit} on the database of this build`);
    const traffic = await system.traffic(quick ? 2 : 6);
    const { rows } = await sql<{ id: string }>`select id from plms.projects order by id desc limit 2`.execute(
      database.db,
    );
    let turn = 0;
    const watchers = openWatchers(
      {
        nextUrl: () => `${fleet.gateways[(turn += 1) % 2]?.url.replace("http", "ws")}/graphql`,
        token: await fleet.token("admin"),
        sockets: quick ? 10 : 100,
        each: 0,
        topics: [],
        projectIds: rows.map(({ id }) => id),
      },
      defer,
    );
    const areThere = () => watchers.budgets.every(({ usdSpent }) => usdSpent !== undefined);
    await waitFor(areThere, { timeoutMs: 120_000, what: "every stream" });
    for (const member of fleet.members) {
      watchers.touching(member.name);
      const code = await member.stop();
      report.check(`${member.name} of before ended in order`, code === 0, `exit code ${code}`);
      member.runFrom(undefined);
      await member.start();
      await sleep(quick ? 500 : 3_000);
    }
    report.did("replaced them one after the other: subgraphs first, then gateways");
    await system.settle(traffic);
    const stored = await spentIn(database.db);
    const areRight = () =>
      watchers.budgets.every(
        ({ projectId, usdSpent }) => Math.abs((usdSpent ?? -1) - (stored.get(projectId) ?? 0)) < 1e-6,
      );
    await waitFor(areRight, { timeoutMs: 60_000, what: "the last budgets" }).catch(() => undefined);
    report.figure("cuts of connections", watchers.cuts());
    report.check("every stream ended with what is stored", areRight(), `${watchers.budgets.length} streams`);
    report.check(
      "nobody was taken back in time",
      watchers.budgets.every(({ backwards }) => backwards === 0),
    );
    const problems = [...watchers.problems].map(([problem, count]) => `${count} × ${problem}`);
    report.check("nobody was told of a problem", problems.length === 0, problems.join(" | ") || undefined);
  },
};

/** A checkout with the packages of this one; undefined where git does not know the commit. */
async function checkOut(commit: string, defer: DrillContext["defer"]): Promise<string | undefined> {
  const git = (...args: string[]) => promisify(execFile)("git", ["-C", root, ...args]);
  const isKnown = await git("cat-file", "-e", `${commit}^{commit}`).then(
    () => true,
    () => false,
  );
  if (!isKnown) return undefined;
  const folder = join(await temporaryFolder(defer), "before");
  await git("worktree", "add", "--detach", folder, commit);
  defer(() => git("worktree", "remove", "--force", folder));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  return folder;
}
