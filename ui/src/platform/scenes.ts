/** One link per screen, for the fake platform: what the service would publish. Names and numbers are invented, the desk's are the KVWL's. */
import type { Check, DeskStatus, EndReason, Fault, Link, Place, Point, Foreign, Repaired, RepairPlan, RepairStep, Session, State, Verdict } from './types';

const MINUTE = 60;

export const now = (): number => Math.floor(Date.now() / 1000);

/** Today at this time, in the zone of this PC. */
function today(hour: number, minute = 0, days = 0): number {
  const date = new Date();
  date.setDate(date.getDate() + days);
  date.setHours(hour, minute, 0, 0);
  return date.getTime() / 1000;
}

const open = (): DeskStatus => ({ is: 'open', until: today(17) });

function nextMonday(): number {
  const weekday = new Date().getDay();
  return today(8, 0, (8 - weekday) % 7 || 7);
}

const contact = {
  name: 'IT-ServiceDesk',
  phone: '0231 94 32 99 00',
  phone_uri: '+4923194329900',
  time_zone: 'Europe/Berlin',
  holidays: 'nordrhein-westfalen' as const,
  hours: [
    { days: ['mon', 'tue', 'wed', 'thu'] as ('mon' | 'tue' | 'wed' | 'thu')[], from: '08:00', to: '17:00' },
    { days: ['fri'] as 'fri'[], from: '08:00', to: '14:00' },
  ],
};

const portal = { url: 'https://portal.kv.example/', hosts: ['portal.kv.example'] };

let revision = 0;

export function up(state: State, status: DeskStatus = open()): Link {
  revision += 1;
  return {
    kind: 'up',
    snapshot: { revision, version: '0.1.0', organisation: 'Muster-KV', desk: { contact, status }, portal, state },
  };
}

export function down(fault: Fault): Link {
  return { kind: 'down', fault, organisation: 'Muster-KV', desk: { contact, status: open() }, portal };
}

export function session(change: Partial<Session> = {}): Session {
  return {
    display_name: 'Dr. Martina Muster',
    started: today(8, 14),
    absolute_end: today(18, 14),
    failures_before: 0,
    last_sign_in: { at: today(18, 42, -1), same_network: true },
    round_trip_ms: 24,
    traffic: [3, 3, 4, 3, 5, 4, 3, 9, 20, 31, 25, 12, 5, 4, 3, 4, 8, 6, 4, 3, 3, 13, 28, 36, 24, 15, 20, 11, 5, 4, 3, 3, 4, 7, 17, 14, 9, 4, 3, 5].map((k) => k * 1000),
    portal_fault: null,
    idle_end: now() + 30 * MINUTE,
    warning: null,
    carrier: 'udp',
    ...change,
  };
}

const signedOut: State = { name: 'signed_out', ended: null, refused: null };

function refused(code: string, attempts_left: number | null): State {
  return { name: 'signed_out', ended: null, refused: { fault: { code }, attempts_left } };
}

function ended(reason: EndReason): () => Link {
  return () => up({ name: 'signed_out', ended: { at: today(16, 42), reason }, refused: null });
}

export function failed(code: string, detail: string, counted: 'no' | 'yes' | 'unknown' = 'no'): Link {
  return up({ name: 'failed', fault: { code, detail }, counted, until: null });
}

export const scenes = {
  'first-start': () => up(signedOut),
  'sign-in': () => up(signedOut),
  wrong: () => up(refused('KVF-701-6', 4)),
  'wrong-3': () => up(refused('KVF-701-6', 3)),
  halt: () => up(refused('KVF-701-6', 1)),
  'tan-used': () => up(refused('KVF-702-7', null)),
  shape: () => up(refused('KVF-709-1', null)),
  'signing-in': () => up({ name: 'signing_in', step: 'sign_in' }),
  identity: () => up({ name: 'confirming', display_name: 'Dr. Martina Muster', digits: null, expires: now() + 55 }),
  'identity-long': () => up({ name: 'confirming', display_name: 'Dr. med. Wilhelmine-Charlotte von der Mühlenbeck-Oberhausen', digits: null, expires: now() + 55 }),
  'identity-unnamed': () => up({ name: 'confirming', display_name: null, digits: null, expires: now() + 55 }),
  confirming: () => up({ name: 'confirming', display_name: 'Dr. Martina Muster', digits: '47', expires: now() + 52 }),
  'confirming-late': () => up({ name: 'confirming', display_name: 'Dr. Martina Muster', digits: '07', expires: now() + 1 }),
  connecting: () => up({ name: 'connecting', step: 'tunnel' }),
  connected: () => up({ name: 'connected', session: session() }),
  'connected-failures': () => up({ name: 'connected', session: session({ failures_before: 2, last_sign_in: { at: today(18, 42, -1), same_network: false } }) }),
  'connected-night': () => up({ name: 'connected', session: session({ absolute_end: today(6, 22, 1) }) }),
  'connected-first': () => up({ name: 'connected', session: session({ last_sign_in: null, round_trip_ms: null, traffic: [] }) }),
  'connected-detour': () => up({ name: 'connected', session: session({ carrier: 'https', failures_before: 2, last_sign_in: { at: today(18, 42, -1), same_network: false } }) }),
  'ends-idle': () => up({ name: 'connected', session: session({ warning: { reason: 'idle', at: now() + 588, last_minute: false } }) }),
  'ends-idle-now': () => up({ name: 'connected', session: session({ warning: { reason: 'idle', at: now() + 42, last_minute: true } }) }),
  'ends-soon': () => up({ name: 'connected', session: session({ absolute_end: now() + 588, warning: { reason: 'absolute', at: now() + 588, last_minute: false } }) }),
  'ends-now': () => up({ name: 'connected', session: session({ absolute_end: now() + 58, warning: { reason: 'absolute', at: now() + 58, last_minute: true } }) }),
  'portal-missing': () => up({ name: 'connected', session: session({ portal_fault: { code: 'KVF-803-9', detail: 'portal.kv.example:443 connect timed out after 5 s' } }) }),
  reconnecting: () => up({ name: 'reconnecting', session: session(), since: now() - 20, next_try: now() + 3 }),
  ending: () => up({ name: 'ending' }),
  'ended-signed-out': ended('signed_out'),
  'ended-idle': ended('idle'),
  'ended-absolute': ended('absolute'),
  'ended-newer': ended('newer_sign_in'),
  'ended-desk': ended('desk'),
  'ended-token': ended('token_lost'),
  locked: () => up({ name: 'locked', username: 'm.muster', fault: { code: 'KVF-700-3' } }),
  'locked-closed': () => up({ name: 'locked', username: 'm.muster', fault: { code: 'KVF-700-3' } }, { is: 'closed', opens: nextMonday() }),
  failed: () => failed('KVF-415-2', 'issuer "Muster-Schutz TLS Inspection CA" is not the authority of the profile'),
  'failed-counted': () => failed('KVF-605-3', 'no handshake with 198.51.100.7:51820 within 15 s', 'yes'),
  'failed-unknown': () => failed('KVF-504-8', 'no answer to POST /v1/sessions within 20 s', 'unknown'),
  maintenance: () => up({ name: 'failed', fault: { code: 'KVF-501-2', detail: 'retry-after 2400' }, counted: 'no', until: now() + 40 * MINUTE }),
  'maintenance-open': () => up({ name: 'failed', fault: { code: 'KVF-501-2' }, counted: 'no', until: null }),
  away: () => down({ code: 'KVF-902-2', detail: '/run/kv-flexnet/service.sock: No such file or directory' }),
  'away-bare': (): Link => ({ kind: 'down', fault: { code: 'KVF-907-9', detail: 'profile.toml: missing' }, organisation: null, desk: null, portal: null }),
} satisfies Record<string, () => Link>;

