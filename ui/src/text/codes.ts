/** Codes as people type them: `KVF-700-3`, `700-3`, `7003`, `kvf 70`. The check digit is Damm's, as in the Rust side. */
import { FAULT_NUMBERS } from './catalogue';

const TABLE = ['0317598642', '7092154863', '4206871359', '1750983426', '6123045978', '3674209581', '5869720134', '8945362017', '9438617205', '2581436790'];

/** `KVF-700-3` of `700`. */
export function codeOf(number: string): string {
  return `KVF-${number}-${[...number].reduce((interim, digit) => TABLE[Number(interim)]?.[Number(digit)] ?? '0', '0')}`;
}

export interface CodeSearch {
  /** Codes that begin so, in the order of the catalogue. */
  codes: string[];
  /** The number is known, its check digit is another one: misread or mistyped. */
  misread: boolean;
}

/** What a search for a code finds, `null` where the query is none. Two digits at least, or `KVF` before them. */
export function codesLike(query: string): CodeSearch | null {
  const [, area = '', typed = '', last = ''] = /^(kvf)?[\s\u2010-\u2013-]*(\d{1,3})[\s\u2010-\u2013-]*(\d?)$/i.exec(query.trim()) ?? [];
  if (typed === '' || (area === '' && typed.length < 2)) return null;
  const codes = FAULT_NUMBERS.filter((number) => number.startsWith(typed)).map(codeOf);
  if (last === '') return { codes, misread: false };
  const right = codes.filter((code) => code.endsWith(`${typed}-${last}`));
  return { codes: right, misread: right.length === 0 && codes.length > 0 };
}
