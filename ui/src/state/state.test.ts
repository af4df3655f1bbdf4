import { describe, expect, it } from 'vitest';

import deskPage from '../../../docs/service-desk.md?raw';
import { type Scene, scenes } from '../platform/scenes';
import { Catalogue, FAULT_NUMBERS } from '../text/catalogue';
import { codeOf, codesLike } from '../text/codes';
import { firstEmpty, looksLikeDoctorNumber, tanTrouble } from './entry';
import { actionOf } from './keys';
import { screenOf } from './screen';
import { OPTIONS, settingValue } from './settings';
import { marked, search, terms, TOPICS } from './topics';

const seen = { first_start_done: true };
const no = { lastTry: false };
const de = new Catalogue('de');

describe('the screen of a link', () => {
  it.each<[Scene, string]>([
    ['sign-in', 'sign-in'], ['wrong', 'sign-in'], ['shape', 'sign-in'], ['tan-used', 'sign-in'], ['halt', 'halt'], ['signing-in', 'connecting'], ['identity', 'identity'], ['identity-unnamed', 'identity'], ['confirming', 'confirming'],
    ['connecting', 'connecting'], ['connected', 'connected'], ['portal-missing', 'portal-missing'], ['reconnecting', 'reconnecting'], ['ending', 'ending'],
    ['ended-idle', 'ended'], ['locked', 'locked'], ['failed', 'failed'], ['maintenance', 'maintenance'], ['away', 'away'],
  ])('%s is %s', (scene, screen) => {
    expect(screenOf(scenes[scene](), seen, no)).toBe(screen);
  });

  it('begins before the first link, and explains itself once', () => {
    expect(screenOf(null, seen, no)).toBe('starting');
    expect(screenOf(scenes['sign-in'](), { first_start_done: false }, no)).toBe('first-start');
    expect(screenOf(scenes.locked(), { first_start_done: false }, no)).toBe('locked');
  });

  it('shows no field after the fourth wrong entry until the member decides', () => {
    expect(screenOf(scenes.halt(), seen, no)).toBe('halt');
    expect(screenOf(scenes.halt(), seen, { lastTry: true })).toBe('sign-in');
  });
});

describe('advice on an entry', () => {
  it('counts the digits of a TAN, blanks left out', () => {
    expect(tanTrouble('482 913')).toBeNull();
    expect(tanTrouble(' 0048 2913 ')).toBeNull();
    expect(tanTrouble('4821')).toEqual({ kind: 'short', missing: 2 });
    expect(tanTrouble('482913482')).toEqual({ kind: 'long' });
    expect(tanTrouble('48291a')).toEqual({ kind: 'digits' });
  });

  it('knows the number of a doctor or a practice', () => {
    expect(looksLikeDoctorNumber('123456701')).toBe(true);
    expect(looksLikeDoctorNumber('m.muster')).toBe(false);
    expect(looksLikeDoctorNumber('12345678')).toBe(false);
  });

  it('puts the cursor into the first empty field', () => {
    expect(firstEmpty([['username', ''], ['password', ''], ['tan', '']])).toBe('username');
    expect(firstEmpty([['username', 'm.muster'], ['password', ''], ['tan', '']])).toBe('password');
    expect(firstEmpty([['username', 'm.muster'], ['password', 'x'], ['tan', '']])).toBe('tan');
  });
});

describe('keys', () => {
  const press = (key: string, change: Partial<KeyboardEvent> = {}): ReturnType<typeof actionOf> =>
    actionOf({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, target: document.body, ...change });

  it('do what the table says', () => {
    expect(press('F1')).toBe('help');
    expect(press('F2')).toBe('diagnose');
    expect(press('Escape')).toBe('dismiss');
    expect(press('ArrowLeft', { altKey: true })).toBe('back');
    expect(press('[', { metaKey: true })).toBe('back');
    expect(press('l', { ctrlKey: true })).toBe('read');
    expect(press('f', { ctrlKey: true })).toBe('search');
    expect(press('/')).toBe('search');
    expect(press('Q', { ctrlKey: true, shiftKey: true })).toBe('quit');
    expect(press('Enter')).toBe('primary');
    expect(press('a')).toBeNull();
  });

  it('leave fields and controls what is theirs', () => {
    const input = document.createElement('input');
    const button = document.createElement('button');
    expect(press('/', { target: input })).toBeNull();
    expect(press('Enter', { target: input })).toBeNull();
    expect(press('Enter', { target: button })).toBeNull();
  });
});

