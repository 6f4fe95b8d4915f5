/** True for text that can be one of our own ids; anything else cannot name a row. */
export const isRowId = (text: string): boolean => /^[1-9]\d{0,17}$/.test(text);
