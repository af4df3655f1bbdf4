/** Opening the window in a scene, and the pages that lie over one. */
import { expect, type Page } from '@playwright/test';

/** A Tuesday morning: the desk is open. */
const NOW = new Date('2026-11-24T10:20:00+01:00');

export interface Look {
  language?: 'de' | 'en';
  theme?: 'light' | 'dark';
  text?: number;
  username?: string;
  kept?: boolean;
  pace?: number;
  /** What a diagnosis comes to, and after how many checks it stands still. */
  verdict?: string;
  halt?: number;
  /** What there is to repair. */
  repair?: string;
}

/** Opens a scene with the clock standing still. */
export async function open(page: Page, scene: string, look: Look = {}): Promise<void> {
  await page.clock.setFixedTime(NOW);
  await load(page, scene, look);
}

/** Opens a scene with the clock running, for what the fake service does in time. */
export async function load(page: Page, scene: string, look: Look = {}): Promise<void> {
  const query = new URLSearchParams({ scene, language: 'de', ...Object.fromEntries(Object.entries(look).map(([key, value]) => [key, String(value)])) });
  await page.goto(`/?${query.toString()}`);
  await expect(page.locator('h1')).toBeAttached();
}

/** What was asked of the platform, by name. */
export async function calls(page: Page, name: string): Promise<unknown[]> {
  const all = await page.evaluate(() => window.fake.calls);
  return all.filter(([called]) => called === name).map(([, value]) => value);
}

declare global {
  interface Window {
    fake: {
      calls: [string, unknown?][];
      show(scene: string): void;
      notice(fault: { code: string }): void;
      saved(saved: { name: string; whole: boolean }): void;
      leave(): void;
      verdict: string;
      unsent: { code: string } | null;
      next: unknown;
    };
  }
}

async function viaMenu(page: Page, item: string): Promise<void> {
  await page.locator('[data-do=menu]').click();
  await page.locator(`[data-do=${item}]`).click();
}

export interface Shot {
  /** Name of the picture. */
  name: string;
  scene: string;
  username?: string;
  kept?: boolean;
  verdict?: string;
  halt?: number;
  repair?: string;
  /** As wide as the window makes itself for it. */
  wide?: boolean;
  /** What a person does to come here. */
  steps?: (page: Page) => Promise<void>;
}

const settings = (page: Page): Promise<void> => viaMenu(page, 'menu-settings');
const help = (page: Page): Promise<void> => page.locator('[data-do=help]').click();

const resync = async (page: Page): Promise<void> => {
  await viaMenu(page, 'menu-token');
  await page.locator('[data-do=resync]').click();
};
const pair = async (page: Page, first: string, second: string): Promise<void> => {
  await page.fill('#tan-first', first);
  await page.fill('#tan-second', second);
  await page.locator('.btn--1').click();
};

const repair = async (page: Page): Promise<void> => {
  await viaMenu(page, 'menu-repair');
  await expect(page.locator('h1')).toHaveText(/aufräumen|aufzuräumen|to tidy up/);
};

const diagnose = async (page: Page): Promise<void> => {
  await page.locator('[data-do=diagnose]').click();
  await expect(page.locator('.chain')).toBeVisible();
};
const diagnosed = async (page: Page): Promise<void> => {
  await diagnose(page);
  await expect(page.locator('[data-do=look-again]')).toBeVisible();
};
const reported = async (page: Page): Promise<void> => {
  await diagnosed(page);
  await page.locator('[data-do=report]').click();
  await expect(page.locator('.paper')).toBeVisible();
};
const sent = async (page: Page): Promise<void> => {
  await reported(page);
  await page.locator('[data-do=send]').click();
  await expect(page.locator('.big')).toBeVisible();
};
const unsent = async (page: Page): Promise<void> => {
  await reported(page);
  await page.evaluate(() => { window.fake.unsent = { code: 'KVF-402-1' }; });
  await page.locator('[data-do=send]').click();
  await expect(page.locator('.note--care')).toBeVisible();
};
const halted = async (page: Page): Promise<void> => {
  await diagnose(page);
  await expect(page.locator('[role=progressbar]')).toHaveAttribute('aria-valuenow', '12');
};

