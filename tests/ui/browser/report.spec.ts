/** The file of a diagnosis, as the golden files of crates/flexnet-diagnostics have it: opened from disk, in both languages, light and dark, narrow and at 200 per cent, and printed. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';

const file = (language: string): string => new URL(`../../../crates/flexnet-diagnostics/tests/golden/report-${language}.html`, import.meta.url).href;

const LOOKS = [
  { language: 'de', colorScheme: 'light', text: 100, width: 900 },
  { language: 'de', colorScheme: 'dark', text: 200, width: 900 },
  { language: 'en', colorScheme: 'dark', text: 100, width: 320 },
  { language: 'en', colorScheme: 'light', text: 200, width: 640 },
] as const;

for (const { language, colorScheme, text, width } of LOOKS) {
  test(`report: ${language}, ${colorScheme}, ${String(text)} %, ${String(width)} pixels`, async ({ browser }) => {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 700 } });
    const page = await context.newPage();
    const asked: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    await page.goto(file(language));
    await page.evaluate((percent) => { document.documentElement.style.fontSize = `${String(percent)}%`; }, text);
    await expect(page.locator('html')).toHaveAttribute('lang', language);
    await expect(page.locator('h1')).toHaveCount(1);
    expect(asked).toEqual([file(language)]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
    const found = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
    expect(found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`)).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  });
}

test('report: verdict, cause and question stand first, and the JSON inside is the report', async ({ page }) => {
  await page.goto(file('de'));
  const first = page.locator('main > section').first();
  await expect(first).toContainText('KVF\u2011415\u20112');
  await expect(first).toContainText('Wahrscheinliche Ursache');
  await expect(first).toContainText('Nächste Frage');
  const sealed = JSON.parse(await page.locator('#kv-flexnet-report').textContent() ?? '') as { report: string };
  const golden = await readFile(fileURLToPath(new URL('../../../crates/flexnet-diagnostics/tests/golden/report.json', import.meta.url)), 'utf8');
  expect(`${sealed.report}\n`).toBe(golden);
});

test('report: prints on A4', async ({ page }) => {
  await page.goto(file('de'));
  const pdf = (await page.pdf({ preferCSSPageSize: true, printBackground: true })).toString('latin1');
  // 210 x 297 mm are 595 x 842 points, within one.
  const boxes = [...pdf.matchAll(/\/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]/g)];
  expect(boxes.length).toBeGreaterThan(0);
  for (const [, width, height] of boxes) {
    expect(Math.abs(Number(width) - 595)).toBeLessThanOrEqual(1);
    expect(Math.abs(Number(height) - 842)).toBeLessThanOrEqual(1);
  }
  await page.emulateMedia({ media: 'print' });
  expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(255, 255, 255)');
});
