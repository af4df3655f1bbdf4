/** The sign-in as a member does it, on the fake service, which counts to five. */
import { expect, test } from '@playwright/test';

import { calls, load } from './window';

test.beforeEach(({ page }) => {
  page.on('pageerror', (error) => { throw error; });
});

test('the whole way by keyboard alone', async ({ page }) => {
  await load(page, 'first-start', { pace: 20 });
  await expect(page.locator('h1')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('#username')).toBeFocused();
  await page.keyboard.type('m.muster');
  await page.keyboard.press('Tab');
  await expect(page.locator('#password')).toBeFocused();
  await page.keyboard.type('richtig');
  await page.keyboard.press('Tab');
  await expect(page.locator('#tan')).toBeFocused();
  await page.keyboard.type('482 913');
  await page.keyboard.press('Enter');
  await expect(page.locator('h1')).toHaveText('Verbunden');
  await expect(page.locator('h1')).toBeFocused();
  expect(await calls(page, 'sign_in')).toEqual([{ username: 'm.muster', password: 'richtig', tan: '482 913', keep_password: false }]);
  expect(await calls(page, 'ask')).toEqual(['prepare']);
  await page.keyboard.press('Enter');
  expect(await calls(page, 'open_portal')).toHaveLength(1);
});

test('each step shows, and can be given up', async ({ page }) => {
  await load(page, 'sign-in', { username: 'm.muster', pace: 600_000 });
  await page.fill('#password', 'richtig');
  await page.fill('#tan', '482913');
  await page.locator('[data-do=sign-in]').click();
  await expect(page.locator('[aria-current=step]')).toContainText('Zugang Ihrer KV erreichen');
  await page.locator('[data-do=cancel]').click();
  await expect(page.locator('#password')).toBeFocused();
  await expect(page.locator('#password')).toHaveValue('');
  await expect(page.locator('#tan')).toHaveValue('');
  expect(await calls(page, 'ask')).toEqual(['prepare', 'cancel']);
});

test('attempts are counted down, the fourth is a halt, the fifth locks', async ({ page }) => {
  await load(page, 'sign-in', { username: 'm.muster', pace: 10 });
  for (const left of [4, 3, 2]) {
    await page.fill('#password', 'falsch');
    await page.fill('#tan', `48291${String(left)}`);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('alert').filter({ hasText: `Noch ${String(left)} Versuche` })).toBeVisible();
    await expect(page.locator('.tries .used')).toHaveCount(5 - left);
    await expect(page.locator('#password')).toBeFocused();
    await expect(page.locator('#password')).toHaveValue('');
    await expect(page.locator('#tan')).toHaveValue('');
  }
  await page.fill('#password', 'falsch');
  await page.fill('#tan', '482911');
  await page.keyboard.press('Enter');
  await expect(page.locator('h1')).toHaveText('Bitte kurz anhalten');
  await expect(page.locator('input')).toHaveCount(0);
  await expect(page.locator('.btn--1')).toHaveCount(0);
  await page.keyboard.press('Enter');
  await expect(page.locator('h1')).toHaveText('Bitte kurz anhalten');
  await page.locator('[data-do=last-try]').click();
  await expect(page.getByRole('alert').filter({ hasText: 'Noch 1 Versuch' })).toBeVisible();
  await page.fill('#password', 'falsch');
  await page.fill('#tan', '482910');
  await page.keyboard.press('Enter');
  await expect(page.locator('h1')).toHaveText('Ihr Zugang ist gesperrt');
  await expect(page.getByText('m.muster')).toBeVisible();
  await expect(page.locator('.nr')).toHaveAttribute('href', 'tel:+4923194329900');
  await page.locator('.nr').click();
  expect(await calls(page, 'call_desk')).toHaveLength(1);
});

