/** A real gateway with its console on loopback, people with tokens, and a member's PC that signs in by HTTPS. TANs come from oathtool. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

const PROGRAM = process.env.KV_GATEWAY ?? '';
export const PASSWORD = 'Praxis-Muster-2026';

export interface Answer { status: number; body: Record<string, unknown> }

/** Somebody with a token: each press shows the next TAN. */
export class Person {
  private presses = 0;
  constructor(readonly name: string, readonly serial: string, private readonly seed: string) {}

  press(): string {
    return this.tan(this.presses++);
  }

  /** What the token shows at its so manieth press. */
  tan(press: number): string {
    return execFileSync('oathtool', ['--hotp', '-b', '-c', String(press), this.seed], { encoding: 'utf8' }).trim();
  }

  /** A TAN that the token does not show soon. */
  wrong(): string {
    const shown = execFileSync('oathtool', ['--hotp', '-b', '-c', '0', '-w', '150', this.seed], { encoding: 'utf8' }).split('\n');
    return ['000000', '111111', '222222', '333333', '444444'].find((tan) => !shown.includes(tan)) ?? '555555';
  }
}

export class Stand {
  private readonly folder = mkdtempSync('/run/desk-');
  private readonly config = join(this.folder, 'gateway/gateway.toml');
  private gateway?: ChildProcess;
  private log = '';

