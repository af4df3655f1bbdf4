/** The real platform: commands and events of src-tauri. The only file that may import @tauri-apps/*. */
import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';

import type { Fault, Link, Looked, Platform, Saved, Unlisten } from './types';

function on<T>(event: string, seen: (payload: T) => void): Promise<Unlisten> {
  return listen<T>(event, ({ payload }) => { seen(payload); });
}

export const tauri: Platform = {
  link: () => invoke('link'),
  onLink: (seen) => on<Link>('link', seen),
  onNotice: (seen) => on<Fault>('notice', seen),
  onSaved: (seen) => on<Saved>('saved', seen),
  onLooked: (seen) => on<Looked>('diagnosis', seen),
  onLeaving: (seen) => on<null>('leaving', () => { seen(); }),
  ask: (question) => invoke('ask', { question }),
  repairPlan: () => invoke('repair_plan'),
  signIn: (entry) => invoke('sign_in', { entry }),
  confirmIdentity: (displayName) => invoke('confirm_identity', { displayName }),
  reportTokenLost: () => invoke('report_token_lost'),
  resyncToken: (first, second) => invoke('resync_token', { first, second }),
  remembered: (username) => invoke('remembered', { username }),
  forget: (username) => invoke('forget', { username }),
  settings: () => invoke('settings'),
  saveSettings: (settings) => invoke('save_settings', { settings }),
  openPortal: () => invoke('open_portal'),
  about: () => invoke('about'),
  callDesk: () => invoke('call_desk'),
  showFolder: () => invoke('show_folder'),
  diagnose: (run) => invoke('diagnose', { run }),
  stopDiagnosis: () => invoke('stop_diagnosis'),
  previewReport: (run) => invoke('report_preview', { run }),
  saveReport: (run) => invoke('report_save', { run }),
  sendReport: (run) => invoke('report_send', { run }),
  widen: (wide) => invoke('widen', { wide }),
  uiReady: () => invoke('ui_ready'),
  quit: () => invoke('quit'),
};
