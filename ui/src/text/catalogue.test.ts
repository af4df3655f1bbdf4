import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { Catalogue, faultKey, hyphenator, type Language, plain, unbroken } from './catalogue';

const ROOT = join(import.meta.dirname, '../../..');
const LOCALES = join(ROOT, 'crates/flexnet-protocol/locales');
const de = new Catalogue('de');
const en = new Catalogue('en');

function file(language: Language, name: string): string {
  return readFileSync(join(LOCALES, language, `${name}.ftl`), 'utf8');
}

/** Keys with their text as written, comments left out. */
function messages(language: Language, name: string): Map<string, string> {
  const found = new Map<string, string>();
  let key = '';
  for (const line of file(language, name).split('\n')) {
    const begin = /^([a-z][\w-]*) =(.*)$/.exec(line);
    if (begin?.[1] !== undefined) {
      key = begin[1];
      expect(found.has(key), `${key} is given twice`).toBe(false);
      found.set(key, (begin[2] ?? '').trim());
    } else if (line.startsWith(' ')) {
      found.set(key, `${found.get(key) ?? ''}\n${line.trim()}`);
    }
  }
  return found;
}

const variables = (text: string): string[] => [...new Set([...text.matchAll(/\$(\w+)/g)].map((match) => match[1] ?? ''))].sort();

function sources(folder = join(ROOT, 'ui/src')): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(svelte|ts)$/.test(entry.name) && !entry.name.endsWith('.test.ts'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
}

describe('the catalogue', () => {
  it('is understood by Fluent as a whole', () => {
    expect(de.problems).toEqual([]);
    expect(en.problems).toEqual([]);
  });

  it.each(['ui', 'faults'])('has the same keys and variables in both languages: %s', (name) => {
    const [german, english] = [messages('de', name), messages('en', name)];
    expect([...german.keys()]).toEqual([...english.keys()]);
    for (const [key, text] of german) expect(variables(english.get(key) ?? ''), key).toEqual(variables(text));
  });

  it('says of every fault what it is, what it means, what to do, and what the desk should know', () => {
    const table = readFileSync(join(ROOT, 'crates/flexnet-protocol/src/fault/catalogue.rs'), 'utf8');
    const numbers = [...table.matchAll(/^ {4}(\d{3}) \w+ (?:Stop|Care) \[/gm)].map((match) => match[1] ?? '');
    expect(numbers.length).toBeGreaterThan(40);
    for (const words of [de, en]) {
      for (const number of numbers) {
        for (const part of ['title', 'what', 'do', 'desk'] as const) {
          const text = words.find(faultKey(`KVF-${number}-0`, part));
          expect(text, `${words.language} ${number} ${part}`).toBeTruthy();
        }
      }
    }
    const known = new Set(numbers);
    for (const key of messages('de', 'faults').keys()) expect(known.has(key.slice(6, 9)), key).toBe(true);
  });

  it('has a text for every key that the window names, and names every text', () => {
    const code = sources().join('\n');
    const keys = messages('de', 'ui');
    const named = [...code.matchAll(/\bt\('([a-z][\w-]*)'/g)].map((match) => match[1] ?? '');
    expect(named.length).toBeGreaterThan(100);
    for (const key of named) expect(keys.has(key), key).toBe(true);
    // Keys made of parts: `help-${id}-title` covers help-tan-title.
    const patterns = [...code.matchAll(/[`'"]([a-z][\w${}.()'", -]*?)[`'"]/g)].map((match) => match[1] ?? '')
      .map((text) => new RegExp(`^${text.split(/\$\{.*?\}(?!\))/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.+')}$`))
      .filter((pattern) => pattern.source.length > 4);
    for (const key of keys.keys()) expect(patterns.some((pattern) => pattern.test(key)), `${key} is never shown`).toBe(true);
  });
});

describe('the copy rules', () => {
  const member = (language: Language): [string, string][] => [
    ...[...messages(language, 'faults')].filter(([key]) => !key.endsWith('-desk')),
    ...[...messages(language, 'ui')].filter(([key]) => !key.endsWith('-words') && key !== 'ui-hyphens'),
  ];

  it('keeps headlines to six words and never calls a state an error', () => {
    for (const language of ['de', 'en'] as const) {
      for (const [key, text] of messages(language, 'faults')) {
        if (!key.endsWith('-title')) continue;
        expect(text.split(/\s+/).length, `${key}: ${text}`).toBeLessThanOrEqual(6);
      }
      for (const [key, text] of member(language)) {
        expect(text, key).not.toMatch(/\bFehler\b|\berror\b|!|leider|ungültig|fehlgeschlagen|unbekannter|unfortunately|invalid|failed/i);
      }
    }
  });

  it('uses the members’ words', () => {
    for (const [key, text] of member('de')) {
      if (key === 'help-access-steps' || key === 'help-interrupted-words') continue;
      expect(text, key).not.toMatch(/\b(VPN|Tunnel|Gateway|Server|Client|DNS|Proxy|Zertifikat|Timeout|Session|Login|Account|Credential|Handshake|Port)\b/);
    }
  });

  it('gives one step a line, each a sentence', () => {
    for (const words of [de, en]) {
      for (const key of [...messages('de', 'faults').keys()].filter((key) => key.endsWith('-do'))) {
        const steps = words.lines(key);
        expect(steps.length, key).toBeGreaterThan(0);
        for (const step of steps) expect(step, key).toMatch(/^[A-ZÄÖÜ„“].*[.”“]$/);
      }
    }
  });

  it('keeps sentences short', () => {
    for (const [key, text] of member('de')) {
      if (key.startsWith('about-data')) continue;
      for (const sentence of plain(text).split(/[.:?\n]/)) expect(sentence.trim().split(/\s+/).length, `${key}: ${sentence}`).toBeLessThanOrEqual(17);
    }
  });
});

describe('lookups', () => {
  it('chooses the plural', () => {
    expect(de.get('attempts-left', { count: 1 })).toBe('Noch 1 Versuch');
    expect(de.get('attempts-left', { count: 4 })).toBe('Noch 4 Versuche');
    expect(en.get('attempts-left', { count: 3 })).toBe('3 attempts left');
    expect(de.get('help-hits', { count: 0 })).toBe('Kein Treffer');
  });

  it('names the subject of a finding, and does without one', () => {
    expect(de.get('fault-607-what', { subject: 'tun7' })).toBe('„tun7“ leitet die Verbindung zum Portal um.');
    for (const args of [{ subject: '' }, undefined]) expect(de.get('fault-607-what', args)).toBe('Die Verbindung zum Portal führt an KV-FlexNet vorbei.');
    expect(en.lines('fault-607-do', { subject: 'tun7' })).toEqual(['Quit “tun7”.', 'Then sign in with a fresh TAN.']);
  });

  it('shows a key that is missing', () => {
    expect(de.get('no-such-key')).toBe('no-such-key');
    expect(de.find('no-such-key')).toBeUndefined();
  });

  it('breaks long words where the list says, and names nowhere', () => {
    const soft = hyphenator(['Mitglieder|portal', 'Mitglieder|portals']);
    expect(soft('des Mitgliederportals')).toBe('des Mitglieder\u00adportals');
    expect(plain(soft('Mitgliederportal'))).toBe('Mitgliederportal');
    expect(soft('IT-ServiceDesk von „meine KVid“')).toBe('IT\u2011ServiceDesk von „meine\u00a0KVid“');
    expect(de.get('open-portal')).toBe('Mitglieder\u00adportal öffnen');
    expect(unbroken('KVF-214-5')).toBe('KVF\u2011214\u20115');
  });
});
