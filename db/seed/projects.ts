import type { Insertable } from "kysely";
import type { Database } from "../tables.ts";

type ProjectRow = Insertable<Database["plms.projects"]>;

/** A demo project as a person writes it down; its tasks follow from `about`, `laneIds` and `tasks`. */
export interface DemoProject {
  name: string;
  prdPath: string;
  status: NonNullable<ProjectRow["status"]>;
  /** Share of the sum of its estimates that may be spent; absent for a project without a budget. */
  budgetShare?: number;
  onExhausted: NonNullable<ProjectRow["breach_policy"]>;
  tasks: number;
  laneIds: readonly number[];
  /** Ends of task names. */
  about: readonly string[];
  products: readonly { modelId: string; trimId?: string }[];
}

export const DEMO_PROJECTS: readonly DemoProject[] = [
  {
    name: "Online configurator for the LX24",
    prdPath: "docs/prd/lx24-configurator.md",
    status: "approved",
    budgetShare: 1.25,
    onExhausted: "ask",
    tasks: 220,
    laneIds: [4200, 4201, 4202, 4203, 4204, 5100, 5102, 6100, 6101],
    about: [
      "the option tree",
      "the price list",
      "audio packages",
      "powertrain choices",
      "saved configurations",
      "the dealer hand-over",
      "upholstery colours",
      "dependency rules",
      "the quote document",
      "hull previews",
    ],
    products: [{ modelId: "lx24" }, { modelId: "lx24", trimId: "lx24-luxury" }],
  },
  {
    name: "LX26 electrical system relaunch",
    prdPath: "docs/prd/lx26-electrical.md",
    status: "approved",
    // Tight: the budget is gone before the work is.
    budgetShare: 0.8,
    onExhausted: "pause",
    tasks: 140,
    laneIds: [1100, 4202, 4203, 4204, 5100, 5101, 6101],
    about: [
      "the lithium battery bank",
      "shore charging",
      "load curves",
      "the wiring harness",
      "the concert stereo",
      "cockpit lighting",
      "battery telemetry",
      "fuse schedules",
    ],
    products: [{ modelId: "lx26" }],
  },
  {
    name: "LX21 Angler Pro electronics package",
    prdPath: "docs/prd/lx21-angler-pro.md",
    status: "approved",
    budgetShare: 1.5,
    onExhausted: "kill",
    tasks: 64,
    laneIds: [1100, 4201, 4202, 4203, 6100],
    about: [
      "sonar calibration",
      "chart data",
      "the trolling motor link",
      "the second console",
      "anchor control",
      "livewell timers",
      "installation kits",
    ],
    products: [{ modelId: "lx21", trimId: "lx21-angler-pro" }],
  },
  {
    name: "Bill of materials migration to the partner PLM",
    prdPath: "docs/prd/bom-migration.md",
    status: "approved",
    budgetShare: 1.1,
    onExhausted: "ask",
    tasks: 180,
    laneIds: [4200, 4202, 4203, 4204, 5100, 5101, 5102],
    about: [
      "part numbers",
      "option codes",
      "trim assignments",
      "supplier records",
      "unit conversions",
      "revision history",
      "obsolete parts",
      "hardware kits",
      "routing standards",
    ],
    products: [{ modelId: "lx22" }, { modelId: "lx24" }, { modelId: "lx26" }],
  },
  {
    name: "Dealer stories for the new season",
    prdPath: "docs/prd/dealer-stories.md",
    status: "approved",
    onExhausted: "pause",
    tasks: 40,
    laneIds: [4204, 6100, 6101],
    about: [
      "the family weekend",
      "the first wake run",
      "the tournament morning",
      "the sunset cruise",
      "the shipyard tour",
      "the trade show stand",
    ],
    products: [{ modelId: "lx22" }, { modelId: "lx24" }],
  },
  {
    name: "Lamination scheduling study",
    prdPath: "docs/prd/lamination-scheduling.md",
    status: "pending",
    budgetShare: 2,
    onExhausted: "pause",
    tasks: 90,
    laneIds: [1100, 4202, 4203, 5101, 5102],
    about: [
      "mould occupancy",
      "curing times",
      "resin batches",
      "shift calendars",
      "work center queues",
      "hull sequences",
      "rework loops",
    ],
    products: [{ modelId: "lx22", trimId: "lx22-sport" }],
  },
];

/** A small project in each state that one can rest in without a run. */
export const PLANNED_PROJECTS: readonly DemoProject[] = (
  [
    ["Electric tender study", "ideation"],
    ["Trailer rental", "clarifying"],
    ["Warranty claims by photo", "planning"],
    ["Anchor winch retrofit", "estimating"],
    ["LX22 colour range", "pending_approval"],
    ["Fax order entry", "cancelled"],
  ] as const
).map(([name, status]) => ({
  name,
  prdPath: `docs/prd/${name.toLowerCase().replaceAll(" ", "-")}.md`,
  status,
  budgetShare: 1.5,
  onExhausted: "ask",
  tasks: 12,
  laneIds: [4200, 4203, 4204],
  about: ["the first draft", "the interviews", "the price"],
  products: [{ modelId: "lx22" }],
}));
