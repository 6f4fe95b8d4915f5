/** Text that needs no escape in JSON: printable ASCII without quote and backslash. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
/** From this length on the native serialiser is faster than the test. */
const SHORT_CHARS = 64;

/** A string as JSON text, the same bytes as `JSON.stringify`. */
export const stringText = (value: string): string =>
  value.length < SHORT_CHARS && PLAIN.test(value) ? `"${value}"` : JSON.stringify(value);
