/** How the points of the way look, while they are looked at and once they are judged. The judgement is the program's. */
import type { Looked, Place, Point, Verdict } from '../platform/types';
import { type Args, nameKey } from '../text/catalogue';

export interface Link {
  place: Place;
  /** `seen`: looked at, not judged yet. `skipped`: not judged this time. */
  look: 'good' | 'seen' | 'now' | 'wait' | 'bad' | 'care' | 'skipped';
  note: { key: string; args?: Args };
}

const PLACES: Place[] = ['pc', 'network', 'internet', 'way', 'sign_in', 'portal'];
/** Of these nothing can be seen before a sign-in. */
const NEEDS_SESSION: Place[] = ['sign_in', 'portal'];

/** While checks are running: all of a point seen, the first one that is not, and those behind it. */
export function running(looked: Looked | null): Link[] {
  const way = looked?.way ?? PLACES.map((place) => ({ place, done: 0, of: 1 }));
  const now = way.findIndex(({ done, of }) => done < of);
  return way.map(({ place, done, of }, index) => ({ place, look: done >= of ? 'seen' : index === now ? 'now' : 'wait', note: { key: `place-${nameKey(place)}-what` } }));
}

export function judged({ way }: Pick<Verdict, 'way'>): Link[] {
  const broken = way.findIndex(({ state }) => state === 'broken');
  return way.map((point, index) => ({ place: point.place, ...standing(point, broken !== -1 && index > broken) }));
}

/** How far a way without a broken point is seen: to its end, to the sign-in, or not even that far. */
export function reach({ way }: Pick<Verdict, 'way'>): 'whole' | 'to-sign-in' | 'as-seen' {
  const open = way.filter(({ state }) => state === 'open');
  if (open.length === 0) return 'whole';
  return open.every(({ place }) => NEEDS_SESSION.includes(place)) ? 'to-sign-in' : 'as-seen';
}

function standing({ place, state, good, looked }: Point, behind: boolean): Pick<Link, 'look' | 'note'> {
  switch (state) {
    case 'good':
      return { look: 'good', note: { key: 'point-count', args: { good, looked } } };
    case 'care':
      return { look: 'care', note: { key: 'point-please-look' } };
    case 'broken':
      return { look: 'bad', note: { key: 'point-here' } };
    case 'open':
      return { look: 'skipped', note: { key: behind ? 'point-follows' : NEEDS_SESSION.includes(place) ? 'point-without-session' : 'point-not-looked' } };
  }
}
