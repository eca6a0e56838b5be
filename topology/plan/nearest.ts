/** For "did you mean": the name that a mistyped one probably stands for. @module */

/**
 * The candidate that is fewest slips away: at most two, or one for a name of up to three letters.
 * A slip is a letter too many, too few or wrong, or two neighbours swapped (Damerau-Levenshtein,
 * optimal string alignment); case does not count. Of equals the first.
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let limit = name.length <= 3 ? 1 : 2;
  let best: string | undefined;
  for (const candidate of candidates) {
    const slips = slipsBetween(name.toLowerCase(), candidate.toLowerCase());
    if (slips > limit || (best !== undefined && slips === limit)) continue;
    best = candidate;
    limit = slips;
  }
  return best;
}

/** ` Did you mean "requests"?`, or what there is to choose from. */
export function suggestion(name: string, candidates: readonly string[]): string {
  const meant = nearest(name, candidates);
  if (meant !== undefined) return ` Did you mean "${meant}"?`;
  return candidates.length === 0 ? '' : ` Known: ${candidates.join(', ')}.`;
}

function slipsBetween(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(changed, last[j]! + 1, row[j - 1]! + 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j]!, beforeLast[j - 2]! + 1);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
