import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig(({ mode }) => ({
  plugins: [svelte()],
  // `vite build --mode fake`: the same window on the in-memory platform, for the browser tests.
  define: { __FAKE__: JSON.stringify(mode !== 'production') },
  server: { port: 5173, strictPort: true, fs: { allow: ['..'] } },
  build: {
    target: ['safari17.5', 'chrome123'],
    outDir: mode === 'fake' ? 'dist-fake' : 'dist',
    // The window's content security policy has no room for data: and inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts'] },
}));
