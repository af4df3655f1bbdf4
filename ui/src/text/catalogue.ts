/**
 * The words: Fluent files shared with the Rust side, German and English.
 * Knows no screen. A key that is missing shows itself, and a test finds it.
 */
import { FluentBundle, FluentResource } from '@fluent/bundle';

import deDiagnosis from '../../../crates/flexnet-protocol/locales/de/diagnosis.ftl?raw';
import deFaults from '../../../crates/flexnet-protocol/locales/de/faults.ftl?raw';
import deRepair from '../../../crates/flexnet-protocol/locales/de/repair.ftl?raw';
import deUi from '../../../crates/flexnet-protocol/locales/de/ui.ftl?raw';
import enDiagnosis from '../../../crates/flexnet-protocol/locales/en/diagnosis.ftl?raw';
import enFaults from '../../../crates/flexnet-protocol/locales/en/faults.ftl?raw';
import enRepair from '../../../crates/flexnet-protocol/locales/en/repair.ftl?raw';
import enUi from '../../../crates/flexnet-protocol/locales/en/ui.ftl?raw';

export type Language = 'de' | 'en';
export type Args = Record<string, string | number>;

const FILES: Record<Language, string[]> = {
  de: [deUi, deFaults, deDiagnosis, deRepair],
  en: [enUi, enFaults, enDiagnosis, enRepair],
};

/** `102`, `107`, ...: every fault that has words. */
export const FAULT_NUMBERS: string[] = [...deFaults.matchAll(/^fault-(\d{3})-title =/gm)].map((match) => match[1] ?? '');

const SOFT_HYPHEN = '\u00ad';

export class Catalogue {
  readonly language: Language;
  /** What a file says that Fluent does not understand. Empty in every build that passed its tests. */
  readonly problems: string[] = [];
  readonly #bundle: FluentBundle;

  constructor(language: Language) {
    this.language = language;
    const bare = this.#load((text) => text);
    this.#bundle = this.#load(hyphenator(raw(bare, 'ui-hyphens').split(/\s+/)));
  }

  /** The text of a key, or the key itself. */
  get(key: string, args?: Args): string {
    return this.find(key, args) ?? key;
  }

  /** A text of a finding takes `subject`, the name of a product, an adapter or a program; where that is empty, the text does without it. */
  find(key: string, args?: Args): string | undefined {
    const pattern = this.#bundle.getMessage(key)?.value;
    return pattern ? this.#bundle.formatPattern(pattern, named(args), []) : undefined;
  }

  /** A text of several lines, one thought each. */
  lines(key: string, args?: Args): string[] {
    return (this.find(key, args) ?? '').split('\n').filter((line) => line !== '');
  }

  #load(transform: (text: string) => string): FluentBundle {
    // Isolation marks are for mixed directions; both languages run from left to right.
    const bundle = new FluentBundle(this.language, { useIsolating: false, transform });
    for (const file of FILES[this.language]) {
      this.problems.push(...bundle.addResource(new FluentResource(file)).map(String));
    }
    return bundle;
  }
}

export type FaultPart = 'title' | 'what' | 'do' | 'desk';

/** The end of the keys of a check or a point of the way: `stand_alone` of the program is `stand-alone` there. */
export function nameKey(name: string): string {
  return name.replaceAll('_', '-');
}

/** What a fault says to the member; the files share their keys with the command line. */
export function faultKey(code: string, part: FaultPart): string {
  return `fault-${code.slice(4, 7)}-${part}`;
}

/** Area 4 is the way to the KV: the connection did not stand, so the entry cannot have left this PC. */
export function beforeSending(code: string): boolean {
  return code.startsWith('KVF-4');
}

/** Without soft hyphens: for window titles and names of controls. */
export function plain(text: string): string {
  return text.replaceAll(SOFT_HYPHEN, '');
}

/** A code or a name that must not break at its hyphen. */
export function unbroken(text: string): string {
  return text.replaceAll('-', '\u2011').replaceAll(' ', '\u00a0');
}

/** Puts soft hyphens into long words, for a webview need not have a German dictionary. `Mitglieder|portal` says where. */
export function hyphenator(words: string[]): (text: string) => string {
  const soft = new Map(words.filter((word) => word !== '').map((word) => [word.replaceAll('|', ''), word.replaceAll('|', SOFT_HYPHEN)]));
  const longest = [...soft.keys()].sort((a, b) => b.length - a.length);
  const any = longest.length > 0 ? new RegExp(longest.join('|'), 'g') : null;
  return (text) => (any ? text.replace(any, (word) => soft.get(word) ?? word) : text).replaceAll('IT-ServiceDesk', 'IT\u2011ServiceDesk').replaceAll('meine KVid', 'meine\u00a0KVid');
}

/** Fluent's selectors know no empty value; the texts ask for `$named` instead. */
function named(args?: Args): Args | undefined {
  return args?.subject === undefined || args.subject === '' ? args : { ...args, named: 'yes' };
}

function raw(bundle: FluentBundle, key: string): string {
  const pattern = bundle.getMessage(key)?.value;
  return pattern ? bundle.formatPattern(pattern, {}, []) : '';
}
