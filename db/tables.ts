import type { CatalogDatabase } from "./tables/catalog.ts";
import type { PlmsDatabase } from "./tables/plms.ts";

/** Every table of both subgraphs, for what migrates, seeds or inspects all of them. */
export interface Database extends CatalogDatabase, PlmsDatabase {}