/** As the window opens, and as wide as it makes itself for two columns. A test that has chosen another size keeps it. */
const HEIGHT = 640;
const NARROW = 440;
const WIDE = 900;

/** Every screen and page of the window. */
export const SHOTS: Shot[] = [
  { name: 'erster-start', scene: 'first-start' },
  { name: 'anmelden', scene: 'sign-in' },
  { name: 'anmelden-gemerkt', scene: 'sign-in', username: 'm.muster' },
  { name: 'anmelden-passwort-gemerkt', scene: 'sign-in', username: 'm.muster', kept: true },
  { name: 'anmelden-leer-abgeschickt', scene: 'sign-in', steps: async (page) => { await page.locator('[data-do=sign-in]').click(); await expect(page.locator('#username-trouble')).toBeVisible(); } },
  {
    name: 'anmelden-pruefung',
    scene: 'sign-in',
    steps: async (page) => {
      await page.fill('#username', '123456701');
      await page.fill('#password', 'geheim');
      await page.fill('#tan', '4821');
      await page.locator('[data-do=sign-in]').click();
      await expect(page.locator('#tan-trouble')).toBeVisible();
    },
  },
  { name: 'anmelden-falsch', scene: 'wrong-3', username: 'm.muster' },
  { name: 'anmelden-tan-verbraucht', scene: 'tan-used', username: 'm.muster' },
  { name: 'anmelden-halt', scene: 'halt', username: 'm.muster' },
  { name: 'anmelden-letzter-versuch', scene: 'halt', username: 'm.muster', steps: (page) => page.locator('[data-do=last-try]').click() },
  { name: 'aus-dem-browser-wer', scene: 'identity' },
  { name: 'aus-dem-browser-wer-lang', scene: 'identity-long' },
  { name: 'aus-dem-browser-wer-unbekannt', scene: 'identity-unnamed' },
  { name: 'aus-dem-browser', scene: 'confirming' },
  { name: 'aus-dem-browser-gleich-vorbei', scene: 'confirming-late' },
  { name: 'verbinden-anmeldung', scene: 'signing-in' },
  { name: 'verbinden', scene: 'connecting' },
  { name: 'verbunden', scene: 'connected-failures' },
  { name: 'verbunden-erstes-mal', scene: 'connected-first' },
  { name: 'menue', scene: 'connected', steps: (page) => page.locator('[data-do=menu]').click() },
  { name: 'nicht-ich', scene: 'connected-failures', steps: (page) => page.locator('[data-do=not-me]').click() },
  { name: 'datei-da', scene: 'connected', steps: (page) => page.evaluate(() => { window.fake.saved({ name: 'Honorarbescheid 3-2026.pdf', whole: true }); }) },
  { name: 'meldung', scene: 'connected', steps: (page) => page.evaluate(() => { window.fake.notice({ code: 'KVF-107-8' }); }) },
  { name: 'beenden', scene: 'connected', steps: (page) => page.evaluate(() => { window.fake.leave(); }) },
  { name: 'verbunden-umweg', scene: 'connected-detour' },
  { name: 'endet-pause', scene: 'ends-idle' },
  { name: 'endet-pause-gleich', scene: 'ends-idle-now' },
  { name: 'endet-bald', scene: 'ends-soon' },
  { name: 'endet-gleich', scene: 'ends-now' },
  { name: 'portal-fehlt', scene: 'portal-missing' },
  { name: 'unterbrochen', scene: 'reconnecting' },
  { name: 'abmelden', scene: 'ending' },
  { name: 'abgemeldet', scene: 'ended-signed-out' },
  { name: 'abgemeldet-pause', scene: 'ended-idle' },
  { name: 'abgemeldet-zeit', scene: 'ended-absolute' },
  { name: 'abgemeldet-anderswo', scene: 'ended-newer' },
  { name: 'abgemeldet-desk', scene: 'ended-desk' },
  { name: 'abgemeldet-token', scene: 'ended-token' },
  { name: 'gesperrt', scene: 'locked-closed' },
  { name: 'gesperrt-offen', scene: 'locked' },
  { name: 'stoerung', scene: 'failed' },
  { name: 'stoerung-aufgeklappt', scene: 'failed', steps: (page) => page.locator('summary').click() },
  { name: 'stoerung-gezaehlt', scene: 'failed-counted' },
  { name: 'stoerung-ungewiss', scene: 'failed-unknown' },
  { name: 'wartung', scene: 'maintenance' },
  { name: 'wartung-offen', scene: 'maintenance-open' },
  { name: 'dienst-fehlt', scene: 'away' },
  { name: 'dienst-ohne-profil', scene: 'away-bare' },
  { name: 'vorlesen', scene: 'failed', wide: true, steps: (page) => page.locator('[data-do=read]').click() },
  { name: 'vorlesen-nummer', scene: 'locked', steps: (page) => page.locator('.desk .btn').click() },
  { name: 'einstellungen', scene: 'sign-in', username: 'm.muster', kept: true, steps: settings },
  { name: 'einstellungen-farben', scene: 'sign-in', steps: async (page) => { await settings(page); await page.locator('[data-do=choose-theme]').click(); } },
  { name: 'einstellungen-schrift', scene: 'sign-in', steps: async (page) => { await settings(page); await page.locator('[data-do=choose-text_size]').click(); } },
  { name: 'einstellungen-sprache', scene: 'sign-in', steps: async (page) => { await settings(page); await page.locator('[data-do=choose-language]').click(); } },
  { name: 'hilfe', scene: 'sign-in', steps: help },
  { name: 'hilfe-suche', scene: 'sign-in', steps: async (page) => { await help(page); await page.fill('#q', 'Token'); } },
  { name: 'hilfe-code', scene: 'sign-in', steps: async (page) => { await help(page); await page.fill('#q', 'KVF-70'); } },
  { name: 'hilfe-code-erklaert', scene: 'sign-in', steps: async (page) => { await help(page); await page.fill('#q', '700-3'); await page.locator('.rows button').click(); } },
  { name: 'hilfe-nichts', scene: 'sign-in', steps: async (page) => { await help(page); await page.fill('#q', 'xyz'); } },
  { name: 'hilfe-gesperrt', scene: 'sign-in', steps: async (page) => { await help(page); await page.locator('.rows button').first().click(); } },
  { name: 'token-hilfe', scene: 'sign-in', steps: (page) => viaMenu(page, 'menu-token') },
  { name: 'welcher-zugang', scene: 'sign-in', steps: (page) => viaMenu(page, 'menu-access') },
  { name: 'ueber', scene: 'connected', steps: (page) => viaMenu(page, 'menu-about') },
  { name: 'token-verloren', scene: 'connected', steps: (page) => viaMenu(page, 'menu-token-lost') },
  { name: 'token-verloren-sicher', scene: 'connected', steps: async (page) => { await viaMenu(page, 'menu-token-lost'); await page.locator('[data-do=lose]').click(); } },
  { name: 'token-verloren-abgemeldet', scene: 'sign-in', steps: (page) => viaMenu(page, 'menu-token-lost') },
  { name: 'token-abgleichen', scene: 'connected', steps: resync },
  { name: 'token-abgleichen-pruefung', scene: 'connected', steps: async (page) => { await resync(page); await pair(page, '482 913', '482913'); await expect(page.locator('.input--bad')).toBeVisible(); } },
  { name: 'token-abgleichen-falsch', scene: 'connected', steps: async (page) => { await resync(page); await pair(page, '482913', '111111'); await expect(page.locator('.note--care')).toBeVisible(); } },
  { name: 'token-abgleichen-fertig', scene: 'connected', steps: async (page) => { await resync(page); await pair(page, '482913', '482914'); await expect(page.locator('[data-do=close]')).toBeVisible(); } },
  { name: 'token-abgleichen-abgemeldet', scene: 'sign-in', steps: resync },
  { name: 'nicht-ich-anderswo', scene: 'ended-newer', steps: (page) => page.locator('[data-do=not-me]').click() },
  { name: 'verbunden-bis-morgen', scene: 'connected-night' },
  { name: 'reparatur-verbunden', scene: 'connected', steps: (page) => viaMenu(page, 'menu-repair') },
  { name: 'reparatur', scene: 'sign-in', steps: repair },
  { name: 'reparatur-fertig', scene: 'sign-in', steps: async (page) => { await repair(page); await page.locator('[data-do=repair]').click(); await expect(page.locator('details')).toBeVisible(); } },
  { name: 'reparatur-nichts', scene: 'sign-in', repair: 'nothing', steps: repair },
  { name: 'reparatur-rest', scene: 'sign-in', repair: 'partly', steps: async (page) => { await repair(page); await page.locator('[data-do=repair]').click(); await expect(page.locator('details')).toBeVisible(); } },
  { name: 'reparatur-ohne-dienst', scene: 'away', steps: (page) => viaMenu(page, 'menu-repair') },
  { name: 'diagnose-laeuft', scene: 'sign-in', halt: 12, wide: true, steps: halted },
  { name: 'diagnose-laeuft-schmal', scene: 'sign-in', halt: 12, steps: halted },
  { name: 'diagnose-befund', scene: 'sign-in', verdict: 'stopped', wide: true, steps: diagnosed },
  { name: 'diagnose-befund-schmal', scene: 'failed', verdict: 'stopped', steps: diagnosed },
  { name: 'diagnose-befund-aufgeklappt', scene: 'away', verdict: 'several', wide: true, steps: async (page) => { await diagnosed(page); await page.locator('summary').click(); } },
  { name: 'diagnose-befund-mehrere-schmal', scene: 'away', verdict: 'several', steps: diagnosed },
  { name: 'diagnose-gut', scene: 'sign-in', wide: true, steps: diagnosed },
  { name: 'diagnose-gut-schmal', scene: 'sign-in', steps: diagnosed },
  { name: 'diagnose-gut-verbunden', scene: 'connected', verdict: 'whole', wide: true, steps: diagnosed },
  { name: 'diagnose-soweit-gesehen', scene: 'away', verdict: 'partly', wide: true, steps: diagnosed },
  { name: 'diagnose-hinweis', scene: 'sign-in', verdict: 'hint', wide: true, steps: diagnosed },
  { name: 'diagnose-hinweis-erklaert', scene: 'sign-in', verdict: 'hint', steps: async (page) => { await diagnosed(page); await page.locator('[data-do=finding]').click(); } },
  { name: 'bericht', scene: 'sign-in', verdict: 'stopped', wide: true, steps: reported },
  { name: 'bericht-schmal', scene: 'sign-in', verdict: 'stopped', steps: reported },
  { name: 'bericht-nicht-angekommen', scene: 'sign-in', verdict: 'stopped', wide: true, steps: unsent },
  { name: 'bericht-nicht-angekommen-schmal', scene: 'sign-in', verdict: 'stopped', steps: unsent },
  { name: 'bericht-gespeichert', scene: 'sign-in', verdict: 'stopped', wide: true, steps: async (page) => { await reported(page); await page.locator('[data-do=save]').click(); await expect(page.locator('.toast')).toBeVisible(); } },
  { name: 'bericht-gesendet', scene: 'sign-in', verdict: 'stopped', steps: sent },
  { name: 'bericht-nummer', scene: 'sign-in', verdict: 'stopped', wide: true, steps: async (page) => { await sent(page); await page.locator('[data-do=read]').click(); } },
  { name: 'vorlesen-mit-pruefcode', scene: 'sign-in', verdict: 'stopped', wide: true, steps: async (page) => { await reported(page); await page.keyboard.press('Control+l'); await expect(page.locator('.read')).toHaveCount(2); } },
  { name: 'vorlesen-mit-pruefcode-schmal', scene: 'sign-in', verdict: 'stopped', steps: async (page) => { await reported(page); await page.keyboard.press('Control+l'); await expect(page.locator('.read')).toHaveCount(2); } },
];

/** Opens a screen as `SHOTS` names it. */
export async function show(page: Page, shot: Shot, look: Look): Promise<void> {
  const { scene, kept, steps } = shot;
  const given = Object.entries({ username: shot.username, kept, repair: shot.repair, verdict: shot.verdict, halt: shot.halt }).filter(([, value]) => value !== undefined);
  const size = page.viewportSize();
  if (size?.height === HEIGHT) await page.setViewportSize({ width: shot.wide === true ? WIDE : NARROW, height: HEIGHT });
  await open(page, scene, { pace: 10, ...look, ...(Object.fromEntries(given) as Look) });
  if (kept === true && steps === undefined) await expect(page.locator('#password')).toHaveCount(0);
  await steps?.(page);
}
