// The way once, for real: the application under WebDriver before the real service, gateway and portal, with TANs from oathtool.
// The portal window is private and so beyond WebDriver; there the keyboard speaks, and titles, files and pictures answer.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { Builder, By, Capabilities, until } from 'selenium-webdriver';

import { desktop, eventually, focus, gone, picture, press, start, type, windows } from './stage.js';

const { KV_WORLD_USER: username, KV_WORLD_PASSWORD: password, KV_WORLD_SEED: seed } = process.env;
const portal = 'http://portal.snk.example/';
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
  await (await find(selector)).click();
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
  await focus('^Honorarunterlagen – ');
  // Behind the navigation: the archive's link, the table, its first statement.
  await tab(3);
  await press('Return');
  const saved = await eventually('the statement', () => readdirSync(`${homedir()}/Downloads`).find((name) => /^Honorarbescheid-.*\.pdf$/.test(name)));
  await eventually('a whole PDF', () => readFileSync(`${homedir()}/Downloads/${saved}`).includes('%%EOF'));
  assert.ok(readFileSync(`${homedir()}/Downloads/${saved}`).subarray(0, 5).equals(Buffer.from('%PDF-')));

  await press('F5');
  await follow('Online-Abrechnung');
  await focus('^Online-Abrechnung – ');
  const file = `${homedir()}/abrechnung.con`;
  writeFileSync(file, '0138000con0\r\n0138000con9\r\n');
  // Behind the navigation: the quarter, the file, the button.
  await tab(2);
  await press('space');
  await focus('Datei|File|Open|Öffnen');
  await type(file);
  await press('Return');
  await gone('^(Datei|File|Open|Öffnen)');
  await focus('^Online-Abrechnung – ');
  await tab(1);
  await press('Return');
  await focus('^(Protokoll|Testprotokoll|Prüfprotokoll).* – Mitgliederportal');
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

/** Tabs to the navigation of a portal page and follows one of its links. */
async function follow(name) {
  const names = ['Start', 'Online-Abrechnung', 'Honorarunterlagen', 'BSNR/LANR-Suche', 'Notfalldienst-Tausch', 'Dienste'];
  await pause(0);
  await tab(BEFORE_NAVIGATION + names.indexOf(name) + 1);
  await press('Return');
}

/** The button that signs out of the portal. */
const BEFORE_NAVIGATION = 1;

async function tab(times) {
  await press(...Array.from({ length: times }, () => 'Tab'));
}
