/** Pictures of every screen for docs/screenshots: `npm run pictures`. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { test } from '@playwright/test';

import { show, SHOTS } from './window';

const FOLDER = join(import.meta.dirname, '../../../docs/screenshots');
/** Also shown in English, and in the dark. */
const ALSO = new Set(['anmelden-gemerkt', 'anmelden-falsch', 'aus-dem-browser-wer', 'aus-dem-browser', 'token-abgleichen', 'token-verloren', 'verbinden', 'verbunden', 'endet-pause', 'endet-gleich', 'unterbrochen', 'gesperrt', 'stoerung', 'einstellungen', 'hilfe', 'vorlesen', 'diagnose-befund', 'diagnose-soweit-gesehen', 'bericht', 'bericht-gesendet', 'reparatur', 'reparatur-fertig']);

mkdirSync(FOLDER, { recursive: true });

for (const shot of SHOTS) {
  for (const [language, theme, text] of [['de', 'light', 100], ['de', 'dark', 100], ['en', 'light', 100], ['de', 'light', 200]] as const) {
    const plain = language === 'de' && theme === 'light' && text === 100;
    if (!plain && !ALSO.has(shot.name)) continue;
    test(`${shot.name} ${language} ${theme} ${String(text)}`, async ({ page }) => {
      await show(page, shot, { language, theme, text });
      await page.mouse.move(0, 0);
      await page.screenshot({ path: join(FOLDER, `${shot.name}-${language}-${theme}${text === 100 ? '' : '-200'}.png`) });
    });
  }
}
