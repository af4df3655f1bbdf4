/** Times and days in words. Seconds since 1970 UTC in; the words around them come from the catalogue. */
import type { Day, DeskContact } from '../platform/types';
import type { Catalogue } from './catalogue';

/** `8:14 Uhr`, `8:14`. */
export function clock(words: Catalogue, at: number, zone?: string): string {
  return words.get('time-clock', { time: hourMinute(at, zone) });
}

/** `8:14`, where the word beside it is set smaller. */
export function hourMinute(at: number, zone?: string): string {
  const parts = read('en-GB', at, zone, { hour: 'numeric', minute: '2-digit', hourCycle: 'h23' });
  return `${String(Number(parts['hour'] ?? '0'))}:${parts['minute'] ?? '00'}`;
}

/** `heute`, `gestern`, `morgen`, `Montag, 23. November`; with the year where it is another. */
export function day(words: Catalogue, at: number, now: number, zone?: string): string {
  const ago = date(now, zone) - date(at, zone);
  if (ago === 0) return words.get('time-today');
  if (ago === 1) return words.get('time-yesterday');
  if (ago === -1) return words.get('time-tomorrow');
  return longDay(words, at, now, zone);
}

/** The day as `day` says it, and nothing where it is today. */
export function otherDay(words: Catalogue, at: number, now: number, zone?: string): string {
  return date(now, zone) === date(at, zone) ? '' : day(words, at, now, zone);
}

/** `heute 8:00 Uhr`, `Mo 8:00 Uhr`, and from a week on `Montag, 4. Januar, 8:00 Uhr`. Numbers and units stay together. */
export function opening(words: Catalogue, at: number, now: number, zone: string): string {
  const ahead = date(at, zone) - date(now, zone);
  const time = clock(words, at, zone);
  const day = ahead === 0 ? words.get('time-today') : ahead < 7 ? shortDay(words, at, zone) : `${longDay(words, at, now, zone)},`;
  return `${day} ${time}`.replaceAll(' ', '\u00a0');
}

/** Opening hours on one line: `Mo–Do 8–17 Uhr, Fr 8–14 Uhr, nicht an Feiertagen`; `long` is what a screen reader says. */
export function hours(words: Catalogue, contact: DeskContact, form: 'short' | 'long'): string {
  const name = (day: Day): string => words.get(`day-${day}-${form}`);
  const lines = contact.hours.map(({ days, from, to }) =>
    words.get(`hours-${form}`, { days: spans(days).map(([first, last]) =>
      first === last ? name(first) : words.get(`span-${form}`, { first: name(first), last: name(last) })).join(', '),
    from: bare(from), to: bare(to) }));
  if (contact.holidays !== 'none') lines.push(words.get('hours-holidays'));
  return lines.join(', ');
}

const WEEK: Day[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** Runs of neighbouring days, first and last. */
function spans(days: Day[]): [Day, Day][] {
  const runs: [Day, Day][] = [];
  for (const day of WEEK.filter((day) => days.includes(day))) {
    const run = runs.at(-1);
    if (run && WEEK.indexOf(run[1]) + 1 === WEEK.indexOf(day)) run[1] = day;
    else runs.push([day, day]);
  }
  return runs;
}

/** `08:00` is `8`, `16:30` stays `16:30`. */
function bare(time: string): string {
  const [hour = '0', minute = '00'] = time.split(':');
  return minute === '00' ? String(Number(hour)) : `${String(Number(hour))}:${minute}`;
}

function shortDay(words: Catalogue, at: number, zone?: string): string {
  const name = read('en-GB', at, zone, { weekday: 'short' })['weekday'] ?? 'Mon';
  return words.get(`day-${name.toLowerCase()}-short`);
}

function longDay(words: Catalogue, at: number, now: number, zone?: string): string {
  const year: Intl.DateTimeFormatOptions = sameYear(at, now, zone) ? {} : { year: 'numeric' };
  const locale = words.language === 'de' ? 'de-DE' : 'en-GB';
  const parts = read(locale, at, zone, { weekday: 'long', day: 'numeric', month: 'long', ...year });
  return words.get('time-day', { weekday: parts['weekday'] ?? '', day: parts['day'] ?? '', month: parts['month'] ?? '' })
    + (parts['year'] ? ` ${parts['year']}` : '');
}

function sameYear(a: number, b: number, zone?: string): boolean {
  const year = (at: number): string | undefined => read('en-GB', at, zone, { year: 'numeric' })['year'];
  return year(a) === year(b);
}

/** Number of the day in the calendar of the zone. */
function date(at: number, zone?: string): number {
  const parts = read('en-GB', at, zone, { year: 'numeric', month: 'numeric', day: 'numeric' });
  return Date.UTC(Number(parts['year']), Number(parts['month']) - 1, Number(parts['day'])) / 86_400_000;
}

function read(locale: string, at: number, zone: string | undefined, options: Intl.DateTimeFormatOptions): Record<string, string> {
  const format = new Intl.DateTimeFormat(locale, { ...options, ...(zone === undefined ? {} : { timeZone: zone }) });
  return Object.fromEntries(format.formatToParts(at * 1000).map((part) => [part.type, part.value]));
}
