/**
 * True for text that can be an id that the database gave; anything else cannot name a row, and never reaches it.
 *
 * @example isRowId("42") // true; "0", "042" and "4.2" are none
 */
export const isRowId = (text: string): boolean => /^[1-9]\d{0,17}$/.test(text);
