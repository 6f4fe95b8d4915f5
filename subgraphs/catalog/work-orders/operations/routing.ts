import { CodedError, notFound } from "../../../../lib/errors.ts";
import type { Product } from "../../products/domain/catalogue.ts";
import { routingProblem, type Routing } from "../domain/routing.ts";
import type { WorkOrderPorts } from "../ports.ts";

interface Ordered {
  model: Pick<Product, "code">;
  trim: Pick<Product, "name"> | undefined;
}

/**
 * The routing that is wanted, else the newest one of the trim, of the model, or the one that all share.
 *
 * @throws CodedError NOT_FOUND; CONFLICT for one that cannot be worked by
 */
export async function routingOf(
  { routings, settings }: Pick<WorkOrderPorts, "routings" | "settings">,
  { model, trim }: Ordered,
  wantedId: string | undefined,
): Promise<Routing> {
  const choice =
    wantedId === undefined
      ? ((trim && (await routings.newestFor(model.code, trim.name))) ??
        (await routings.newestFor(model.code, null)) ??
        (await routings.find(settings.defaultRoutingVersionId)))
      : await routings.find(wantedId);
  if (!choice) throw notFound("Routing version", wantedId ?? settings.defaultRoutingVersionId);
  const problem = routingProblem(choice.routing, choice.activeDepartments);
  if (problem !== undefined) throw new CodedError("CONFLICT", problem, { field: "input.routingVersionId" });
  return choice.routing;
}
