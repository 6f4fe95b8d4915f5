import type { CatalogDatabase } from "../../db/tables/catalog.ts";
import type { MeteredDeps } from "../kit/run-subgraph.ts";

/** What the catalogue lives on. Of the database it sees its own tables. */
export type CatalogDeps = MeteredDeps<CatalogDatabase>;
