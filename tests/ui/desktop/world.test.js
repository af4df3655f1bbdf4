// The way once, for real: the application under WebDriver before the real service, gateway and portal, with TANs from oathtool.
// The portal window is private and so beyond WebDriver; there the keyboard speaks, and titles, files and pictures answer.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { after, before, test } from 'node:test';

import { Builder, By, Capabilities, until } from 'selenium-webdriver';

import { desktop, eventually, focus, gone, picture, press, start, type, windows } from './stage.js';

const { KV_WORLD_USER: username, KV_WORLD_PASSWORD: password, KV_WORLD_SEED: seed } = process.env;
const portal = 'http://portal.snk.example/';
const NAVIGATION = ['Start', 'Online-Abrechnung', 'Honorarunterlagen', 'BSNR/LANR-Suche', 'Notfalldienst-Tausch', 'Dienste'];
/** The link that skips the navigation, and the button that signs out of the portal. */
const BEFORE_NAVIGATION = 2;
const CHOOSER = '^Datei auswählen$';
let driver, window;

before(async () => {
  assert.ok(username && password && seed, 'start with ./run world');
  driver = start('tauri-driver', ['--port', '4444', '--native-port', '4445']);
  await eventually('tauri-driver', () => fetch('http://127.0.0.1:4444/status'));
  const capabilities = new Capabilities({ browserName: 'wry', 'tauri:options': { application: desktop } });
  window = await new Builder().withCapabilities(capabilities).usingServer('http://127.0.0.1:4444/').build();
});

after(async () => {
  await window?.quit().catch(() => undefined);
  await driver?.stop();
});

const find = (selector) => window.wait(until.elementLocated(By.css(selector)), 30_000, selector);
const headline = async () => (await (await find('h1')).getText()).replaceAll('\u00ad', '');
const waitForHeadline = (text) => eventually(`headline ${text}`, async () => {
  const found = await headline();
  return found === text || assert.fail(`the headline is ${found}`);
});

async function click(selector) {
  const element = await find(selector);
  // As a person would: WebDriver scrolls only as far as the foot, which lies over the form.
  await window.executeScript('arguments[0].scrollIntoView({ block: "center" })', element);
  await element.click();
}

async function fill(selector, text) {
  const field = await find(selector);
  await field.clear();
  await field.sendKeys(text);
}

const oathtool = (...args) => execFileSync('oathtool', ['--totp', '-b', ...args, seed], { encoding: 'utf8' }).trim();

/** A TAN that no step around now shows. */
function wrongTan() {
  const near = oathtool('-w', '10', '-N', '3 minutes ago').split('\n');
  return ['000000', '111111', '222222', '333333', '444444', '555555', '666666', '777777', '888888', '999999', '123123', '321321']
    .find((tan) => !near.includes(tan));
}

test('the first start explains itself and leads to the sign-in', async () => {
  await waitForHeadline('Sicher ins Mitgliederportal');
  await picture('world-first-start');
  await click('[data-do="begin"]');
  assert.equal(await (await find('#username')).getAttribute('value'), '');
  await picture('world-sign-in');
});

test('a wrong entry says how many are left', async () => {
  await fill('#username', username);
  await fill('#password', password);
  await fill('#tan', wrongTan());
  await click('[data-do="sign-in"]');
  await eventually('the note', async () => (await (await find('body')).getText()).includes('Noch 4 Versuche'));
  assert.equal(await (await find('#password')).getAttribute('value'), '', 'the password is gone from the page');
  await picture('world-wrong-entry');
});

test('the right entry leads to Connected, and the portal opens by itself with its login page', async () => {
  if ((await window.findElements(By.css('#username'))).length > 0) await fill('#username', username);
  await fill('#password', password);
  await fill('#tan', oathtool());
  await click('#keep-password');
  await click('[data-do="sign-in"]');
  await waitForHeadline('Verbunden');
  await focus('^Anmeldung – Mitgliederportal – ');
  await picture('world-portal-login');
  assert.match(execFileSync('curl', ['-sS', '--max-time', '5', portal], { encoding: 'utf8' }), /Anmeldung/);
});

