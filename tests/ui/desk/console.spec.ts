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
  await page.getByRole('link', { name: 'Berichte', exact: true }).click();
  await page.fill('#text', 'Das Fenster sagt KVF\u2011700\u20113 <script>document.title = "x"</script> und KVF-700-4.');
  await page.getByRole('button', { name: 'Lesen' }).click();
  await expect(page.locator('h2').first()).toHaveText('1 Code gefunden');
  await expect(page.locator('section.card')).toContainText('KVF-700-3');
  await expect(page.locator('.note.care')).toContainText('KVF-700-4');
  await expectAccessible(page);
  const json = JSON.stringify({ findings: [{ code: 'KVF-412-6' }, { code: 'KVF-102-9' }] });
  await expect(page.locator('section.card')).toContainText('Nächste Frage');
  await page.setInputFiles('#file', { name: 'bericht.json', mimeType: 'application/json', buffer: Buffer.from(json) });
  await page.getByRole('button', { name: 'Lesen' }).click();
  await expect(page.locator('h2').first()).toHaveText('2 Codes gefunden');
  await expect(page.locator('section.card').nth(1)).toContainText('Folgt aus KVF-102-9');
});

test('a report that was sent in is found by what is read aloud, and says the next question first', async ({ page }) => {
  const report = stand.report('KVF-102-9');
  const sent = await stand.call('POST', '/v1/reports', report.envelope);
  expect(sent.status).toBe(201);
  const number = String(sent.body['number']);
  await enter(page, desk.name, PASSWORD, desk.press());
  await page.getByRole('link', { name: 'Berichte', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Gesendete Berichte' })).toContainText(number);
  await expectAccessible(page);

  await page.fill('#q', '700-4');
  await page.keyboard.press('Enter');
  await expect(page.locator('.note.care')).toContainText('noch einmal vorlesen');
  await page.fill('#q', '7003');
  await page.keyboard.press('Enter');
  await expect(page.locator('section.card h2')).toContainText('Ihr Zugang ist gesperrt');
  await expectAccessible(page);

  await page.fill('#q', `${number.slice(0, 2)} ${number.slice(2)}`);
  await page.keyboard.press('Enter');
  await expect(page.locator('h1')).toHaveText(`Bericht ${number}`);
  const headings = await page.locator('main h2, main h3').allTextContents();
  expect(headings[0]).toContain('KVF-102-9');
  expect(headings.slice(1, 3)).toEqual(['Wahrscheinliche Ursache', 'Nächste Frage']);
  await expect(page.getByRole('region', { name: 'Der Weg', exact: true })).toContainText('hier hängt es');
  await expect(page.locator('main')).toContainText('clock_ahead');
  await expect(page.locator('main')).toContainText(report.sha256);
  await expect(page.locator('.tag.good').last()).toHaveText('stimmt');
  await expectAccessible(page);
  await page.locator('summary').first().click();
  await expectAccessible(page);
});

test('a file of a report is checked, and one that was changed is called so', async ({ page }) => {
  const { envelope } = stand.report('KVF-102-9');
  const file = (text: string): { name: string; mimeType: string; buffer: Buffer } => ({
    name: 'bericht.html', mimeType: 'text/html',
    buffer: Buffer.from(`<!DOCTYPE html><h1>Alles gut</h1><script type="application/json" id="kv-flexnet-report">${text}</script>`),
  });
  await enter(page, desk.name, PASSWORD, desk.press());
  await page.goto('/reports');
  await page.setInputFiles('#file', file(JSON.stringify(envelope)));
  await page.getByRole('button', { name: 'Lesen' }).click();
  await expect(page.locator('h1')).toHaveText('Bericht aus einer Datei');
  await expect(page.locator('main')).toContainText('kann die Konsole nicht prüfen');
  await expect(page.locator('main')).not.toContainText('Alles gut');
  await expectAccessible(page);
  await page.goto('/reports');
  await page.setInputFiles('#file', file(JSON.stringify(envelope).replace('812', '813')));
  await page.getByRole('button', { name: 'Lesen' }).click();
  await expect(page.locator('.note.stop')).toContainText('Die Unterschrift passt nicht');
  await expectAccessible(page);
});
