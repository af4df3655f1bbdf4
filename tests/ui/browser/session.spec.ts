/** A session that nears its end: what comes over other pages, and what one click does. */
import { expect, test } from '@playwright/test';

import { calls, load } from './window';

test('an idle end comes before a page of help, and one click puts it off', async ({ page }) => {
  await load(page, 'connected');
  await page.keyboard.press('F1');
  await expect(page.locator('#q')).toBeFocused();
  await page.evaluate(() => { window.fake.show('ends-idle'); });
  await expect(page.locator('h1')).toHaveText('Sind Sie noch da?');
  await expect(page.getByRole('timer')).toContainText(/In \d:\d\d Minuten/);
  await page.locator('[data-do=extend]').click();
  await expect(page.locator('h1')).toHaveText('Verbunden');
  expect(await calls(page, 'ask')).toEqual(['extend']);
});

test('the seconds are shown and not read out one by one', async ({ page }) => {
  await load(page, 'ends-now');
  await expect(page.getByRole('timer')).toHaveAttribute('aria-live', 'off');
  const before = await page.getByRole('timer').textContent();
  await expect(page.getByRole('timer')).not.toHaveText(before ?? '');
});

test('nothing is offered that would put off the last minute of an absolute end', async ({ page }) => {
  await load(page, 'ends-now');
  await expect(page.locator('[data-do=extend]')).toHaveCount(0);
  await page.locator('[data-do=portal]').click();
  expect(await calls(page, 'open_portal')).toHaveLength(1);
  await page.locator('[data-do=sign-out]').click();
  expect(await calls(page, 'ask')).toEqual(['sign_out']);
});

test('ten minutes before an absolute end there is a word and the rest stays', async ({ page }) => {
  await load(page, 'ends-soon');
  await expect(page.locator('h1')).toHaveText('Verbunden');
  await expect(page.getByText(/Die Sitzung endet um/)).toBeVisible();
});
