import { perArguments } from "../../kit/loaders.ts";
import DataLoader from "dataloader";
import type { ModelProduct } from "../products/domain/catalogue.ts";
import type { ChosenOption } from "./domain/options.ts";
import type { WorkOrder } from "./domain/work-order.ts";
import type { Connection, PageArguments } from "../../kit/pagination.ts";
import type { Actor } from "../audit/operations/actor.ts";
import type { WorkOrderStore } from "./ports.ts";
import type { ProductPayload, WorkOrderVersion } from "./operations/ports.ts";
import { findWorkOrders, listVersions, listWorkOrdersOfProjects } from "./operations/read.ts";

export interface WorkOrderLoaders {
  order: DataLoader<string, WorkOrder | null>;
  ofProject(args: PageArguments): DataLoader<string, Connection<WorkOrder>>;
  versions(args: PageArguments): DataLoader<string, Connection<WorkOrderVersion>>;
  payload: DataLoader<string, ProductPayload>;
  /** A long choice by its hash. */
  choice: DataLoader<string, readonly ChosenOption[]>;
  /** The product of a payload, without its configuration. */
  product: DataLoader<string, ModelProduct>;
}

/** Loaders of one request: whatever is asked for many work orders is asked for once. */
export const createWorkOrderLoaders = (store: WorkOrderStore, actor: Actor): WorkOrderLoaders => ({
  order: new DataLoader<string, WorkOrder | null>((ids) => findWorkOrders(store, actor, ids)),
  ofProject: perArguments((projectIds, args: PageArguments) =>
    listWorkOrdersOfProjects(store, { actor, projectIds }, args),
  ),
  versions: perArguments((ids, args: PageArguments) => listVersions(store, ids, args)),
  payload: byHash((hashes) => store.payloads(hashes)),
  choice: byHash((hashes) => store.choices(hashes)),
  product: byHash((hashes) => store.products(hashes)),
});

const byHash = <T>(load: (hashes: readonly string[]) => Promise<ReadonlyMap<string, T>>) =>
  new DataLoader<string, T>(async (hashes) => {
    const found = await load(hashes);
    return hashes.map((hash) => found.get(hash) ?? new Error(`document ${hash} is missing`));
  });
