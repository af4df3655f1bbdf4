import { describe, expect, it } from 'vitest';

import { judged, reach, running } from '../parts/chain';
import { lookedAt, progress, report } from '../platform/fake-diagnosis';
import { CHECKS, verdicts } from '../platform/scenes';
import type { Diagnosed, Fault, Kept, Verdict } from '../platform/types';
import { Diagnosis } from './diagnosis.svelte';
import { Report } from './report.svelte';

const ALL = CHECKS.flatMap(([, checks]) => checks).length;

/** A program whose answers come when the test says so, in whatever order. */
function program(): { diagnosis: Diagnosis; answer: (run: number, outcome: Diagnosed | null) => void; refuse: (run: number, fault: Fault) => void; stopped: () => number } {
  const waiting = new Map<number, { resolve: (outcome: Diagnosed | null) => void; reject: (fault: Fault) => void }>();
  let stopped = 0;
  const diagnosis = new Diagnosis({
    // What a command rejects with is a fault, not an Error.
    diagnose: (run) => new Promise((resolve, reject) => { waiting.set(run, { resolve, reject: reject as (fault: Fault) => void }); }),
    stopDiagnosis: () => { stopped += 1; return Promise.resolve(); },
  });
  return {
    diagnosis,
    answer: (run, outcome) => waiting.get(run)?.resolve(outcome),
    refuse: (run, fault) => waiting.get(run)?.reject(fault),
    stopped: () => stopped,
  };
}

describe('a diagnosis', () => {
  it('shows how far it is, then what came of it', async () => {
    const { diagnosis, answer } = program();
    const over = diagnosis.start();
    expect(diagnosis.running).toBe(true);
    diagnosis.see(progress(1, 3));
    expect(diagnosis.looked?.way[0]).toEqual({ place: 'pc', done: 3, of: 8 });
    answer(1, lookedAt(1, verdicts.stopped));
    await over;
    expect(diagnosis.running).toBe(false);
    expect(diagnosis.outcome?.verdict.first?.code).toBe('KVF-415-2');
  });

  it('hears nothing of an earlier run, neither progress nor outcome nor fault', async () => {
    const { diagnosis, answer, refuse } = program();
    const [first, second] = [diagnosis.start(), diagnosis.start()];
    diagnosis.see(progress(1, 20));
    expect(diagnosis.looked).toBeNull();
    answer(1, lookedAt(1, verdicts.stopped));
    await first;
    expect(diagnosis.outcome).toBeNull();
    expect(diagnosis.running).toBe(true);
    const third = diagnosis.start();
    refuse(2, { code: 'KVF-912-0' });
    await second;
    answer(3, lookedAt(3, verdicts.free));
    await third;
    expect(diagnosis.outcome?.run).toBe(3);
  });

  it('that was given up stays given up, whatever still comes of it', async () => {
    const { diagnosis, answer, stopped } = program();
    const over = diagnosis.start();
    diagnosis.see(progress(1, 5));
    await diagnosis.stop();
    expect([diagnosis.running, diagnosis.looked, stopped()]).toEqual([false, null, 1]);
    diagnosis.see(progress(1, 6));
    answer(1, lookedAt(1, verdicts.free));
    await over;
    expect([diagnosis.running, diagnosis.looked, diagnosis.outcome]).toEqual([false, null, null]);
    await diagnosis.stop();
    expect(stopped(), 'nothing runs').toBe(1);
  });

  it('tells why there is no verdict', async () => {
    const { diagnosis, refuse } = program();
    const over = diagnosis.start();
    refuse(1, { code: 'KVF-912-0' });
    await expect(over).rejects.toEqual({ code: 'KVF-912-0' });
    expect(diagnosis.running).toBe(false);
  });
});

