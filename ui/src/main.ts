/** Starts the window on the platform that it finds itself on. */
import './styles/tokens.css';
import './styles/base.css';
import './styles/layout.css';
import './styles/components.css';
import './styles/narrow.css';
import './styles/modes.css';

import { mount, tick } from 'svelte';

import Window from './Window.svelte';
import type { Platform } from './platform/types';
import { App } from './state/app.svelte';

declare const __FAKE__: boolean;

async function platform(): Promise<Platform> {
  // The condition is a constant of the build: the product does not carry the fake.
  if (__FAKE__ && !('__TAURI_INTERNALS__' in window)) return (await import('./platform/fake')).fake();
  return (await import('./platform/tauri')).tauri;
}

const target = document.getElementById('app');
if (target) {
  const app = new App(await platform());
  await app.start();
  mount(Window, { target, props: { app } });
  await tick();
  await app.platform.uiReady();
}
