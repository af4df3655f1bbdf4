import { readFileSync } from 'node:fs';

import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

/** The policy that the real window has, so that the browser tests see what it forbids. */
function contentSecurityPolicy(): string {
  const conf = JSON.parse(readFileSync('../src-tauri/tauri.conf.json', 'utf8')) as { app: { security: { csp: Record<string, string> } } };
  return Object.entries(conf.app.security.csp).map(([directive, sources]) => `${directive} ${sources}`).join('; ');
}

export default defineConfig(({ mode }) => {
  // `vite build --mode fake`: the same window on the in-memory platform, for the browser tests.
  const outDir = mode === 'fake' ? 'dist-fake' : 'dist';
  return {
    plugins: [svelte()],
    define: { __FAKE__: JSON.stringify(mode !== 'production') },
    server: { port: 5173, strictPort: true, fs: { allow: ['..'] } },
    preview: { strictPort: true, headers: { 'Content-Security-Policy': contentSecurityPolicy() } },
    build: {
      target: ['safari17.5', 'chrome123'],
      outDir,
      // The policy has no room for data: and inline scripts.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
    test: { environment: 'happy-dom', include: ['src/**/*.test.ts'] },
  };
});
