// What both tests need: waiting for conditions, the windows on the display, keys, pictures, programs that end with the test.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const pictures = new URL('../test-results/desktop/', import.meta.url).pathname;
mkdirSync(pictures, { recursive: true });

/** The application under test. */
export const desktop = process.env.KV_DESKTOP ?? assert.fail('KV_DESKTOP names the application; start with ./run');

/** Waits until `holds` gives something; its last error or answer is in the message. */
export async function eventually(what, holds, seconds = 30) {
  const deadline = Date.now() + seconds * 1000;
  let last;
  while (Date.now() < deadline) {
    try {
      last = await holds();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    await pause(50);
  }
  await picture(`not-${what}`);
  throw new Error(`${what}: not within ${seconds} s; last: ${last?.stack ?? JSON.stringify(last)}`);
}

/** Starts a program; `stop()` ends it. Its output is kept for the message of a failure. */
export function start(program, args = [], env = {}) {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (data) => { output += data; });
  child.stderr.on('data', (data) => { output += data; });
  const ended = new Promise((resolve) => { child.once('exit', resolve); });
  child.once('error', (error) => { output += error; });
  return {
    output: () => output,
    runs: () => child.exitCode === null && child.signalCode === null,
    ended,
    async stop() {
      child.kill('SIGTERM');
      await Promise.race([ended, pause(5000).then(() => child.kill('SIGKILL'))]);
      await ended;
    },
  };
}

async function xdotool(...args) {
  return (await run('xdotool', args)).stdout.trim();
}

/** Ids of the visible windows whose title matches. */
export async function windows(title) {
  const found = await xdotool('search', '--onlyvisible', '--name', title).catch(() => '');
  return found === '' ? [] : found.split('\n');
}

/** The titles on the display, for messages. */
export async function titles() {
  const names = await Promise.all((await windows('.')).map((id) => xdotool('getwindowname', id).catch(() => '')));
  return names.filter((name) => name !== '');
}

/** Waits for a window with this title and gives it the keyboard. */
export async function focus(title) {
  const [id] = await eventually(`window ${title}`, async () => {
    const found = await windows(title);
    return found.length > 0 ? found : assert.fail(`there are: ${(await titles()).join(' | ')}`);
  });
  // There is no window manager that would do it.
  await xdotool('windowfocus', '--sync', id);
  return id;
}

/** Waits until no window has such a title. */
export async function gone(title) {
  await eventually(`no window ${title}`, async () => (await windows(title)).length === 0);
}

/** Presses keys one after the other. */
export async function press(...keys) {
  for (const key of keys) await xdotool('key', '--clearmodifiers', key);
}

export async function type(text) {
  await xdotool('type', '--delay', '20', text);
}

/** What the close button of a window manager does. */
export async function windowQuit(id) {
  await run('python3', ['close-window.py', id]);
}

/** Clicks in the middle of a window. */
export async function click(id) {
  const { width, height } = Object.fromEntries((await xdotool('getwindowgeometry', '--shell', id)).split('\n')
    .map((line) => line.toLowerCase().split('=')).map(([name, value]) => [name, Number(value)]));
  await xdotool('windowraise', id, 'mousemove', '--window', id, `${Math.round(width / 2)}`, `${Math.round(height / 2)}`, 'click', '1');
}

/** The whole display as a picture in tests/ui/test-results/desktop. */
export async function picture(name) {
  // A title comes before the first frame. Nothing is decided by a picture; people look at them.
  await pause(700);
  const file = `${pictures}${name.replace(/[^\p{L}\p{N}-]+/gu, '-')}.png`;
  await run('import', ['-window', 'root', file]).catch(() => undefined);
  return file;
}
