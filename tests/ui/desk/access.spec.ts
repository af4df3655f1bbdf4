/** Who comes in, and who may do what: sign-in with lockout, roles, forms of other sites, keyboard and language. */
import { expect, test } from '@playwright/test';

import { enter, expectAccessible, open, PASSWORD, Person, Stand } from './stand';

const stand = new Stand();
let desk: Person, officer: Person, auditor: Person, muster: Person;

test.describe.configure({ mode: 'serial' });
test.beforeAll(async () => {
  await stand.start();
  desk = stand.staff('b.desk', 'Bea Desk', 'desk');
  officer = stand.staff('t.token', 'Tom Token', 'token-officer');
  auditor = stand.staff('r.revision', 'Rita Revision', 'auditor');
  muster = stand.member('m.muster', 'Dr. Martina Muster');
});
test.afterAll(() => stand.stop());

test('the keyboard alone leads in and to a member', async ({ page }) => {
  await page.goto('/');
  await expect(page, 'who is not signed in sees the sign-in').toHaveURL(/\/sign-in$/);
  await expectAccessible(page);
  await page.reload();
  await expect(page.locator('#username')).toBeFocused();
  await page.keyboard.type(desk.name);
  await page.keyboard.press('Tab');
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Tab');
  const tan = desk.press();
  await page.keyboard.type(`${tan.slice(0, 3)} ${tan.slice(3)}`);
  await page.keyboard.press('Enter');
  await expect(page.locator('#q')).toBeFocused();
  await page.keyboard.type('muster');
  await page.keyboard.press('Enter');
  await expect(page.locator('.rows li')).toHaveCount(1);
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Dr. Martina Muster' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('h1')).toHaveText('Dr. Martina Muster');
});

test('the language is German until it is switched, and stays switched', async ({ page }) => {
  await page.goto('/sign-in');
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.locator('h1')).toHaveText('Sign in');
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await page.getByRole('button', { name: 'Deutsch' }).click();
  await expect(page.locator('h1')).toHaveText('Anmeldung');
});

test('the session is a cookie that no script reads, and signing out ends it', async ({ page, context }) => {
  const policy: string[] = [];
  page.on('console', (message) => { if (message.text().includes('Content Security Policy')) policy.push(message.text()); });
  await enter(page, desk.name, PASSWORD, desk.press());
  await expect(page.locator('h1')).toHaveText('Mitglied finden');
  const [cookie] = (await context.cookies()).filter(({ name }) => name === '__Host-desk');
  expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Strict', path: '/' });
  await page.getByRole('button', { name: 'Abmelden' }).click();
  await expect(page.locator('h1')).toHaveText('Anmeldung');
  await context.addCookies([{ ...cookie!, name: '__Host-desk' }]);
  await page.goto('/');
  await expect(page, 'the cookie of an ended session').toHaveURL(/\/sign-in$/);
  expect(policy).toEqual([]);
});

test('a newer sign-in of the same person ends the older', async ({ browser, page }) => {
  await enter(page, desk.name, PASSWORD, desk.press());
  const other = await browser.newPage();
  await enter(other, desk.name, PASSWORD, desk.press());
  await expect(other.locator('h1')).toHaveText('Mitglied finden');
  await page.goto('/');
  await expect(page).toHaveURL(/\/sign-in$/);
  await other.close();
});

test('a form of another site changes nothing', async ({ page }) => {
  await enter(page, desk.name, PASSWORD, desk.press());
  await stand.lock(muster);
  await open(page, 'muster', 'Dr. Martina Muster');
  const address = `${page.url()}/unlock`;
  const form = { reason: 'x', verified: 'yes' };
  for (const origin of ['https://evil.example', 'null', 'http://flexnet.example:9443']) {
    const answer = await page.request.post(address, { form, headers: { origin } });
    expect(answer.status(), origin).toBe(403);
    expect(await answer.text()).toContain('kommt von anderswo');
  }
  expect((await page.request.post(address, { form })).status(), 'who does not say').toBe(403);
  await page.reload();
  await expect(page.locator('.facts .tag.stop')).toHaveText('gesperrt');
});

test('the auditor sees everything and can change nothing', async ({ page }) => {
  await enter(page, auditor.name, PASSWORD, auditor.press());
  await open(page, 'muster', 'Dr. Martina Muster');
  await expect(page.locator('.facts .tag.stop')).toHaveText('gesperrt');
  await expect(page.locator('main form')).toHaveCount(0);
  const origin = 'https://flexnet.example:9443';
  const answer = await page.request.post(`${page.url()}/unlock`, { form: { reason: 'x', verified: 'yes' }, headers: { origin } });
  expect([answer.status(), (await answer.text()).includes('Dafür ist Ihre Rolle nicht zuständig')]).toEqual([403, true]);
  await page.reload();
  await expect(page.locator('.facts .tag.stop')).toHaveText('gesperrt');

  await page.getByRole('link', { name: 'Protokoll' }).click();
  await expect(page.locator('table')).toContainText('Zugang gesperrt');
  await expect(page.locator('table')).toContainText('Anmeldeversuch an der Konsole');
  await expectAccessible(page);
  await page.selectOption('#event', 'lock');
  await page.getByRole('button', { name: 'Filtern' }).click();
  await expect(page.locator('tbody tr')).toHaveCount(1);
  await page.getByRole('link', { name: 'Kette prüfen' }).click();
  await expect(page.locator('.note.good')).toContainText('Die Kette ist unversehrt.');
  await expectAccessible(page);
});

test('the token officer sees the stock, and neither audit nor reports', async ({ page }) => {
  await enter(page, officer.name, PASSWORD, officer.press());
  await page.getByRole('link', { name: 'Tokenbestand' }).click();
  await expect(page.locator('h1')).toHaveText('Tokenbestand');
  await expectAccessible(page);
  for (const path of ['/audit', '/audit/verify', '/report']) {
    expect((await page.goto(path))?.status(), path).toBe(403);
  }
});

test('five wrong entries lock a member of staff, and only the administrator opens', async ({ page }) => {
  for (let left = 4; left > 0; left--) {
    await enter(page, desk.name, PASSWORD, desk.wrong());
    await expect(page.locator('.note.stop')).toContainText(left === 1 ? 'Noch 1 Versuch' : `Noch ${String(left)} Versuche`);
  }
  await expectAccessible(page);
  await enter(page, desk.name, 'falsch', desk.press());
  await expect(page.locator('.note.stop')).toContainText('gesperrt');
  await enter(page, desk.name, PASSWORD, desk.press());
  await expect(page.locator('.note.stop'), 'right, and locked').toContainText('gesperrt');
  stand.admin(['staff', 'unlock', desk.name, '--reason', 'Ausweis gesehen']);
  await enter(page, desk.name, PASSWORD, desk.press());
  await expect(page.locator('h1')).toHaveText('Mitglied finden');
});
