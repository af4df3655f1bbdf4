/** The report of the newest diagnosis: what stands in it, and whether it was sent. Answers about an earlier one are dropped. */
import type { Fault, Kept, Platform, Preview, Saved } from '../platform/types';

export class Report {
  preview = $state.raw<Preview | null>(null);
  /** Where it is kept, once it was sent. */
  kept = $state.raw<Kept | null>(null);
  /** Why it could not be sent. */
  trouble = $state.raw<Fault | null>(null);
  sending = $state(false);
  #run: number | null = null;

  constructor(readonly platform: Pick<Platform, 'previewReport' | 'saveReport' | 'sendReport'>) {}

  /** Makes the report of this diagnosis, unless it is made. Rejects with the fault. */
  async show(run: number): Promise<void> {
    if (this.#run !== run) {
      this.#run = run;
      this.preview = null;
      this.kept = null;
      this.trouble = null;
      this.sending = false;
    }
    const preview = await this.platform.previewReport(run);
    if (run === this.#run) this.preview = preview;
  }

  /** The Prüfcode of the report of this diagnosis, if one has been made. */
  checkCode(run: number | undefined): string | null {
    return run !== undefined && run === this.#run ? (this.preview?.check_code ?? null) : null;
  }

  /** Sends what is shown, once at a time; `null` and {@link trouble} where that does not go. */
  async send(): Promise<Kept | null> {
    const run = this.#run;
    if (run === null || this.preview === null || this.sending) return null;
    if (this.kept) return this.kept;
    this.sending = true;
    this.trouble = null;
    try {
      const kept = await this.platform.sendReport(run);
      if (run !== this.#run) return null;
      this.kept = kept;
      return kept;
    } catch (fault) {
      if (run === this.#run) this.trouble = fault as Fault;
      return null;
    } finally {
      if (run === this.#run) this.sending = false;
    }
  }

  /** Writes what is shown into the Downloads folder. Rejects with the fault. */
  async save(): Promise<Saved | null> {
    return this.#run === null || this.preview === null ? null : this.platform.saveReport(this.#run);
  }
}
