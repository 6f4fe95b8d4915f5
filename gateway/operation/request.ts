import { badInput } from "../../lib/errors.ts";
import { refusedBy, type Refused } from "./refused.ts";

/** An operation as a client asks for it, whichever way it comes. */
export interface OperationRequest {
  /** The text of the document; undefined where `documentId` or a persisted query names it. */
  query: string | undefined;
  /** The id of a document on the list; Relay's clients call it `doc_id`. */
  documentId: string | undefined;
  operationName: string | undefined;
  variables: Readonly<Record<string, unknown>>;
  extensions: Readonly<Record<string, unknown>> | undefined;
}

type Parameters = Readonly<Record<string, unknown>>;

const NO_VARIABLES: Parameters = {};
const FORM = "a JSON object {query, operationName?, variables?, extensions?}";
const DOCUMENT = "the text of a document, or documentId or extensions.persistedQuery in its place";
const ONE_OPERATION = "one operation: batches are not supported, send a request for each";

/**
 * Reads the parameters of a request; other members are left alone.
 *
 * @example readRequest({ query: "{ me }", variables: [] }) // refused: variables: [] is not allowed; expected an object
 */
export function readRequest(parameters: unknown): OperationRequest | Refused {
  if (Array.isArray(parameters)) return refusedBy(badInput("body", "a list", ONE_OPERATION));
  if (!isObject(parameters)) return refusedBy(badInput("body", parameters, FORM));
  const problem = problemIn(parameters);
  if (problem) return refusedBy(problem);
  const { query, operationName, variables, extensions } = parameters as Partial<OperationRequest>;
  const documentId = (parameters["documentId"] ?? parameters["doc_id"]) as string | null | undefined;
  return {
    query: query === null || query === "" ? undefined : query,
    documentId: documentId ?? undefined,
    operationName: operationName ?? undefined,
    variables: variables ?? NO_VARIABLES,
    extensions: extensions ?? undefined,
  };
}

const TEXTS = ["operationName", "documentId", "doc_id"];
const OBJECTS = ["variables", "extensions"];

function problemIn(parameters: Parameters) {
  for (const name of TEXTS)
    if (!isTextOrAbsent(parameters[name])) return badInput(name, parameters[name], "a text");
  for (const name of OBJECTS)
    if (!isObjectOrAbsent(parameters[name])) return badInput(name, parameters[name], "an object");
  const extensions = parameters["extensions"] as Parameters | null | undefined;
  const explain = extensions?.["explain"] ?? false;
  if (typeof explain !== "boolean") return badInput("extensions.explain", explain, "true or false");
  return isNamed(parameters) ? undefined : badInput("query", parameters["query"] ?? null, DOCUMENT);
}

/** Whether a request says which document it means. */
function isNamed({ query, documentId, doc_id: relayId, extensions }: Parameters): boolean {
  if (typeof query === "string" && query !== "") return true;
  const isAbsent = query === undefined || query === null || query === "";
  const id = documentId ?? relayId;
  return isAbsent && (typeof id === "string" || isObject((extensions as Parameters)?.["persistedQuery"]));
}

const isTextOrAbsent = (value: unknown): value is string | null | undefined =>
  value === undefined || value === null || typeof value === "string";

const isObjectOrAbsent = (value: unknown): value is Parameters | null | undefined =>
  value === undefined || value === null || isObject(value);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
