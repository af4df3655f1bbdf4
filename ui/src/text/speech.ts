/** How codes and telephone numbers are spoken: letters by DIN 5009 of 2022, digits one by one, 2 as „zwo“. */
import type { Catalogue } from './catalogue';

/** A character with the word that is said for it. */
export interface Glyph {
  sign: string;
  word: string;
}

/** The characters in the groups that the code is written in. */
export function glyphs(words: Catalogue, code: string): Glyph[][] {
  return code
    .split(/[-\s\u00a0\u2011]+/)
    .filter((group) => group !== '')
    .map((group) => [...group].map((sign) => ({ sign, word: words.get(`spell-${nameOf(sign)}`) })));
}

function nameOf(sign: string): string {
  return sign === '+' ? 'plus' : sign.toLowerCase();
}

/** For a screen reader: `K V F, zwo eins vier, fünf`. A code is never a subtraction, a number never a year. */
export function spoken(words: Catalogue, code: string): string {
  return glyphs(words, code)
    .map((group) => group.map(({ sign, word }) => (/\d|\+/.test(sign) ? word : sign)).join(' '))
    .join(', ');
}

/** For the telephone: `K wie Köln, V wie Völklingen, …, zwo, eins, vier, fünf`. */
export function dictated(words: Catalogue, code: string): string {
  return glyphs(words, code)
    .flat()
    .map(({ sign, word }) => (/\d|\+/.test(sign) ? word : words.get('spell-as', { sign, word })))
    .join(', ');
}