describe('codes in the help', () => {
  it.each(['KVF-700-3', 'kvf-700-3', '700-3', '7003', 'KVF 700 3', 'KVF\u2011700\u20113', '700', ' KVF7003 '])('%s is one code', (query) => {
    expect(codesLike(query)).toEqual({ codes: ['KVF-700-3'], misread: false });
  });

  it('are found while they are typed', () => {
    expect(codesLike('KVF-70')?.codes).toEqual(['KVF-700-3', 'KVF-701-6', 'KVF-702-7', 'KVF-705-0', 'KVF-707-5', 'KVF-709-1']);
    expect(codesLike('KVF-7')?.codes).toContain('KVF-700-3');
  });

  it('are refused with another check digit, and unknown ones are not there', () => {
    expect(codesLike('700-4')).toEqual({ codes: [], misread: true });
    expect(codesLike('777')).toEqual({ codes: [], misread: false });
    for (const query of ['', 'KVF', '7', '482913', 'TAN 7', '1-Click']) expect(codesLike(query)).toBeNull();
  });

  it('are those of the desk’s page', () => {
    const page = [...deskPage.matchAll(/^## (KVF-\d{3}-\d)/gm)].map((match) => match[1]);
    expect(page.length).toBeGreaterThan(40);
    expect(FAULT_NUMBERS.map(codeOf)).toEqual(page);
  });
});

describe('the help', () => {
  it('finds topics that contain every word, titles first', () => {
    expect(search(de, 'nicht angenommen').map((topic) => topic.id).slice(0, 2)).toEqual(['tan', 'password']);
    expect(search(de, 'VERGESSEN').map((topic) => topic.id)).toContain('password');
    expect(search(de, 'xylophon')).toEqual([]);
    expect(search(de, '  ')).toEqual([]);
  });

  it('finds words by either spelling, and words with soft hyphens', () => {
    expect(search(de, 'Zaehler').map((topic) => topic.id)).toEqual(search(de, 'Zähler').map((topic) => topic.id));
    expect(search(de, 'Mitgliederportal').map((topic) => topic.id)).toContain('portal-login');
  });

  it.each([
    ['kein Internet', 'interrupted'], ['die Uhr', 'clock'], ['Uhr?', 'clock'], ['Uhrzeit', 'clock'], ['Drucken geht nicht', 'print'], ['VPN', 'other'],
    ['Ich habe meinen Token verloren', 'lost'], ['keine TAN', 'tan'],
  ])('%s leads to %s', (query, topic) => {
    expect(search(de, query).map(({ id }) => id)).toContain(topic);
  });

  it('leaves out the words that say nothing, unless there are no others', () => {
    expect(terms(de, 'Kein Internet, die Uhr!')).toEqual(['Internet', 'Uhr']);
    expect(terms(de, 'die')).toEqual(['die']);
    expect(search(de, 'die Uhr')).toEqual(search(de, 'Uhr'));
    expect(search(de, 'hr')).toEqual([]);
  });

  it('marks what was found', () => {
    expect(marked('Die TAN wird nicht angenommen', ['nicht', '('])).toEqual([
      { text: 'Die TAN wird ', hit: false }, { text: 'nicht', hit: true }, { text: ' angenommen', hit: false },
    ]);
  });

  it('has a text for each of its topics', () => {
    for (const words of [de, new Catalogue('en')]) {
      for (const { id } of TOPICS) {
        for (const part of ['title', 'text', 'steps', 'words']) expect(words.find(`help-${id}-${part}`), `${words.language} ${id} ${part}`).toBeTruthy();
      }
    }
  });
});

it('every setting has a word', () => {
  const settings = { first_start_done: true, username: null, remember_username: true, language: 'en', theme: 'dark', text_size: 150, start_with_system: false, keep_running: true } as const;
  expect(settingValue(de, settings, 'theme')).toBe('dunkel');
  expect(settingValue(de, settings, 'text_size')).toBe('150\u00a0%');
  expect(settingValue(de, settings, 'language')).toBe('English');
  expect(OPTIONS.theme[0]).toBe('system');
});
