import type { SampleSupergraph } from "../support/supergraph.ts";
import { abstractGraphs } from "./abstract.ts";
import { deepGraphs } from "./depth.ts";
import { shopGraphs } from "./shop.ts";

export const graphs: readonly SampleSupergraph[] = [...shopGraphs, ...abstractGraphs, ...deepGraphs];
