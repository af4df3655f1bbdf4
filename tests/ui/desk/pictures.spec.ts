/** Pictures of the console for docs/screenshots: KV_PICTURES=1 tests/ui/desk/run */
import { expect, type Page, test } from '@playwright/test';

import { enter, open, PASSWORD, Stand } from './stand';

const stand = new Stand();
const folder = new URL('../../../docs/screenshots/', `file://${__filename}`).pathname;

test.beforeAll(() => stand.start());
test.afterAll(() => stand.stop());

test('pictures', async ({ page }) => {
  const desk = stand.staff('b.desk', 'Bea Desk', 'desk');
  const auditor = stand.staff('r.revision', 'Rita Revision', 'auditor');
  const officer = stand.staff('t.token', 'Tom Token', 'token-officer');
  const muster = stand.member('m.muster', 'Dr. Martina Muster');
  const beispiel = stand.member('e.beispiel', 'Dr. Erik Beispiel');
  expect((await stand.signIn(muster, muster.press())).status).toBe(201);
  await stand.lock(muster);
  await stand.signIn(beispiel, beispiel.wrong());

  await page.goto('/sign-in');
  await shoot(page, 'konsole-anmelden');
  await enter(page, desk.name, PASSWORD, desk.press());
  await page.fill('#q', 'Dr.');
  await page.keyboard.press('Enter');
  await shoot(page, 'konsole-finden');
  await open(page, 'muster', 'Dr. Martina Muster');
  await shoot(page, 'konsole-mitglied');
  await page.goto('/report');
  await page.fill('#text', 'KVF-102-9, danach KVF-412-6');
  await page.locator('main button.main').click();
  await expect(page.locator('section.card')).toHaveCount(2);
  // Showing it again means sending it again; the two languages come from two readings.
  await shoot(page, 'konsole-bericht', ['de']);
  const sent = [];
  for (const code of ['KVF-412-6', 'KVF-102-9']) sent.push(await stand.call('POST', '/v1/reports', stand.report(code).envelope));
  await page.goto('/reports');
  await shoot(page, 'konsole-berichte');
  await page.goto(`/reports/${String(sent[1]?.body['number'])}`);
  await shoot(page, 'konsole-bericht-offen');
  await enter(page, officer.name, PASSWORD, officer.press());
  await page.goto('/tokens');
  await shoot(page, 'konsole-token', ['de']);
  await enter(page, auditor.name, PASSWORD, auditor.press());
  await page.goto('/audit');
  await shoot(page, 'konsole-protokoll');
});

async function shoot(page: Page, name: string, languages = ['de', 'en']): Promise<void> {
  for (const language of languages) {
    if (language === 'en') await page.getByRole('button', { name: 'English' }).click();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: `${folder}${name}-${language}-${colorScheme}.png`, fullPage: true });
    }
    if (language === 'en') await page.getByRole('button', { name: 'Deutsch' }).click();
  }
}
