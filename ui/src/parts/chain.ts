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

function standing({ state, good, looked }: Point, behind: boolean): Pick<Link, 'look' | 'note'> {
  switch (state) {
    case 'good':
      return { look: 'good', note: { key: 'point-count', args: { good, looked } } };
    case 'care':
      return { look: 'care', note: { key: 'point-please-look' } };
    case 'broken':
      return { look: 'bad', note: { key: 'point-here' } };
    case 'open':
      return { look: 'skipped', note: { key: behind ? 'point-follows' : 'point-without-session' } };
  }
}
