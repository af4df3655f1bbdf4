/** Pictures of the pages for docs/screenshots: `npm run pictures`. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { test } from '@playwright/test';

import { noteWhatOpens } from './gateway';
import { SHOTS } from './shots';

const FOLDER = join(import.meta.dirname, '../../../docs/screenshots');
/** Also shown in English, in the dark, at twice the size and on a narrow screen. */
const ALSO = new Set(['anmelden', 'anmelden-falsch', 'gesperrt', 'vergleichen', 'herunterladen']);

mkdirSync(FOLDER, { recursive: true });

for (const shot of SHOTS) {
  for (const [language, colorScheme, text, width] of [['de', 'light', 100, 1180], ['de', 'dark', 100, 1180], ['en', 'light', 100, 1180], ['de', 'light', 200, 1180], ['de', 'light', 100, 320]] as const) {
    const plain = language === 'de' && colorScheme === 'light' && text === 100 && width === 1180;
    if (!plain && !ALSO.has(shot.name)) continue;
    test(`${shot.name} ${language} ${colorScheme} ${String(text)} ${String(width)}`, async ({ browser }) => {
      const context = await browser.newContext({ locale: language === 'de' ? 'de-DE' : 'en-GB', colorScheme, viewport: { width, height: 760 } });
      await noteWhatOpens(context);
      const page = await context.newPage();
      await shot.open(page);
      await page.evaluate((percent) => { document.documentElement.style.fontSize = `${String(percent)}%`; }, text);
      const name = ['seite', shot.name, language, colorScheme, ...(text === 100 ? [] : [String(text)]), ...(width === 320 ? ['schmal'] : [])].join('-');
      await page.screenshot({ path: join(FOLDER, `${name}.png`), fullPage: true });
      await context.close();
    });
  }
}
