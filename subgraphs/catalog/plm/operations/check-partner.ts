import { placedOptions } from "../../products/domain/configuration.ts";
import { PlmFailure, type Leftovers, type PlmSource } from "../../products/operations/ports.ts";

/** One finding about a partner's server. */
export interface PartnerFinding {
  /** `ok`: taken. `note`: taken, and worth knowing. `bad`: not taken. */
  verdict: "ok" | "note" | "bad";
  text: string;
}

/**
 * Reads everything that a partner's PLM tells, as the catalogue would, and says what will be taken and what will not.
 *
 * @param plm without cache and circuit: each reading is a call
 * @param correlationId sent with every call
 */
export async function* checkPartner(
  plm: PlmSource,
  correlationId: string,
): AsyncGenerator<PartnerFinding, void, undefined> {
  const catalogue = await tried(() => plm.readCatalogue({ correlationId }));
  if (catalogue instanceof PlmFailure) {
    yield failed("GET /plm/catalog", catalogue);
    return;
  }
  const { models } = catalogue;
  const trims = models.reduce((count, model) => count + model.trims.length, 0);
  yield { verdict: "ok", text: `GET /plm/catalog: ${models.length} models and ${trims} trims are taken` };
  yield* leftoversOf("GET /plm/catalog", catalogue);
  for (const { plmId, code, trims: own } of models) {
    const place = `GET /plm/models/${plmId}/config (${code})`;
    const trimCodes = new Map(own.map((trim) => [trim.plmId, trim.code]));
    const request = { correlationId, modelPlmId: plmId, trimCodes };
    const answer = await tried(() => plm.readConfiguration(request));
    if (answer instanceof PlmFailure) {
      yield failed(place, answer);
      continue;
    }
    const options = placedOptions(answer.configuration).length;
    yield {
      verdict: "ok",
      text: `${place}: ${options} options and ${answer.configuration.rules.length} rules`,
    };
    if (options === 0) yield { verdict: "note", text: `${place}: nothing can be ordered without an option` };
    yield* leftoversOf(place, answer);
    const again = await tried(() => plm.readConfiguration(request));
    if (!(again instanceof PlmFailure) && again.configuration !== answer.configuration)
      yield {
        verdict: "note",
        text: `${place}: no ETag that If-None-Match can name, so every look is a whole answer`,
      };
  }
}

async function tried<T>(call: () => Promise<T>): Promise<T | PlmFailure> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof PlmFailure) return error;
    throw error;
  }
}

const failed = (place: string, { reason, message }: PlmFailure): PartnerFinding => ({
  verdict: "bad",
  text: `${place}: ${reason}: ${message}`,
});

function* leftoversOf(place: string, { rejected, unknownFields }: Leftovers): Generator<PartnerFinding> {
  for (const record of rejected)
    yield { verdict: "bad", text: `${place}: ${record.place} is left out: ${record.reason}` };
  for (const [field, count] of unknownFields)
    yield { verdict: "note", text: `${place}: nobody reads ${field} (${count} times)` };
}
