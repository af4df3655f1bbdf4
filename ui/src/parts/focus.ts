/** Where the focus goes when a screen appears: what asks for it, else the headline. Never a button that cannot be undone. */

/** An attachment for the body of a screen. */
export function startFocus(body: HTMLElement): void {
  // After the whole screen is there: what asks for the focus may be drawn by a part of it.
  queueMicrotask(() => {
    if (body.isConnected) focusIn(body);
  });
}

export function focusIn(body: HTMLElement): void {
  const wanted = body.querySelector<HTMLElement>('[data-first]');
  const target = wanted ?? body.querySelector<HTMLElement>('h1');
  if (!target) return;
  if (target.tagName === 'H1') target.tabIndex = -1;
  // What is announced stands above: the field comes into view without pushing it out.
  target.focus({ preventScroll: true });
  if (target.tagName !== 'H1') target.scrollIntoView({ block: 'nearest' });
}
