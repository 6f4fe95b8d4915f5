import DataLoader from "dataloader";
import type { ModelProduct } from "../products/domain/catalogue.ts";
import type { WorkOrder } from "./domain/work-order.ts";
import type { Connection, PageArguments } from "../../../lib/pagination.ts";
import type { Actor } from "../audit/operations/actor.ts";
import type { ProductPayload, WorkOrderStore, WorkOrderVersion } from "./operations/ports.ts";
import { findWorkOrders, listVersions, listWorkOrdersOfProjects } from "./operations/read.ts";

export interface WorkOrderLoaders {
  order: DataLoader<string, WorkOrder | null>;
  ofProject(args: PageArguments): DataLoader<string, Connection<WorkOrder>>;
  versions(args: PageArguments): DataLoader<string, Connection<WorkOrderVersion>>;
  payload: DataLoader<string, ProductPayload>;
  /** The product of a payload, without its configuration. */
  product: DataLoader<string, ModelProduct>;
}

/** Loaders of one request: whatever is asked for many work orders is asked for once. */
export const createWorkOrderLoaders = (store: WorkOrderStore, actor: Actor): WorkOrderLoaders => ({
  order: new DataLoader<string, WorkOrder | null>((ids) => findWorkOrders(store, actor, ids)),
  ofProject: perArguments((projectIds, args) => listWorkOrdersOfProjects(store, { actor, projectIds }, args)),
  versions: perArguments((ids, args) => listVersions(store, ids, args)),
  payload: byHash((hashes) => store.payloads(hashes)),
  product: byHash((hashes) => store.products(hashes)),
});

/** A loader for each combination of arguments: pages of many parents are one batch when they ask for the same. */
function perArguments<T>(load: (ids: readonly string[], args: PageArguments) => Promise<T[]>) {
  const loaders = new Map<string, DataLoader<string, T>>();
  return ({ first, after }: PageArguments): DataLoader<string, T> => {
    const args = { first, after };
    const key = JSON.stringify(args);
    const loader = loaders.get(key) ?? new DataLoader((ids: readonly string[]) => load(ids, args));
    loaders.set(key, loader);
    return loader;
  };
}

const byHash = <T>(load: (hashes: readonly string[]) => Promise<ReadonlyMap<string, T>>) =>
  new DataLoader<string, T>(async (hashes) => {
    const found = await load(hashes);
    return hashes.map((hash) => found.get(hash) ?? new Error(`payload ${hash} is missing`));
  });
