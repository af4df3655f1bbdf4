/** „Wo hängt es?“: from every screen, by keyboard, and what a screen reader is told. */
import { expect, type Page, test } from '@playwright/test';

import { calls, load } from './window';

const heading = (page: Page): ReturnType<Page['locator']> => page.locator('h1');
const points = (page: Page): Promise<string[]> => page.locator('.chain > li').evaluateAll((items) => items.map((item) => (item.textContent ?? '').replaceAll('\u00ad', '').replace(/\s+/g, ' ').trim()));

test.beforeEach(({ page }) => {
  page.on('pageerror', (error) => { throw error; });
});

for (const scene of ['first-start', 'sign-in', 'wrong', 'halt', 'identity', 'connecting', 'connected', 'ends-idle', 'portal-missing', 'reconnecting', 'ended-idle', 'locked', 'failed', 'maintenance', 'away', 'away-bare']) {
  test(`F2 asks where it hangs, and Esc leads back: ${scene}`, async ({ page }) => {
    await load(page, scene, { pace: 10 });
    const before = await heading(page).textContent();
    await page.keyboard.press('F2');
    await expect(page.locator('.chain')).toBeVisible();
    await expect(page.locator('[data-do=look-again]')).toBeVisible();
    await expect(heading(page)).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(heading(page)).toHaveText(before ?? '');
    expect(await calls(page, 'diagnose')).toHaveLength(1);
  });
}

test('it stands in the foot, and in the body where nothing else helps', async ({ page }) => {
  for (const scene of ['sign-in', 'connected', 'reconnecting', 'locked', 'failed', 'away']) {
    await load(page, scene, { pace: 10 });
    await expect(page.locator('[data-do=diagnose]')).toHaveCount(1);
    await page.locator('[data-do=diagnose]').click();
    await expect(page.locator('[data-do=look-again]')).toBeVisible();
  }
});

test('progress is told in words, and nothing is called in order before it is judged', async ({ page }) => {
  await load(page, 'sign-in', { pace: 10, halt: 12 });
  await page.keyboard.press('F2');
  const bar = page.getByRole('progressbar', { name: 'Fortschritt' });
  await expect(bar).toHaveAttribute('aria-valuenow', '12');
  await expect(bar).toHaveAttribute('aria-valuemax', '25');
  await expect(page.getByRole('status').filter({ hasText: 'Gerade: Internet' })).toBeAttached();
  expect(await points(page)).toEqual([
    'angesehen: Dieser PCUhr, Updates, Virenschutz', 'angesehen: Ihr NetzWLAN, Kabel, Router', 'läuft: InternetNamen und Adressen',
    'kommt noch: Weg zur KVSicherheit der Leitung', 'kommt noch: AnmeldungZugang Ihrer KV', 'kommt noch: MitgliederportalAntwort des Portals',
  ]);
});

test('what was found is announced, and where', async ({ page }) => {
  await load(page, 'failed', { pace: 10, verdict: 'stopped' });
  await page.keyboard.press('F2');
  await expect(page.getByRole('alert').filter({ hasText: 'Verbindung angehalten' })).toBeVisible();
  await expect(heading(page)).toBeFocused();
  expect(await points(page)).toEqual([
    'in Ordnung: Dieser PC8 von 8 in Ordnung', 'in Ordnung: Ihr Netz3 von 3 in Ordnung', 'in Ordnung: Internet6 von 6 in Ordnung',
    'hier hängt es: Weg zur KVHier hängt es', 'nicht geprüft: AnmeldungFolgt aus dem Punkt davor', 'nicht geprüft: MitgliederportalFolgt aus dem Punkt davor',
  ]);
  await page.locator('summary').click();
  await expect(page.getByText('Folgt daraus: KVF‑605‑3')).toBeVisible();
  await page.keyboard.press('Control+l');
  await expect(page.getByText('K wie Köln, V wie Völklingen, F wie Frankfurt, vier, eins, fünf, zwo')).toBeAttached();
  await page.keyboard.press('Escape');
  await expect(heading(page)).toHaveText('Verbindung angehalten');
  expect(await calls(page, 'diagnose'), 'the way back looks at nothing anew').toHaveLength(1);
});

test('what comes after it is named, and leads to its words', async ({ page }) => {
  await load(page, 'sign-in', { pace: 10, verdict: 'several' });
  await page.keyboard.press('F2');
  await expect(heading(page)).toHaveText('Die Uhr des PCs geht falsch');
  await page.getByRole('button', { name: /Vom letzten Mal ist etwas übrig/ }).click();
  await expect(heading(page)).toHaveText('Vom letzten Mal ist etwas übrig');
  await page.keyboard.press('Escape');
  await expect(heading(page)).toHaveText('Die Uhr des PCs geht falsch');
});

test('looking again is a new look, with its own outcome', async ({ page }) => {
  await load(page, 'sign-in', { pace: 10, verdict: 'stopped' });
  await page.keyboard.press('F2');
  await expect(heading(page)).toHaveText('Verbindung angehalten');
  await page.evaluate(() => { window.fake.verdict = 'free'; });
  await page.keyboard.press('Enter');
  await expect(heading(page)).toHaveText('Der Weg zur Anmeldung ist frei');
  expect(await calls(page, 'diagnose')).toHaveLength(2);
  await page.locator('[data-do=to-sign-in]').click();
  await expect(page.locator('#username')).toBeFocused();
});

