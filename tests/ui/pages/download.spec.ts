/** The download page recognises the PC, and what arrives is what its SHA-256 says. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@playwright/test';

import { DOWNLOADS } from './gateway';

const sum = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

const PCS = [
  { name: 'Windows', userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0', hint: '"Windows"', first: 'KV-FlexNet-Setup-0.1.0.exe' },
  { name: 'Linux', userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0', hint: '"Linux"', first: 'kv-flexnet_0.1.0_amd64.deb' },
  { name: 'macOS', userAgent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15', hint: '"macOS"', first: null },
];

for (const { name, userAgent, hint, first } of PCS) {
  test.describe(name, () => {
    test.use({ userAgent, extraHTTPHeaders: { 'sec-ch-ua-platform': hint } });

    test(`offers what fits ${name}`, async ({ page }) => {
      await page.goto('/herunterladen');
      await expect(page.locator('h2').first()).toHaveText(`Passt zu diesem PC: ${name}`);
      if (first === null) {
        await expect(page.locator('.note')).toContainText('Für macOS liegt hier zurzeit nichts bereit');
        return;
      }
      const card = page.locator('.package').first();
      await expect(card).toContainText(first);
      await expect(card).toContainText('0.1.0');
      await expect(card).toContainText(sum(join(DOWNLOADS, first)));
      const [download] = await Promise.all([page.waitForEvent('download'), card.locator('a').click()]);
      expect(download.suggestedFilename()).toBe(first);
      expect(sum(await download.path())).toBe(sum(join(DOWNLOADS, first)));
    });
  });
}

test.describe('a telephone', () => {
  test.use({ userAgent: 'Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/142.0.0.0 Mobile Safari/537.36', extraHTTPHeaders: { 'sec-ch-ua-platform': '"Android"' } });

  test('is told to use the PC', async ({ page }) => {
    await page.goto('/herunterladen');
    await expect(page.locator('.note')).toContainText('Auf Telefon und Tablet läuft KV\u2011FlexNet nicht');
    await expect(page.locator('.package')).toHaveCount(3);
  });
});

test('the hand-off offers the download where nothing opens', async ({ page }) => {
  const { Member, signIn } = await import('./gateway');
  await signIn(page, new Member());
  await page.getByRole('link', { name: 'KV\u2011FlexNet herunterladen' }).click();
  await expect(page.locator('h1')).toHaveText('KV\u2011FlexNet herunterladen');
});
