// The portal window before a portal that has been taken over: nothing of another host is ever asked for anything, the program
// does not answer, files come and go, and a page that does not load is explained.
//
//   service.js ── local socket ──► application ──► portal window ──► 127.0.0.1:8080 hostile.js
//                                                       ╳ 127.0.0.2:8080 elsewhere · 127.0.0.1:1 the proxy that is not there
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { after, before, test } from 'node:test';

import { hostile } from './hostile.js';
import { connected, connecting, serve, signedOut } from './service.js';
import { click, desktop, eventually, focus, gone, picture, press, start, titles, windows } from './stage.js';

const portal = { host: '127.0.0.1', port: 8080 };
const url = `http://${portal.host}:${portal.port}/`;
const version = readFileSync(new URL('../../../Cargo.toml', import.meta.url), 'utf8').match(/^version = "(.*)"/m)[1];
const CHOOSER = '^Datei auswählen$';
let service, trap, application;

before(async () => {
  trap = await hostile({ portal, elsewhere: { host: '127.0.0.2', port: 8080 }, nowhere: { host: '127.0.0.1', port: 1 } });
  service = await serve({ url, hosts: [portal.host] }, version);
  application = start(desktop);
  await eventually('the application watches', () => service.watched() || assert.fail(application.output()));
});

after(async () => {
  await application?.stop();
  if (process.env.KV_SHOW_OUTPUT) console.log(application?.output());
  service?.close();
  // Servers of the trap and whatever hangs on them.
  setImmediate(() => process.exit());
});

test('a page of the portal reaches nobody else and no command', async () => {
  await eventually('the window', async () => (await windows('KV-FlexNet')).length > 0);
  service.publish(connecting);
  service.publish(connected);
  await focus('Falle gestellt – Mitgliederportal – Muster-KV');
  await picture('fence-first');
  const [report] = trap.reports;
  assert.deepEqual({ where: report.where, program: report.program }, { where: 'first', program: [] });
  assert.ok(report.tried > 20);
});

test('a window that the page opens is under the same rules, and closes itself', async () => {
  await click(await focus('Falle gestellt'));
  const second = await focus('Zweites fertig – Mitgliederportal – Muster-KV');
  await picture('fence-second');
  const report = trap.reports.find(({ where }) => where === 'second');
  assert.deepEqual(report.program, []);
  await click(second);
  await gone('Zweites fertig');
  assert.equal((await windows('Falle gestellt')).length, 1);
});

test('a page cannot leave the portal, straight or by a redirect', async () => {
  for (const path of ['leave', 'leave-by-redirect']) {
    await reopen(path);
    await focus('^Weg – Mitgliederportal');
  }
});

test('files are saved under harmless names, and sent', async () => {
  mkdirSync(`${homedir()}/Downloads`, { recursive: true });
  writeFileSync(`${homedir()}/Downloads/profile.pdf`, 'already there');
  await reopen('files');
  await focus('Dateien fertig');
  assert.match(trap.uploads[0], /filename="abrechnung.con"[\s\S]*con0/);
  await eventually('the download', () => readdirSync(`${homedir()}/Downloads`).some((name) => readFileSync(`${homedir()}/Downloads/${name}`, 'utf8') === 'PDF'));
  assert.deepEqual(readdirSync(`${homedir()}/Downloads`).sort(), ['profile (2).pdf', 'profile.pdf']);
  assert.equal(readFileSync(`${homedir()}/Downloads/profile.pdf`, 'utf8'), 'already there');
});

test('a session that ends while a file is being chosen takes everything along', async () => {
  await reopen('choose');
  await click(await focus('^Auswahl – '));
  await focus(CHOOSER);
  await picture('fence-choose');
  service.publish({ name: 'ending' });
  await gone('Mitgliederportal');
  await gone(CHOOSER);
  assert.ok(application.runs(), application.output());
});

test('a page that does not load is explained, and F5 loads it when it is there', async () => {
  await reopen('dead');
  await focus('Das Mitgliederportal antwortet nicht – Mitgliederportal – Muster-KV');
  await picture('fence-trouble');
  trap.state.dead = false;
  await press('F5');
  await focus('Wieder da – Mitgliederportal');
});

test('the portal goes with its session, and nobody else was ever asked', async () => {
  service.publish({ name: 'ending' });
  await gone('Mitgliederportal');
  // A preconnect asks nothing and passes the content filter; the proxy that is not there is where it ends.
  assert.deepEqual(trap.strangers.filter((stranger) => stranger !== 'nowhere: connection'), []);
  assert.ok(application.runs(), application.output());
  assert.deepEqual(service.asked.filter((request) => typeof request === 'string' && request !== 'watch'), [], 'no page asked the service');
  assert.equal((await titles()).filter((title) => title.includes('Muster-KV')).length, 0);
});

/** Ends the session and begins another one whose portal starts at this page. */
async function reopen(path) {
  service.publish(signedOut);
  await gone('Mitgliederportal');
  service.portal(`${url}${path}`);
  service.publish(connecting);
  service.publish(connected);
}
