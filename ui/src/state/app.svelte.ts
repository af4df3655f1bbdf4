/**
 * What the window knows: the last link, the settings, the words, and which page lies over the main way.
 * Decides nothing about the session; every wish goes through the platform, and what comes of it is in the next link.
 */
import { createContext } from 'svelte';

import type { About, Entry, Fault, Kept, Link, Platform, Question, Repaired, RepairPlan, Saved, Settings, State } from '../platform/types';
import { type Args, Catalogue, faultKey, type FaultPart, type Language } from '../text/catalogue';
import { Diagnosis } from './diagnosis.svelte';
import { Report } from './report.svelte';
import { screenOf } from './screen';

/** What „Vorlesen“ shows in large signs. */
export type Readable = 'code' | 'check-code' | 'phone' | 'number';

/** A page of the second level. `Esc` and „Zurück“ lead back. */
export type Page =
  | { name: 'settings' }
  | { name: 'choice'; of: 'theme' | 'text_size' | 'language' }
  | { name: 'help'; query?: string }
  | { name: 'topic'; topic: string }
  | { name: 'code'; code: string; subject?: string }
  | { name: 'about' }
  | { name: 'repair' }
  | { name: 'diagnosis' }
  | { name: 'report' }
  | { name: 'sent'; kept: Kept }
  | { name: 'read'; what: Readable; text: string; checkCode?: string | null }
  | { name: 'not-me' }
  | { name: 'token-lost' }
  | { name: 'resync' };

/** A code, and the name that its text may need. */
export interface Told {
  code: string;
  subject?: string;
}

function named({ subject = '' }: Told): Args {
  return { subject, named: subject === '' ? 'no' : 'yes' };
}

/** How long the first screen waits for the first link. */
const PATIENCE_MS = 400;

const DEFAULTS: Settings = {
  first_start_done: true,
  username: null,
  remember_username: true,
  language: 'system',
  theme: 'system',
  text_size: 'system',
  start_with_system: false,
  keep_running: true,
};

export class App {
  link = $state.raw<Link | null>(null);
  settings = $state.raw<Settings>(DEFAULTS);
  about = $state.raw<About | null>(null);
  notice = $state.raw<Fault | null>(null);
  saved = $state.raw<Saved | null>(null);
  leaving = $state(false);
  readonly diagnosis: Diagnosis;
  readonly report: Report;
  /** Seconds since 1970 UTC, for „in 3 Sekunden“. */
  now = $state(Math.floor(Date.now() / 1000));
  /** What the member has typed. Password and TAN live no longer than the sign-in: a page over it may come and go. */
  draft = $state({ username: '', password: '', tan: '', keepPassword: false });
  #pages = $state.raw<Page[]>([]);
  #lastTry = $state(false);

