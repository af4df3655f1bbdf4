// The main window before a made-up service: away and back, a second start, what closing means, how the application ends, what becomes of the portal.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { after, before, test } from 'node:test';

import { Builder, By, Capabilities, Key } from 'selenium-webdriver';

import { connected, serve, signedOut } from './service.js';
import { desktop, eventually, picture, start, windowQuit, windows } from './stage.js';

const version = readFileSync(new URL('../../../Cargo.toml', import.meta.url), 'utf8').match(/^version = "(.*)"/m)[1];
const portal = { url: 'http://127.0.0.1:8080/', hosts: ['127.0.0.1'] };
const folder = `${homedir()}/.config/de.kv-flexnet.desktop`;
let service, driver, window;

before(async () => {
  // Whatever the application asks the desktop to open is written down instead.
  mkdirSync(`${homedir()}/bin`);
  writeFileSync(`${homedir()}/bin/xdg-open`, '#!/bin/sh\necho "$@" >>"$HOME/opened"\n', { mode: 0o755 });
  const env = { PATH: `${homedir()}/bin:${process.env.PATH}` };
  driver = start('tauri-driver', ['--port', '4444', '--native-port', '4445'], env);
  await eventually('tauri-driver', () => fetch('http://127.0.0.1:4444/status'));
});

after(async () => {
  await window?.quit().catch(() => undefined);
  await driver?.stop();
  service?.close();
  setImmediate(() => process.exit());
});

async function open(settings, args = []) {
  await window?.quit().catch(() => undefined);
  // Started beside one that is still ending, it would show that one, end, and leave WebDriver waiting.
  await eventually('the one before has ended', () => spawnSync('pgrep', ['-x', '-r', 'D,R,S', 'kv-flexnet-desk']).status === 1);
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/settings.json`, JSON.stringify({ first_start_done: true, ...settings }));
  const capabilities = new Capabilities({ browserName: 'wry', 'tauri:options': { application: desktop, args } });
  window = await new Builder().withCapabilities(capabilities).usingServer('http://127.0.0.1:4444/').build();
}

const says = (text) => eventually(`the window says ${text}`, async () => {
  const found = (await window.findElement(By.css('body')).getText()).replaceAll('\u00ad', '').replaceAll('\u2011', '-');
  return found.includes(text) || assert.fail(found);
});
const ended = () => eventually('the application ended', async () => (await windows('KV-FlexNet')).length === 0);
const main = async () => (await eventually('the window', async () => {
  const found = await windows('KV-FlexNet');
  return found.length > 0 && found;
}))[0];

test('F2 without the service: the window becomes wide, the real diagnosis ends in time with a verdict, and Esc leads back', async () => {
  await open({});
  await says('KVF-902');
  const width = () => window.executeScript('return innerWidth');
  const narrow = await width();
  const press = async (key) => { await window.actions().sendKeys(key).perform(); };
  const began = Date.now();
  await press(Key.F2);
  await eventually('a verdict', async () => (await window.findElements(By.css('[data-do="look-again"]')))[0]);
  assert.ok(Date.now() - began < 15_000);
  assert.equal((await window.findElements(By.css('.chain > li'))).length, 6);
  await eventually('a wide window', async () => (await width()) === 900);
  await picture('window-diagnosis');
  await (await window.findElement(By.css('[data-do="report"]'))).click();
  await eventually('the seal of the report', async () => {
    const paper = await window.executeScript(`return document.querySelector('.paper')?.textContent ?? document.body.innerText`);
    return /SHA-256[0-9a-f]{64}/.test(paper.replaceAll('\u2011', '-')) || assert.fail(paper);
  }, 10);
  await picture('window-report');
  await press(Key.ESCAPE);
  await press(Key.ESCAPE);
  await says('KVF-902');
  await eventually('the former width', async () => (await width()) === narrow);
});

test('without the service the window says so, and comes back by itself', async () => {
  await open({});
  await says('KVF-902');
  await picture('window-away');
  service = await serve(portal, version);
  await says('TAN');
  service.drop();
  await says('KVF-902');
  service = await serve(portal, version);
  await says('TAN');
});

test('settings hold: language, colours and size of the text', async () => {
  await open({ language: 'en', theme: 'dark', text_size: 150 });
  await says('Sign in');
  assert.equal(await window.executeScript('return matchMedia("(prefers-color-scheme: dark)").matches'), true);
  await picture('window-english-dark-150');
});

test('the desk is dialled, the folder shown, the start with the PC written down and taken back', async () => {
  const invoke = (command, args) => window.executeAsyncScript(`const done = arguments[arguments.length - 1];
    window.__TAURI_INTERNALS__.invoke(arguments[0], arguments[1]).then((answer) => done({ answer }), (fault) => done({ fault }));`, command, args ?? {});
  const opened = () => (existsSync(`${homedir()}/opened`) ? readFileSync(`${homedir()}/opened`, 'utf8').trim().split('\n') : []);
  await invoke('call_desk');
  await eventually('dialling', () => opened().includes('tel:+4923194329900'));
  await invoke('show_folder');
  await eventually('showing', () => opened().includes(`${homedir()}/Downloads`));

  const entries = () => readdirSync(`${homedir()}/.config/autostart`).map((name) => readFileSync(`${homedir()}/.config/autostart/${name}`, 'utf8'));
  const { answer: settings } = await invoke('settings');
  assert.ok((await invoke('save_settings', { settings: { ...settings, start_with_system: true } })).answer.start_with_system);
  assert.match(entries().join(), /Exec=.*kv-flexnet-desktop/);
  assert.equal((await invoke('save_settings', { settings: { ...settings, start_with_system: false } })).answer.start_with_system, false);
  assert.deepEqual(entries(), []);
  assert.match((await invoke('plugin:opener|open_url', { url: 'http://example.com/' })).fault, /not allowed/);
});

test('the engine and the dialogues of the system speak the language of the settings, German on a system that we do not speak', async () => {
  const ownWords = () => window.executeScript(`const field = document.createElement('input'); field.required = true; return field.validationMessage;`);
  for (const [language, words] of [['system', /dieses Feld/], ['en', /this field/]]) {
    await open({ language });
    assert.match(await ownWords(), words);
  }
});

test('a second start shows the first and ends', async () => {
  const id = await main();
  const second = start(desktop);
  await second.ended;
  assert.deepEqual(await windows('KV-FlexNet'), [id]);
});

const TICKET = 'MDEyMzQ1Njc4OWFiY2RlZg';
const redeems = () => service.asked.filter((asked) => asked.redeem?.ticket === TICKET).length;

test('a link of the browser goes on in the window that is open, and one that is not whole is told', async () => {
  await open({});
  await says('TAN');
  const broken = start(desktop, ['kv-flexnet://connect?ticket=zu-kurz']);
  await broken.ended;
  await says('KVF-715-1');
  assert.equal(redeems(), 0);
  const second = start(desktop, [`kv-flexnet://connect?ticket=${TICKET}`]);
  await second.ended;
  await eventually('the ticket at the service', () => redeems() === 1);
  const confirming = { name: 'confirming', display_name: 'Dr. Martina Muster', digits: null, expires: Math.floor(Date.now() / 1000) + 52 };
  service.publish(confirming);
  await says('Dr. Martina Muster');
  assert.equal((await window.findElements(By.css('.digits'))).length, 0);
  await picture('window-identity');
  await (await window.findElement(By.css('[data-do="confirm-identity"]'))).click();
  await eventually('the yes', () => service.asked.some((asked) => asked.confirm_identity?.display_name === 'Dr. Martina Muster'));
  service.publish({ ...confirming, digits: '47' });
  await says('Steht im Browser dieselbe Zahl?');
  assert.equal(await window.findElement(By.css('.digits [aria-hidden]')).getText(), '47');
  await picture('window-confirming');
  await (await window.findElement(By.css('[data-do="cancel"]'))).click();
  await eventually('giving up', () => service.asked.includes('cancel'));
  service.publish(signedOut);
  await says('TAN');
  for (const output of [broken.output(), second.output(), driver.output()]) assert.ok(!output.includes(TICKET), 'a ticket in a log');
});

