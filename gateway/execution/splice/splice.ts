import type { Run } from "../compile/run.ts";

/** The `data` of the answer copied out of the subgraphs' text; undefined when the text is not as expected. */
export type Splice = (run: Run) => Promise<string | undefined>;
