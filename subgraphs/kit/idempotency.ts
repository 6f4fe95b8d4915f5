import { badInput, CodedError } from "../../lib/errors.ts";

const KEY = /^[\x20-\x7e]{1,255}$/;

/**
 * A key by which a caller may repeat a mutation without doing it twice: 1-255 printable ASCII characters.
 *
 * @throws CodedError BAD_USER_INPUT
 */
export function checkedKey(key: string): string {
  if (!KEY.test(key)) throw badInput("idempotencyKey", key, "1-255 printable ASCII characters");
  return key;
}

/** For a key that came with another input before. */
export const keyReused = (): CodedError =>
  new CodedError("IDEMPOTENCY_KEY_REUSED", "This idempotency key was used with another input; use a new key");

/** For a key whose first call has not ended: the same call is right in a second. */
export const keyInFlight = (): CodedError =>
  new CodedError(
    "IDEMPOTENCY_IN_FLIGHT",
    "A call with this idempotency key is under way; repeat it in a moment",
    { retryable: true, retryAfterMs: 1000 },
  );