test('a link starts the application where it does not run', async () => {
  const before = redeems();
  await open({}, [`kv-flexnet://connect?ticket=${TICKET}`]);
  await says('TAN');
  await eventually('the ticket at the service', () => redeems() === before + 1);
  assert.ok(!driver.output().includes(TICKET), 'a ticket in a log');
});

test('a near end is put off by one click', async () => {
  await open({ keep_running: true });
  const at = Math.floor(Date.now() / 1000) + 50;
  service.publish({ ...connected, session: { ...connected.session, warning: { reason: 'idle', at, last_minute: true } } });
  await says('Sind Sie noch da?');
  await picture('window-near-end');
  await (await window.findElement(By.css('[data-do="extend"]'))).click();
  await eventually('the question', () => service.asked.includes('extend'));
  service.publish(connected);
  await says('Verbunden');
  service.publish(signedOut);
  await says('TAN');
});

test('closing the window without a session ends the application', async () => {
  await windowQuit(await main());
  await ended();
  assert.ok(!service.asked.includes('sign_out'));
});

test('a session outlives the window that is closed, unless the person wants otherwise', async () => {
  await open({ keep_running: true });
  service.publish(connected);
  await says('Verbunden');
  await windowQuit(await main());
  await says('Verbunden');
  assert.ok(!service.asked.includes('sign_out'));

  service.publish(signedOut);
  await open({ keep_running: false });
  service.publish(connected);
  await says('Verbunden');
  await windowQuit(await main());
  const quit = await eventually('the question', async () => (await window.findElements(By.css('[data-do="quit"]')))[0]);
  await picture('window-leaving');
  assert.ok(!service.asked.includes('sign_out'));
  await quit.click().catch(() => undefined);
  await eventually('signing out', () => service.asked.includes('sign_out'));
  await ended();
});

test('the window opens where it was', async () => {
  const saved = JSON.parse(readFileSync(`${folder}/windows.json`, 'utf8'));
  assert.deepEqual([saved.main.width, saved.main.height], [440, 640]);
  saved.main = { ...saved.main, width: 500, height: 700, x: 120, y: 80 };
  writeFileSync(`${folder}/windows.json`, JSON.stringify(saved));
  await open({});
  await says('TAN');
  const rectangle = await window.executeScript('return [innerWidth, innerHeight]');
  assert.deepEqual(rectangle, [500, 700]);
});

test('a lost service takes the portal along at once, and its return does not open it again', async () => {
  await open({});
  await says('TAN');
  service.publish(connected);
  await eventually('the portal', async () => (await windows('Mitgliederportal')).length > 0);
  service.drop();
  await eventually('the portal is closed', async () => (await windows('Mitgliederportal')).length === 0, 2);
  await says('KVF-902');
  service = await serve(portal, version, connected);
  await says('Verbunden');
  await picture('window-service-came-back');
  assert.deepEqual(await windows('Mitgliederportal'), []);
});
