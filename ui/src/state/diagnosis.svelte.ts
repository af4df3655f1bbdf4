/**
 * „Wo hängt es?“: the diagnosis that runs or ran last. The program looks and judges; this keeps what it said of the newest run.
 * Whatever an earlier run still says is dropped by its number.
 */
import type { Diagnosed, Fault, Looked, Platform } from '../platform/types';

export class Diagnosis {
  running = $state(false);
  looked = $state.raw<Looked | null>(null);
  outcome = $state.raw<Diagnosed | null>(null);
  #run = 0;

  constructor(readonly platform: Pick<Platform, 'diagnose' | 'stopDiagnosis'>) {}

  /** Looks anew; what runs is given up for it. Rejects with the fault of a run that nobody has given up. */
  async start(): Promise<void> {
    this.#run += 1;
    const run = this.#run;
    this.running = true;
    this.looked = null;
    this.outcome = null;
    try {
      const outcome = await this.platform.diagnose(run);
      if (run !== this.#run) return;
      this.outcome = outcome;
    } catch (fault) {
      if (run !== this.#run) return;
      throw fault as Fault;
    } finally {
      if (run === this.#run) this.running = false;
    }
  }

  /** Gives up what runs. */
  async stop(): Promise<void> {
    if (!this.running) return;
    this.#run += 1;
    this.running = false;
    this.looked = null;
    await this.platform.stopDiagnosis();
  }

  see(looked: Looked): void {
    if (this.running && looked.run === this.#run) this.looked = looked;
  }
}