export type Scene = keyof typeof scenes;

/** The checks of each point, as the program has them. */
export const CHECKS: [Place, Check[]][] = [
  ['pc', ['clock', 'system', 'protection', 'room', 'keyring', 'service', 'leftovers', 'stand_alone']],
  ['network', ['adapter', 'address', 'router']],
  ['internet', ['internet', 'captive_portal', 'proxy', 'names', 'quality', 'packet_size']],
  ['way', ['reach', 'tls', 'gateway', 'udp']],
  ['sign_in', ['sign_in', 'tunnel']],
  ['portal', ['inner_names', 'portal']],
];

function way(states: Point['state'][]): Point[] {
  return CHECKS.map(([place, checks], index) => {
    const state = states[index] ?? 'open';
    const looked = state === 'open' ? 0 : checks.length;
    return { place, state, looked, good: state === 'good' || state === 'open' ? looked : looked - 1 };
  });
}

/** What a diagnosis may come to. */
export const verdicts = {
  free: { first: null, hints: [], later: [], explained: [], way: way(['good', 'good', 'good', 'good', 'open', 'open']) },
  whole: { first: null, hints: [], later: [], explained: [], way: way(['good', 'good', 'good', 'good', 'good', 'good']) },
  partly: { first: null, hints: [], later: [], explained: [], way: way(['good', 'open', 'open', 'open', 'open', 'open']) },
  'partly-hint': { first: null, hints: [{ code: 'KVF-107-8', detail: 'the collection is locked' }], later: [], explained: [], way: way(['care', 'good', 'open', 'open', 'open', 'open']) },
  hint: { first: null, hints: [{ code: 'KVF-107-8', detail: 'the collection is locked' }], later: [], explained: [], way: way(['care', 'good', 'good', 'good', 'open', 'open']) },
  stopped: {
    first: { code: 'KVF-415-2', subject: 'Muster-Schutz 12', detail: 'issuer "Muster-Schutz Root CA" is not the authority of the profile' },
    hints: [], later: [], explained: [{ code: 'KVF-605-3', detail: 'no handshake' }],
    way: way(['good', 'good', 'good', 'broken', 'open', 'open']),
  },
  several: {
    first: { code: 'KVF-102-0', detail: 'the clock is 172800 s ahead' },
    hints: [{ code: 'KVF-107-8' }], later: [{ code: 'KVF-906-5', detail: '2 changes in the journal' }], explained: [{ code: 'KVF-412-8' }],
    way: way(['broken', 'good', 'good', 'open', 'open', 'open']),
  },
} satisfies Record<string, Verdict>;

export type Verdicts = keyof typeof verdicts;

const leftovers: RepairStep[] = [
  { kind: 'name_service', detail: 'resolvectl revert kvflex0' },
  { kind: 'device', detail: 'device kvflex0' },
  { kind: 'packet_filter', detail: 'packet filter table inet kv_flexnet' },
];
const foreign: Foreign[] = [{ kind: 'device', name: 'tun0', owner: 'Muster-VPN' }, { kind: 'hosts_file', name: '/etc/hosts', owner: '' }];

/** What there is to repair, and what comes of it. */
export const repairs = {
  leftovers: { plan: { steps: leftovers, foreign }, done: { undone: leftovers, failed: [], foreign } },
  nothing: { plan: { steps: [], foreign: [] }, done: { undone: [], failed: [], foreign: [] } },
  partly: { plan: { steps: leftovers, foreign: [] }, done: { undone: leftovers.slice(0, 2), failed: [{ kind: 'packet_filter', detail: 'nft: Operation not permitted' }], foreign: [] } },
} satisfies Record<string, { plan: RepairPlan; done: Repaired }>;

export type Repairs = keyof typeof repairs;
