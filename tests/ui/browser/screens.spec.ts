/** Every screen, in both languages, light and dark, at 100 and 200 per cent: nothing for axe, no sideways scrolling, one language. */
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';

import { foreign } from './catalogue';
import { type Look, show, SHOTS } from './window';

const LOOKS: Required<Pick<Look, 'language' | 'theme' | 'text'>>[] = [
  { language: 'de', theme: 'light', text: 100 },
  { language: 'de', theme: 'dark', text: 200 },
  { language: 'en', theme: 'dark', text: 100 },
  { language: 'en', theme: 'light', text: 200 },
];

for (const look of LOOKS) {
  test(`${look.language}, ${look.theme}, ${String(look.text)} %`, async ({ page }) => {
    test.setTimeout(600_000);
    const complaints = listen(page);
    for (const shot of SHOTS) {
      await test.step(shot.name, async () => {
        await show(page, shot, look);
        expect.soft(await sideways(page), shot.name).toEqual([]);
        expect.soft(await foreignWords(page, look.language), shot.name).toEqual([]);
        expect.soft(await page.title(), shot.name).toMatch(/.+ – KV-FlexNet$/);
        expect.soft(await page.locator('html').getAttribute('lang'), shot.name).toBe(look.language);
        expect.soft(await page.locator('h1').count(), shot.name).toBe(1);
        const found = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
        expect.soft(found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`), shot.name).toEqual([]);
      });
    }
    expect(complaints).toEqual([]);
  });
}

for (const [width, text] of [[360, 100], [360, 150], [360, 200], [440, 150], [900, 100]] as const) {
  test(`no sideways scrolling at ${String(width)} pixels and ${String(text)} %`, async ({ page }) => {
    test.slow();
    await page.setViewportSize({ width, height: 480 });
    for (const shot of SHOTS) {
      await show(page, shot, { language: 'de', text });
      expect.soft(await sideways(page), shot.name).toEqual([]);
    }
  });
}

for (const colors of ['light', 'dark'] as const) {
  test(`the system's colours are taken: ${colors}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: colors });
    await show(page, { name: '', scene: 'connected' }, {});
    const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(paper).toBe(colors === 'light' ? 'rgb(246, 243, 236)' : 'rgb(19, 22, 30)');
  });
}

test('forced colours leave no control without an edge', async ({ page }) => {
  await page.emulateMedia({ forcedColors: 'active' });
  await show(page, { name: '', scene: 'sign-in' }, {});
  const widths = await page.evaluate(() => [...document.querySelectorAll('.input, .btn--1, .box')].map((control) => getComputedStyle(control).borderTopWidth));
  expect(widths.length).toBeGreaterThan(4);
  for (const width of widths) expect(width).not.toBe('0px');
});

test('nothing moves where less motion is wanted', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await show(page, { name: '', scene: 'connecting' }, {});
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
});

/** What the page complains about: errors, and what the content security policy forbids. */
function listen(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('favicon')) complaints.push(message.text());
  });
  return complaints;
}

/** Elements that reach beyond the window, and boxes that scroll sideways. */
function sideways(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const name = (element: Element): string => `${element.tagName}.${element.getAttribute('class') ?? ''} ${element.textContent?.trim().slice(0, 40) ?? ''}`;
    const hidden = (element: Element): boolean => element.closest('.vh, .sprite, .lbl, svg') !== null;
    const all = [...document.body.querySelectorAll('*')].filter((element) => !hidden(element));
    return all
      .filter((element) => element.getBoundingClientRect().right > window.innerWidth + 1 || (element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX !== 'visible' && element.tagName !== 'INPUT'))
      .map(name);
  });
}

/** Words of the other catalogue that are read on the screen. */
async function foreignWords(page: Page, language: 'de' | 'en'): Promise<string[]> {
  const read = await page.evaluate(() => {
    const copy = document.body.cloneNode(true) as HTMLElement;
    for (const other of copy.querySelectorAll(`[lang]`)) other.remove();
    const labels = [...copy.querySelectorAll('[aria-label], [title], [placeholder]')].flatMap((element) => ['aria-label', 'title', 'placeholder'].map((name) => element.getAttribute(name) ?? ''));
    return [copy.textContent ?? '', document.title, ...labels].join('\n');
  });
  const text = read.replaceAll('\u00ad', '').replaceAll('\u2011', '-').replaceAll('\u00a0', ' ');
  return foreign(language).filter((piece) => text.includes(piece));
}
