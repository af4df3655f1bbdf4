/** The console in Chromium: one gateway, one test after the other. */
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: '.',
  testMatch: process.env.KV_PICTURES ? 'pictures.spec.ts' : ['console.spec.ts', 'access.spec.ts'],
  outputDir: '../test-results/desk',
  forbidOnly: true,
  workers: 1,
  timeout: 120_000,
  reporter: [['list']],
  use: {
    baseURL: 'https://flexnet.example:9443',
    ignoreHTTPSErrors: true,
    locale: 'de-DE',
    timezoneId: 'Europe/Berlin',
    viewport: { width: 1100, height: 800 },
    contextOptions: { reducedMotion: 'reduce' },
    launchOptions: {
      executablePath: process.env.KV_CHROMIUM || '/usr/bin/chromium',
      // Chromium's own words in fields for files and days; Debian packs them as chromium-l10n.
      env: { ...process.env, LANGUAGE: 'de' },
      args: ['--lang=de', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    },
  },
});
