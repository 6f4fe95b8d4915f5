import { CodedError, isCodedError } from "../../../lib/errors.ts";
import { TOKEN_HAS_EXPIRED } from "../../../lib/jwt.ts";

/** What the seed's callers read when their token is not accepted. */
const INVALID_AUTHENTICATION = "Invalid authentication";

/** A failure in the words of this façade: snake_case fields, and one sentence for every bad token but an expired one. */
export function inRestWords(error: unknown): unknown {
  if (!isCodedError(error)) return error;
  if (error.code === "UNAUTHENTICATED") {
    const isExpired = error.message.endsWith(TOKEN_HAS_EXPIRED);
    const message = isExpired ? `${INVALID_AUTHENTICATION}: ${TOKEN_HAS_EXPIRED}` : INVALID_AUTHENTICATION;
    return new CodedError(error.code, message, { cause: error });
  }
  const { field, value, allowed } = error.details;
  if (field === undefined || value === undefined || allowed === undefined) return error;
  const restField = snakeCase(field.replace(/^input\./, ""));
  const message = `${restField}: ${typeof value === "string" ? value : JSON.stringify(value)} is not allowed; expected ${allowed}`;
  return new CodedError(error.code, message, { ...error.details, field: restField });
}

const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
