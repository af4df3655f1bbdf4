import { describe, expect, it } from 'vitest';

import { focusIn } from './focus';
import { sparkline } from './sparkline';
import { breakOf, onArch } from './way';

describe('the focus of a new screen', () => {
  function body(html: string): HTMLElement {
    document.body.innerHTML = `<main>${html}</main>`;
    return document.body.querySelector('main') as HTMLElement;
  }

  it('goes to the headline', () => {
    focusIn(body('<button class="btn--stop">Ende</button><h1>Verbunden</h1>'));
    expect(document.activeElement?.tagName).toBe('H1');
  });

  it('goes to the field that asks for it', () => {
    focusIn(body('<h1>Anmelden</h1><input id="username"><input id="password" data-first>'));
    expect(document.activeElement?.id).toBe('password');
  });
});

describe('the way', () => {
  it('goes from this PC to the portal over its top', () => {
    expect(onArch(0)).toEqual({ x: 39, y: 48 });
    expect(onArch(1)).toEqual({ x: 321, y: 48 });
    expect(onArch(0.5)).toEqual({ x: 180, y: 18 });
  });

  it('breaks further along the later the area of the code', () => {
    const places = ['KVF-902-2', 'KVF-415-2', 'KVF-504-8', 'KVF-605-3', 'KVF-803-9'].map(breakOf);
    expect([...places].sort((a, b) => a - b)).toEqual(places);
  });
});

describe('the traffic line', () => {
  const ys = (line: string): number[] => line.split(' ').map((point) => Number(point.split(',')[1]));

  it('has sixty points, quiet where nothing was', () => {
    expect(ys(sparkline([]))).toHaveLength(60);
    expect(new Set(ys(sparkline([])))).toEqual(new Set([31]));
  });

  it('keeps keepalives flat and the highest peak inside', () => {
    expect(Math.min(...ys(sparkline([96])))).toBeGreaterThan(30);
    expect(Math.min(...ys(sparkline(Array<number>(90).fill(5e9))))).toBe(3);
  });
});