  readonly language: Language = $derived(this.settings.language === 'system' ? (this.about?.system_language ?? 'de') : this.settings.language);
  readonly words: Catalogue = $derived(new Catalogue(this.language));
  readonly state: State | null = $derived(this.link?.kind === 'up' ? this.link.snapshot.state : null);
  readonly desk = $derived(this.link?.kind === 'up' ? this.link.snapshot.desk : (this.link?.desk ?? null));
  readonly organisation = $derived(this.link?.kind === 'up' ? this.link.snapshot.organisation : (this.link?.organisation ?? null));
  readonly screen = $derived(screenOf(this.link, this.settings, { lastTry: this.#lastTry }));
  readonly page: Page | null = $derived(this.#pages.at(-1) ?? null);
  /** The code on the screen, for „Vorlesen“. */
  readonly code: string | null = $derived.by(() => {
    if (this.page?.name === 'diagnosis' || this.page?.name === 'report') return this.diagnosis.outcome?.verdict.first?.code ?? null;
    if (this.page?.name === 'code') return this.page.code;
    if (this.link?.kind === 'down') return this.link.fault.code;
    const state = this.state;
    if (state?.name === 'failed' || state?.name === 'locked') return state.fault.code;
    return state?.name === 'connected' ? (state.session.portal_fault?.code ?? null) : null;
  });

  constructor(readonly platform: Platform) {
    this.diagnosis = new Diagnosis(platform);
    this.report = new Report(platform);
  }

  /** Fills everything and follows what comes. The window is shown after this. */
  async start(): Promise<void> {
    await this.platform.onLink((link) => { this.#follow(link); });
    await this.platform.onNotice((fault) => { this.notice = fault; });
    await this.platform.onSaved((saved) => { this.saved = saved; });
    await this.platform.onLooked((looked) => { this.diagnosis.see(looked); });
    await this.platform.onLeaving(() => { this.leaving = true; });
    [this.settings, this.about] = await Promise.all([this.#told(this.platform.settings(), DEFAULTS), this.#told(this.platform.about(), null)]);
    this.draft.username = this.settings.username ?? '';
    const first = this.platform.link().then((link) => {
      // An event that came meanwhile is the newer one.
      if (this.link === null) this.#follow(link);
    });
    // A service that does not answer is no reason to show nothing.
    await Promise.race([first, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
    setInterval(() => { this.now = Math.floor(Date.now() / 1000); }, 1000);
  }

  t = (key: string, args?: Args): string => this.words.get(key, args);

  /** What the catalogue says of a fault or a finding. */
  fault = (told: Told, part: FaultPart): string => this.words.get(faultKey(told.code, part), named(told));

  faultLines = (told: Told, part: FaultPart): string[] => this.words.lines(faultKey(told.code, part), named(told));

  ask(question: Question): Promise<Repaired | null> {
    return this.#told(this.platform.ask(question), null);
  }

  /** What a repair would do; `null` where nobody can say, and the notice says why. */
  repairPlan(): Promise<RepairPlan | null> {
    return this.#told(this.platform.repairPlan(), null);
  }

  /** `true` if it was begun. */
  async signIn(entry: Entry): Promise<boolean> {
    return this.#told(this.platform.signIn(entry).then(() => true), false);
  }

  /** The member has read whose access a link opens: `displayName` as it was on the screen. */
  async confirmIdentity(displayName: string | null): Promise<void> {
    await this.#told(this.platform.confirmIdentity(displayName), undefined);
  }

  /** Ends the session when it answers; `false` and a notice if it could not be told. */
  async reportTokenLost(): Promise<boolean> {
    return this.#told(this.platform.reportTokenLost().then(() => true), false);
  }

  async choose(change: Partial<Settings>): Promise<void> {
    this.settings = { ...this.settings, ...change };
    // The program writes the name after a sign-in: what it knows is newer than what this window read.
    const before = await this.#told(this.platform.settings(), this.settings);
    this.settings = await this.#told(this.platform.saveSettings({ ...before, ...change }), before);
  }

  async forget(username: string): Promise<void> {
    await this.#told(this.platform.forget(username), undefined);
  }

  async openPortal(): Promise<void> {
    await this.#told(this.platform.openPortal(), undefined);
  }

  async callDesk(): Promise<void> {
    await this.#told(this.platform.callDesk(), undefined);
  }

  async showFolder(): Promise<void> {
    await this.#told(this.platform.showFolder(), undefined);
  }

  /** „Wo hängt es?“: shows the diagnosis that runs, or begins one. */
  diagnose(): void {
    if (this.page?.name !== 'diagnosis') this.open({ name: 'diagnosis' });
    if (!this.diagnosis.running) void this.lookAgain();
  }

  /** „Vorlesen“ of a code. The Prüfcode stands beside it once a report of it has been made. */
  read(code: string): void {
    const told = this.diagnosis.outcome?.verdict.first?.code === code;
    this.open({ name: 'read', what: 'code', text: code, checkCode: told ? this.report.checkCode(this.diagnosis.outcome?.run) : null });
  }

  /** Ctrl+L: „Vorlesen“ of what the screen is about. */
  readWhatIsShown(): void {
    if (this.page?.name === 'read') return;
    const checkCode = this.page?.name === 'report' ? this.report.checkCode(this.diagnosis.outcome?.run) : null;
    if (this.page?.name === 'sent') this.open({ name: 'read', what: 'number', text: this.page.kept.number });
    else if (this.code !== null) this.read(this.code);
    else if (checkCode !== null) this.open({ name: 'read', what: 'check-code', text: checkCode });
  }

  /** What would be sent of the diagnosis on the screen. */
  async showReport(): Promise<void> {
    const run = this.diagnosis.outcome?.run;
    if (run === undefined) return;
    this.open({ name: 'report' });
    const shown = await this.#told(this.report.show(run).then(() => true), false);
    if (!shown && this.page?.name === 'report') this.back();
  }

  /** Hands the report to the desk; what hinders it stands on the page. */
  async sendReport(): Promise<void> {
    const kept = await this.report.send();
    if (kept && this.page?.name === 'report') this.open({ name: 'sent', kept });
  }

  async saveReport(): Promise<void> {
    const saved = await this.#told(this.report.save(), null);
    if (saved) this.saved = saved;
  }

  /** Begins a diagnosis on its page. Without one there is nothing to see there. */
  async lookAgain(): Promise<void> {
    const begun = await this.#told(this.diagnosis.start().then(() => true), false);
    if (!begun && this.page?.name === 'diagnosis') this.back();
  }

  /** The member does not want to wait. */
  async stopDiagnosis(): Promise<void> {
    if (this.page?.name === 'diagnosis') this.back();
    await this.#told(this.diagnosis.stop(), undefined);
  }

  async quit(): Promise<void> {
    await this.#told(this.platform.quit(), undefined);
  }

  /** Ends the application; asks first where a session would end with it. */
  wantsToQuit(): void {
    if (this.state?.name === 'connected' || this.state?.name === 'reconnecting') this.leaving = true;
    else void this.quit();
  }

  open(page: Page): void {
    this.#pages = [...this.#pages, page];
  }

  back(): void {
    this.#pages = this.#pages.slice(0, -1);
  }

  home(): void {
    this.#pages = [];
  }

  /** Forgets the secrets of the entry. */
  wipe(): void {
    this.draft.password = '';
    this.draft.tan = '';
  }

  useLastTry(): void {
    this.#lastTry = true;
  }

  #follow(link: Link): void {
    const before = this.screen;
    this.link = link;
    if (this.state?.name !== 'signed_out') this.#lastTry = false;
    if (this.screen !== 'sign-in') this.wipe();
    // An entry that was right may be remembered since: the program writes the name down before it says so.
    if (this.screen !== before && this.screen === 'connected') void this.#readSettings();
    // What must be read now does not wait behind a page of help.
    if (this.screen === before) return;
    if (this.screen === 'locked' || this.screen === 'halt' || this.screen === 'identity' || this.screen === 'confirming' || this.screen === 'ends-idle' || this.screen === 'ends-now') this.home();
    void this.platform.settings().then((settings) => { this.settings = settings; }, () => undefined);
  }

  async #readSettings(): Promise<void> {
    this.settings = await this.#told(this.platform.settings(), this.settings);
    this.draft.username = this.settings.username ?? '';
  }

  async #told<T>(promise: Promise<T>, otherwise: T): Promise<T> {
    try {
      return await promise;
    } catch (fault) {
      this.notice = fault as Fault;
      return otherwise;
    }
  }
}

export const [useApp, provideApp] = createContext<App>();
