/** Signing in on the page, up to the lock, and the hand-off to the application; without any script first. */
import { expect, test } from '@playwright/test';

import { enter, Member, newKey, noteWhatOpens, redeem, signIn, signInByApplication } from './gateway';

test.describe('without a script', () => {
  test.use({ javaScriptEnabled: false });

  test('from a wrong entry to a confirmed connection', async ({ page }) => {
    const member = new Member();
    await page.goto('/');
    await expect(page.locator('#username')).toBeFocused();
    await enter(page, member.username, member.password, member.wrongTan());
    await expect(page.locator('.note')).toContainText('Noch 4 Versuche');
    await expect(page.locator('#username')).toHaveValue(member.username);
    await expect(page.locator('#password')).toHaveValue('');
    await expect(page.locator('#password')).toBeFocused();

    await enter(page, member.username, member.password, member.press());
    await expect(page.locator('h1')).toHaveText('Jetzt KV\u2011FlexNet öffnen');
    const link = await page.locator('a[data-open]').getAttribute('href') ?? '';
    expect(link).toMatch(/^kv-flexnet:\/\/connect\?ticket=[A-Za-z0-9_-]{22}$/);
    const ticket = link.slice(-22);
    expect(page.url()).toBe('https://flexnet.example/verbinden');

    const key = newKey();
    const handoff = await redeem(ticket, key);
    expect(handoff.status).toBe(202);
    // The page looks by itself, without a script.
    await expect(page.locator('h1')).toHaveText(`Zeigt KV\u2011FlexNet die ${String(handoff.body['digits'])}?`);
    await page.getByRole('button', { name: 'Ja, verbinden' }).click();
    await expect(page.locator('h1')).toHaveText('Bestätigt');
    const grant = await redeem(ticket, key);
    expect(grant.status).toBe(201);
    expect(grant.body['display_name']).toBe('Dr. Martina Muster');
  });

  test('five wrong entries lock, the desk opens', async ({ page }) => {
    const member = new Member();
    const wrong = member.wrongTan();
    for (const left of [4, 3, 2]) {
      await page.goto('/');
      await enter(page, member.username, member.password, wrong);
      await expect(page.locator('.note')).toContainText(`Noch ${String(left)} Versuche`);
    }
    await enter(page, member.username, member.password, wrong);
    await expect(page.locator('h1')).toHaveText('Bitte kurz anhalten');
    await expect(page.locator('form')).toHaveCount(0);
    await page.getByText('Letzten Versuch trotzdem nutzen').click();
    await enter(page, member.username, member.password, wrong);
    await expect(page.locator('h1')).toHaveText('Ihr Zugang ist gesperrt');
    await expect(page.locator('main form, main button, main a.btn')).toHaveCount(0);
    await expect(page.locator('.desk .nr')).toHaveAttribute('href', 'tel:+4923194329900');
    await expect(page.locator('.desk .open')).toHaveText(/Jetzt geöffnet, bis|Geschlossen\. Öffnet wieder/);
    await page.reload();
    await expect(page.locator('h1')).toHaveText('Ihr Zugang ist gesperrt');
    expect(await signInByApplication(member.username, member.password, member.press())).toMatchObject({ status: 403, body: { fault: 'KVF-700-3' } });

    member.unlock();
    await signIn(page, member);
  });

  test('an entry that has not its shape is named field by field and not counted', async ({ page }) => {
    const member = new Member();
    await page.goto('/');
    await enter(page, member.username, '', '12 34');
    const summary = page.locator('.note[role=alert]');
    await expect(summary).toBeFocused();
    await expect(summary.locator('a')).toHaveText(['Bitte Ihr Passwort von „meine KVid“ eintragen.', 'Die TAN hat mindestens 6 Ziffern. Es fehlen noch 2.']);
    await summary.locator('a').last().click();
    await expect(page.locator('#tan')).toBeFocused();
    await expect(page.locator('#tan')).toHaveAttribute('aria-invalid', 'true');
    await expect(page).toHaveTitle('Fehler: Anmelden – KV-FlexNet');
    await enter(page, member.username, member.password, member.wrongTan());
    await expect(page.locator('.note')).toContainText('Noch 4 Versuche');
  });
});

