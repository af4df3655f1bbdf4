/** The other hands: an administrator at the gateway, a member's token, and an application that redeems a ticket. None is code of the pages. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';

import type { BrowserContext, Page } from '@playwright/test';

const GATEWAY = process.env['KV_GATEWAY'] ?? '';
const FOLDER = process.env['KV_GATEWAY_DIR'] ?? '';
const PASSWORD = 'Praxis-Muster-2026';

/** What lies in the folder of downloads. */
export const DOWNLOADS = join(FOLDER, 'downloads');

function admin(words: string[], input = ''): string {
  return execFileSync(GATEWAY, ['admin', '--config', join(FOLDER, 'gateway.toml'), '--json', ...words], { encoding: 'utf8', input });
}

/** A member with an event token. Each test has its own: a lock of one is nobody else's. */
export class Member {
  readonly username: string;
  readonly password = PASSWORD;
  readonly #seed: string;
  #presses = 0;

  constructor(name = 'm.muster') {
    this.username = `${name}.${randomBytes(3).toString('hex')}`;
    admin(['account', 'add', this.username, '--display-name', 'Dr. Martina Muster'], `${PASSWORD}\n`);
    const token = JSON.parse(admin(['token', 'add', this.username, '--kind', 'hotp'])) as { seed: string };
    this.#seed = token.seed;
  }

  /** The next TAN. */
  press(): string {
    return execFileSync('oathtool', ['--hotp', '-b', '-c', String(this.#presses++), this.#seed], { encoding: 'utf8' }).trim();
  }

  /** A TAN that the token does not show soon. */
  wrongTan(): string {
    const shown = execFileSync('oathtool', ['--hotp', '-b', '-c', '0', '-w', '300', this.#seed], { encoding: 'utf8' }).split('\n');
    return ['000000', '111111', '222222', '333333', '444444'].find((tan) => !shown.includes(tan)) ?? '';
  }

  unlock(): void {
    admin(['account', 'unlock', this.username, '--caller-verified', '--reason', 'Anruf']);
  }
}

/** No application is registered for the deep link, and the browser's question what to do lies over the page and takes its keys. What would have been opened is noted. */
export async function noteWhatOpens(context: BrowserContext): Promise<string[]> {
  const opened: string[] = [];
  await context.exposeFunction('noteOpened', (link: string) => { opened.push(link); });
  await context.addInitScript(() => {
    addEventListener('click', (event) => {
      const link = (event.target as Element).closest<HTMLAnchorElement>('a[data-open]');
      if (link === null) return;
      event.preventDefault();
      void (window as unknown as { noteOpened: (link: string) => Promise<void> }).noteOpened(link.href);
    });
  });
  return opened;
}

/** Fills the form in and sends it. */
export async function enter(page: Page, username: string, password: string, tan: string): Promise<void> {
  await page.fill('#username', username);
  await page.fill('#password', password);
  await page.fill('#tan', tan);
  await page.locator('button.btn--1').click();
}

/** Signs in rightly; the ticket that the page offers. */
export async function signIn(page: Page, member: Member): Promise<string> {
  await page.goto('/');
  await enter(page, member.username, member.password, member.press());
  const link = await page.locator('a[data-open]').getAttribute('href');
  return new URL(link ?? '').searchParams.get('ticket') ?? '';
}

export interface Answer { status: number; body: Record<string, unknown> }

/** What an application sends: the same key again is the same application. */
export function redeem(ticket: string, key: Buffer): Promise<Answer> {
  return call('/v1/sessions/redeem', { ticket, client_public_key: key.toString('base64'), client: { version: '0.1.0', os: 'linux' } });
}

/** A sign-in of an application. */
export function signInByApplication(username: string, password: string, tan: string): Promise<Answer> {
  const [attempt, key] = [randomBytes(16).toString('base64url'), randomBytes(32).toString('base64')];
  return call('/v1/sessions', { attempt_id: attempt, username, password, tan, client_public_key: key, client: { version: '0.1.0', os: 'linux' } });
}

export const newKey = (): Buffer => randomBytes(32);

function call(path: string, body: unknown): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: 443, servername: 'flexnet.example', path, method: 'POST', ca: readFileSync(join(FOLDER, 'ca.pem')), agent: false as const, headers: { host: 'flexnet.example' } };
    const sent = request(options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => { text += part; });
      response.on('end', () => { resolve({ status: response.statusCode ?? 0, body: text === '' ? {} : JSON.parse(text) as Record<string, unknown> }); });
    });
    sent.on('error', reject);
    sent.end(JSON.stringify(body));
  });
}
