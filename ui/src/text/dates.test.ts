import { describe, expect, it } from 'vitest';

import { scenes } from '../platform/scenes';
import { Catalogue } from './catalogue';
import { clock, day, hours, opening, otherDay } from './dates';
import { systemName } from './system';

const de = new Catalogue('de');
const en = new Catalogue('en');
const BERLIN = 'Europe/Berlin';
const at = (iso: string): number => Date.parse(iso) / 1000;
const TUESDAY = at('2026-11-24T10:20:00+01:00');

function contact(): Parameters<typeof hours>[1] {
  const link = scenes.locked();
  if (link.kind !== 'up') throw new Error('the scene has a desk');
  return link.snapshot.desk.contact;
}

describe('times', () => {
  it('are written as members read them', () => {
    expect(clock(de, at('2026-11-24T08:14:00+01:00'), BERLIN)).toBe('8:14 Uhr');
    expect(clock(en, at('2026-11-24T00:05:00+01:00'), BERLIN)).toBe('0:05');
  });

  it('belong to today, yesterday or a named day', () => {
    expect(day(de, TUESDAY - 3600, TUESDAY, BERLIN)).toBe('heute');
    expect(day(de, at('2026-11-23T23:59:00+01:00'), TUESDAY, BERLIN)).toBe('gestern');
    expect(day(de, at('2026-11-22T18:42:00+01:00'), TUESDAY, BERLIN)).toBe('Sonntag, 22. November');
    expect(day(en, at('2026-11-22T18:42:00+01:00'), TUESDAY, BERLIN)).toBe('Sunday, 22 November');
    expect(day(de, at('2025-12-30T18:42:00+01:00'), TUESDAY, BERLIN)).toBe('Dienstag, 30. Dezember 2025');
  });

  it('name the day of the end where it is not today', () => {
    expect(otherDay(de, at('2026-11-24T18:14:00+01:00'), TUESDAY, BERLIN)).toBe('');
    expect(otherDay(de, at('2026-11-25T06:22:00+01:00'), TUESDAY, BERLIN)).toBe('morgen');
    expect(otherDay(en, at('2026-11-25T06:22:00+01:00'), TUESDAY, BERLIN)).toBe('tomorrow');
  });

  it('know midnight and summer time of the zone, not of UTC', () => {
    expect(day(de, at('2026-11-23T23:30:00Z'), TUESDAY, BERLIN)).toBe('heute');
    expect(day(de, at('2026-10-24T23:30:00+02:00'), at('2026-10-25T12:00:00+01:00'), BERLIN)).toBe('gestern');
  });
});

it('the system is named as one reads it', () => {
  expect(systemName('linux x86_64')).toBe('Linux (x86_64)');
  expect(systemName('plan9')).toBe('plan9');
});

describe('opening', () => {
  const nbsp = (text: string): string => text.replaceAll(' ', '\u00a0');

  it('names the day in the time zone of the desk', () => {
    expect(opening(de, at('2026-11-24T16:00:00+01:00'), TUESDAY, BERLIN)).toBe(nbsp('heute 16:00 Uhr'));
    expect(opening(de, at('2026-11-30T08:00:00+01:00'), TUESDAY, BERLIN)).toBe(nbsp('Mo 8:00 Uhr'));
    expect(opening(en, at('2026-11-30T08:00:00+01:00'), TUESDAY, BERLIN)).toBe(nbsp('Mon 8:00'));
    expect(opening(de, at('2027-01-04T08:00:00+01:00'), at('2026-12-23T18:00:00+01:00'), BERLIN)).toBe(nbsp('Montag, 4. Januar 2027, 8:00 Uhr'));
  });

  it('sums up the hours, short for the eye and long for the ear', () => {
    expect(hours(de, contact(), 'short')).toBe('Mo–Do 8–17 Uhr, Fr 8–14 Uhr, nicht an Feiertagen');
    expect(hours(de, contact(), 'long')).toBe('Montag bis Donnerstag 8 bis 17 Uhr, Freitag 8 bis 14 Uhr, nicht an Feiertagen');
    expect(hours(de, { ...contact(), holidays: 'none', hours: [{ days: ['wed', 'mon', 'sat'], from: '08:30', to: '12:00' }] }, 'short')).toBe('Mo, Mi, Sa 8:30–12 Uhr');
    expect(hours(de, { ...contact(), holidays: 'none', hours: [] }, 'short')).toBe('');
  });
});