test('the page opens the application once and follows the hand-off by itself', async ({ page }) => {
  const opened = await noteWhatOpens(page.context());
  const member = new Member();
  const ticket = await signIn(page, member);
  await expect.poll(() => opened).toEqual([`kv-flexnet://connect?ticket=${ticket}`]);
  await page.goto('/verbinden?lang=en');
  await expect(page.locator('h1')).toHaveText('Open KV\u2011FlexNet now');
  await page.reload();
  await expect(page.locator('h1')).toHaveText('Open KV\u2011FlexNet now');

  const key = newKey();
  const { body } = await redeem(ticket, key);
  await expect(page.locator('h1')).toHaveText(`Does KV\u2011FlexNet show ${String(body['digits'])}?`);
  await expect(page.locator('h1')).toBeFocused();
  expect(opened).toHaveLength(1);
  await page.getByRole('button', { name: 'No, this was not me' }).click();
  await expect(page.locator('h1')).toHaveText('Not connected');
  expect(await redeem(ticket, key)).toMatchObject({ status: 403, body: { fault: expect.stringMatching(/^KVF-712/) as string } });
});

test('a ticket that nobody redeems ends, and the page says so by itself', async ({ page }) => {
  const ticket = await signIn(page, new Member());
  await expect(page.locator('h1')).toHaveText('Die Zeit ist abgelaufen', { timeout: 90_000 });
  await expect(page.getByRole('link', { name: 'Neu anmelden' })).toBeVisible();
  expect((await redeem(ticket, newKey())).status).toBe(410);
});

test('a second application with the same ticket makes it void for both', async ({ page }) => {
  const ticket = await signIn(page, new Member());
  const key = newKey();
  expect((await redeem(ticket, key)).status).toBe(202);
  await expect(page.locator('h1')).toHaveText(/^Zeigt KV\u2011FlexNet die \d\d\?$/);
  expect((await redeem(ticket, newKey())).status).toBe(403);
  await expect(page.locator('h1')).toHaveText(/Nicht verbunden|Die Zeit ist abgelaufen/);
  expect((await redeem(ticket, key)).status).not.toBe(201);
});

test('clicking twice, reloading and going back count once', async ({ page }) => {
  const member = new Member();
  await page.goto('/');
  await page.fill('#username', member.username);
  await page.fill('#password', member.password);
  await page.fill('#tan', member.wrongTan());
  await page.locator('button.btn--1').dblclick();
  await expect(page.locator('.note')).toContainText('Noch 4 Versuche');
  await page.reload();
  await expect(page.locator('.note')).toContainText('Noch 4 Versuche');
  await page.goBack();
  await page.goForward();
  await expect(page.locator('.note')).toContainText('Noch 4 Versuche');
  expect(await signInByApplication(member.username, member.password, member.wrongTan())).toMatchObject({ status: 403, body: { attempts_left: 3 } });
});

test('the keyboard alone signs in', async ({ page }) => {
  await noteWhatOpens(page.context());
  const member = new Member();
  await page.goto('/');
  await expect(page.locator('#username')).toBeFocused();
  await page.keyboard.type(member.username);
  await page.keyboard.press('Tab');
  await page.keyboard.type(member.password);
  await page.keyboard.press('Tab');
  await page.keyboard.type(member.press());
  await page.keyboard.press('Enter');
  await expect(page.locator('h1')).toHaveText('Jetzt KV\u2011FlexNet öffnen');
  await redeem(new URL(await page.locator('a[data-open]').getAttribute('href') ?? '').searchParams.get('ticket') ?? '', newKey());
  await expect(page.locator('h1')).toHaveText(/^Zeigt/);
  await expect(page.locator('h1')).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Ja, verbinden' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('h1')).toHaveText('Bestätigt');
});

test('no credential is in a URL, the history or the storage', async ({ page }) => {
  const member = new Member();
  const urls: string[] = [];
  page.on('request', (request) => urls.push(request.url()));
  const ticket = await signIn(page, member);
  await page.locator('a', { hasText: 'Hilfe' }).first().click();
  for (const url of urls.filter((url) => url.startsWith('https:'))) {
    for (const secret of [ticket, member.password, member.username]) expect(url).not.toContain(secret);
  }
  const kept = await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }) + document.cookie);
  expect(kept).not.toContain(ticket);
  for (const cookie of await page.context().cookies()) {
    expect(cookie).toMatchObject({ secure: true, httpOnly: true, sameSite: 'Strict', path: '/', name: expect.stringMatching(/^__Host-/) as string });
  }
});
