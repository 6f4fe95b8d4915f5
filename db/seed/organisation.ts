import type { Insertable } from "kysely";
import type { Database } from "../tables.ts";

type Rows<T extends keyof Database> = Insertable<Database[T]>[];

/** A department, its one work center with its one station, and its stage of the default routing. */
interface Stage {
  name: string;
  code: string;
  standardSeconds: number;
}

/** In the order in which a boat passes through them. */
const STAGES: readonly Stage[] = [
  { name: "Kitting", code: "KIT", standardSeconds: 7_200 },
  { name: "Lamination", code: "LAM", standardSeconds: 14_400 },
  { name: "Hull Rigging", code: "HRIG", standardSeconds: 10_800 },
  { name: "Deck Rigging", code: "DRIG", standardSeconds: 9_000 },
  { name: "Capping", code: "CAP", standardSeconds: 5_400 },
  { name: "Engine Hang", code: "ENG", standardSeconds: 7_200 },
  { name: "Final Rigging", code: "FRIG", standardSeconds: 10_800 },
  { name: "Water Test", code: "WTEST", standardSeconds: 3_600 },
  { name: "QA", code: "QA", standardSeconds: 5_400 },
  { name: "Cleaning", code: "CLEAN", standardSeconds: 3_600 },
  { name: "Shipping", code: "SHIP", standardSeconds: 1_800 },
];

const ROUTING_ID = "lx24-base-v1";

export const departments: Rows<"catalog.departments"> = STAGES.map(({ name }) => ({ id: slug(name), name }));

export const workCenters: Rows<"catalog.work_centers"> = STAGES.map(({ name }) => ({
  id: workCenterId(name),
  name: `${name} Center`,
  department_id: slug(name),
}));

export const stations: Rows<"catalog.stations"> = STAGES.map(({ name, code }) => ({
  id: slug(`${code}-1`),
  code: `${code}-1`,
  name: `${name} Station 1`,
  work_center_id: workCenterId(name),
}));

export const routingVersions: Rows<"catalog.routing_versions"> = [
  {
    id: ROUTING_ID,
    model: "LX24",
    trim: "Base",
    version: 1,
    status: "released",
    released_at: new Date("2025-01-06T08:00:00Z"),
  },
];

export const routingStages: Rows<"catalog.routing_stages"> = STAGES.map(
  ({ name, code, standardSeconds }, index) => ({
    id: `${ROUTING_ID}-${slug(code)}`,
    routing_version_id: ROUTING_ID,
    sequence: index + 1,
    code,
    name,
    work_center_id: workCenterId(name),
    standard_stage_seconds: standardSeconds,
  }),
);

function slug(name: string): string {
  return name.toLowerCase().replaceAll(" ", "-");
}

function workCenterId(name: string): string {
  return `${slug(name)}-center`;
}
