import { describe, expect, it } from 'vitest';

import { Catalogue } from './catalogue';
import { dictated, glyphs, spoken } from './speech';

const de = new Catalogue('de');
const en = new Catalogue('en');

describe('a code', () => {
  it('stands in its groups, letters with a town', () => {
    expect(glyphs(de, 'KVF-214-5').map((group) => group.map(({ sign, word }) => `${sign} ${word}`))).toEqual([
      ['K Köln', 'V Völklingen', 'F Frankfurt'],
      ['2 zwo', '1 eins', '4 vier'],
      ['5 fünf'],
    ]);
  });

  it('is dictated sign by sign, 2 as zwo', () => {
    expect(dictated(de, 'KVF-214-5')).toBe('K wie Köln, V wie Völklingen, F wie Frankfurt, zwo, eins, vier, fünf');
    expect(dictated(en, 'KVF-700-3')).toBe('K as in Kilo, V as in Victor, F as in Foxtrot, seven, zero, zero, three');
  });

  it('is never a number or a subtraction for a screen reader', () => {
    expect(spoken(de, 'KVF\u2011214\u20115')).toBe('K V F, zwo eins vier, fünf');
    expect(spoken(de, '0231 94 32 99 00')).toBe('null zwo drei eins, neun vier, drei zwo, neun neun, null null');
    expect(spoken(de, '+49 231')).toBe('plus vier neun, zwo drei eins');
  });
});

it('every letter and digit has a word in both languages', () => {
  for (const words of [de, en]) {
    for (const sign of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789') expect(glyphs(words, sign)[0]?.[0]?.word).not.toMatch(/^spell-/);
  }
});
