/**
 * Flesch-Kincaid grade (Kincaid et al. 1975): 0.39 words per sentence + 11.8 syllables per word - 15.59.
 * Undefined for a text without words.
 */
export function fleschKincaidGrade(text: string): number | undefined {
  const words = text.match(/[\p{L}\p{N}]+(?:['’][\p{L}]+)*/gu) ?? [];
  if (words.length === 0) return undefined;
  const sentences = Math.max(
    1,
    text.split(/[.!?]+(?=\s|$)/).filter((part) => /[\p{L}\p{N}]/u.test(part)).length,
  );
  const syllables = words.reduce((total, word) => total + syllablesIn(word), 0);
  return 0.39 * (words.length / sentences) + 11.8 * (syllables / words.length) - 15.59;
}

/** Endings whose vowel is not spoken: "es", "ed" except after t and d, "e" except after l. */
const SILENT_ENDING = /(?:[^laeiouy]es|[^tdaeiouy]ed|[^laeiouy]e)$/;

/**
 * Syllables of an English word: groups of one or two vowels without the silent endings. A rule of thumb, right for
 * about nine words of ten ("idea" and "science" are among the others); over a text the errors are small.
 */
export function syllablesIn(word: string): number {
  const letters = word.toLowerCase().replaceAll(/[^a-z]/g, "");
  if (letters.length <= 3) return 1;
  const spoken = letters.replace(SILENT_ENDING, "").replace(/^y/, "");
  const groups = spoken.match(/[aeiouy]{1,2}/g)?.length ?? 0;
  const more = /[aeiouy]ing$/.test(letters) ? 1 : 0;
  const less = /[aeiou]le$/.test(letters) ? 1 : 0;
  return Math.max(1, groups + more - less);
}
