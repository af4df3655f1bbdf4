/** The geometry of the way: one quadratic arch, and points on it. */
export const ARCH = 'M39 48Q180 -12 321 48';

/** The point at `t` from 0 (this PC) to 1 (the portal). */
export function onArch(t: number): { x: number; y: number } {
  const [a, b, c] = [(1 - t) ** 2, 2 * t * (1 - t), t ** 2];
  return { x: 39 * a + 180 * b + 321 * c, y: 48 * a - 12 * b + 48 * c };
}

/** What the arch shows. `at` is where it stops, from 0 to 1. */
export type WayState =
  | { kind: 'idle' }
  | { kind: 'drawing'; at: number }
  | { kind: 'whole' }
  | { kind: 'ending' }
  | { kind: 'timed' }
  | { kind: 'again' }
  | { kind: 'locked' }
  | { kind: 'broken'; at: number }
  | { kind: 'work' };

/** Where a fault breaks the way, by the area digit of its code. */
export function breakOf(code: string): number {
  switch (code[4]) {
    case '1':
    case '9':
      return 0.12;
    case '4':
      return 0.3;
    case '5':
      return 0.5;
    case '6':
      return 0.68;
    case '8':
      return 0.9;
    default:
      return 0.5;
  }
}
