/** The gateway's pages in Chromium, before the real gateway that ./world has started. */
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: '.',
  testIgnore: process.env['KV_PICTURES'] === undefined ? 'pictures.spec.ts' : [],
  outputDir: '../test-results/pages',
  fullyParallel: true,
  forbidOnly: true,
  workers: 2,
  timeout: 120_000,
  // On a busy machine a sign-in waits for its Argon2id.
  expect: { timeout: 30_000 },
  reporter: [['list']],
  use: {
    baseURL: 'https://flexnet.example',
    viewport: { width: 1180, height: 820 },
    locale: 'de-DE',
    timezoneId: 'Europe/Berlin',
    contextOptions: { reducedMotion: 'reduce' },
    launchOptions: {
      executablePath: process.env['KV_CHROMIUM'] ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
        '--host-resolver-rules=MAP flexnet.example 127.0.0.1', `--ignore-certificate-errors-spki-list=${process.env['KV_GATEWAY_KEY'] ?? ''}`,
      ],
    },
  },
});
