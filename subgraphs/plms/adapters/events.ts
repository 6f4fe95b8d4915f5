import type { Kysely } from "kysely";
import { notify } from "../../../db/notify.ts";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";

/** Where hints about changed runs and projects are told, as `run:<id>` and `project:<id>`. */
export const EVENTS_CHANNEL = "plms_events";
/** By which all hints about priors are known, whoever they are of: the estimates of many projects follow them. */
export const PRIORS_KEY = "priors";

/** Tells the watchers of a run and of its project that both may have changed, once the transaction commits. */
export async function tellOfRun(
  transaction: Kysely<PlmsDatabase>,
  run: { id: string; projectId: string },
): Promise<void> {
  await notify(transaction, EVENTS_CHANNEL, `run:${run.id}`);
  await notify(transaction, EVENTS_CHANNEL, `project:${run.projectId}`);
}
