/**
 * Everything that crosses between the window and the program around it, exactly as serde writes it.
 * Rust is the source of the shapes: crates/flexnet-protocol (snapshot, desk, fault) and src-tauri (link, settings, commands).
 * Nothing here holds a password that was kept; times are seconds since 1970 UTC.
 */

/** `KVF-214-5`. */
export type FaultCode = string;

/** One thing that went wrong. Every command of {@link Platform} rejects with this and with nothing else. */
export interface Fault {
  code: FaultCode;
  /** Technical English for the desk; absent when empty. */
  detail?: string;
}

export type Day = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';

export interface DeskContact {
  name: string;
  /** As shown. */
  phone: string;
  /** As dialled, without `tel:`. */
  phone_uri: string;
  /** IANA name. */
  time_zone: string;
  holidays: 'none' | 'nordrhein-westfalen';
  /** `from` and `to` are local times, `HH:MM`. */
  hours: { days: Day[]; from: string; to: string }[];
}

export type DeskStatus = { is: 'open'; until: number } | { is: 'closed'; opens: number | null };

export interface Desk {
  contact: DeskContact;
  status: DeskStatus;
}

export interface Portal {
  url: string;
  hosts: string[];
}

export type EndReason = 'signed_out' | 'idle' | 'absolute' | 'newer_sign_in' | 'desk' | 'token_lost';

/** In this order; a step that is reached is running, those before it are done. */
export type Step = 'gateway' | 'sign_in' | 'tunnel' | 'portal';

export interface LastSignIn {
  at: number;
  same_network: boolean;
}

export interface Session {
  display_name: string;
  started: number;
  absolute_end: number;
  failures_before: number;
  last_sign_in: LastSignIn | null;
  round_trip_ms: number | null;
  /** Bytes per five seconds, oldest first, at most sixty. */
  traffic: number[];
  /** Set while the tunnel stands but the portal does not answer. */
  portal_fault: Fault | null;
  /** Ends then, if it is not used until then. */
  idle_end: number;
  /** Set while an end is near. */
  warning: Warning | null;
  carrier: Carrier;
}

export interface Warning {
  /** `extend` puts off the first; nothing does the second. */
  reason: 'idle' | 'absolute';
  at: number;
  last_minute: boolean;
}

/** What carries the tunnel to the gateway: UDP, or TLS on TCP 443 where UDP does not get through, by a proxy or not. */
export type Carrier = 'udp' | 'https' | 'https_by_proxy';

export interface Ended {
  at: number;
  reason: EndReason;
}

export interface WrongEntry {
  /** 701 refused, or a check before sending: 702 TAN used, 709 shape. */
  fault: Fault;
  /** `null` if nothing was sent. */
  attempts_left: number | null;
}

export type Counted = 'no' | 'yes' | 'unknown';

export type State =
  | { name: 'signed_out'; ended: Ended | null; refused: WrongEntry | null }
  | { name: 'signing_in'; step: Step }
  /** A sign-in on the KV's page is to go on here: first the member says here whose it is, if the gateway tells; then both show the same two digits. */
  | { name: 'confirming'; display_name: string | null; digits: string | null; expires: number }
  | { name: 'connecting'; step: Step }
  | { name: 'connected'; session: Session }
  | { name: 'reconnecting'; session: Session; since: number; next_try: number }
  | { name: 'ending' }
  | { name: 'locked'; username: string; fault: Fault }
  | { name: 'failed'; fault: Fault; counted: Counted; until: number | null };

export interface Snapshot {
  revision: number;
  /** Of the service. */
  version: string;
  organisation: string;
  desk: Desk;
  portal: Portal;
  state: State;
}

/** The last snapshot, or why there is none. Payload of the event `link`. */
export type Link =
  | { kind: 'up'; snapshot: Snapshot }
  | { kind: 'down'; fault: Fault; organisation: string | null; desk: Desk | null; portal: Portal | null };

/** What the window may ask of the service besides signing in. */
export type Question = 'prepare' | 'cancel' | 'extend' | 'sign_out' | 'acknowledge' | 'repair';

