/** The choices of the settings, in the order shown, and their words. */
import type { Settings } from '../platform/types';
import type { Catalogue } from '../text/catalogue';

export type Choosable = 'theme' | 'text_size' | 'language';

export const OPTIONS: { [K in Choosable]: Settings[K][] } = {
  theme: ['system', 'light', 'dark'],
  text_size: ['system', 100, 125, 150, 200],
  language: ['system', 'de', 'en'],
};

export function optionName(words: Catalogue, of: Choosable, option: string | number): string {
  if (option === 'system') return words.get('choice-system');
  return of === 'text_size' ? words.get('choice-percent', { percent: option }) : words.get(`choice-${of}-${String(option)}`);
}

export function settingValue(words: Catalogue, settings: Settings, of: Choosable): string {
  return optionName(words, of, settings[of]);
}
