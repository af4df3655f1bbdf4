/** The desk at work: find, unlock, end a session, take a lost token back, read a report. */
import { expect, test } from '@playwright/test';

import { enter, expectAccessible, open, PASSWORD, Person, Stand } from './stand';

const stand = new Stand();
let desk: Person, muster: Person, beispiel: Person;

test.describe.configure({ mode: 'serial' });
test.beforeAll(async () => {
  await stand.start();
  desk = stand.staff('b.desk', 'Bea Desk', 'desk');
  muster = stand.member('m.muster', 'Dr. Martina Muster');
  beispiel = stand.member('e.beispiel', 'Dr. Erik Özdemir-Beispiel');
});
test.afterAll(() => stand.stop());

test('a member that five wrong entries have locked is found, unlocked and signs in again', async ({ page }) => {
  await stand.lock(muster);
  expect((await stand.signIn(muster, muster.press())).body['fault'], 'right, and locked').toBe('KVF-700-3');
  await enter(page, desk.name, PASSWORD, desk.press());
  await expect(page.locator('h1')).toHaveText('Mitglied finden');
  await page.getByRole('link', { name: 'Alle gesperrten zeigen' }).click();
  await expect(page.locator('.rows li')).toHaveCount(1);
  await page.getByRole('link', { name: 'Dr. Martina Muster' }).click();
  await expect(page.locator('.facts .tag.stop')).toHaveText('gesperrt');
  await expect(page.getByRole('region', { name: 'Verlauf' })).toContainText('Anmeldeversuch');
  await expect(page.getByRole('region', { name: 'Verlauf' })).toContainText('127.0.0.0/24');
  await expectAccessible(page);

  // The browser asks for both; without a browser the gateway does.
  await page.getByRole('button', { name: 'Entsperren' }).click();
  await expect(page.locator('.facts .tag.stop')).toHaveText('gesperrt');
  await page.locator('#unlock').evaluate((title) => { title.closest('form')?.setAttribute('novalidate', ''); });
  await page.fill('#reason', 'Ticket 4711: Rückruf in der Praxis');
  await page.getByRole('button', { name: 'Entsperren' }).click();
  await expect(page.locator('.note')).toContainText('Anrufer geprüft');
  await expect(page.locator('.facts .tag.stop')).toHaveText('gesperrt');

  await page.fill('#reason', 'Ticket 4711: Rückruf in der Praxis');
  await page.getByLabel('Anrufer geprüft').check();
  await page.getByRole('button', { name: 'Entsperren' }).click();
  await expect(page.locator('.note.good')).toContainText('Der Zugang ist entsperrt.');
  await expect(page.locator('.facts')).toContainText('offen');
  await expect(page.getByRole('region', { name: 'Verlauf' })).toContainText('Anrufer geprüft„Ticket 4711: Rückruf in der Praxis“');
  await expect(page.getByRole('region', { name: 'Verlauf' })).toContainText('b.desk');
  expect((await stand.signIn(muster, muster.press())).status).toBe(201);
});

test('an open session is seen, found by its address, and ended', async ({ page }) => {
  const granted = await stand.signIn(beispiel, beispiel.press());
  expect(granted.status).toBe(201);
  const token = String(granted.body['session_token']);
  const [address] = (granted.body['tunnel'] as { addresses: string[] }).addresses;
  expect((await stand.call('GET', '/v1/session', undefined, token)).status).toBe(200);
  await enter(page, desk.name, PASSWORD, desk.press());
  await open(page, String(address).split('/')[0] ?? '', 'Dr. Erik Özdemir-Beispiel');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Sitzung beenden' }).click();
  await expect(page.locator('.note.good')).toContainText('Die Sitzung ist beendet.');
  const ended = await stand.call('GET', '/v1/session', undefined, token);
  expect([ended.status, ended.body['end_reason']]).toEqual([410, 'desk']);
});

test('a lost token opens nothing any more, and the session with it ends', async ({ page }) => {
  const granted = await stand.signIn(beispiel, beispiel.press());
  const token = String(granted.body['session_token']);
  await enter(page, desk.name, PASSWORD, desk.press());
  await open(page, 'özdemir', 'Dr. Erik Özdemir-Beispiel');
  await page.getByText('Als verloren melden').click();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Ja, Token sperren' }).click();
  await expect(page.locator('.note.good')).toContainText('Der Token ist gesperrt');
  await expect(page.getByRole('region', { name: 'Token', exact: true })).toContainText('verloren');
  const ended = await stand.call('GET', '/v1/session', undefined, token);
  expect([ended.status, ended.body['end_reason']]).toEqual([410, 'token_lost']);
  expect((await stand.signIn(beispiel, beispiel.press())).status).toBe(403);
});

test('a token out of step is brought back by two TANs, and each try counts', async ({ page }) => {
  await enter(page, desk.name, PASSWORD, desk.press());
  await open(page, 'm.muster', 'Dr. Martina Muster');
  await page.fill('#first', muster.wrong());
  await page.fill('#second', muster.wrong());
  await page.getByRole('button', { name: 'Abgleichen' }).click();
  await expect(page.locator('.note')).toContainText('Der Versuch wurde gezählt');
  await expect(page.locator('.facts')).toContainText('Noch 4 Versuche');
  await page.fill('#first', muster.tan(60));
  await page.fill('#second', muster.tan(61));
  await page.getByRole('button', { name: 'Abgleichen' }).click();
  await expect(page.locator('.note.good')).toContainText('wieder im Takt');
  expect((await stand.signIn(muster, muster.tan(62))).status).toBe(201);
});

test('a report is read, pasted or as a file, and nothing of it runs', async ({ page }) => {
  await enter(page, desk.name, PASSWORD, desk.press());
  await page.getByRole('link', { name: 'Bericht lesen' }).click();
  await page.fill('#text', 'Das Fenster sagt KVF\u2011700\u20113 <script>document.title = "x"</script> und KVF-700-4.');
  await page.getByRole('button', { name: 'Lesen' }).click();
  await expect(page.locator('h2').first()).toHaveText('1 Code gefunden');
  await expect(page.locator('section.card')).toContainText('KVF-700-3');
  await expect(page.locator('.note.care')).toContainText('KVF-700-4');
  await expectAccessible(page);
  const json = JSON.stringify({ findings: [{ code: 'KVF-412-6' }, { code: 'KVF-102-9' }] });
  await page.setInputFiles('#file', { name: 'bericht.json', mimeType: 'application/json', buffer: Buffer.from(json) });
  await page.getByRole('button', { name: 'Lesen' }).click();
  await expect(page.locator('h2').first()).toHaveText('2 Codes gefunden');
  await expect(page.locator('section.card').nth(1)).toContainText('Folgt aus KVF-102-9');
});
