/**
 * The platform in memory: for `npm run dev` and the browser tests. Its service knows one member and counts to five.
 * `?scene=connected&language=en&theme=dark&text=200&username=m.muster&pace=400`; `window.fake` goes on from there.
 */
import { lookedAt, looking, report } from './fake-diagnosis';
import { type Repairs, type Scene, now, repairs, scenes, session, up, verdicts, type Verdicts } from './scenes';
import type { About, Entry, Fault, Link, Looked, Platform, Question, Saved, Settings, State, WrongEntry } from './types';

/** What the fake member has. Any other entry is a wrong one; the TAN 000000 was used before. */
export const MEMBER = { username: 'm.muster', password: 'richtig', usedTan: '000000' };

const ATTEMPTS = 5;
const FOLLOWS_NOT = 'KVF-713-8';
const STEPS: State[] = [
  { name: 'signing_in', step: 'gateway' },
  { name: 'signing_in', step: 'sign_in' },
  { name: 'connecting', step: 'tunnel' },
  { name: 'connecting', step: 'portal' },
];

/** What a test can see and do. */
export interface Control {
  /** Everything that was asked, with what. Passwords as typed: nothing here is real. */
  readonly calls: [name: string, value?: unknown][];
  show(scene: Scene | Link): void;
  notice(fault: Fault): void;
  saved(saved: Saved): void;
  leave(): void;
  /** What the next diagnosis comes to. */
  verdict: Verdicts;
  /** What there is to repair. */
  repair: Repairs;
  /** Sending a report ends with this fault. */
  unsent: Fault | null;
  /** The next sign-in ends so instead of by its entry. */
  next: State | null;
}

declare global {
  interface Window {
    fake?: Control;
  }
}

