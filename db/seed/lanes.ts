import type { Insertable } from "kysely";
import type { Database } from "../tables.ts";

/** A kind of work: how much of it may run at once, and what its tasks are like. */
export interface SeedLane {
  id: number;
  name: string;
  maxConcurrent: number;
  /** Of the factory prior. */
  effort: number;
  /** Beginnings of task names. */
  work: readonly string[];
}

export const LANES: readonly SeedLane[] = [
  {
    id: 4200,
    name: "Code-API",
    maxConcurrent: 4,
    effort: 1,
    work: ["Serve", "Version the endpoint of", "Add paging to", "Validate the input of"],
  },
  {
    id: 4201,
    name: "Code-API-Design",
    maxConcurrent: 4,
    effort: 1.2,
    work: ["Design the schema of", "Describe every field of", "Review the errors of"],
  },
  {
    id: 4202,
    name: "Code-API-Implementation",
    maxConcurrent: 3,
    effort: 1,
    work: ["Implement", "Wire up", "Batch the reads of", "Cache"],
  },
  {
    id: 4203,
    name: "Code-Testing",
    maxConcurrent: 3,
    effort: 0.9,
    work: ["Test", "Add property tests for", "Simulate outages of"],
  },
  {
    id: 4204,
    name: "Code-Documentation",
    maxConcurrent: 3,
    effort: 0.7,
    work: ["Document", "Write the runbook of", "Add examples to"],
  },
  {
    id: 5100,
    name: "Data-Schema",
    maxConcurrent: 2,
    effort: 1.1,
    work: ["Model the tables of", "Index", "Migrate"],
  },
  {
    id: 5101,
    name: "Data-Ingest",
    maxConcurrent: 3,
    effort: 0.6,
    work: ["Import", "Deduplicate", "Backfill"],
  },
  {
    id: 5102,
    name: "Data-Transform",
    maxConcurrent: 2,
    effort: 0.9,
    work: ["Normalise", "Reconcile", "Aggregate"],
  },
  {
    id: 6100,
    name: "Narrative-Story",
    maxConcurrent: 2,
    effort: 0.8,
    work: ["Write the product story of", "Draft the dealer guide for", "Caption the photographs of"],
  },
  {
    id: 6101,
    name: "Narrative-Review",
    maxConcurrent: 3,
    effort: 0.6,
    work: ["Proof-read", "Check the claims about", "Fact-check"],
  },
  {
    id: 1100,
    name: "Math-Algorithm",
    maxConcurrent: 3,
    effort: 1.5,
    work: ["Optimise", "Estimate the weight of", "Compute the lead time of"],
  },
];

export const laneRows: Insertable<Database["plms.lanes"]>[] = LANES.map(({ id, name, maxConcurrent }) => ({
  id,
  name,
  max_concurrent: maxConcurrent,
}));
