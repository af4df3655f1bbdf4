/** What a member does about the token, and a sign-in that comes from the browser. */
import { expect, type Page, test } from '@playwright/test';

import { calls, load, open } from './window';

async function viaMenu(page: Page, item: string): Promise<void> {
  await page.locator('[data-do=menu]').click();
  await page.locator(`[data-do=${item}]`).click();
}

async function pair(page: Page, first: string, second: string): Promise<void> {
  await page.fill('#tan-first', first);
  await page.fill('#tan-second', second);
  await page.keyboard.press('Enter');
}

test('a link says whose access it opens, and nothing but a pressed button says yes', async ({ page }) => {
  await open(page, 'identity');
  await expect(page.locator('h1')).toHaveText('Sind Sie das?');
  await expect(page.locator('h1')).toBeFocused();
  await expect(page.locator('.head[role=alert]')).toContainText('Dieser Link öffnet den Zugang von');
  await expect(page.locator('.head[role=alert]')).toContainText('Dr. Martina Muster');
  await expect(page.locator('.digits')).toHaveCount(0);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  expect(await calls(page, 'confirm_identity')).toEqual([]);
  // The first button behind the headline is the harmless one.
  await page.keyboard.press('Tab');
  await expect(page.locator('[data-do=cancel]')).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  expect(await calls(page, 'confirm_identity')).toEqual(['Dr. Martina Muster']);
  await expect(page.locator('h1')).toHaveText('Steht im Browser dieselbe Zahl?');
});

test('whoever is not the one on the link gives it up', async ({ page }) => {
  await open(page, 'identity');
  await page.getByRole('button', { name: 'Nein', exact: true }).click();
  expect(await calls(page, 'ask')).toEqual(['cancel']);
  expect(await calls(page, 'confirm_identity')).toEqual([]);
});

test('a gateway that tells no name is said so, and is asked about as well', async ({ page }) => {
  await open(page, 'identity-unnamed');
  await expect(page.locator('.head[role=alert]')).toContainText('sagt Ihre KV nicht');
  await page.locator('[data-do=confirm-identity]').click();
  expect(await calls(page, 'confirm_identity')).toEqual([null]);
});

test('the digits are large, said digit by digit, and one can only go back or cancel', async ({ page }) => {
  await open(page, 'confirming');
  await expect(page.locator('h1')).toHaveText('Steht im Browser dieselbe Zahl?');
  await expect(page.locator('.digits [aria-hidden]')).toHaveText('47');
  await expect(page.locator('.digits .vh')).toHaveText('vier, sieben');
  expect(await page.locator('.digits').evaluate((digits) => parseFloat(getComputedStyle(digits).fontSize))).toBeGreaterThan(60);
  await expect(page.getByRole('timer')).toContainText('noch 52 Sekunden');
  await expect(page.locator('.btn--1')).toHaveCount(0);
  await page.locator('[data-do=cancel]').click();
  expect(await calls(page, 'ask')).toEqual(['cancel']);
});

test('a sign-in from the browser does not wait behind a page of help', async ({ page }) => {
  await open(page, 'sign-in');
  await page.keyboard.press('F1');
  await page.evaluate(() => { window.fake.show('identity'); });
  await expect(page.locator('h1')).toHaveText('Sind Sie das?');
  await page.keyboard.press('F1');
  await page.evaluate(() => { window.fake.show('confirming'); });
  await expect(page.locator('h1')).toHaveText('Steht im Browser dieselbe Zahl?');
});

test('a link that comes to nothing is told beside whatever is shown', async ({ page }) => {
  await open(page, 'connected');
  await page.evaluate(() => { window.fake.notice({ code: 'KVF-716-7' }); });
  await expect(page.locator('.toast')).toContainText('Sie sind hier schon angemeldet');
});

test('a lost token is asked for twice, and the harmless button has the focus', async ({ page }) => {
  await load(page, 'connected', { pace: 50 });
  await viaMenu(page, 'menu-token-lost');
  await page.locator('[data-do=lose]').click();
  expect(await calls(page, 'report_token_lost')).toEqual([]);
  await expect(page.locator('dialog button').first()).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.locator('dialog')).toHaveCount(0);
  await page.locator('[data-do=lose]').click();
  await page.locator('[data-do=lose-for-good]').click();
  await expect(page.locator('h1')).toHaveText('Ihr Token ist gesperrt');
  expect(await calls(page, 'report_token_lost')).toHaveLength(1);
});

test('without a session the token is locked by telephone', async ({ page }) => {
  await open(page, 'sign-in');
  await viaMenu(page, 'menu-token-lost');
  await expect(page.locator('[data-do=lose]')).toHaveCount(0);
  await expect(page.locator('.desk .nr')).toBeVisible();
});

test('two TANs are looked at before they are sent', async ({ page }) => {
  await open(page, 'connected');
  await viaMenu(page, 'menu-token');
  await page.locator('[data-do=resync]').click();
  await expect(page.locator('#tan-first')).toBeFocused();
  await pair(page, '4829', '482914');
  await expect(page.locator('#tan-first-hint')).toContainText('mindestens 6 Ziffern');
  await expect(page.locator('#tan-first')).toBeFocused();
  await pair(page, '482913', '482 913');
  await expect(page.locator('#tan-second-hint')).toContainText('noch dieselbe TAN');
  expect(await calls(page, 'resync_token')).toEqual([]);
});

test('what came of two TANs is told, and neither stays in the fields', async ({ page }) => {
  await open(page, 'connected');
  await viaMenu(page, 'menu-token');
  await page.locator('[data-do=resync]').click();
  await pair(page, '482913', '111111');
  await expect(page.getByRole('alert').filter({ hasText: 'Noch 4 Versuche' })).toBeVisible();
  await expect(page.locator('#tan-first')).toHaveValue('');
  await expect(page.locator('#tan-first')).toBeFocused();
  await pair(page, '000000', '000001');
  await expect(page.getByRole('alert').filter({ hasText: 'Diese TAN war schon dran' })).toBeVisible();
  await pair(page, '482 913', '482 914');
  await expect(page.locator('h1')).toHaveText('Ihr Token ist wieder im Takt');
  await expect(page.locator('h1')).toBeFocused();
  expect(await calls(page, 'resync_token')).toHaveLength(3);
});

test('another PC: whoever it was not calls, and nothing here pretends to end that session', async ({ page }) => {
  await open(page, 'ended-newer');
  await page.locator('[data-do=not-me]').click();
  await expect(page.locator('[data-do=end-session]')).toHaveCount(0);
  await expect(page.locator('.desk--main .nr')).toBeVisible();
});