describe('the chain', () => {
  it('calls nothing in order before it is judged', () => {
    const looks = (done: number): string[] => running(progress(1, done)).map(({ look }) => look);
    expect(running(null).map(({ look }) => look)).toEqual(['now', 'wait', 'wait', 'wait', 'wait', 'wait']);
    expect(looks(8)).toEqual(['seen', 'now', 'wait', 'wait', 'wait', 'wait']);
    expect(looks(ALL)).toEqual(['seen', 'seen', 'seen', 'seen', 'seen', 'seen']);
  });

  it('says why a point was not judged', () => {
    const notes = (way: Verdict): string[] => judged(way).map(({ look, note }) => `${look} ${note.key}`);
    expect(notes(verdicts.stopped).slice(2)).toEqual(['good point-count', 'bad point-here', 'skipped point-follows', 'skipped point-follows']);
    expect(notes(verdicts.free).slice(3)).toEqual(['good point-count', 'skipped point-without-session', 'skipped point-without-session']);
    expect(notes(verdicts.partly)).toEqual(['good point-count', ...Array<string>(3).fill('skipped point-not-looked'), ...Array<string>(2).fill('skipped point-without-session')]);
    expect(judged(verdicts.hint)[0]).toMatchObject({ look: 'care', note: { key: 'point-please-look' } });
  });
});

describe('a way that nothing stops', () => {
  it('is called free as far as it was seen', () => {
    expect([verdicts.whole, verdicts.free, verdicts.hint, verdicts.partly, verdicts['partly-hint']].map(reach)).toEqual(['whole', 'to-sign-in', 'to-sign-in', 'as-seen', 'as-seen']);
  });
});

describe('a report', () => {
  const kept: Kept = { number: '48213', until: 7 };
  const preview = report('de', verdicts.stopped);

  /** Sends when the test says so. */
  function desk(): { reports: Report; asked: string[]; arrive: (kept: Kept) => void; fail: (fault: Fault) => void } {
    const asked: string[] = [];
    let waiting: { resolve: (kept: Kept) => void; reject: (fault: Fault) => void } | null = null;
    const reports = new Report({
      previewReport: (run) => { asked.push(`preview ${String(run)}`); return Promise.resolve(preview); },
      saveReport: (run) => { asked.push(`save ${String(run)}`); return Promise.resolve({ name: 'a.html', whole: true }); },
      sendReport: (run) => {
        asked.push(`send ${String(run)}`);
        return new Promise((resolve, reject) => { waiting = { resolve, reject: reject as (fault: Fault) => void }; });
      },
    });
    return { reports, asked, arrive: (is) => waiting?.resolve(is), fail: (fault) => waiting?.reject(fault) };
  }

  it('is sent once, and only after it was shown', async () => {
    const { reports, asked, arrive } = desk();
    expect(await reports.send()).toBeNull();
    expect(await reports.save()).toBeNull();
    await reports.show(3);
    const [first, second] = [reports.send(), reports.send()];
    arrive(kept);
    expect([await first, await second]).toEqual([kept, null]);
    expect(await reports.send(), 'the number is known').toEqual(kept);
    expect(asked).toEqual(['preview 3', 'send 3']);
  });

  it('that did not arrive says why, and can be sent again', async () => {
    const { reports, arrive, fail } = desk();
    await reports.show(3);
    const first = reports.send();
    fail({ code: 'KVF-402-1' });
    expect(await first).toBeNull();
    expect(reports.trouble).toEqual({ code: 'KVF-402-1' });
    const second = reports.send();
    arrive(kept);
    expect(await second).toEqual(kept);
    expect(reports.trouble).toBeNull();
  });

  it('of an earlier diagnosis has nothing to say about the newest', async () => {
    const { reports, arrive } = desk();
    await reports.show(3);
    const first = reports.send();
    await reports.show(4);
    arrive(kept);
    expect(await first).toBeNull();
    expect([reports.kept, reports.sending]).toEqual([null, false]);
    expect([reports.checkCode(3), reports.checkCode(4)]).toEqual([null, 'HW77-C9CC']);
  });
});