  async start(): Promise<void> {
    const dir = join(this.folder, 'gateway');
    this.run('init', '--dir', dir, '--name', 'flexnet.example', '--organisation', 'Muster-KV', '--api', '127.0.0.1:443',
      '--endpoint', '127.0.0.1:51820', '--pool', '10.200.0.0/16', '--portal-url', 'http://portal.snk.example/',
      '--portal-network', '10.210.0.0/24', '--portal-address', '10.210.0.10:80', '--dns', '10.210.0.53', '--dns-domain', 'snk.example',
      '--desk-phone', '0231 94 32 99 00', '--desk-hours', 'mon-thu 08:00-17:00', '--desk-hours', 'fri 08:00-14:00', '--desk-holidays', 'nordrhein-westfalen');
    appendFileSync(this.config, '\n[console]\n');
    this.gateway = spawn(PROGRAM, ['serve', '--config', this.config], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.gateway.stdout, this.gateway.stderr]) stream?.on('data', (data) => { this.log += String(data); });
    await this.eventually('the gateway answers', async () => (await this.call('GET', '/v1/info')).status === 200);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.gateway?.once('exit', resolve));
    this.gateway?.kill('SIGTERM');
    await ended;
    rmSync(this.folder, { recursive: true });
  }

  /** `kv-flexnet-gateway admin`; its answer. */
  admin(line: string[], input = ''): Record<string, string> {
    const output = execFileSync(PROGRAM, ['admin', '--config', this.config, '--json', ...line], { input, encoding: 'utf8', env: { ...process.env, USER: 'a.admin', SUDO_USER: '' } });
    return JSON.parse(output) as Record<string, string>;
  }

  member(name: string, greeting: string): Person {
    this.admin(['account', 'add', name, '--display-name', greeting], `${PASSWORD}\n`);
    const token = this.admin(['token', 'add', name]);
    return new Person(name, token['serial'] ?? '', token['seed'] ?? '');
  }

  staff(name: string, greeting: string, role: 'desk' | 'token-officer' | 'auditor'): Person {
    this.admin(['staff', 'add', name, '--display-name', greeting, '--role', role], `${PASSWORD}\n`);
    const token = this.admin(['staff', 'token', name]);
    return new Person(name, token['serial'] ?? '', token['seed'] ?? '');
  }

  /** A member's PC signs in. */
  signIn(member: Person, tan: string, password = PASSWORD): Promise<Answer> {
    const key = generateKeyPairSync('x25519').publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64');
    return this.call('POST', '/v1/sessions', {
      attempt_id: randomBytes(16).toString('base64url'), username: member.name, password, tan,
      client_public_key: key, client: { version: '99.0.0', os: 'linux' },
    });
  }

  /** A report of a diagnosis, sealed as a PC does it. */
  report(code: string): { envelope: Record<string, string>; sha256: string } {
    const place = (name: string, state: string, good: number): unknown => ({ place: name, state, good, looked: 8 });
    const facts = {
      network: { adapters: [{ kind: 'ethernet', carrier: true, up: true }, { kind: 'wifi', carrier: false, up: true }], router: 'answers' },
      pc: { clock_ahead: -812, scanners: ['Muster-Schutz'], system: { name: 'Ubuntu', version: '24.04', supported: true } },
      way: { tcp: [{ family: 'v4', ms: 14, answer: 'open' }], tls: { version: '1.3', trusted: true }, udp: { sent: 20, answered: 20 } },
    };
    const verdict = {
      explained: [{ code: 'KVF-412-6', detail: 'notAfter lies 3 days ahead' }],
      first: { code, detail: 'clock 812 s behind the gateway' },
      hints: [{ code: 'KVF-418-3', detail: '4 of 20 echoes lost' }],
      later: [],
      way: [place('pc', 'broken', 7), place('network', 'good', 3), place('internet', 'good', 6), place('way', 'care', 3), place('sign_in', 'open', 0), place('portal', 'open', 0)],
    };
    const report = JSON.stringify({ facts, format: 1, made_at: Math.floor(Date.now() / 1000), verdict, version: '99.0.0' });
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const signature = sign(null, Buffer.from(`kv-flexnet report 1\n${report}`), privateKey).toString('base64');
    const key = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64');
    return { envelope: { report, key, signature }, sha256: createHash('sha256').update(report).digest('hex') };
  }

  /** Five wrong entries. */
  async lock(member: Person): Promise<void> {
    for (let wrong = 0; wrong < 5; wrong++) await this.signIn(member, member.wrong());
  }

  /** The answer of the sign-in API. */
  call(method: string, path: string, body?: unknown, token?: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const ca = readFileSync(join(this.folder, 'gateway/ca.pem'));
      const headers = { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
      const asked = request({ host: '127.0.0.1', port: 443, servername: 'flexnet.example', ca, method, path, headers, agent: false }, (answer) => {
        let text = '';
        answer.on('data', (data) => { text += String(data); });
        answer.on('end', () => { resolve({ status: answer.statusCode ?? 0, body: text === '' ? {} : JSON.parse(text) as Record<string, unknown> }); });
      });
      asked.on('error', reject);
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  async eventually(what: string, holds: () => Promise<boolean>, seconds = 30): Promise<void> {
    const deadline = Date.now() + seconds * 1000;
    let last: unknown;
    while (Date.now() < deadline) {
      try {
        if (await holds()) return;
        last = 'no';
      } catch (error) {
        last = error;
      }
      await pause(50);
    }
    throw new Error(`${what}: not within ${String(seconds)} s; last: ${String(last)}; the gateway: ${this.log}`);
  }

  private run(...line: string[]): void {
    execFileSync(PROGRAM, line, { stdio: 'pipe' });
  }
}

/** Signs in at the console; what follows is on the page. */
export async function enter(page: Page, name: string, password: string, tan: string): Promise<void> {
  await page.context().clearCookies({ name: '__Host-desk' });
  await page.goto('/sign-in');
  await page.fill('#username', name);
  await page.fill('#password', password);
  await page.fill('#tan', tan);
  await page.locator('main button.main').click();
}

/** Finds a member and opens the page. */
export async function open(page: Page, part: string, greeting: string): Promise<void> {
  await page.goto('/');
  await page.fill('#q', part);
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: greeting }).click();
  await expect(page.locator('h1')).toHaveText(greeting);
}

/** Nothing that axe finds, in both colours and at twice the text, and nothing that has to be scrolled sideways. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const size of ['100%', '200%']) {
      await page.evaluate((size) => { document.documentElement.style.fontSize = size; }, size);
      const found = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
      expect(found.violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), `${page.url()} ${colorScheme} ${size}`).toEqual([]);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(wide, `${page.url()} at ${size} scrolls sideways`).toBeLessThanOrEqual(0);
    }
  }
  await page.evaluate(() => { document.documentElement.style.fontSize = ''; });
  await page.emulateMedia({ colorScheme: 'light' });
}