test('it can be given up, goes on behind Esc, and is begun anew after that', async ({ page }) => {
  await load(page, 'sign-in', { pace: 10, halt: 3 });
  await page.keyboard.press('F2');
  await expect(page.getByRole('progressbar')).toHaveAttribute('aria-valuenow', '3');
  await page.keyboard.press('Escape');
  await page.keyboard.press('F2');
  await expect(page.getByRole('progressbar')).toHaveAttribute('aria-valuenow', '3');
  expect(await calls(page, 'diagnose'), 'the same one').toHaveLength(1);
  await page.locator('[data-do=stop]').click();
  await expect(page.locator('#username')).toBeFocused();
  expect(await calls(page, 'stop_diagnosis')).toHaveLength(1);
  await page.keyboard.press('F2');
  await expect(page.getByRole('progressbar')).toHaveAttribute('aria-valuenow', '3');
  expect(await calls(page, 'diagnose')).toHaveLength(2);
});

test('the way is promised as far as it was looked at', async ({ page }) => {
  await load(page, 'connected', { pace: 10, verdict: 'whole' });
  await page.keyboard.press('F2');
  await expect(heading(page)).toHaveText('Der ganze Weg ist frei');
  await expect(page.locator('[data-do=to-sign-in]')).toHaveCount(0);
  await expect(page.getByText('Sie können sich anmelden')).toHaveCount(0);
});

for (const verdict of ['partly', 'partly-hint']) {
  test(`the way to the sign-in is not promised where it was not seen: ${verdict}`, async ({ page }) => {
    await load(page, 'sign-in', { pace: 10, verdict });
    await page.keyboard.press('F2');
    await expect(heading(page)).toHaveText('So weit wir sehen konnten, ist der Weg frei');
    await expect(page.getByText('Den Rest konnten wir diesmal nicht prüfen.')).toBeVisible();
    await expect(page.getByText('Sie können sich anmelden')).toHaveCount(0);
    expect((await points(page)).slice(2)).toEqual([
      'nicht geprüft: InternetDiesmal nicht geprüft', 'nicht geprüft: Weg zur KVDiesmal nicht geprüft',
      'nicht geprüft: AnmeldungGeht erst nach der Anmeldung', 'nicht geprüft: MitgliederportalGeht erst nach der Anmeldung',
    ]);
    await expect(page.locator('[data-do=finding]')).toHaveCount(verdict === 'partly-hint' ? 1 : 0);
  });
}

test('the window is widened for it, and given back', async ({ page }) => {
  await load(page, 'failed', { pace: 10 });
  await page.keyboard.press('F2');
  await expect(page.locator('[data-do=look-again]')).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+l');
  await page.keyboard.press('Escape');
  expect(await calls(page, 'widen')).toEqual([false, true, false, true, false]);
});

test('nothing is sent before the member has seen it and says so', async ({ page }) => {
  await load(page, 'away', { pace: 10, verdict: 'stopped' });
  await page.keyboard.press('F2');
  await page.locator('[data-do=report]').click();
  await expect(heading(page)).toHaveText('Alles, was gesendet würde');
  await expect(page.getByRole('region', { name: 'Bericht' })).toContainText('Muster-Schutz 12');
  expect(await calls(page, 'report_send')).toEqual([]);
  await page.locator('[data-do=send]').click();
  await expect(heading(page)).toHaveText('Der Bericht ist angekommen');
  await expect(page.getByText('Berichtsnummer vier acht zwo eins drei')).toBeAttached();
  await page.keyboard.press('Control+l');
  await expect(heading(page)).toHaveText('Berichtsnummer');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.locator('[data-do=send]').click();
  await expect(heading(page)).toHaveText('Der Bericht ist angekommen');
  expect(await calls(page, 'report_send'), 'the number is shown again, the report is not sent again').toEqual([1]);
  await page.locator('[data-do=done]').click();
  await expect(page.locator('.chain, .big, .paper')).toHaveCount(0);
});

test('a report that did not arrive says so with its code, and can be saved', async ({ page }) => {
  await load(page, 'sign-in', { pace: 10, verdict: 'stopped' });
  await page.keyboard.press('F2');
  await page.locator('[data-do=report]').click();
  await page.evaluate(() => { window.fake.unsent = { code: 'KVF-402-1' }; });
  await page.locator('[data-do=send]').click();
  const alert = page.getByRole('alert').filter({ hasText: 'Der Bericht kam nicht an' });
  await expect(alert).toContainText('KVF‑402‑1');
  await expect(alert).toBeInViewport();
  await page.locator('[data-do=save]').click();
  await expect(page.getByText('liegt jetzt im Ordner Downloads')).toBeVisible();
  expect(await calls(page, 'report_save')).toEqual([1]);
});

test('„Vorlesen“ has the Prüfcode once there is a report', async ({ page }) => {
  await load(page, 'sign-in', { pace: 10, verdict: 'stopped' });
  await page.keyboard.press('F2');
  await page.locator('[data-do=read]').click();
  await expect(page.locator('.read')).toHaveCount(1);
  await page.keyboard.press('Escape');
  await page.locator('[data-do=report]').click();
  await page.keyboard.press('Control+l');
  await expect(page.locator('.read')).toHaveCount(2);
  await expect(page.getByText('H wie Hamburg, W wie Wuppertal, sieben, sieben, C wie Chemnitz')).toBeAttached();
});
