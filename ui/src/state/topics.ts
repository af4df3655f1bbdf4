/** The help: its topics, and the search in them. Texts are `help-ID-title`, `-text`, `-steps` and `-words` of the catalogue. */
import type { IconName } from '../parts/Icon.svelte';
import { type Catalogue, plain } from '../text/catalogue';

export interface Topic {
  id: string;
  icon: IconName;
  /** Shown before anything is searched. */
  often: boolean;
  /** The desk's card stands below. */
  call: boolean;
}

export const TOPICS: Topic[] = [
  { id: 'locked', icon: 'lock', often: true, call: true },
  { id: 'tan', icon: 'token', often: true, call: true },
  { id: 'lost', icon: 'token-lost', often: true, call: true },
  { id: 'password', icon: 'key', often: true, call: true },
  { id: 'portal-login', icon: 'portal', often: true, call: false },
  { id: 'interrupted', icon: 'wifi', often: true, call: false },
  { id: 'access', icon: 'way', often: true, call: false },
  { id: 'token', icon: 'token', often: false, call: false },
  { id: 'attempts', icon: 'care', often: false, call: false },
  { id: 'antivirus', icon: 'shield', often: false, call: true },
  { id: 'portal-silent', icon: 'portal', often: false, call: true },
  { id: 'files', icon: 'folder', often: false, call: false },
  { id: 'idle', icon: 'clock', often: false, call: false },
  { id: 'clock', icon: 'clock', often: false, call: false },
  { id: 'print', icon: 'paper', often: false, call: false },
  { id: 'other', icon: 'shield', often: false, call: true },
  { id: 'repair', icon: 'work', often: false, call: true },
  { id: 'code', icon: 'speak', often: false, call: false },
];

export interface Hit {
  topic: Topic;
  /** Higher is nearer. */
  weight: number;
}

/** Below this many letters a word is found only where one begins: „Uhr“ is not in „Ruhr“. */
const WHOLE = 4;

/** The words of a query that say something: without „kein“ and „die“, unless it has no others. */
export function terms(words: Catalogue, query: string): string[] {
  const all = query.split(/[^\p{L}\p{N}-]+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const ignored = new Set(fold(words.get('help-ignored-words')).split(/\s+/));
  const telling = all.filter((word) => !ignored.has(fold(word)));
  return telling.length > 0 ? telling : all;
}

/** Topics that contain every telling word, those with it in the title first. */
export function search(words: Catalogue, query: string): Topic[] {
  const wanted = terms(words, query).map(fold);
  if (wanted.length === 0) return [];
  const hits: Hit[] = [];
  for (const topic of TOPICS) {
    const title = fold(words.get(`help-${topic.id}-title`));
    const rest = fold(['text', 'steps', 'words'].map((part) => words.find(`help-${topic.id}-${part}`) ?? '').join(' '));
    if (wanted.every((word) => contains(title, word) || contains(rest, word))) {
      hits.push({ topic, weight: wanted.filter((word) => contains(title, word)).length });
    }
  }
  return hits.sort((a, b) => b.weight - a.weight).map((hit) => hit.topic);
}

function contains(text: string, word: string): boolean {
  return word.length < WHOLE ? ` ${text.replace(/[^a-z0-9]+/g, ' ')}`.includes(` ${word}`) : text.includes(word);
}

export interface Piece {
  text: string;
  hit: boolean;
}

/** A text cut at the words that were searched for. */
export function marked(text: string, wanted: string[]): Piece[] {
  if (wanted.length === 0) return [{ text, hit: false }];
  const bare = plain(text);
  const any = new RegExp(`(${wanted.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})`, 'gi');
  return bare.split(any).filter((part) => part !== '').map((part) => ({ text: part, hit: wanted.some((word) => word.toLowerCase() === part.toLowerCase()) }));
}

/** Umlauts and their spellings are the same: „Schluessel“ finds „Schlüssel“. */
function fold(text: string): string {
  return plain(text).toLowerCase().replaceAll('ä', 'ae').replaceAll('ö', 'oe').replaceAll('ü', 'ue').replaceAll('ß', 'ss');
}
