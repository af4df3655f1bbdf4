/** Every page, in both languages, light and dark, at 100 and 200 per cent, and on a narrow screen: nothing for axe, no sideways scrolling, no breach of the policy. */
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';

import { foreign } from '../browser/catalogue';
import { noteWhatOpens } from './gateway';
import { SHOTS } from './shots';

const LOOKS = [
  { language: 'de', colorScheme: 'light', text: 100, width: 1180 },
  { language: 'de', colorScheme: 'dark', text: 200, width: 1180 },
  { language: 'en', colorScheme: 'dark', text: 100, width: 320 },
  { language: 'en', colorScheme: 'light', text: 200, width: 640 },
  { language: 'de', colorScheme: 'light', text: 100, width: 320 },
] as const;

for (const { language, colorScheme, text, width } of LOOKS) {
  test(`${language}, ${colorScheme}, ${String(text)} %, ${String(width)} pixels`, async ({ browser }) => {
    test.setTimeout(300_000);
    for (const shot of SHOTS) {
      await test.step(shot.name, async () => {
        const context = await browser.newContext({ locale: language === 'de' ? 'de-DE' : 'en-GB', colorScheme, viewport: { width, height: 700 } });
        await noteWhatOpens(context);
        const page = await context.newPage();
        const complaints = listen(page);
        await shot.open(page);
        await page.evaluate((percent) => { document.documentElement.style.fontSize = `${String(percent)}%`; }, text);
        expect.soft(await page.locator('html').getAttribute('lang'), shot.name).toBe(language);
        expect.soft(await page.locator('h1').count(), shot.name).toBe(1);
        expect.soft(await page.title(), shot.name).toMatch(/.+ – KV-FlexNet$/);
        expect.soft(await page.locator('body').innerText(), shot.name).not.toMatch(/\b(page|fault|help)-[a-z0-9-]+/);
        expect.soft(await foreignWords(page, language), shot.name).toEqual([]);
        expect.soft(await sideways(page), shot.name).toEqual([]);
        const found = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
        expect.soft(found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`), shot.name).toEqual([]);
        expect.soft(complaints, shot.name).toEqual([]);
        await context.close();
      });
    }
  });
}

test('forced colours leave no control without an edge', async ({ page }) => {
  await page.emulateMedia({ forcedColors: 'active' });
  await page.goto('/');
  const widths = await page.evaluate(() => [...document.querySelectorAll('.input, .btn--1')].map((control) => getComputedStyle(control).borderTopWidth));
  expect(widths).toHaveLength(4);
  for (const width of widths) expect(width).not.toBe('0px');
});

test('the switch changes the language, also without a script, and the choice stays', async ({ browser }) => {
  const context = await browser.newContext({ locale: 'de-DE', javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto('/hilfe');
  await page.getByRole('link', { name: 'English' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await expect(page).toHaveURL('https://flexnet.example/hilfe');
  await page.goto('/');
  await expect(page.locator('h1')).toHaveText('Sign in');
  await page.getByRole('link', { name: 'Deutsch' }).click();
  await expect(page.locator('h1')).toHaveText('Anmelden');
  await context.close();
});

/** What the browser complains of: breaches of the policy, errors of scripts, files that did not come. */
function listen(page: Page): string[] {
  const complaints: string[] = [];
  // Chromium itself reports answers with 4xx, and that no application is registered for the deep link.
  const own = /status of (404|422)|kv-flexnet:/;
  page.on('console', (message) => { if (message.type() === 'error' && !own.test(message.text())) complaints.push(message.text()); });
  page.on('pageerror', (error) => complaints.push(error.message));
  return complaints;
}

/** Words of the other language that are read on the page. The switch names it in its own. */
async function foreignWords(page: Page, language: 'de' | 'en'): Promise<string[]> {
  const read = await page.evaluate(() => {
    const copy = document.body.cloneNode(true) as HTMLElement;
    for (const other of copy.querySelectorAll('[lang]')) other.remove();
    const labels = [...copy.querySelectorAll('[aria-label]')].map((element) => element.getAttribute('aria-label') ?? '');
    return [copy.textContent ?? '', document.title, ...labels].join('\n');
  });
  const text = read.replaceAll('\u00a0', ' ');
  return foreign(language).filter((piece) => text.includes(piece));
}

/** What is wider than the window. */
async function sideways(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll('body *')].filter((element) => element.getBoundingClientRect().right > width + 1).map((element) => element.outerHTML.slice(0, 120));
  });
}