test('the portal takes its own login, gives a file and takes one', async () => {
  await type('muster');
  await press('Tab');
  await type('portal');
  await press('Return');
  await focus('^Start – Mitgliederportal – ');
  await picture('world-portal-start');

  await follow('Honorarunterlagen');
  // Behind the navigation: the archive's link, the table, its first statement.
  const statement = () => readdirSync(`${homedir()}/Downloads`).find((name) => /^Honorarbescheid-.*\.pdf$/.test(name));
  await reach(3, 'Return', statement);
  const saved = await eventually('a whole statement', () => readFileSync(`${homedir()}/Downloads/${statement()}`).includes('%%EOF') && statement());
  assert.ok(readFileSync(`${homedir()}/Downloads/${saved}`).subarray(0, 5).equals(Buffer.from('%PDF-')));

  await follow('Online-Abrechnung');
  const file = `${homedir()}/abrechnung.con`;
  writeFileSync(file, '013' + '8000con0\r\n' + '013' + '8000con9\r\n');
  // Behind the navigation: the quarter, the file, the button.
  await reach(2, 'space', async () => (await windows(CHOOSER)).length > 0);
  await focus(CHOOSER);
  // GTK's own dialogue: a line for the path.
  await press('ctrl+l');
  await picture('world-portal-upload');
  await type(file);
  await eventually('the file is taken', async () => {
    await press('Return');
    return (await windows(CHOOSER)).length === 0;
  });
  await eventually('the file is sent', async () => {
    // Without a window manager the keyboard comes back when it likes; keys before that are lost.
    await focus('^(Online-Abrechnung|Protokoll)');
    await press('Tab', 'Return');
    return eventually('the protocol', async () => (await windows('^Protokoll ')).length > 0, 2).catch(() => false);
  });
  await focus('^Protokoll der Testeinreichung – Mitgliederportal – ');
  await picture('world-portal-protocol');
});

test('the main window tells of the saved file', async () => {
  assert.match(await (await find('body')).getText(), /Honorarbescheid-/);
  await picture('world-saved');
});

test('signing out closes the portal, and nothing of it is reachable', async () => {
  await click('[data-do="sign-out"]');
  await gone('Mitgliederportal – ');
  await eventually('signed out', async () => (await window.findElements(By.css('[data-do="sign-out"]'))).length === 0);
  assert.throws(() => execFileSync('curl', ['-sS', '--max-time', '2', portal], { stdio: 'pipe' }));
  await picture('world-signed-out');
});

test('the next time name and password are remembered, and a fresh visit to the portal knows nothing', async () => {
  const spent = oathtool();
  await eventually('the sign-in', async () => {
    const again = await window.findElements(By.css('[data-do="again"], [data-do="acknowledge"], .btn--1'));
    if ((await window.findElements(By.css('#tan'))).length > 0) return true;
    await again[0]?.click();
    return false;
  });
  assert.equal((await window.findElements(By.css('#username'))).length, 0, 'the name is known');
  await eventually('the password is kept', async () => (await window.findElements(By.css('#password'))).length === 0);
  // A TAN opens one session, ever: the next step of the token.
  await eventually('a fresh TAN', () => oathtool() !== spent, 40);
  await fill('#tan', oathtool());
  await picture('world-remembered');
  await click('[data-do="sign-in"]');
  await waitForHeadline('Verbunden');
  await focus('^Anmeldung – Mitgliederportal – ');
  assert.equal((await windows('^Start – ')).length, 0, 'the portal asks for its login again');
});

