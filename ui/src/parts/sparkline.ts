/** The points of the traffic line in a field of 200 by 34. */
const WIDTH = 200;
const FLOOR = 31;
const HEIGHT = 28;
/** Sixty intervals of five seconds. */
const INTERVALS = 60;
/** Less than this in five seconds is a quiet line, not a mountain range. */
const QUIET = 4096;

export function sparkline(traffic: number[]): string {
  const highest = Math.max(QUIET, ...traffic);
  const points = [...Array<number>(Math.max(0, INTERVALS - traffic.length)).fill(0), ...traffic.slice(-INTERVALS)];
  return points
    .map((bytes, index) => `${((index * WIDTH) / (points.length - 1)).toFixed(1)},${(FLOOR - (bytes / highest) * HEIGHT).toFixed(1)}`)
    .join(' ');
}