/** One thing that a repair takes back or puts in order; its words are `repair-will-…`, `repair-did-…` and `repair-failed-…`, with `-` for `_`. */
export interface RepairStep {
  kind: 'service' | 'hosts_file' | 'name_service' | 'device' | 'packet_filter' | 'journal' | 'name_cache';
  /** For the desk, in technical English. */
  detail: string;
}

/** Something of another program, which is left alone; its words are `repair-foreign-…`, with `-unnamed` where `owner` is empty. */
export interface Foreign {
  kind: 'device' | 'hosts_file';
  name: string;
  owner: string;
}

/** What a repair would do now, in this order, and what it would leave alone. */
export interface RepairPlan {
  steps: RepairStep[];
  foreign: Foreign[];
}

/** What a repair did. */
export interface Repaired {
  undone: RepairStep[];
  failed: RepairStep[];
  foreign: Foreign[];
}

export interface Entry {
  username: string;
  /** `null`: the kept password of this name. */
  password: string | null;
  tan: string;
  /** Keep the password in the system's key store once it has been right; `false` removes a kept one. */
  keep_password: boolean;
}

export interface Settings {
  first_start_done: boolean;
  /** Written by the program after a sign-in that was right, if {@link remember_username}. */
  username: string | null;
  remember_username: boolean;
  language: 'de' | 'en' | 'system';
  theme: 'light' | 'dark' | 'system';
  /** Per cent of the normal size. */
  text_size: number | 'system';
  start_with_system: boolean;
  keep_running: boolean;
}

export interface About {
  /** Of this application. */
  version: string;
  /** Of the service; `null` while it is away. */
  service_version: string | null;
  organisation: string | null;
  /** `linux x86_64`. */
  system: string;
  /** What `language: 'system'` means here. */
  system_language: 'de' | 'en';
}

/** A file that the portal sent. Payload of the event `saved`. */
export interface Saved {
  /** Its name in the Downloads folder. */
  name: string;
  /** `false`: it broke off; nothing whole is there. */
  whole: boolean;
}

/** A point of the way, in this order. */
export type Place = 'pc' | 'network' | 'internet' | 'way' | 'sign_in' | 'portal';

/** The name of one check of the diagnosis; its words are `check-NAME`. */
export type Check = string;

export interface Finding {
  code: FaultCode;
  /** The product, adapter or program that the text names; absent where it names none. */
  subject?: string;
  /** Technical English for the desk; absent when empty. */
  detail?: string;
}

export interface Point {
  place: Place;
  /** `open`: not judged, because of a point before it, or because there is nothing to look at without a session. */
  state: 'good' | 'care' | 'broken' | 'open';
  /** Checks that found nothing, of those that were looked at. */
  good: number;
  looked: number;
}

export interface Verdict {
  /** What must be mended first; `null`: nothing stops a connection. */
  first: Finding | null;
  /** Works, but somebody should look. */
  hints: Finding[];
  /** To be mended after `first`, in this order. */
  later: Finding[];
  /** Seen as well, and follows from `first`. */
  explained: Finding[];
  way: Point[];
}

/** How far a diagnosis is. Payload of the event `diagnosis`. */
export interface Looked {
  /** Which one: as {@link Platform.diagnose} was told. */
  run: number;
  /** In the order of the way. */
  way: { place: Place; done: number; of: number }[];
  /** The first check of the way whose facts are not there yet. */
  next: Check | null;
}

/** A diagnosis that has come to its end. */
export interface Diagnosed {
  run: number;
  /** By the PC's clock. */
  at: number;
  took_ms: number;
  verdict: Verdict;
}

/** A report in words: everything that stands in it. */
export interface Preview {
  /** Of these words. */
  language: 'de' | 'en';
  /** When it was made, in words. */
  made: string;
  version: string;
  /** `HW77-C9CC`. */
  check_code: string;
  lead: { code: FaultCode | null; title: string; what: string; steps: string[]; cause: string; question: string };
  /** In reading order. */
  sections: { id: string; title: string; note: string; rows: { label: string; value: string; removed: boolean }[] }[];
}

