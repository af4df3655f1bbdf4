/** Keys, focus, and what follows a link. */
import { expect, type Page, test } from '@playwright/test';

import { calls, load } from './window';

const heading = (page: Page): ReturnType<Page['locator']> => page.locator('h1');

test('F1 opens the help, Esc empties the search and then goes back', async ({ page }) => {
  await load(page, 'connected');
  await page.keyboard.press('F1');
  await expect(page.locator('#q')).toBeFocused();
  await page.keyboard.type('Token');
  await expect(page.getByRole('status').filter({ hasText: 'Treffer' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.locator('#q')).toHaveValue('');
  await page.keyboard.press('Escape');
  await expect(heading(page)).toHaveText('Verbunden');
  await expect(heading(page)).toBeFocused();
});

test('Alt+Left goes back, page by page', async ({ page }) => {
  await load(page, 'connected');
  await page.keyboard.press('F1');
  await page.locator('.rows button').first().click();
  await expect(heading(page)).toHaveText('Mein Zugang ist gesperrt');
  await page.keyboard.press('Alt+ArrowLeft');
  await expect(page.locator('#q')).toBeFocused();
  await page.keyboard.press('Alt+ArrowLeft');
  await expect(heading(page)).toHaveText('Verbunden');
});

test('a code that is searched for is explained', async ({ page }) => {
  await load(page, 'sign-in');
  await page.keyboard.press('F1');
  for (const typed of ['700-3', 'KVF-700-3', '7003']) {
    await page.fill('#q', typed);
    await expect(page.locator('.rows button')).toHaveCount(1);
    await expect(page.locator('.rows button')).toContainText('Ihr Zugang ist gesperrt');
  }
  await page.fill('#q', '700-4');
  await expect(page.getByText('Die letzte Ziffer passt nicht')).toBeVisible();
  await page.fill('#q', 'KVF-70');
  await page.locator('.rows button').first().click();
  await expect(heading(page)).toHaveText('Ihr Zugang ist gesperrt');
  await expect(page.getByText('Rufen Sie den IT‑ServiceDesk an.')).toBeVisible();
  await expect(page.locator('.code')).toContainText('KVF‑700‑3');
});

test('the slash and Ctrl+F go to the search', async ({ page }) => {
  await load(page, 'connected');
  await page.keyboard.press('F1');
  for (const key of ['/', 'Control+f']) {
    await page.locator('[data-do=back]').focus();
    await page.keyboard.press(key);
    await expect(page.locator('#q')).toBeFocused();
    await expect(page.locator('#q')).toHaveValue('');
  }
});

test('the menu is one tab stop with arrow keys', async ({ page }) => {
  await load(page, 'connected');
  const button = page.locator('[data-do=menu]');
  await button.focus();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('menuitem').first()).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await expect(page.getByRole('menuitem').last()).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('menuitem').first()).toBeFocused();
  await page.keyboard.press('r');
  await expect(page.getByRole('menuitem', { name: 'Reparatur' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(button).toBeFocused();
  await expect(button).toHaveAttribute('aria-expanded', 'false');
  await button.click();
  await page.mouse.click(30, 560);
  await expect(page.getByRole('menu')).toHaveCount(0);
});

test('a menu opened with the mouse shows where the arrow keys are', async ({ page }) => {
  await load(page, 'connected');
  await page.locator('[data-do=menu]').click();
  for (const item of ['menu-settings', 'menu-token']) {
    await expect(page.locator(`[data-do=${item}]`)).toBeFocused();
    expect(await page.locator(`[data-do=${item}]`).evaluate((element) => getComputedStyle(element).outlineStyle)).toBe('solid');
    await page.keyboard.press('ArrowDown');
  }
});

test('nothing is tidied up while a session lives: first its end, then the button', async ({ page }) => {
  await load(page, 'connected', { pace: 10 });
  await page.locator('[data-do=menu]').click();
  await page.locator('[data-do=menu-repair]').click();
  await expect(heading(page)).toHaveText('Erst abmelden, dann aufräumen');
  await expect(page.locator('[data-do=repair]')).toHaveCount(0);
  await page.keyboard.press('Enter');
  expect(await calls(page, 'ask')).toEqual([]);
  await page.locator('[data-do=sign-out]').click();
  await expect(heading(page)).toHaveText('3 Dinge aufräumen');
  await expect(heading(page)).toBeFocused();
  await expect(page.locator('[data-repair=will]')).toHaveCount(3);
  await expect(page.getByText('Ein Netz-Adapter von „Muster-VPN“.')).toBeVisible();
  expect(await calls(page, 'ask'), 'to look changes nothing').toEqual(['sign_out']);
  await page.locator('[data-do=repair]').click();
  await expect(heading(page)).toHaveText('Aufgeräumt');
  await expect(page.locator('[data-repair=did]')).toHaveCount(3);
  expect(await calls(page, 'ask')).toEqual(['sign_out', 'repair']);
});

test('a repair says what it could not do, and without the service what can be done', async ({ page }) => {
  await load(page, 'sign-in', { pace: 10, repair: 'partly' });
  await page.locator('[data-do=menu]').click();
  await page.locator('[data-do=menu-repair]').click();
  await page.locator('[data-do=repair]').click();
  await expect(heading(page)).toHaveText('Ein Rest ist geblieben');
  await expect(page.locator('[data-repair=failed]')).toHaveText(/Schutzregeln einer früheren Sitzung ließen sich nicht entfernen/);
  await load(page, 'away', { pace: 10 });
  await page.locator('[data-do=menu]').click();
  await page.locator('[data-do=menu-repair]').click();
  await expect(page.getByText('Starten Sie den PC neu.')).toBeVisible();
  await expect(page.locator('[data-do=repair]')).toHaveCount(0);
  await page.evaluate(() => { window.fake.show('sign-in'); });
  await expect(heading(page)).toHaveText('3 Dinge aufräumen');
});

test('a message covers neither the headline nor what can be done', async ({ page }) => {
  await load(page, 'sign-in');
  await page.locator('[data-do=menu]').click();
  await page.locator('[data-do=menu-repair]').click();
  await page.evaluate(() => { window.fake.notice({ code: 'KVF-912-0' }); });
  const toast = await page.locator('.toast').boundingBox();
  for (const what of ['h1', '[data-do=repair]', '[data-do=back]']) {
    const box = await page.locator(what).boundingBox();
    expect((box?.y ?? 0) + (box?.height ?? 0), what).toBeLessThanOrEqual(toast?.y ?? 0);
  }
});

test('the end of a session names its day where it is not today', async ({ page }) => {
  await load(page, 'connected-night');
  await expect(page.locator('.facts')).toContainText('morgen, 6:22 Uhr');
  await page.evaluate(() => { window.fake.show('connected'); });
  await expect(page.locator('.facts')).not.toContainText('morgen');
});

test('Ctrl+L reads the code out', async ({ page }) => {
  await load(page, 'failed');
  await page.keyboard.press('Control+l');
  await expect(page.getByText('K wie Köln, V wie Völklingen, F wie Frankfurt, vier, eins, fünf, zwo')).toBeAttached();
  await page.keyboard.press('Escape');
  await expect(heading(page)).toHaveText('Verbindung angehalten');
});

test('Ctrl+Shift+Q asks while connected, and only then', async ({ page }) => {
  await load(page, 'connected');
  await page.keyboard.press('Control+Shift+Q');
  await expect(page.getByRole('dialog')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Verbunden bleiben' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  expect(await calls(page, 'quit')).toEqual([]);
  await page.keyboard.press('Control+Shift+Q');
  await page.locator('[data-do=quit]').click();
  expect(await calls(page, 'quit')).toHaveLength(1);
  await page.evaluate(() => { window.fake.show('sign-in'); });
  await page.keyboard.press('Control+Shift+Q');
  expect(await calls(page, 'quit')).toHaveLength(2);
});

test('Enter never presses what cannot be undone', async ({ page }) => {
  await load(page, 'connected-failures');
  await page.locator('[data-do=not-me]').click();
  await expect(heading(page)).toBeFocused();
  await page.keyboard.press('Enter');
  expect(await calls(page, 'ask')).toEqual([]);
  await page.locator('[data-do=end-session]').click();
  expect(await calls(page, 'ask')).toEqual(['sign_out']);
});

test('an equal screen keeps the focus, a new one moves it to the headline', async ({ page }) => {
  await load(page, 'connected');
  await page.locator('[data-do=sign-out]').focus();
  await page.evaluate(() => { window.fake.show('connected'); });
  await expect(page.locator('[data-do=sign-out]')).toBeFocused();
  await page.evaluate(() => { window.fake.show('reconnecting'); });
  await expect(heading(page)).toHaveText('Verbindung unterbrochen');
  await expect(heading(page)).toBeFocused();
});

test('what must be read now comes before a page of help', async ({ page }) => {
  await load(page, 'sign-in');
  await page.keyboard.press('F1');
  await page.evaluate(() => { window.fake.show('locked'); });
  await expect(heading(page)).toHaveText('Ihr Zugang ist gesperrt');
});

test('signing out, and what was acknowledged', async ({ page }) => {
  await load(page, 'connected', { pace: 10 });
  await page.locator('[data-do=sign-out]').click();
  await expect(heading(page)).toHaveText('Sie sind abgemeldet');
  await page.locator('[data-do=acknowledge]').click();
  await expect(page.locator('#username')).toBeFocused();
  expect(await calls(page, 'ask')).toEqual(['sign_out', 'acknowledge']);
});

test('settings hold at once', async ({ page }) => {
  await load(page, 'sign-in');
  await page.locator('[data-do=menu]').click();
  await page.locator('[data-do=menu-settings]').click();
  await page.locator('[data-do=choose-language]').click();
  await page.getByRole('radio', { name: 'English' }).check();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await expect(page.locator('.name')).toHaveText('Language');
  await page.keyboard.press('Escape');
  await page.locator('[data-do=choose-text_size]').click();
  await page.getByRole('radio', { name: '200%' }).check();
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize)).toBe('32px');
  await page.keyboard.press('Escape');
  await page.locator('[data-do=choose-theme]').click();
  await page.getByRole('radio', { name: 'dark' }).check();
  expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(19, 22, 30)');
  const saved = (await calls(page, 'save_settings')) as { language: string; text_size: unknown; theme: string }[];
  expect(saved.at(-1)).toMatchObject({ language: 'en', text_size: 200, theme: 'dark' });
});

test('a switch says what it does where it stands', async ({ page }) => {
  await load(page, 'sign-in');
  await page.locator('[data-do=menu]').click();
  await page.locator('[data-do=menu-settings]').click();
  const row = page.getByRole('listitem').filter({ hasText: 'Beim Schließen verbunden bleiben' });
  await expect(row).toContainText('Die Sitzung läuft weiter');
  await row.getByRole('switch').uncheck();
  await expect(row).toContainText('fragen wir nach und melden Sie dann ab');
});

test('faults and files of the desktop are told, and can be closed', async ({ page }) => {
  await load(page, 'connected');
  await page.evaluate(() => { window.fake.notice({ code: 'KVF-107-8' }); window.fake.saved({ name: 'Bescheid.pdf', whole: true }); });
  await expect(page.getByRole('alert').filter({ hasText: 'Das Passwort wurde nicht gemerkt' })).toBeVisible();
  await page.locator('[data-do=folder]').click();
  expect(await calls(page, 'show_folder')).toHaveLength(1);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await expect(page.locator('.toast')).toHaveCount(0);
});

test('the window is told when its first screen is drawn', async ({ page }) => {
  await load(page, 'connected');
  await expect.poll(() => calls(page, 'ui_ready')).toHaveLength(1);
});
