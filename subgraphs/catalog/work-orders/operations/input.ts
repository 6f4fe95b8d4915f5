import { badInput } from "../../../../lib/errors.ts";

const QTY_MAX = 1_000_000;
const TEXT_MAX = 64;

interface Fields {
  qty?: number | undefined;
  hullId?: string | null | undefined;
  productSku?: string | undefined;
  projectId?: string | undefined;
}

/** @throws CodedError BAD_USER_INPUT naming the first field that can never be right */
export function checkFields(input: Fields): void {
  const { qty, hullId, productSku, projectId } = input;
  if (qty !== undefined && !(qty >= 1 && qty <= QTY_MAX))
    throw badInput("input.qty", qty, `an integer from 1 to ${QTY_MAX}`);
  for (const [name, value] of Object.entries({ hullId, productSku, projectId })) {
    if (typeof value === "string" && (value.trim() === "" || value.length > TEXT_MAX))
      throw badInput(`input.${name}`, value, `1-${TEXT_MAX} characters`);
  }
}
