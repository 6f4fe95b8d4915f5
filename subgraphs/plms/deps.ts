import type { PlmsDatabase } from "../../db/tables/plms.ts";
import type { SubgraphDeps } from "../kit/run-subgraph.ts";

/** What PLMS lives on. Of the database it sees its own tables. */
export type PlmsDeps = SubgraphDeps<PlmsDatabase>;