export function fake(): Platform {
  const query = new URLSearchParams(location.search);
  const scene = (query.get('scene') ?? 'first-start') as Scene;
  const pace = Number(query.get('pace') ?? 700);
  const listeners = { link: new Set<(link: Link) => void>(), notice: new Set<(fault: Fault) => void>(), saved: new Set<(saved: Saved) => void>(), looked: new Set<(looked: Looked) => void>(), leaving: new Set<() => void>() };
  const kept = new Set(query.has('kept') ? [MEMBER.username] : []);
  let link = scenes[scene]();
  let settings = initialSettings(query, scene);
  let wrong = 0;
  let running: ReturnType<typeof setTimeout> | undefined;
  const calls: Control['calls'] = [];

  const publish = (next: Link): void => {
    link = next;
    for (const seen of listeners.link) seen(next);
  };
  const state = (next: State): void => { publish(up(next)); };
  const control: Control = {
    calls,
    next: null,
    verdict: (query.get('verdict') ?? 'free') as Verdicts,
    repair: (query.get('repair') ?? 'leftovers') as Repairs,
    unsent: query.has('unsent') ? { code: 'KVF-402-1', detail: 'no answer' } : null,
    show: (next) => { publish(typeof next === 'string' ? scenes[next]() : next); },
    notice: (fault) => { for (const seen of listeners.notice) seen(fault); },
    saved: (saved) => { for (const seen of listeners.saved) seen(saved); },
    leave: () => { for (const seen of listeners.leaving) seen(); },
  };
  window.fake = control;

  const signedOut = (change: Partial<Extract<State, { name: 'signed_out' }>> = {}): void => {
    clearTimeout(running);
    state({ name: 'signed_out', ended: null, refused: null, ...change });
  };

  /** One step after the other, then what the entry deserves. */
  const run = (step: number, outcome: () => State, last: number): void => {
    const next = STEPS[step];
    if (next === undefined || step > last) {
      state(control.next ?? outcome());
      control.next = null;
      return;
    }
    state(next);
    running = setTimeout(() => { run(step + 1, outcome, last); }, pace);
  };

  const signIn = (entry: Entry): void => {
    const tan = entry.tan.replace(/\s/g, '');
    const password = entry.password ?? (kept.has(entry.username) ? MEMBER.password : '');
    if (!/^\d{6,8}$/.test(tan)) { signedOut({ refused: { fault: { code: 'KVF-709-1' }, attempts_left: null } }); return; }
    if (tan === MEMBER.usedTan) { signedOut({ refused: { fault: { code: 'KVF-702-7' }, attempts_left: null } }); return; }
    const right = entry.username === MEMBER.username && password === MEMBER.password && wrong < ATTEMPTS;
    if (right) {
      wrong = 0;
      if (entry.keep_password) kept.add(entry.username);
      if (settings.remember_username) settings = { ...settings, username: entry.username };
      run(0, () => ({ name: 'connected', session: session({ started: now(), absolute_end: now() + 36_000 }) }), STEPS.length);
      return;
    }
    wrong += 1;
    run(0, () => (wrong < ATTEMPTS
      ? { name: 'signed_out', ended: null, refused: { fault: { code: 'KVF-701-6' }, attempts_left: ATTEMPTS - wrong } }
      : { name: 'locked', username: entry.username, fault: { code: 'KVF-700-3' } }), 1);
  };

  const answer = (question: Question): void => {
    if (question === 'cancel' || question === 'acknowledge') signedOut();
    if (question === 'extend' && link.kind === 'up' && link.snapshot.state.name === 'connected') {
      state({ name: 'connected', session: { ...link.snapshot.state.session, warning: null } });
    }
    if (question === 'sign_out') {
      state({ name: 'ending' });
      running = setTimeout(() => { signedOut({ ended: { at: now(), reason: 'signed_out' } }); }, pace);
    }
  };

  /** Any two fresh TANs that follow each other are right: the second is one more. */
  const resynced = (first: string, second: string): WrongEntry | null => {
    const fault = (code: string): Fault => ({ code });
    if (![first, second].every((tan) => /^\d{6,8}$/.test(tan)) || first === second) throw fault('KVF-709-1');
    if (first === MEMBER.usedTan || second === MEMBER.usedTan) throw fault('KVF-702-7');
    if (Number(second) === Number(first) + 1) return null;
    wrong += 1;
    return { fault: fault(FOLLOWS_NOT), attempts_left: ATTEMPTS - wrong };
  };

  const diagnose = looking(pace, Number(query.get('halt') ?? Infinity), (looked) => { for (const seen of listeners.looked) seen(looked); });

  const listen = <T>(set: Set<T>, seen: T): Promise<() => void> => {
    set.add(seen);
    return Promise.resolve(() => { set.delete(seen); });
  };
  const note = (name: string, value?: unknown): Promise<void> => {
    calls.push(value === undefined ? [name] : [name, value]);
    return Promise.resolve();
  };

  return {
    link: () => Promise.resolve(link),
    onLink: (seen) => listen(listeners.link, seen),
    onNotice: (seen) => listen(listeners.notice, seen),
    onSaved: (seen) => listen(listeners.saved, seen),
    onLooked: (seen) => listen(listeners.looked, seen),
    onLeaving: (seen) => listen(listeners.leaving, seen),
    ask: async (question) => {
      await note('ask', question);
      answer(question);
      return question === 'repair' ? repairs[control.repair].done : null;
    },
    repairPlan: async () => {
      await note('repair_plan');
      if (link.kind === 'down') throw link.fault;
      return repairs[control.repair].plan;
    },
    signIn: async (entry) => {
      await note('sign_in', entry);
      signIn(entry);
    },
    confirmIdentity: async (displayName) => {
      await note('confirm_identity', displayName);
      state({ name: 'confirming', display_name: displayName, digits: '47', expires: now() + 52 });
    },
    reportTokenLost: async () => {
      await note('report_token_lost');
      state({ name: 'ending' });
      running = setTimeout(() => { signedOut({ ended: { at: now(), reason: 'token_lost' } }); }, pace);
    },
    resyncToken: async (first, second) => {
      await note('resync_token', { first, second });
      return resynced(first.replace(/\s/g, ''), second.replace(/\s/g, ''));
    },
    remembered: (username) => Promise.resolve(kept.has(username)),
    forget: async (username) => {
      kept.delete(username);
      await note('forget', username);
    },
    settings: () => Promise.resolve(settings),
    saveSettings: async (next) => {
      await note('save_settings', next);
      settings = next.remember_username ? next : { ...next, username: null };
      return settings;
    },
    openPortal: () => note('open_portal'),
    about: () => Promise.resolve(aboutThis(query, link)),
    callDesk: () => note('call_desk'),
    showFolder: () => note('show_folder'),
    diagnose: async (run) => {
      await note('diagnose');
      const whole = await diagnose.begin(run);
      return whole ? lookedAt(run, verdicts[control.verdict]) : null;
    },
    stopDiagnosis: async () => {
      await note('stop_diagnosis');
      diagnose.stop();
    },
    previewReport: async (run) => {
      await note('report_preview', run);
      return report(settings.language === 'en' ? 'en' : 'de', verdicts[control.verdict]);
    },
    saveReport: async (run) => {
      await note('report_save', run);
      return { name: `KV-FlexNet-${settings.language === 'en' ? 'Report' : 'Bericht'}.html`, whole: true };
    },
    sendReport: async (run) => {
      await note('report_send', run);
      if (control.unsent) throw control.unsent;
      return { number: '48213', until: now() + 30 * 86_400 };
    },
    widen: (wide) => note('widen', wide),
    uiReady: () => note('ui_ready'),
    quit: () => note('quit'),
  };
}

function initialSettings(query: URLSearchParams, scene: Scene): Settings {
  const text = query.get('text');
  return {
    first_start_done: scene !== 'first-start',
    username: query.get('username'),
    remember_username: true,
    language: (query.get('language') ?? 'system') as Settings['language'],
    theme: (query.get('theme') ?? 'system') as Settings['theme'],
    text_size: text === null ? 'system' : Number(text),
    start_with_system: false,
    keep_running: true,
  };
}

function aboutThis(query: URLSearchParams, link: Link): About {
  return {
    version: '0.1.0',
    service_version: link.kind === 'up' ? link.snapshot.version : null,
    organisation: 'Muster-KV',
    system: 'linux x86_64',
    system_language: query.get('system_language') === 'en' ? 'en' : 'de',
  };
}
