/**
 * How well a text answers a search: every word of it must be there, in any order; at the start of a
 * word counts most, in letters strewn about least. Null if it does not.
 */
export function score(text: string, search: string): number | null {
  const within = text.toLowerCase();
  let sum = 0;
  for (const word of search.toLowerCase().split(/\s+/).filter(Boolean)) {
    const found = wordScore(within, word);
    if (found === null) return null;
    sum += found;
  }
  // Of two equally good ones the shorter.
  return sum - within.length / 1000;
}

function wordScore(within: string, word: string): number | null {
  const at = within.indexOf(word);
  if (at === 0) return 5;
  if (at > 0) return /[^a-z0-9]/.test(within[at - 1] ?? "") ? 4 : 3;
  let place = -1;
  for (const letter of word) {
    place = within.indexOf(letter, place + 1);
    if (place < 0) return null;
  }
  return word.length < 3 ? null : 1;
}
