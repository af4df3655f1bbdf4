/** Every page that a member can meet, and how one comes there. */
import { expect, type Page } from '@playwright/test';

import { enter, Member, newKey, redeem, signIn } from './gateway';

export interface Shot { name: string; open: (page: Page) => Promise<void> }

const wrong = async (page: Page, times: number): Promise<void> => {
  const member = new Member();
  const tan = member.wrongTan();
  for (let time = 0; time < times; time += 1) {
    await page.goto('/');
    await enter(page, member.username, member.password, tan);
  }
};

const compared = async (page: Page): Promise<void> => {
  const ticket = await signIn(page, new Member());
  expect((await redeem(ticket, newKey())).status).toBe(202);
  await page.goto('/verbinden');
  await expect(page.locator('.digits')).toBeVisible();
};

export const SHOTS: Shot[] = [
  { name: 'anmelden', open: async (page) => { await page.goto('/'); } },
  { name: 'anmelden-leer', open: async (page) => { await page.goto('/'); await enter(page, '', '', '12a'); await expect(page.locator('.note')).toBeVisible(); } },
  { name: 'anmelden-lanr', open: async (page) => { await page.goto('/'); await enter(page, '123456701', 'geheim', ''); await expect(page.locator('#username-trouble')).toBeVisible(); } },
  { name: 'anmelden-falsch', open: (page) => wrong(page, 2) },
  { name: 'anmelden-halt', open: (page) => wrong(page, 4) },
  { name: 'gesperrt', open: (page) => wrong(page, 6) },
  { name: 'oeffnen', open: async (page) => { await signIn(page, new Member()); } },
  { name: 'vergleichen', open: compared },
  { name: 'bestaetigt', open: async (page) => { await compared(page); await page.locator('button.btn--1').click(); await expect(page.locator('.digits')).toHaveCount(0); } },
  { name: 'abgelehnt', open: async (page) => { await compared(page); await page.locator('form[action="/verbinden/nein"] button').click(); await expect(page.locator('.digits')).toHaveCount(0); } },
  {
    name: 'abgelaufen',
    open: async (page) => {
      await page.context().addCookies([{ name: '__Host-flexnet-hand-off', value: 'AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA', domain: 'flexnet.example', path: '/', secure: true, httpOnly: true, sameSite: 'Strict' }]);
      await page.goto('/verbinden');
    },
  },
  { name: 'herunterladen', open: async (page) => { await page.goto('/herunterladen'); } },
  { name: 'herunterladen-pruefen', open: async (page) => { await page.goto('/herunterladen'); await page.locator('summary').first().click(); } },
  { name: 'hilfe', open: async (page) => { await page.goto('/hilfe'); } },
  { name: 'hilfe-verloren', open: async (page) => { await page.goto('/hilfe#verloren'); } },
  { name: 'fehlt', open: async (page) => { await page.goto('/gibt-es-nicht'); } },
];
