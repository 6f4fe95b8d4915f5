/**
 * Corpus BLEU (Papineni et al. 2002) as sacreBLEU computes it (Post 2018): n-grams up to four, the tokens of
 * mteval-v13a, exponential smoothing of orders without a match, the closest reference length.
 */
export interface Translation {
  candidate: string;
  /** At least one. */
  references: readonly string[];
}

const LONGEST_NGRAM = 4;

interface Counts {
  matches: number[];
  totals: number[];
  candidateLength: number;
  referenceLength: number;
}

/** The score of all texts together, 0-1; 0 without any text. */
export function corpusBleu(translations: readonly Translation[]): number {
  const counts: Counts = {
    matches: Array.from({ length: LONGEST_NGRAM }, () => 0),
    totals: Array.from({ length: LONGEST_NGRAM }, () => 0),
    candidateLength: 0,
    referenceLength: 0,
  };
  for (const translation of translations) count(translation, counts);
  const { candidateLength, referenceLength } = counts;
  if (candidateLength === 0 || counts.matches[0] === 0) return 0;
  const brevity = candidateLength >= referenceLength ? 1 : Math.exp(1 - referenceLength / candidateLength);
  return brevity * Math.exp(meanLogPrecision(counts));
}

/** Orders for which no candidate is long enough are left out; an order without a match halves ever more. */
function meanLogPrecision({ matches, totals }: Counts): number {
  let smoothing = 1;
  let sum = 0;
  let orders = 0;
  for (const [order, total] of totals.entries()) {
    if (total === 0) break;
    const matched = matches[order] ?? 0;
    if (matched === 0) smoothing *= 2;
    sum += Math.log(matched === 0 ? 1 / (smoothing * total) : matched / total);
    orders += 1;
  }
  return sum / orders;
}

function count({ candidate, references }: Translation, counts: Counts): void {
  const tokens = tokensOf(candidate);
  const expected = references.map(tokensOf);
  counts.candidateLength += tokens.length;
  counts.referenceLength += closestLength(
    tokens.length,
    expected.map(({ length }) => length),
  );
  for (let order = 1; order <= LONGEST_NGRAM; order += 1) {
    const allowed = expected.map((reference) => ngramsOf(reference, order));
    for (const [ngram, times] of ngramsOf(tokens, order)) {
      const most = Math.max(0, ...allowed.map((known) => known.get(ngram) ?? 0));
      counts.matches[order - 1] = (counts.matches[order - 1] ?? 0) + Math.min(times, most);
      counts.totals[order - 1] = (counts.totals[order - 1] ?? 0) + times;
    }
  }
}

const closestLength = (length: number, candidates: readonly number[]): number =>
  candidates.toSorted((a, b) => Math.abs(a - length) - Math.abs(b - length) || a - b)[0] ?? 0;

function ngramsOf(tokens: readonly string[], order: number): Map<string, number> {
  const ngrams = new Map<string, number>();
  for (let start = 0; start + order <= tokens.length; start += 1) {
    const ngram = tokens.slice(start, start + order).join("\u0001");
    ngrams.set(ngram, (ngrams.get(ngram) ?? 0) + 1);
  }
  return ngrams;
}

/** The tokens of mteval-v13a.pl: punctuation stands alone, except inside numbers. */
function tokensOf(text: string): string[] {
  return ` ${text} `
    .replaceAll("<skipped>", "")
    .replaceAll("-\n", "")
    .replaceAll("\n", " ")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll(/([{-~[-` -&(-+:-@/])/g, " $1 ")
    .replaceAll(/([^0-9])([.,])/g, "$1 $2 ")
    .replaceAll(/([.,])([^0-9])/g, " $1 $2")
    .replaceAll(/([0-9])(-)/g, "$1 $2 ")
    .split(/\s+/)
    .filter((token) => token !== "");
}