test('a sign-in in the browser goes on in the window once both show the same two digits', async () => {
  await click('[data-do="sign-out"]');
  await eventually('signed out', async () => (await window.findElements(By.css('[data-do="acknowledge"]'))).length > 0);
  const page = browser();
  const spent = oathtool();
  const [, attempt] = page.get('/').match(/name="attempt" value="([^"]+)"/);
  await eventually('a fresh TAN', () => oathtool() !== spent, 40);
  const waiting = page.post('/anmelden', { attempt, username, password, tan: oathtool() });
  const [link] = waiting.match(/kv-flexnet:\/\/connect\?ticket=[\w-]+/) ?? assert.fail(waiting);
  const second = start(desktop, [link]);
  await second.ended;
  await waitForHeadline('Sind Sie das?');
  assert.equal(await (await find('.member')).getText(), 'Dr. Martina Muster');
  await picture('world-identity');
  await click('[data-do="confirm-identity"]');
  await waitForHeadline('Steht im Browser dieselbe Zahl?');
  const digits = await (await find('.digits [aria-hidden]')).getText();
  await picture('world-confirming');
  assert.match(digits, /^\d\d$/);
  const there = page.get('/verbinden');
  assert.ok(there.includes(digits), there);
  assert.throws(() => execFileSync('curl', ['-sS', '--max-time', '2', portal], { stdio: 'pipe' }), 'nothing is open before the yes');
  page.post('/verbinden/ja', {});
  await waitForHeadline('Verbunden');
  await focus('^Anmeldung – Mitgliederportal – ');
  await picture('world-handed-over');
});

test('a killed service takes the portal along at once', async () => {
  // The first process of this world is ours, so every process with this name (15 letters are kept) is of this world.
  const [pid, ...others] = execFileSync('pgrep', ['-x', 'kv-flexnet-serv'], { encoding: 'utf8' }).trim().split('\n');
  assert.deepEqual(others, []);
  process.kill(Number(pid), 'SIGKILL');
  await eventually('the portal is closed', async () => (await windows('Mitgliederportal – ')).length === 0, 2);
  await picture('world-service-killed');
});

/** A browser without a window: the gateway's pages by curl, with cookies, trusting the profile's authority. */
function browser() {
  const profile = readFileSync('/etc/kv-flexnet/profile.toml', 'utf8');
  const [, name] = profile.match(/^name = "(.+)"/m);
  const [, end] = profile.match(/^endpoints = \[\s*"([^"]+)"/m);
  const folder = mkdtempSync(`${homedir()}/browser-`);
  writeFileSync(`${folder}/ca.pem`, profile.match(/-----BEGIN[\s\S]+?END CERTIFICATE-----\n/)[0]);
  const fetch = (path, ...more) => execFileSync('curl', ['-sS', '-L', '--max-time', '30', '--cacert', `${folder}/ca.pem`, '-b', `${folder}/cookies`, '-c', `${folder}/cookies`,
    '--connect-to', `${name}:443:${end}`, '-H', 'Sec-Fetch-Site: same-origin', ...more, `https://${name}${path}`], { encoding: 'utf8' });
  return {
    get: (path) => fetch(path),
    post: (path, fields) => fetch(path, ...Object.entries(fields).flatMap(([field, value]) => ['--data-urlencode', `${field}=${value}`]), ...(Object.keys(fields).length === 0 ? ['-d', ''] : [])),
  };
}

/** Follows a link of the portal's navigation. */
async function follow(name) {
  await reach(NAVIGATION.indexOf(name) + 1 - NAVIGATION.length, 'Return', async () => (await windows(`^${name} – `)).length > 0);
  await focus(`^${name} – `);
}

/** Presses a key on the control so many tabs behind the navigation. Tabs that come before the page is whole are lost: then again. */
async function reach(behind, key, done) {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await press('F5', ...Array.from({ length: BEFORE_NAVIGATION + NAVIGATION.length + behind }, () => 'Tab'), key);
    if (await eventually('it', done, 3).catch(() => false)) return;
  }
  assert.fail(`${behind} tabs behind the navigation there is nothing that ${key} would do`);
}
