/** The window on the fake platform in Chromium, under the content security policy of the real one. */
import { defineConfig } from '@playwright/test';

const PORT = Number(process.env['KV_UI_PORT'] ?? 41730);
const ADDRESS = `http://127.0.0.1:${String(PORT)}`;

export default defineConfig({
  testDir: '.',
  testIgnore: process.env['KV_PICTURES'] === undefined ? 'pictures.spec.ts' : [],
  fullyParallel: true,
  forbidOnly: true,
  workers: 2,
  timeout: 120_000,
  reporter: [['list']],
  use: {
    baseURL: ADDRESS,
    viewport: { width: 440, height: 640 },
    locale: 'de-DE',
    timezoneId: 'Europe/Berlin',
    contextOptions: { reducedMotion: 'reduce' },
    launchOptions: {
      executablePath: process.env['KV_CHROMIUM'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    },
  },
  webServer: {
    // Vite itself, not npm: what npm starts outlives it.
    command: `node_modules/.bin/vite build --mode fake --logLevel warn && exec node_modules/.bin/vite preview --mode fake --host 127.0.0.1 --port ${String(PORT)}`,
    cwd: '../../../ui',
    url: ADDRESS,
    timeout: 120_000,
  },
});
