/** The texts as written in the Fluent files, to look for one language in the screens of the other. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

type Language = 'de' | 'en';

const LOCALES = join(import.meta.dirname, '../../../crates/flexnet-protocol/locales');

/** Pieces of the other language's texts that this language does not have: long enough to be no accident. */
export function foreign(language: Language): string[] {
  const own = new Set(pieces(language));
  const ownText = [...own].join('\n');
  return [...new Set(pieces(language === 'de' ? 'en' : 'de'))].filter((piece) => piece.length >= 7 && !ownText.includes(piece));
}

function pieces(language: Language): string[] {
  return ['ui', 'faults', 'pages', 'diagnosis', 'repair'].flatMap((name) =>
    readFileSync(join(LOCALES, language, `${name}.ftl`), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#') && !/^(ui-hyphens|choice-language|help-\w+(-\w+)?-words|spell-)/.test(line))
      .map((line) => line.replace(/^[a-z][\w-]* =/, '').replace(/^\s*\*?\[\w+\]/, ''))
      .flatMap((text) => text.split(/\{[^}]*\}?/))
      .map((piece) => piece.trim()),
  );
}
