/** The fake's diagnosis: one check after the other, as the program tells them. */
import { CHECKS, now } from './scenes';
import type { Diagnosed, Looked, Verdict } from './types';

const ALL = CHECKS.flatMap(([, checks]) => checks);

/** A check takes a tenth of `pace`; none comes after `halt` of them. */
export function looking(pace: number, halt: number, tell: (looked: Looked) => void): { begin: (run: number) => Promise<boolean>; stop: () => void } {
  let newest = 0;
  let giveUp = (): void => undefined;
  return {
    begin: (run) => {
      giveUp();
      newest += 1;
      const mine = newest;
      return new Promise((resolve) => {
        giveUp = () => { newest += 1; resolve(false); };
        const step = (done: number): void => {
          if (mine !== newest) return;
          if (done > 0) tell(progress(run, done));
          if (done === ALL.length) resolve(true);
          else if (done < halt) setTimeout(() => { step(done + 1); }, pace / 10);
        };
        step(0);
      });
    },
    stop: () => { giveUp(); },
  };
}

export function progress(run: number, done: number): Looked {
  let left = done;
  const way = CHECKS.map(([place, { length: of }]) => {
    const here = Math.min(left, of);
    left -= here;
    return { place, done: here, of };
  });
  return { run, way, next: ALL[done] ?? null };
}

export function lookedAt(run: number, verdict: Verdict): Diagnosed {
  return { run, at: now(), took_ms: 4200, verdict };
}
