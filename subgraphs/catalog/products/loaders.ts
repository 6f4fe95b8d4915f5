import DataLoader from "dataloader";
import type { Clock } from "../../../lib/clock.ts";
import type { ModelConfiguration } from "./domain/configuration.ts";
import { notFound } from "../../../lib/errors.ts";
import type { ConfigurationReader } from "./operations/bom.ts";
import { type ModelView, type TrimView, findModels, findTrims } from "./operations/models.ts";
import type { BomRevisions } from "./ports.ts";
import type { CatalogueReading } from "./operations/read-catalogue.ts";
import type { ModelInReading } from "./operations/read-configuration.ts";
import type { Sourced } from "./operations/read-through.ts";

export interface Loaders extends ConfigurationReader {
  models: DataLoader<string, ModelView | null>;
  trims: DataLoader<string, TrimView | null>;
}

/** What loaders read; a part of what the context is made of. */
interface LoaderPorts {
  readCatalogue(request: { correlationId: string }): Promise<CatalogueReading>;
  readConfiguration(
    model: ModelInReading,
    request: { correlationId: string },
  ): Promise<Sourced<ModelConfiguration>>;
  revisions: BomRevisions;
  usesWanted: () => void;
  clock: Clock;
}

/** Loaders of one request: everything in it sees the same catalogue and the same configurations. */
export function createLoaders(ports: LoaderPorts, request: { correlationId: string }): Loaders {
  let reading: Promise<CatalogueReading> | undefined;
  const configurations = new Map<string, Promise<Sourced<ModelConfiguration>>>();
  const catalogue = () => (reading ??= ports.readCatalogue(request));

  const readConfiguration = async (modelCode: string) => {
    const current = await catalogue();
    const product = current.catalogue.find(({ code }) => code === modelCode);
    if (!product) throw notFound("Model", modelCode);
    return ports.readConfiguration({ product, reading: current }, request);
  };

  return {
    catalogue,
    models: new DataLoader(async (ids) => findModels(await catalogue(), ids)),
    trims: new DataLoader(async (ids) => findTrims(await catalogue(), ids)),
    configuration: (modelCode) => {
      const known = configurations.get(modelCode) ?? readConfiguration(modelCode);
      configurations.set(modelCode, known);
      return known;
    },
    revisions: ports.revisions,
    usesWanted: ports.usesWanted,
    now: () => ports.clock.now(),
  };
}
