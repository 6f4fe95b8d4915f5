import { badInput } from "../../lib/errors.ts";
import { refusedBy, type Refused } from "../operation/refused.ts";

/**
 * The parameters of a GET; `variables` and `extensions` are JSON there.
 *
 * @example parametersIn("/graphql?query=%7Bme%7D&variables=%7B%7D") // { query: "{me}", variables: {} }
 */
export function parametersIn(url: string): Record<string, unknown> | Refused {
  const at = url.indexOf("?");
  const search = new URLSearchParams(at < 0 ? "" : url.slice(at + 1));
  const parameters: Record<string, unknown> = {};
  for (const name of ["query", "documentId", "doc_id", "operationName", "variables", "extensions"]) {
    const values = search.getAll(name);
    if (values.length > 1) return refusedBy(badInput(name, values.length, "one value in the URL"));
    const [text] = values;
    // An empty value says as little as none: forms send those.
    if (text === undefined || (text === "" && name !== "query")) continue;
    const value = name === "variables" || name === "extensions" ? jsonIn(text) : text;
    if (value === INVALID) return refusedBy(badInput(name, text, "a JSON object"));
    parameters[name] = value;
  }
  return parameters;
}

const INVALID = Symbol("invalid");

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return INVALID;
  }
}