for (const text of [100, 200]) test(`the eye and the way to the TAN come after the TAN, and are reached: ${String(text)} %`, async ({ page }) => {
  await load(page, 'sign-in', { username: 'm.muster', text });
  await page.locator('#tan').focus();
  await page.keyboard.press('Tab');
  await expect(page.locator('[data-do=tan-where]')).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Passwort zeigen' })).toBeFocused();
  expect(await page.locator('[tabindex]:not([tabindex="-1"])').count()).toBe(0);
  // Seen, they stand where they always stood: in the field, and beside the label.
  const box = async (what: string): Promise<{ x: number; y: number; width: number; height: number }> => (await page.locator(what).boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const [eye, field, link, tan] = [await box('.eye'), await box('.field--eye .input'), await box('[data-do=tan-where]'), await box('#tan')];
  expect(Math.abs(eye.y + eye.height / 2 - field.y - field.height / 2)).toBeLessThan(2);
  expect(eye.x + eye.width).toBeLessThanOrEqual(field.x + field.width);
  expect(link.y).toBeLessThan(tan.y);
});

test('a look into the help takes nothing away', async ({ page }) => {
  await load(page, 'sign-in', { username: 'm.muster', pace: 10 });
  await page.fill('#password', 'richtig');
  await page.fill('#tan', '4829');
  await page.keyboard.press('F1');
  await expect(page.locator('#q')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.locator('#password')).toHaveValue('richtig');
  await expect(page.locator('#tan')).toHaveValue('4829');
  await page.locator('[data-do=tan-where]').click();
  await page.locator('[data-do=back]').click();
  await page.locator('#tan').press('End');
  await page.keyboard.type('13');
  await page.keyboard.press('Enter');
  await expect(page.locator('h1')).toHaveText('Verbunden');
  expect(await calls(page, 'sign_in')).toEqual([{ username: 'm.muster', password: 'richtig', tan: '482913', keep_password: false }]);
  await page.evaluate(() => { window.fake.show('sign-in'); });
  await expect(page.locator('#password')).toHaveValue('');
  await expect(page.locator('#tan')).toHaveValue('');
});

test('nor does it bring back what a new state has wiped, or wipe what was typed after a refusal', async ({ page }) => {
  await load(page, 'sign-in', { username: 'm.muster', pace: 10 });
  await page.fill('#password', 'richtig');
  await page.fill('#tan', '482913');
  await page.keyboard.press('F1');
  await page.evaluate(() => { window.fake.show('away'); });
  await page.evaluate(() => { window.fake.show('sign-in'); });
  await page.keyboard.press('Escape');
  await expect(page.locator('#password')).toHaveValue('');
  await page.fill('#password', 'richtig');
  await page.fill('#tan', '000000');
  await page.keyboard.press('Enter');
  await expect(page.locator('#tan')).toHaveValue('');
  await page.fill('#tan', '4829');
  await page.keyboard.press('F1');
  await page.keyboard.press('Escape');
  await expect(page.locator('#tan')).toHaveValue('4829');
});

test('what is empty is not sent, and the cursor goes there', async ({ page }) => {
  await load(page, 'sign-in');
  await page.locator('[data-do=sign-in]').click();
  await expect(page.locator('#username')).toBeFocused();
  await expect(page.locator('#username')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.locator('#username')).toHaveAccessibleDescription('Bitte Ihren Benutzernamen eintragen.');
  await page.fill('#username', 'm.muster');
  await page.keyboard.press('Enter');
  await expect(page.locator('#password')).toBeFocused();
  await page.fill('#password', 'richtig');
  await page.keyboard.press('Enter');
  await expect(page.locator('#tan')).toBeFocused();
  expect(await calls(page, 'sign_in')).toEqual([]);
});

test('what the service did not send stays in the fields', async ({ page }) => {
  await load(page, 'sign-in', { pace: 10 });
  await page.fill('#username', '123456701');
  await expect(page.locator('#username')).not.toHaveAttribute('aria-invalid');
  await expect(page.locator('#username')).toHaveAccessibleDescription(/LANR/);
  await page.fill('#password', 'richtig');
  await page.fill('#tan', '4821');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert').filter({ hasText: 'Kein Versuch verbraucht' })).toBeVisible();
  await expect(page.locator('#tan')).toBeFocused();
  await expect(page.locator('#tan')).toHaveAccessibleDescription(/Es fehlen noch 2/);
  await expect(page.locator('#password')).toHaveValue('richtig');
  await page.locator('#tan').press('End');
  await page.keyboard.type('99');
  await expect(page.locator('#tan-trouble')).toHaveCount(0);
});

test('a TAN is not used twice', async ({ page }) => {
  await load(page, 'sign-in', { username: 'm.muster', pace: 10 });
  await page.fill('#password', 'richtig');
  await page.fill('#tan', '000000');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert').filter({ hasText: 'Diese TAN war schon dran' })).toBeVisible();
  await expect(page.locator('#tan')).toHaveValue('');
  await expect(page.locator('#tan')).toBeFocused();
  await expect(page.locator('#password')).toHaveValue('richtig');
});

test('name and password are remembered on request, and forgotten again', async ({ page }) => {
  await load(page, 'sign-in', { pace: 10 });
  await page.fill('#username', 'm.muster');
  await page.fill('#password', 'richtig');
  await page.fill('#tan', '482913');
  await page.check('#keep-password');
  await page.locator('[data-do=sign-in]').click();
  await expect(page.locator('h1')).toHaveText('Verbunden');
  expect(await calls(page, 'sign_in')).toEqual([{ username: 'm.muster', password: 'richtig', tan: '482913', keep_password: true }]);
});

test('a kept password is used without being shown', async ({ page }) => {
  await load(page, 'sign-in', { username: 'm.muster', kept: true, pace: 10 });
  await expect(page.getByText('auf diesem PC gemerkt')).toBeVisible();
  await expect(page.locator('#password')).toHaveCount(0);
  await expect(page.locator('#tan')).toBeFocused();
  await page.keyboard.type('482913');
  await page.keyboard.press('Enter');
  await expect(page.locator('h1')).toHaveText('Verbunden');
  expect(await calls(page, 'sign_in')).toEqual([{ username: 'm.muster', password: null, tan: '482913', keep_password: true }]);
  await page.locator('[data-do=menu]').click();
  await page.locator('[data-do=menu-settings]').click();
  await page.locator('[data-do=forget]').click();
  await expect(page.locator('[data-do=forget]')).toHaveCount(0);
  expect(await calls(page, 'forget')).toEqual(['m.muster']);
});

test('another name can be typed', async ({ page }) => {
  await load(page, 'sign-in', { username: 'm.muster', kept: true });
  await page.locator('[data-do=change-name]').click();
  await expect(page.locator('#username')).toBeFocused();
  await expect(page.locator('#password')).toBeVisible();
  await expect(page.locator('#username')).toHaveValue('');
});

test('password managers and the clipboard are welcome', async ({ page }) => {
  await load(page, 'sign-in');
  await expect(page.locator('#username')).toHaveAttribute('autocomplete', 'username');
  await expect(page.locator('#password')).toHaveAttribute('autocomplete', 'current-password');
  await expect(page.locator('#tan')).toHaveAttribute('autocomplete', 'one-time-code');
  await expect(page.locator('#tan')).toHaveAttribute('inputmode', 'numeric');
  await page.locator('#tan').focus();
  await page.evaluate(() => document.execCommand('insertText', false, '4 8 2 9 1 3 7 5'));
  await expect(page.locator('#tan')).toHaveValue('4 8 2 9 1 3 7 5');
});

test('the eye shows the password and says so', async ({ page }) => {
  await load(page, 'sign-in');
  await page.fill('#password', 'richtig');
  const eye = page.getByRole('button', { name: 'Passwort zeigen' });
  await expect(eye).toHaveAttribute('aria-pressed', 'false');
  await eye.click();
  await expect(page.locator('#password')).toHaveAttribute('type', 'text');
  await expect(eye).toHaveAttribute('aria-pressed', 'true');
});

test('nothing secret stays in the page once it is sent', async ({ page }) => {
  await load(page, 'sign-in', { username: 'm.muster', pace: 10 });
  await page.fill('#password', 'geheimes-wort');
  await page.fill('#tan', '482913');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert').filter({ hasText: 'Noch 4 Versuche' })).toBeVisible();
  const html = await page.evaluate(() => document.documentElement.outerHTML + [...document.querySelectorAll('input')].map((input) => input.value).join());
  expect(html).not.toContain('geheimes-wort');
  expect(html).not.toContain('482913');
});

test('the name that was right is known the next time, whatever is set in between', async ({ page }) => {
  await load(page, 'sign-in', { pace: 10 });
  await page.fill('#username', 'm.muster');
  await page.fill('#password', 'richtig');
  await page.fill('#tan', '482913');
  await page.locator('[data-do=sign-in]').click();
  await expect(page.locator('h1')).toHaveText('Verbunden');
  await page.locator('[data-do=menu]').click();
  await page.locator('[data-do=menu-settings]').click();
  await page.getByRole('switch', { name: 'Mit dem PC starten' }).check();
  await page.keyboard.press('Escape');
  await page.locator('[data-do=sign-out]').click();
  await page.locator('[data-do=acknowledge]').click();
  await expect(page.locator('h1')).toHaveText('Guten Tag');
  await expect(page.getByText('m.muster')).toBeVisible();
  await expect(page.locator('#password')).toBeFocused();
});