/** A report that the KV keeps. */
export interface Kept {
  /** Five digits to read aloud. */
  number: string;
  until: number;
}

export type Unlisten = () => void;

/** The one seam. `tauri.ts` is the real one, `fake.ts` its twin for the browser and the tests. All rejections are a {@link Fault}. */
export interface Platform {
  /** `link`: the link now; waits until the service was tried once. */
  link(): Promise<Link>;
  /** Event `link`: each later one. */
  onLink(seen: (link: Link) => void): Promise<Unlisten>;
  /** Event `notice`: something went wrong beside the session, such as the key store (107) when a password should be kept. */
  onNotice(seen: (fault: Fault) => void): Promise<Unlisten>;
  /** Event `saved`: a download of the portal window has ended. */
  onSaved(seen: (saved: Saved) => void): Promise<Unlisten>;
  /** Event `diagnosis`: one more check of the diagnosis that runs has its facts. */
  onLooked(seen: (looked: Looked) => void): Promise<Unlisten>;
  /** Event `leaving` (no payload): the window was to be closed during a session that would end. Ask, then {@link quit} or nothing. */
  onLeaving(seen: () => void): Promise<Unlisten>;

  /** `ask { question }`. Begun; the outcome is in the links. Only `repair` answers with something. */
  ask(question: Question): Promise<Repaired | null>;
  /** `repair_plan`: what `repair` would do now. Changes nothing. */
  repairPlan(): Promise<RepairPlan>;
  /** `sign_in { entry }`. Begun; the outcome is in the links. */
  signIn(entry: Entry): Promise<void>;
  /** `confirm_identity { displayName }`: the access that a link opens is the member's own, by the name that was shown. Begun; the digits are in the links. */
  confirmIdentity(displayName: string | null): Promise<void>;
  /** `report_token_lost`. Done when it answers: no token of the member opens anything, and the session ends. Cannot be undone. */
  reportTokenLost(): Promise<void>;
  /** `resync_token { first, second }`. Counts as an attempt; answers with what was wrong, or `null`. What was not even sent rejects: 702, 709. */
  resyncToken(first: string, second: string): Promise<WrongEntry | null>;
  /** `remembered { username }`: whether a password is kept for this name. Rejects with 107 where the key store is locked or absent. */
  remembered(username: string): Promise<boolean>;
  /** `forget { username }`: removes the kept password of this name. */
  forget(username: string): Promise<void>;

  /** `settings`. */
  settings(): Promise<Settings>;
  /** `save_settings { settings }`. Answers with what holds from now on: without {@link Settings.remember_username} there is no name. */
  saveSettings(settings: Settings): Promise<Settings>;

  /** `open_portal`: opens the portal window or brings it to the front. */
  openPortal(): Promise<void>;
  /** `about`. */
  about(): Promise<About>;
  /** `call_desk`: dials the number of the profile, no other. */
  callDesk(): Promise<void>;
  /** `show_folder`: the folder into which the portal's files are saved. */
  showFolder(): Promise<void>;
  /** `diagnose { run }`: looks at the whole way; takes up to 15 seconds and needs no service. Ends the one before. `null`: it was given up. */
  diagnose(run: number): Promise<Diagnosed | null>;
  /** `stop_diagnosis`: gives up the one that runs. */
  stopDiagnosis(): Promise<void>;
  /** `report_preview { run }`: makes the report of this diagnosis, the last one, and says what stands in it. Nothing leaves the PC. */
  previewReport(run: number): Promise<Preview>;
  /** `report_save { run }`: writes it into the Downloads folder, under a name that was free. */
  saveReport(run: number): Promise<Saved>;
  /** `report_send { run }`: hands it to the KV's gateway, which answers with the number. */
  sendReport(run: number): Promise<Kept>;
  /** `widen { wide }`: as wide as a diagnosis wants to be, where the screen allows, and back. */
  widen(wide: boolean): Promise<void>;

  /** `ui_ready`: the first screen is drawn, the window may be shown. */
  uiReady(): Promise<void>;
  /** `quit`: signs out where there is a session, then ends the application. */
  quit(): Promise<void>;
}
